//! What the black-box tests share.
//!
//! - [`everything`]: an interface with every kind of method, and its handler.
//! - [`feed`]: an interface of streams.
//! - [`archive`]: an interface for clients that know nothing of the library.
//! - [`arm`], [`anything`]: one for stock socket.io clients, and values of any kind.
//! - [`gates`]: an interface whose handlers wait until the test lets them go on, and tell how they
//!   ended.
//! - [`file_info`]: data that they take and give.
//! - [`test_carrier`]: one test body on each carrier, by [`on_every_carrier!`].
//! - [`cable`]: a way to a backend that can be cut.
//! - [`lines`], [`frames`], [`web_socket`]: peers that speak raw bytes.
//! - [`raw_peer`], [`site`]: such peers of any framing, and a backend for them.
//! - [`messages`], [`raw_backend`]: what they say, and one of them as the backend of a frontend.
//! - [`plain_server`]: a JSON-RPC server that knows nothing of the library.
//! - [`process`]: a peer in a process of its own.
//! - [`mod@alone`]: a test in a process of its own, by [`alone!`].
//! - [`worker`]: a backend on `stdio:` that does what is hard on one.
//! - [`diary`]: work that leaves a trace when its process is killed.
//! - [`fault`]: connections that break on purpose, and a proxy that has them.
//! - [`ledger`], [`conversation`]: calls that are numbered, so that it can be told how often each
//!   ran; and everything that two sides may say, whatever becomes of the connection.
//! - [`trial`]: one such conversation over a connection with a fault.
//! - [`random`], [`memory`]: chance that can be repeated, and how much memory a process has.
//! - [`local_socket`]: what raw peers connect by, on Unix and on Windows.
//! - [`plain_thread`]: threads that belong to no runtime.
//! - [`scratch`], [`waiting`]: directories that go away, and waiting for conditions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this runs inside of tests, which fail by panicking"
)]

pub mod alone;
pub mod anything;
pub mod archive;
pub mod arm;
#[cfg(unix)]
pub mod cable;
pub mod conversation;
pub mod diary;
pub mod everything;
pub mod fault;
pub mod feed;
pub mod file_info;
pub mod frames;
pub mod gates;
pub mod ledger;
pub mod lines;
pub mod local_socket;
pub mod memory;
pub mod messages;
pub mod plain_server;
pub mod plain_thread;
pub mod process;
pub mod random;
pub mod raw_backend;
pub mod raw_peer;
pub mod scratch;
pub mod site;
pub mod test_carrier;
pub mod trial;
pub mod waiting;
pub mod web_socket;
pub mod worker;

pub use anything::Anything;
pub use archive::{ArchiveClient, ArchiveHandler, ArchiveService};
#[cfg(unix)]
pub use cable::Cable;
pub use everything::{Everything, EverythingClient, EverythingHandler, EverythingService};
pub use feed::{Feed, FeedClient, FeedHandler, Source, Step};
pub use file_info::{FileError, FileInfo};
pub use frames::Frames;
pub use gates::{Gates, HandlerEnding, Slow, SlowClient, SlowHandler};
pub use ledger::{Fate, Ledger, LedgerClient, LedgerHandler, RunLog};
pub use lines::Lines;
pub use local_socket::{LocalListener, LocalStream, endpoint_of};
pub use plain_server::PlainServer;
pub use plain_thread::{block_on, on_a_plain_thread};
pub use raw_backend::RawBackend;
pub use raw_peer::{Framing, RawPeer};
pub use scratch::Scratch;
pub use site::Site;
pub use test_carrier::TestCarrier;
pub use waiting::{eventually, in_time, poll_once};
pub use web_socket::WebSocket;
