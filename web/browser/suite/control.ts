// Commands to the Node side, which starts, stops and cuts backends. It is the origin of the page.

/** As which page this one is known there. */
const page = new URLSearchParams(globalThis.location.search).get("page") ?? "";

const body = (on: number, what: string, args: unknown[]): string => JSON.stringify({ page, on, what, args });

function answered(status: number, text: string): unknown {
  if (status !== 200) throw new Error(`the Node side: ${text}`);
  return JSON.parse(text);
}

/** Commands, and waits for what comes of it. */
export async function ask<T>(on: number, what: string, ...args: unknown[]): Promise<T> {
  const answer = await fetch("/control", { method: "POST", body: body(on, what, args) });
  return answered(answer.status, await answer.text()) as T;
}

/** Commands, and stands still until it is done: what tests do to a cable takes effect at once. */
export function tell<T>(on: number, what: string, ...args: unknown[]): T {
  const request = new XMLHttpRequest();
  request.open("POST", "/control", false);
  request.send(body(on, what, args));
  return answered(request.status, request.responseText) as T;
}
