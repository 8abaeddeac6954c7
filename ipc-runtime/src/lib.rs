//! Typed IPC: one Rust trait, annotated once, is the backend's handler and the frontend's client.
//!
//! ```
//! use ipc_runtime::{Backend, Frontend, ipc_interface, ipc_type};
//!
//! // Both sides share this: usually a crate of its own.
//!
//! /// A file.
//! #[ipc_type]
//! #[derive(Debug, PartialEq)]
//! pub struct FileInfo {
//!     /// Its name.
//!     pub name: String,
//!     /// In bytes.
//!     pub size: u64,
//! }
//!
//! /// Files of the backend's machine.
//! #[ipc_interface(channel = "docs.files", version = "1.0.0")]
//! pub trait Files {
//!     /// Lists a directory.
//!     async fn list(&self, dir: &str) -> Vec<FileInfo>;
//! }
//!
//! // The backend.
//!
//! struct Disk;
//!
//! impl Files for Disk {
//!     async fn list(&self, dir: &str) -> Vec<FileInfo> {
//!         vec![FileInfo { name: format!("{dir}/a.txt"), size: 3 }]
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let backend = Backend::new();
//! backend.register(FilesHandler::new(Disk))?;
//! backend.listen("memory:docs-lib").await?; // in real life "local:my-app" or "ws://127.0.0.1:7000"
//!
//! // The frontend: as a rule another process.
//!
//! let frontend = Frontend::connect("memory:docs-lib").await?;
//! let files: FilesClient = frontend.open().await?; // compares versions
//! let listed = files.list("/tmp").await?;
//! assert_eq!(listed, [FileInfo { name: "/tmp/a.txt".into(), size: 3 }]);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to begin
//!
//! - [`macro@ipc_interface`] and [`macro@ipc_type`]: what can be written in an interface.
//! - [`Backend`] and [`Frontend`]: both sides of a connection. [`Endpoint`]: where they meet.
//! - [`call::Call`]: what a client's method returns; deadlines and cancelling. [`IpcError`] with
//!   its [`ErrorKind`], and [`CallError`]: what can go wrong.
//! - [`Subscription`] and [`Streaming`]: streams of items, as results and as arguments.
//! - [`Peer`]: the other side, which may be called as well.
//! - [`event`]: values that are fired at any number of listeners.
//! - [`store`]: values under typed keys, the same on all sides.
//! - [`Backend::expose`] and [`Frontend::call`]: functions by their names, without a trait.
//! - [`FrontendBuilder::plain_json_rpc`]: JSON-RPC servers that aren't written with this crate.
//! - [`middleware`]: hooks around every call.
//! - [`Limits`]: how much of everything there may be.
//!
//! # What always holds
//!
//! - Every call ends: with its reply, a typed error, its deadline, or the connection's end.
//! - Dropping a call's future cancels it, on the other side too.
//! - A handler's panic is that call's error, and nobody else's.
//! - Requests run concurrently; notifications of one channel run one after another.
//! - Handlers begin in the order in which their messages came in. A sync method runs on the task
//!   that reads the connection, so it has to be short: nothing else is read while it runs. Use
//!   `#[ipc(blocking)]` for longer ones.
//!
//! # Features
//!
//! | feature | default | what it brings |
//! | --- | --- | --- |
//! | `local` | yes | Unix sockets and Windows named pipes: `local:`, `unix:`, `pipe:` |
//! | `websocket` | yes | WebSockets: `ws://`, and those that an HTTP server of the app upgrades |
//! | `socket-io` | no | stock socket.io clients on `ws://` and `wss://`: `config::SocketIo` |
//! | `tls` | no | `wss://`: WebSockets over TLS, by rustls |
//! | `stdio` | no | standard input and output: `stdio:`, and `Frontend::spawn` |
//! | `msgpack` | no | `Encoding::MessagePack` beside JSON |
//! | `inventory` | no | `contribute!`: modules offer handlers without a central list |
//! | `chrono` | no | `Shape` knows that the types of chrono travel as text, and in which format |
//! | `jiff` | no | the same for jiff |
//! | `time` | no | the same for the functions in `time::serde` |
//! | `url` | no | the same for url |
//! | `uuid` | no | the same for uuid |
//! | `docs` | no | the doc comments of interfaces and types in `InterfaceInfo` and `Shape` |
//! | `typescript` | no | `typescript::Bindings`: the interfaces for TypeScript frontends |
//! | `openrpc` | no | `openrpc::Document` and `rpc.discover`: the interfaces for other JSON-RPC clients |

// The rooms, from the roof down. A room imports from its own files and from those of rooms below it.
//
// typescript    bindings for frontends in TypeScript
// functions, store, frontend, backend   what users hold
// peer          one connection, the same from both sides: driver, dispatch, client, handshake,
//               incoming, outgoing, streams, middleware, session and connection, and the small
//               machines of its state
// openrpc       OpenRPC documents
// notation      shapes as they are written down for other languages
// event         an event's emitter and its listeners
// socket_io     Socket.IO's packets as messages, and its namespaces as carriers
// transport     bytes in, bytes out; of JSON-RPC it knows only how to refuse somebody
// framing       where a message ends
// message       the envelope, in JSON and in MessagePack
// endpoint, error, limits, peer_info, reconnect, registration, token, usage, version_mismatch
//               ground types
// codec         values in either encoding, and the table of encodings
// interface     what an interface is made of: methods, arguments, the schema of their shapes
// shape         what a type looks like on the wire, and the hashes of that
// support       small things that each room may use
//
// Everybody imports from the file that defines a name. What is public leaves by this file, and by
// the fronts of the public rooms: error, event, interface, openrpc, peer, shape, store and
// typescript.

// The macros name this crate by its path from outside, also in its own doctests and tests.
extern crate self as ipc_runtime;

mod backend;
mod codec;
pub mod compatibility;
mod endpoint;
pub mod error;
pub mod event;
mod framing;
mod frontend;
mod functions;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
pub mod interface;
mod limits;
mod lock;
mod message;
#[cfg(any(feature = "openrpc", feature = "typescript"))]
mod notation;
#[cfg(feature = "openrpc")]
pub mod openrpc;
pub mod peer;
mod peer_info;
mod reconnect;
mod registration;
pub mod shape;
#[cfg(feature = "socket-io")]
mod socket_io;
pub mod store;
mod support;
mod token;
mod transport;
#[cfg(feature = "typescript")]
pub mod typescript;
mod usage;
mod version_mismatch;

pub use crate::{
    backend::{
        Backend, WeakBackend,
        builder::BackendBuilder,
        peers::{Group, Peers},
        stop_signal::StopSignal,
    },
    codec::{Encoding, bytes::Bytes},
    endpoint::Endpoint,
    error::{
        call_error::CallError, connect_error::ConnectError, error_kind::ErrorKind,
        ipc_error::IpcError,
    },
    frontend::{Frontend, builder::FrontendBuilder},
    limits::Limits,
    peer::{
        client::{caller::Client, usable::usable},
        incoming::context::CallContext,
        outgoing::subscription::Subscription,
        session::handle::Peer,
        streams::streaming::Streaming,
    },
    peer_info::PeerId,
    reconnect::Reconnect,
    registration::{Registration, RegistrationGuard},
    token::Token,
    usage::Usage,
};

pub use futures_util::stream::Stream;
pub use ipc_macros::{ipc_interface, ipc_type};

/// What a client's methods return: futures that send when they are polled for the first time.
pub mod call {
    pub use crate::peer::outgoing::{
        call::{Call, CallWithProgress, Notification},
        subscription::SubscriptionCall,
    };
}

/// Settings for the builders of both sides, besides [`Limits`], [`Reconnect`] and [`Encoding`].
pub mod config {
    #[cfg(feature = "websocket")]
    pub use crate::transport::websocket::origins::OriginPolicy;
    #[cfg(feature = "socket-io")]
    pub use crate::{
        backend::socket_io::SocketIo,
        socket_io::{acknowledgement::Acknowledgement, handshake::SocketHandshake},
    };
    pub use crate::{
        framing::plain::Framing, limits::NotificationOverflow,
        peer::handshake::policy::HandshakePolicy, reconnect::CallsWhileDisconnected,
    };
}

/// Traits for what a side can serve: handlers and functions.
pub mod handler {
    pub use crate::peer::incoming::{function_output::FunctionOutput, service::Service};
}

/// Hooks around every call.
pub mod middleware {
    pub use crate::peer::{
        middleware::{CallInfo, Middleware},
        session::hooks::CallOutcome,
    };
}

/// Certificates for `wss://`.
#[cfg(feature = "tls")]
pub mod tls {
    pub use crate::transport::tls::{TlsError, TlsIdentity, TlsTrust};
}

/// What generated code names. Nothing in here is part of the public API.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "inventory")]
    pub use inventory;
    pub use serde;

    #[cfg(feature = "inventory")]
    pub use crate::backend::contributions::Contribution;

    pub use crate::ipc_docs as docs;
    pub use crate::{
        compatibility::table_method::{TableArgument, TableMethod},
        error::{
            call_error::{CallError, Failure},
            ipc_error::IpcError,
        },
        interface::{
            AliasInfo, ArgumentInfo, Compat, InterfaceInfo, MethodInfo, MethodKind, MethodOptions,
            OutputInfo, Timeout,
            arguments::{
                BorrowedArgument,
                array::{self, ArrayArgument, LentArray},
                decode::DecodeArguments,
                encode::EncodeArguments,
            },
            cache::InterfaceCache,
            wire_type::{Fallible, MethodError, WireType},
        },
        lock::{
            check::{InterfaceLock, LockedRelease, assert_lock, assert_locked, is_released},
            session::{LockTest, run_lock_test},
        },
        peer::{
            client::caller::{Caller, Client},
            incoming::{
                context::CallContext,
                responder::Responder,
                service::{Flow, Incoming, Service},
            },
            outgoing::{
                call::{Call, Notification},
                subscription::{Subscription, SubscriptionCall},
            },
            state::progress_reports::NoProgress,
            streams::{
                download::StreamArgument,
                streaming::Streaming,
                uploads::{StreamReference, Streams},
            },
        },
        shape::{
            faithful::{assert_faithful, assert_integers, assert_no_result},
            fingerprint::Fingerprint,
            formats::{FormatProbe, FormatProbeFallback, format, format_of_functions, with},
            integers::Integers,
            ipc_type::IpcType,
            name::Docs,
            node::{Member, Node, NodeKind},
            probe::{
                Argument, Generic, GenericProbe, GenericProbeFallback, Probe, ProbeFallback,
                ResultProbe, ResultProbeFallback, instance_or, known_or,
            },
            recursion::Recursion,
            std_types::{result, variants},
            table::ShapeTable,
        },
    };
    pub use ipc_macros::IpcShape;
}
