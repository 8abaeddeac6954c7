//! The attribute macros of `ipc-runtime`. Use them through that crate.
//!
//! A small compiler, in one direction: `attribute` reads the arguments of attributes, `parse` turns
//! syntax into the `model` (`incomplete_trait`: of what is still being typed), `check` holds the rules
//! about what may be written, `expand` writes the code. `ipc_interface` runs these steps; `ipc_type`
//! has the same ones for types. What all of them read from a type is in `type_syntax`; what
//! `#[ipc(…)]` may say of a method is one table, in `method_options`.

mod array_type;
mod attribute;
mod check;
mod constant_text;
mod errors;
mod expand;
mod fingerprint_expr;
mod incomplete_trait;
mod ipc_interface;
mod ipc_type;
mod lifetimes;
mod literals;
mod method_options;
mod model;
mod parse;
mod rename_rule;
mod serde_attributes;
mod spans;
mod stream_type;
mod suggestion;
mod type_syntax;
mod type_text;

use proc_macro::TokenStream;
use syn::{Item, parse_macro_input};

/// Turns a trait into an IPC interface: a handler for one side, a client for the other.
///
/// Of a trait `Files` it makes
///
/// - the trait itself, to be implemented with plain `async fn`; its futures are `Send`, and an
///   `Arc` of an implementation is one, too;
/// - `FilesHandler<T>`, whose `new` takes an implementation, to be registered;
/// - `FilesClient`, with the trait's methods, each of which returns a `Call`, a `Notification` or
///   a `SubscriptionCall` to be awaited. It has no other inherent functions, so that methods may have any
///   name;
/// - `FilesClient::INTERFACE` (of the trait `Client`): channel, version, methods and a fingerprint
///   that changes with everything that the wire sees of them.
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
/// | `channel = "demo.files"` | What stands before a method's name on the wire: segments of ASCII letters, digits, `_` and `-`, joined by dots. Needed. `rpc.` and `$/` are the runtime's own. |
/// | `version = "1.2.0"` | The interface's semantic version. Needed. |
/// | `compat = "semver"` | Which versions fit: by Cargo's caret rule (`semver`, the default), or equal ones only (`exact`). |
/// | `rename_all = "camelCase"` | How methods and arguments are named on the wire, by serde's rules. |
/// | `client = "Name"`, `handler = "Name"` | Other names for `FilesClient` and `FilesHandler`. |
/// | `crate = "path"` | The path of `ipc_runtime`, where it is renamed or re-exported. |
///
/// The values are string literals, or made of literals by `concat!` and `env!`:
/// `version = env!("CARGO_PKG_VERSION")` is the version of the crate that holds the trait.
///
/// # On methods
///
/// | attribute | what |
/// | --- | --- |
/// | `#[ipc(notification)]` | Never answered; the method has no result. |
/// | `#[ipc(subscription)]` | Answered by a stream of items: see below. |
/// | `#[ipc(name = "readDir")]` | The name on the wire, without dots, white space, quotes and backslashes. |
/// | `#[ipc(blocking)]` | A sync method that runs on the pool for blocking code, and isn't cancelled. |
/// | `#[ipc(timeout = "5s")]` | The deadline of its calls, instead of 60 seconds: `500ms`, `5s`, `2m`, `1h`, or `none`. For a subscription, that of opening it. |
/// | `#[ipc(no_cancel)]` | Dropping the call lets the handler run on. |
/// | `#[ipc(idempotent)]` | It may run twice: a call that was lost with its connection is made again when the frontend [comes back](../ipc_runtime/struct.FrontendBuilder.html#method.reconnect). |
///
/// Docs, `#[deprecated]` and `#[cfg]` go to everything that is made of a method, and so does a lint
/// whose level is set there, as an `#[allow(…)]`. Other attributes stay with the trait's method.
/// Where one of these stands in a `#[cfg_attr(…)]`, its condition goes with it.
///
/// A method named `into` or `try_into` is called as `FilesClient::into(&client)`: for
/// `client.into()`, Rust takes `Into::into`, which takes a client by value.
///
/// # Arguments and results
///
/// An argument is owned, or borrowed as `&str`, `&[T]`, `&Path`, `&T` or an `Option` of those: the
/// client serializes it without a clone, and the handler borrows what was decoded. An array may
/// have any length here; within another type serde's 32 elements are the most. `Option`
/// arguments at the end may be left out by clients in other languages. With `#[ipc(name = "…")]`
/// an argument has another name on the wire. One argument may be the call's context, which isn't
/// sent:
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
/// A method that returns `Result<T, E>`, or a module's own `Result<T>`, fails with
/// `CallError<E>`, any other with `IpcError`. `E` has to be `Display` and `Debug`; all types have
/// to be `Serialize`, `DeserializeOwned` and `Send`, for which [`macro@ipc_type`] is the short
/// way.
///
/// # Streams
///
/// A subscription returns `impl Stream<Item = T>`, or `Result<impl Stream<Item = T>, E>` where
/// opening it may fail. Implementations return any stream of these items that is `Send`; it may
/// borrow `self` and the arguments. Where the items are `Result<T, X>`, an `Err` ends the stream.
/// The client's method returns a `SubscriptionCall<T, E, S>`: `E` is the error of opening, `S` that of
/// the stream, each an `IpcError`, or a `CallError` of the method's own.
///
/// An argument that is a stream is written `Streaming<T>`, by requests and subscriptions. A
/// request with a context `&CallContext<P>` tells its progress, a `P`, while it runs:
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
/// A subscription is neither a notification, nor `blocking`, nor `no_cancel`: it ends when the
/// client drops it. Its items are its progress.
#[proc_macro_attribute]
pub fn ipc_interface(arguments: TokenStream, item: TokenStream) -> TokenStream {
    ipc_interface::expand(arguments.into(), item.into()).into()
}

/// Makes a struct or an enum travel: serde's `Serialize` and `Deserialize`, and a fingerprint.
///
/// The derives come through the runtime: serde needn't be a dependency. Serde's attributes work as
/// usual. A derive that is written below the attribute isn't added again.
///
/// ```
/// use ipc_runtime::{interface::IpcType, ipc_type};
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
/// assert_ne!(Change::FINGERPRINT, <Page<Change>>::FINGERPRINT);
/// ```
///
/// The fingerprint changes with all that the wire sees: names of fields and variants, their types,
/// serde's attributes. It doesn't count the type's own name, docs, the order of named fields and
/// of variants (unless they are `untagged`), and whether something is borrowed, boxed or shared.
///
/// A type may contain itself. Of two types that contain each other, one field has to say so; it
/// then counts by the name it is written with:
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
/// `crate = "path"` names the runtime where it is renamed or re-exported.
#[proc_macro_attribute]
pub fn ipc_type(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as Item);
    ipc_type::expand(arguments.into(), item).into()
}
