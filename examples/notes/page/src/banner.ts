// Banners at the top of the page. They stand in a live region, so that screen readers tell them.

/** What a banner says, and what can be done about it. */
export interface Message {
  tone: "warning" | "news";
  title: string;
  text: string;
  /** What changes all the time, and isn't read out. */
  note?: string;
  actions?: { label: string; run: () => void }[];
}

/** A banner that is shown while there is something to say. */
export class Banner {
  readonly #region: HTMLElement;
  #shown: { key: string; element: HTMLElement; note: HTMLElement } | undefined;

  constructor(region: HTMLElement) {
    this.#region = region;
  }

  /** Shows a message instead of what was shown. One that differs in its note alone isn't told again. */
  show(message: Message): void {
    const labels = message.actions?.map(({ label }) => label);
    const key = JSON.stringify([message.tone, message.title, message.text, labels]);
    if (this.#shown?.key !== key) this.#replace(key, message);
    const note = this.#shown?.note;
    if (note && note.textContent !== (message.note ?? "")) note.textContent = message.note ?? "";
  }

  hide(): void {
    this.#shown?.element.remove();
    this.#shown = undefined;
  }

  #replace(key: string, message: Message): void {
    const hadFocus = this.#shown?.element.contains(document.activeElement);
    this.hide();
    const element = document.createElement("div");
    element.className = "banner";
    element.dataset["tone"] = message.tone;
    const text = element.appendChild(document.createElement("p"));
    text.append(Object.assign(document.createElement("strong"), { textContent: message.title }), ` ${message.text} `);
    const note = text.appendChild(document.createElement("span"));
    note.setAttribute("aria-live", "off");
    for (const { label, run } of message.actions ?? []) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
      button.addEventListener("click", run);
      element.append(button);
    }
    this.#region.append(element);
    if (hadFocus) element.querySelector("button")?.focus();
    this.#shown = { key, element, note };
  }
}
