//! The attribute macros of `ipc-runtime`. Use them through that crate.
//!
//! They are a small compiler in one direction: `attribute` reads the arguments of attributes,
//! `parse` turns syntax into the `model` (`incomplete_trait` does so with what is still being
//! typed), `check` has the rules about what may be written, and `expand` writes the code. `lock`
//! reads the file in which releases are written down. `ipc_interface` runs these steps, and
//! `ipc_type` has the same ones for types. What all steps read from a type is in `type_syntax`.
//! What `#[ipc(…)]` may say on a method is one table, in `method_options`.

mod array_type;
mod attribute;
mod check;
mod constant_text;
mod docs;
mod errors;
mod expand;
mod incomplete_trait;
mod integers;
mod ipc_interface;
mod ipc_shape;
mod ipc_type;
mod lifetimes;
mod literals;
mod lock;
mod member_word;
mod method_options;
mod model;
mod parse;
mod rename_rule;
mod serde_attributes;
mod shape_expr;
mod spans;
mod stream_type;
mod suggestion;
mod type_syntax;
mod type_text;

use proc_macro::TokenStream;
use syn::{DeriveInput, Item, parse_macro_input};

/// Turns a trait into an IPC interface: a handler for one side, a client for the other.
///
/// From a trait `Files` it makes
///
/// - the trait itself, to be implemented with plain `async fn`. Its futures are `Send`, and an
///   `Arc` of an implementation implements it too;
/// - `FilesHandler<T>`, whose `new` takes an implementation. You register it at a backend or a
///   frontend;
/// - `FilesClient`, with the trait's methods. Each of them returns a `Call`, a `Notification` or a
///   `SubscriptionCall`, which you await. It has no other inherent functions, so methods may have
///   any name;
/// - `FilesClient::INTERFACE` (from the trait `Client`): the channel, the version, the methods with
///   the shapes of their types, and a fingerprint that changes with everything about them that is
///   visible on the wire.
///
/// ```
/// use ipc_runtime::{Client, ipc_interface, ipc_type};
///
/// #[ipc_type]
/// pub struct FileInfo {
///     pub name: String,
///     pub size: u64,
/// }
///
/// /// Files of the backend's machine.
/// #[ipc_interface(channel = "demo.files", version = "1.2.0", rename_all = "camelCase")]
/// pub trait Files {
///     /// Lists a directory.
///     async fn read_dir(&self, dir: &str) -> Result<Vec<FileInfo>, String>;
///     /// A sync method runs inline: keep it short.
///     fn ping(&self) -> u32;
///     #[ipc(notification)]
///     async fn log(&self, line: String);
/// }
///
/// struct Disk;
///
/// impl Files for Disk {
///     async fn read_dir(&self, dir: &str) -> Result<Vec<FileInfo>, String> {
///         Ok(vec![FileInfo { name: format!("{dir}/a"), size: 1 }])
///     }
///
///     fn ping(&self) -> u32 {
///         7
///     }
///
///     async fn log(&self, line: String) {
///         println!("{line}");
///     }
/// }
///
/// let handler = FilesHandler::new(Disk);
/// let method = &FilesClient::INTERFACE.methods[0];
/// assert_eq!(method.full_name, "demo.files.readDir");
/// assert_eq!(method.signature, "readDir(dir: &str) -> Result<Vec<FileInfo>, String>");
/// ```
///
/// # Arguments of the attribute
///
/// | argument | what |
/// | --- | --- |
/// | `channel = "demo.files"` | Required. The part before a method's name on the wire: segments of ASCII letters, digits, `_` and `-`, joined by dots. Names that start with `rpc.` or `$/` are reserved for the runtime. |
/// | `version = "1.2.0"` | Required. The interface's semantic version. |
/// | `compat = "semver"` | Which versions match: those that Cargo's caret rule allows (`semver`, the default), or only equal ones (`exact`). |
/// | `lock = "ipc.lock"` | A file beside `Cargo.toml` with what each release looked like, see below. |
/// | `rename_all = "camelCase"` | How methods and arguments are named on the wire, with serde's rules. |
/// | `client = "Name"`, `handler = "Name"` | Other names for `FilesClient` and `FilesHandler`. |
/// | `crate = "path"` | The path of `ipc_runtime`, if it is renamed or re-exported. |
///
/// The values are string literals, or are made from literals with `concat!` and `env!`:
/// `version = env!("CARGO_PKG_VERSION")` is the version of the crate that contains the trait.
///
/// # The lock
///
/// With `lock = "ipc.lock"`, the build compares the interface with all releases that its version
/// claims to serve, and fails at the trait's name if one of them isn't served, or if a released
/// version looks different now. The path is from the folder of `Cargo.toml`, and within it.
///
/// The macro makes a test `ipc_lock_…` too. `IPC_LOCK=release cargo test ipc_lock` writes the
/// current version into the file; with `IPC_LOCK=check` the test fails while it isn't there. With
/// `IPC_LOCK=off`, nothing is compared. A lock speaks for every build, so that `#[cfg]` on a method
/// is an error. The guide to evolving interfaces, `docs/evolving-interfaces.md`, has the rules.
///
/// # On methods
///
/// | attribute | what |
/// | --- | --- |
/// | `#[ipc(notification)]` | Never answered. The method has no result. |
/// | `#[ipc(subscription)]` | Answered with a stream of items, see below. |
/// | `#[ipc(name = "readDir")]` | The name on the wire, without dots, white space, quotes and backslashes. |
/// | `#[ipc(alias = "list")]` | A name on the wire that it had before: calls by this name reach it too. May be given more than once. |
/// | `#[ipc(blocking)]` | A sync method that runs on the pool for blocking code, and isn't cancelled. |
/// | `#[ipc(timeout = "5s")]` | The deadline of its calls, instead of 60 seconds: `500ms`, `5s`, `2m`, `1h`, or `none`. For a subscription, the deadline of opening it. |
/// | `#[ipc(no_cancel)]` | If the call is dropped, the handler still runs to its end. |
/// | `#[ipc(lossy)]` | Its result may arrive as another value, as `Some(None)` does. On an argument, the argument may. Without this, such a type is an error. |
/// | `#[ipc(as = "String")]` | On an argument: what it looks like on the wire, or an item of it if it is a stream. For types of other crates. |
/// | `#[ipc(integer = "bigint")]` | What integers of 64 bits that come back are in TypeScript: `number`, `bigint` or `string`. On an argument, what those in it are. |
/// | `#[ipc(idempotent)]` | The method may run twice: a call whose connection was lost is retried when the frontend [reconnects](../ipc_runtime/struct.FrontendBuilder.html#method.reconnect). |
///
/// Docs, `#[deprecated]` and `#[cfg]` go to everything that is made from a method. If you set the
/// level of a lint there (`#[allow]`, `#[expect]`, `#[warn]` or `#[deny]`), the generated code
/// allows that lint. Other attributes stay with the trait's method. If one of these is in a
/// `#[cfg_attr(…)]`, its condition goes with it.
///
/// Call a method named `into` or `try_into` as `FilesClient::into(&client)`: for `client.into()`,
/// Rust takes `Into::into`, which takes a client by value.
///
/// # Arguments and results
///
/// An argument is owned, or borrowed as `&str`, `&[T]`, `&Path`, `&T` or an `Option` of one of
/// these. The client serializes it without a clone, and the handler borrows what was decoded. As an
/// argument, an array may have any length; inside of another type, serde supports up to 32
/// elements. Clients in other languages may leave out `Option` arguments at the end. With
/// `#[ipc(name = "…")]`, an argument has another name on the wire. One argument may be the call's
/// context, which isn't sent:
///
/// ```
/// # use ipc_runtime::{CallContext, ipc_interface};
/// #[ipc_interface(channel = "demo.search", version = "1.0.0")]
/// trait Search {
///     async fn find(
///         &self,
///         #[ipc(context)] call: &CallContext,
///         pattern: &str,
///         #[ipc(name = "in")] dir: Option<&str>,
///     ) -> Vec<String>;
/// }
/// ```
///
/// A method that returns `Result<T, E>`, or a module's own `Result<T>`, fails with `CallError<E>`.
/// Any other method fails with `IpcError`. `E` must be `Display` and `Debug`. All types must be
/// `Serialize`, `DeserializeOwned` and `Send`; the short way to that is [`macro@ipc_type`].
///
/// # Streams
///
/// A subscription returns `impl Stream<Item = T>`, or `Result<impl Stream<Item = T>, E>` if opening
/// it may fail. Implementations return any stream of these items that is `Send`. It may borrow
/// `self` and the arguments. If the items are `Result<T, X>`, an `Err` ends the stream. The
/// client's method returns a `SubscriptionCall<T, E, S>`: `E` is the error of opening, `S` that of
/// the stream. Each is an `IpcError`, or a `CallError` with the method's own error.
///
/// In requests and subscriptions, an argument may be a stream, written as `Streaming<T>`. A request
/// with a context `&CallContext<P>` reports its progress, a `P`, while it runs:
///
/// ```
/// use ipc_runtime::{Bytes, CallContext, Stream, Streaming, ipc_interface};
///
/// #[ipc_interface(channel = "demo.logs", version = "1.0.0")]
/// trait Logs {
///     #[ipc(subscription)]
///     async fn follow(&self, path: &str) -> Result<impl Stream<Item = String>, String>;
///     #[ipc(subscription)]
///     fn sizes(&self) -> impl Stream<Item = Result<u64, String>>;
///     async fn append(&self, path: &str, chunks: Streaming<Bytes>) -> Result<u64, String>;
///     async fn index(&self, #[ipc(context)] call: &CallContext<u32>) -> u64;
/// }
/// ```
///
/// A subscription can't be a notification, `blocking` or `no_cancel`: it ends when the client drops
/// it. It can't be `idempotent` either: a frontend that reconnects opens its subscriptions again
/// without that. It reports no progress, since it can send items instead.
#[proc_macro_attribute]
pub fn ipc_interface(arguments: TokenStream, item: TokenStream) -> TokenStream {
    ipc_interface::expand(arguments.into(), item.into()).into()
}

/// Makes a struct or an enum travel over IPC, with serde's `Serialize` and `Deserialize` and the
/// shape of what they write.
///
/// The derives come from the runtime, so serde needn't be a dependency. Serde's attributes work as
/// usual. A derive that is written below the attribute isn't added again.
///
/// ```
/// use ipc_runtime::{ipc_type, shape::IpcType};
///
/// #[ipc_type]
/// #[derive(Debug, Clone, PartialEq)]
/// #[serde(rename_all = "camelCase")]
/// pub enum Change {
///     Removed(String),
///     Renamed { from: String, to: String },
/// }
///
/// #[ipc_type]
/// pub struct Page<T> {
///     items: Vec<T>,
///     next: Option<u64>,
/// }
///
/// assert_ne!(Change::fingerprint(), <Page<Change>>::fingerprint());
/// ```
///
/// [`TypeSchema`](../ipc_runtime/interface/struct.TypeSchema.html) tells what the shape is. The
/// [fingerprint](../ipc_runtime/shape/trait.IpcType.html) changes with everything that a side
/// writes and accepts. It doesn't depend on the type's own name, on docs, on the order of named
/// fields and of variants (unless they are `flattened` or `untagged`), or on whether something is
/// borrowed, boxed or shared.
///
/// # On fields
///
/// | attribute | what |
/// | --- | --- |
/// | `#[ipc(recursive)]` | The type contains itself by this field, see below. |
/// | `#[ipc(as = "String")]` | What the field looks like on the wire, if its type is of another crate or has serde's `with`. |
/// | `#[ipc(lossy)]` | A value may arrive as another, as `Some(None)` does. Without this, such a type is an error. |
/// | `#[ipc(ignored)]` | Nobody heeds the field any more, so that a later version may remove it: see the guide to evolving interfaces. It changes nothing on the wire. |
/// | `#[ipc(integer = "bigint")]` | What integers of 64 bits in the field are in TypeScript: `number`, `bigint` or `string`. It changes nothing on the wire. |
///
/// Below `#[ipc_type]`, `#[ipc(ts = "Name")]` on the type is its name in TypeScript.
///
/// A type may contain itself. If two types contain each other, one field has to say so:
///
/// ```
/// # use ipc_runtime::ipc_type;
/// #[ipc_type]
/// struct Folder {
///     entries: Vec<Entry>,
/// }
///
/// #[ipc_type]
/// struct Entry {
///     #[ipc(recursive)]
///     folder: Option<Folder>,
/// }
/// ```
///
/// `crate = "path"` is the path of the runtime, if it is renamed or re-exported.
#[proc_macro_attribute]
pub fn ipc_type(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as Item);
    ipc_type::expand(arguments.into(), item).into()
}

/// Derives the shape of a type: written by [`macro@ipc_type`], and by nobody else.
#[doc(hidden)]
#[proc_macro_derive(IpcShape, attributes(ipc))]
pub fn ipc_shape(item: TokenStream) -> TokenStream {
    ipc_shape::expand(&parse_macro_input!(item as DeriveInput)).into()
}
