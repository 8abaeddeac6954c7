// Short notices at the bottom of the window, which go by themselves unless somebody is at them.

/** How long a notice stays, in milliseconds: long enough to be read and acted on. */
const STAY = 8_000;

/** What somebody may do about it. */
export interface Action {
  label: string;
  run: () => void;
}

/** The place of the notices. One is shown at a time. */
export class Notices {
  readonly #region: HTMLElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(region: HTMLElement) {
    this.#region = region;
    const stay = (): void => clearTimeout(this.#timer);
    const leave = (): void => this.#leaveLater();
    region.addEventListener("pointerenter", stay);
    region.addEventListener("pointerleave", leave);
    region.addEventListener("focusin", stay);
    region.addEventListener("focusout", leave);
  }

  /** Shows it instead of the one that is shown. */
  show(text: string, action?: Action): void {
    const notice = document.createElement("div");
    notice.className = "notice";
    notice.append(Object.assign(document.createElement("p"), { textContent: text }));
    if (action) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: action.label });
      button.addEventListener("click", () => {
        this.#region.replaceChildren();
        action.run();
      });
      notice.append(button);
    }
    this.#region.replaceChildren(notice);
    this.#leaveLater();
  }

  #leaveLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#region.replaceChildren(), STAY);
  }
}
