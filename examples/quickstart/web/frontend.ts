// The frontend in Node: it calls the same backend by the same trait, whose bindings are `ipc.ts`.
// `cargo run -p quickstart` compiles and starts it, with the endpoint of its backend.
import { connect, match } from "ipc-runtime/node";
import { Files } from "./ipc.ts";

function row(label: string, text: unknown): void {
  console.log(`  ${label.padEnd(22)} ${text}`);
}

/** Names and text come from files: nothing in them may steer a terminal. */
function harmless(text: string): string {
  return text.slice(0, 30).replace(/\p{Cc}/gu, "\ufffd");
}

const ipc = await connect(process.argv[2] ?? "local:demo");
try {
  const files = await ipc.open(Files);
  row("ping()", await files.ping());

  const entries = await files.list(".");
  row('list(".")', `${entries.length} entries`);
  const file = entries.findLast(({ kind, size }) => kind === "File" && size > 0 && size < 100_000);
  if (file) {
    const content = await files.read(file.name); // a Uint8Array
    const [first = ""] = new TextDecoder().decode(content).split("\n", 1);
    row(`read("${harmless(file.name)}")`, `${content.length} B, begins \`${harmless(first)}\``);
  }

  const outcome = await files.list("no-such-directory").result(); // never rejects
  if (outcome.ok) throw new Error("there should be no such directory");
  if (outcome.error.kind !== "method") throw outcome.error;
  // Each variant, or it doesn't compile.
  const told: string = match(outcome.error.data, {
    NotFound: (path) => `NotFound: there is no \`${path}\``,
    Outside: (path) => `Outside: ${path}`,
    TooLarge: ({ path, limit }) => `TooLarge: ${path} has more than ${limit} bytes`,
    Unreadable: ({ path, reason }) => `Unreadable: ${path}: ${reason}`,
  });
  row('list("no-such-…")', told);

  const late = await files.changed(".", { timeout: 150 }).result();
  if (late.ok) row('changed(".")', "somebody has changed the directory just now");
  else row('changed(".")', `${late.error.kind}: ${late.error.message}`);
} finally {
  ipc.close();
}
