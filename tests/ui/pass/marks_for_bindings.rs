//! What `#[ipc(…)]` says for bindings alone stands wherever it may, also without the features that
//! read it.

use ipc_runtime::{CallContext, Stream, Streaming, ipc_interface, ipc_type};

type Id = u64;

#[ipc_type]
#[ipc(ts = "FileEntry")]
struct Entry {
    #[ipc(integer = "bigint")]
    id: Id,
    #[ipc(integer = "string", recursive)]
    size: Option<u64>,
    #[ipc(integer = "number")]
    both: Vec<(u64, i64)>,
}

/// A page.
#[ipc_type]
#[ipc(ts = "Chapter")]
struct Page<T> {
    #[ipc(integer = "bigint")]
    items: Vec<T>,
}

#[ipc_type]
enum Kind {
    One(#[ipc(integer = "bigint")] u64),
    Two {
        #[ipc(integer = "bigint")]
        size: u64,
    },
}

type IdResult<T> = Result<T, String>;

#[ipc_interface(channel = "demo.marks", version = "1.0.0")]
trait Marks {
    #[ipc(integer = "bigint")]
    async fn first(&self, #[ipc(integer = "string")] id: Id) -> Result<Option<u64>, String>;
    #[ipc(integer = "bigint")]
    async fn progress(&self, #[ipc(context)] call: &CallContext<u64>) -> String;
    #[ipc(subscription, integer = "bigint")]
    async fn all(&self) -> impl Stream<Item = u64>;
    async fn sum(&self, #[ipc(integer = "bigint")] numbers: Streaming<u64>) -> Page<Entry>;
    #[cfg(any())]
    #[ipc(integer = "bigint")]
    async fn never(&self) -> String;
    async fn kind(&self, #[ipc(integer = "bigint", as = "u64")] of: Foreign) -> Kind;
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Foreign(u64);

fn main() {
    let _: IdResult<u64> = Ok(1);
}
