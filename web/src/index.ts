// Calls a backend of the Rust crate `ipc-runtime`, with types made from its traits.
//
// From a page's call down to the wire: `client` (interfaces, options) → `session` (states,
// handshakes) → `connection` (which reply is whose) → `codec` (JSON) → `transport` (a WebSocket).
export type { Served } from "./answers.js";
export type {
  Bytes,
  Check,
  Event as EventOf,
  Events,
  Functions,
  Interface,
  Method,
  Note,
  Request,
  StoreKey,
  StreamIn,
  Subscribe,
} from "./bindings.js";
export type { Call, CallContext, CallOptions, Client, Handler, Missed, Outcome, SubscribeOptions, Subscribing, Subscription } from "./calls.js";
export type { ConnectOptions, Ipc } from "./client.js";
export type { Codec } from "./codec.js";
export { connect, connectLazily } from "./connect.js";
export type { Lasting } from "./disposable.js";
export { differences, type MethodDifference } from "./differences.js";
export { IpcError, MethodError, type Failure, type IpcErrorDetails, type IpcErrorKind } from "./errors.js";
export { event, type Event } from "./event.js";
export type { JsonValue } from "./json.js";
export { latest } from "./latest.js";
export { match } from "./match.js";
export { messagePort, type Port, type PortDial } from "./message-port.js";
export { VersionMismatchError, type ServedVersion, type VersionMismatch, type VersionOf } from "./mismatch.js";
export type { Plan } from "./plan.js";
export { reconnect, type CallsWhileAway, type ReconnectOptions } from "./reconnect.js";
export type { Reconnect } from "./returning.js";
export { exposed, handler, listener } from "./routes.js";
export type { BackendInfo, State } from "./session.js";
export type { Source } from "./source.js";
export { subscribing } from "./subscriptions.js";
export { toDate, toMillis, type Duration, type SystemTime } from "./time.js";
export type { Dial, Transport } from "./transport.js";
export type { Types } from "./types.js";
export { uploading } from "./uploads.js";
export { webSocket, type Socket, type WebSocketOptions } from "./web-socket.js";
