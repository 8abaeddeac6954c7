//! The user's module has constants, statics and unit structs of names that a variable of generated
//! code might have: in a pattern, such a name isn't a new variable.
#![allow(non_upper_case_globals, non_camel_case_types, dead_code)]

use ipc_runtime::{Bytes, CallContext, Stream, Streaming, ipc_interface, ipc_type};

macro_rules! constants {
    ($($name:ident)*) => { $(const $name: u8 = 1;)* };
}

constants! {
    value caller context result responder handler incoming stream streams shapes f outcome item
    table argument_0 argument_1 argument_2 stream_chunks stream_0 interface call progress index
    reference encoding answer client list T
}

static error: u8 = 1;
struct method;

#[ipc_type]
struct Info {
    numbers: Vec<u32>,
    #[ipc(recursive)]
    within: Option<Box<Info>>,
}

#[ipc_type]
enum Choice {
    First,
    Second(Info, u8),
    Third { number: u32 },
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn find(
        &self,
        #[ipc(context)] by: &CallContext<u32>,
        pattern: Option<&str>,
        dirs: &[String],
    ) -> Result<Vec<Info>, String>;
    async fn copy(&self, dir: &str, chunks: Streaming<Bytes>) -> u64;
    fn ping(&self) -> Choice;
    #[ipc(notification)]
    async fn log(&self, line: String);
    #[ipc(blocking)]
    fn sum(&self, of: &[u8]) -> u64;
    #[ipc(subscription)]
    async fn watch(&self, dir: &str) -> Result<impl Stream<Item = Result<u8, String>>, String>;
    #[ipc(subscription)]
    fn ticks(&self) -> impl Stream<Item = u8>;
}

fn main() {}
