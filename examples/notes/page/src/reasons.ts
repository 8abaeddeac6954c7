// Why something didn't work, in words for people.
import { match, type IpcError, type MethodError } from "ipc-runtime";
import type { DeleteError, ImportError, IndexError, PinError, ReadError, RenameError, SaveError } from "./ipc.ts";

type Known = ReadError | SaveError | DeleteError | RenameError | ImportError | IndexError | PinError;

/** One sentence, for whatever a method fails with. */
export function reason(error: MethodError<Known> | IpcError): string {
  if (error.kind === "method") {
    return match(error.data, {
      NotFound: (name) => `There is no note “${name}” any more.`,
      Exists: (name) => `There is a note “${name}” already.`,
      Changed: (name) => `“${name}” was changed elsewhere meanwhile.`,
      BadName: (why) => `${why[0]?.toUpperCase() ?? ""}${why.slice(1)}.`,
      NotText: (name) => `“${name}” is no text, or too large.`,
      TooLarge: ({ limit }) => `It has more than ${limit / 1_048_576} MiB.`,
      Torn: () => "Only a part of it has come.",
      Disk: (why) => `The disk says: ${why}.`,
      Full: (why) => `There is no room: ${why}.`,
      Busy: () => "Another window has the index made already.",
    });
  }
  if (error.kind === "notConnected") return "There is no connection.";
  if (error.kind === "disconnected") return error.mayHaveRun ? "The connection was lost, and it may have been done." : "The connection was lost.";
  return error.message;
}
