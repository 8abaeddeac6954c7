import type { Client } from "ipc-runtime";
import type { DocsMethods } from "../../tests/support/docs.ts";

/** The names in a directory as a text, or why there are none. */
export async function names(docs: Client<DocsMethods>, dir: string): Promise<string> {
  const files = await docs.list(dir).result();
  if (files.ok) return files.value.map(({ name }) => name).join(", ");
  return files.error.kind === "method" ? JSON.stringify(files.error.data) : files.error.kind;
}
