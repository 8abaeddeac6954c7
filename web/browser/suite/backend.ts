// The real backend, as tests in a page see it: the Node side has it.
import type { Backend } from "../../tests/support/backend.js";
import { ask, tell } from "./control.js";

export const program = "web-backend";

/** It is built before there is a page. */
export function build(): void {}

export async function start(...args: string[]): Promise<Backend> {
  const { id, endpoints } = await ask<{ id: number; endpoints: string[] }>(0, "start", ...args);
  return {
    endpoints,
    kill: () => tell(id, "kill"),
    freeze: () => tell(id, "freeze"),
    thaw: () => tell(id, "thaw"),
    [Symbol.asyncDispose]: () => ask(id, "end"),
  };
}
