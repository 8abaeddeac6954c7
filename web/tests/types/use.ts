// What compiles, and what doesn't. Nothing here runs.
import { connect, connectLazily, event, exposed, handler, latest, listener, match, messagePort, reconnect, type Call, type Client, type ConnectOptions, type Handler, type Ipc, type IpcError, type MethodError, type Outcome, type Subscription } from "ipc-runtime";
import { msgpack } from "ipc-runtime/msgpack";
import { cell, ownStore, store, type StoreCell, type StoreError, type StoreReplica, type Watch } from "ipc-runtime/store";
import { Docs, Events, Functions, Theme, Window, type DocsMethods, type FileError, type FileInfo, type WindowMethods } from "../support/docs.js";

export async function use(docs: Client<DocsMethods>): Promise<string> {
  const list: FileInfo[] = await docs.list(".", { signal: AbortSignal.timeout(1000) });
  const inode: bigint | undefined = list[0]?.inode;
  // @ts-expect-error a wrong argument
  void docs.list(7);
  // @ts-expect-error a missing argument
  void docs.list();
  // @ts-expect-error no such option
  void docs.list(".", { timout: 3 });
  // @ts-expect-error no such method
  void docs.lits;
  // @ts-expect-error a client can't be changed
  docs.list = docs.list;
  const count: number = await docs.index(["a"], { onProgress: ({ files }) => files.toFixed(), timeout: null });
  await docs.find("x");
  await docs.find("x", "y");
  await docs.find("x", undefined, { timeout: 5 });
  await docs.search({ text: "x" });
  // @ts-expect-error a missing field
  void docs.search({ limit: 3 });
  // @ts-expect-error a field of another type
  void docs.search({ text: "x", limit: "3" });
  await docs.store("x", [new Uint8Array()]);
  await docs.store("x", new Blob().stream());
  // @ts-expect-error bytes themselves are no stream of bytes
  void docs.store("x", new Uint8Array());
  docs.log("line");
  // @ts-expect-error a notification has no result
  void docs.log("line").then;
  for await (const file of docs.changed(".")) file.name.trim();
  using open: Subscription<FileInfo> = await docs.changed(".", { window: 16, onMissed: (missed) => (missed.kind === "lagged" ? missed.count : 0) });
  for await (const file of open) file.size.toFixed();
  const call: Call<FileInfo[], FileError> = docs.list(".");
  const outcome: Outcome<FileInfo[], FileError> = await call.result();
  if (outcome.ok) return outcome.value[0]?.name ?? String(count) + String(inode);
  const error: MethodError<FileError> | IpcError = outcome.error;
  if (error.kind === "method") return told(error.data);
  if (error.kind === "disconnected" && error.mayHaveRun) return "it may have been done";
  const ping = await docs.ping().result();
  if (!ping.ok) {
    // @ts-expect-error a method that can't fail has no error of its own
    if (ping.error.kind === "method") return "";
    return ping.error.kind;
  }
  const opened = await docs.changed(".").result();
  return !opened.ok && opened.error.kind === "method" ? opened.error.data : error.kind;
}

function told(error: FileError): string {
  // @ts-expect-error `Busy` isn't handled
  match(error, { NotFound: (path) => path, TooLarge: ({ path }) => path });
  // @ts-expect-error there is no such variant
  match(error, { NotFound: (path) => path, TooLarge: ({ path }) => path, Busy: () => "", Other: () => "" });
  return match(error, { NotFound: (path) => path.trim(), TooLarge: ({ limit }) => limit.toFixed(), Busy: (nothing) => String(nothing satisfies undefined) });
}

function known(error: FileError): number | string {
  // Arms may return what they like.
  const told: number | string | undefined = match(error, { NotFound: (path) => path.length, TooLarge: ({ path }) => path, Busy: () => undefined });
  // @ts-expect-error it may be undefined
  const certain: number | string = match(error, { NotFound: (path) => path.length, TooLarge: ({ path }) => path, Busy: () => undefined });
  return told ?? certain;
}

export const options: ConnectOptions = { token: undefined, name: undefined, window: undefined, encoding: msgpack };

export function unhandled(error: FileError): string {
  if (error === "Busy") return "";
  if ("NotFound" in error) return error.NotFound;
  // @ts-expect-error a variant is left
  const never: never = error;
  return never;
}

export const pane: Handler<WindowMethods> = {
  show(text, call) {
    call.signal.throwIfAborted();
    call.progress(text.length);
    // @ts-expect-error progress of another type
    call.progress("text");
    // @ts-expect-error an error of another type
    void call.fail(7);
    throw call.fail("typed");
  },
  moved: (x, y) => void (x + y),
  async *ticks(from) {
    yield BigInt(from);
  },
  async sum(numbers) {
    let all = 0;
    for await (const one of numbers) all += one;
    return all;
  },
  big: (n) => n + 1n,
};

export async function serving(): Promise<void> {
  const ipc = await connect("/ipc", { serve: [handler(Window, pane)], token: async () => "secret" });
  // @ts-expect-error a method is missing
  ipc.serve(handler(Window, { show: () => 0 }));
  // @ts-expect-error a result of another type
  ipc.serve(handler(Window, { ...pane, big: () => 7 }));
  ipc.serve(exposed("title", () => "editor"));
  using listening = ipc.serve(listener(Events.resized, ({ width }) => void (width + 1n)));
  // @ts-expect-error an argument of another type
  ipc.serve(listener(Events.theme, (name: number) => name));
  void listening;
  const sum: number = await ipc.functions(Functions).add(2, 3);
  const untyped: string = await ipc.call<string>("find", { text: "x" });
  const changed = event(() => ipc.client(Docs).changed("."));
  changed.on((file) => void (file.name + untyped + sum));
  // @ts-expect-error a listener of another type
  changed.on((file: number) => file);
  const state = ipc.state.get();
  if (state.status === "closed") state.reason.kind satisfies string;
}

export async function storing(ipc: Ipc): Promise<void> {
  const replica: StoreReplica = await store(ipc);
  using own = await ownStore(ipc);
  const theme: "light" | "dark" | undefined = replica.get(Theme);
  // @ts-expect-error there may be no value
  const certain: "light" | "dark" = replica.get(Theme);
  // @ts-expect-error a value of another type
  void replica.set(Theme, "blue");
  const written = await replica.compareAndSet(Theme, replica.revisionOf(Theme), "dark", { timeout: null }).result();
  if (!written.ok && written.error.kind === "method") {
    const error: StoreError = written.error.data;
    match(error, { Conflict: ({ latest }) => latest, Full: ({ limit }) => limit, KeyTooLong: ({ length }) => length, Encode: () => 0, Gone: () => 0 });
    // @ts-expect-error `Gone` isn't handled
    match(error, { Conflict: () => 0, Full: () => 0, KeyTooLong: () => 0, Encode: () => 0 });
  }
  // @ts-expect-error writes report no progress
  void own.remove(Theme, { onProgress: () => {} });
  using watch: Watch<"light" | "dark"> = replica.watch(Theme);
  for await (const value of watch) value satisfies "light" | "dark" | undefined;
  using listening = replica.changes().on((change) => void (change.of(Theme)?.value satisfies "light" | "dark" | undefined));
  const mode: StoreCell<"light" | "dark"> = cell(ipc, Theme, { own: true });
  mode.subscribe(() => void mode.get());
  // @ts-expect-error a value of another type
  void mode.set(7);
  latest(() => ipc.client(Docs).changed(".")).get() satisfies FileInfo | undefined;
  const snapshot = replica.snapshot();
  for (const key of snapshot.keys()) snapshot.get<unknown>({ key });
  const { port1 } = new MessageChannel();
  await connect(messagePort(port1));
  await connect(messagePort(async () => new Worker("worker.js")));
  void [theme, certain, listening];
}

export async function returning(): Promise<void> {
  // @ts-expect-error calls can't do that
  const ipc = await connect("/ipc", { reconnect: reconnect({ whileAway: "repeat" }) });
  const other = connectLazily("/ipc", { reconnect: reconnect({ maxAttempts: null, firstDelay: 10 }) });
  // @ts-expect-error it has to be made
  await connect("/ipc", { reconnect: {} });
  const state = ipc.state.get();
  if (state.status === "reconnecting") state.cause.kind satisfies string;
  // @ts-expect-error only while it reconnects
  state.nextAt;
  if (state.status === "connected") state.resumed satisfies boolean;
  const { retryNow } = other;
  retryNow();
  await other.client(Docs).changed(".", { endsWithConnection: true });
}
