// `ipc-runtime/node` in a page: what of it there is.
export * from "ipc-runtime";

export function stdio(command: string): never {
  throw new Error(`a page can't start ${command}`);
}
