//! Two traits whose generated names would meet, and texts that aren't written out.
use ipc_runtime::{Client, ipc_interface};

#[ipc_interface(
    channel = concat!("demo.", "logger", 1, '.', env!("CARGO_PKG_VERSION_MAJOR")),
    version = env!("CARGO_PKG_VERSION"),
    client = "LoggerStub",
    handler = "LoggerServer"
)]
pub trait Logger {
    async fn log(&self, line: String);
    #[ipc(name = concat!("flush", "All"))]
    async fn flush(&self);
}

#[ipc_interface(channel = "demo.logger-client", version = ::core::env!("CARGO_PKG_VERSION"))]
pub trait LoggerClient {
    async fn logged(&self, line: String);
}

macro_rules! versioned {
    ($name:ident, $channel:expr, $version:expr) => {
        #[ipc_interface(channel = $channel, version = $version)]
        trait $name {
            async fn size(&self) -> u64;
        }
    };
}

versioned!(Files, "demo.files", env!("CARGO_PKG_VERSION"));

struct Console;

impl Logger for Console {
    async fn log(&self, _: String) {}
    async fn flush(&self) {}
}

fn main() {
    let _ = LoggerServer::new(Console);
    assert_eq!(LoggerStub::INTERFACE.version, env!("CARGO_PKG_VERSION"));
    let major = env!("CARGO_PKG_VERSION_MAJOR");
    assert_eq!(LoggerStub::INTERFACE.methods[1].full_name, format!("demo.logger1.{major}.flushAll"));
    assert_eq!(LoggerClientClient::INTERFACE.version, FilesClient::INTERFACE.version);
}
