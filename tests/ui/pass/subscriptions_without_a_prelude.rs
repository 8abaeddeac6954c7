//! Nothing in scope helps the expansion, and names of std are taken.

#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings)]

use ::ipc_runtime as ipc;

struct Send;
#[allow(dead_code)]
struct Future;

#[ipc::ipc_interface(channel = "demo.files", version = "1.0.0", crate = "ipc")]
trait Files {
    #[ipc(subscription)]
    async fn watch(
        &self,
        stream: &str,
        item: ipc::Streaming<::std::string::String>,
        responder: ::std::option::Option<&str>,
        #[ipc(context)] context: &ipc::CallContext,
    ) -> ::std::result::Result<
        impl ipc::Stream<Item = ::std::result::Result<u64, ::std::string::String>>,
        ::std::string::String,
    >;
    #[ipc(subscription)]
    fn r#async(&self) -> impl ipc::Stream<Item = ()>;
    async fn upload(
        &self,
        streams: ipc::Streaming<ipc::Bytes>,
        r#type: ipc::Streaming<u8>,
        #[ipc(context)] context: &ipc::CallContext<u64>,
    ) -> u64;
}

macro_rules! interface {
    ($name:ident, $item:ty, $result:ty, $stream:ty) => {
        #[ipc::ipc_interface(channel = "demo.made", version = "1.0.0", crate = "ipc")]
        trait $name {
            #[ipc(subscription)]
            async fn items(&self, given: $stream) -> $result;
            #[ipc(subscription)]
            fn more(&self) -> impl ipc::Stream<Item = $item>;
        }
    };
}

interface!(Made, u64, impl ipc::Stream<Item = u64>, ipc::Streaming<u8>);

fn main() {
    let _ = Send;
    let _ = ::std::any::type_name::<FilesClient>();
    let _ = ::std::any::type_name::<MadeClient>();
}
