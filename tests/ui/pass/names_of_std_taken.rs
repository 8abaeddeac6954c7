//! The user's module has types, traits and macros of names that generated code might mean.
#![allow(dead_code, unused_macros)]

use ipc_runtime::{ipc_interface, ipc_type};

struct Result;
struct Option;
struct Vec;
struct String;
struct Box;
struct Arc;
struct Call;
struct Some;
struct Ok;
struct Err;
trait Send {}
trait Sync {}
trait Clone {}
trait Debug {}
trait Future {}
trait Serialize {}
trait Deserialize {}
mod std {}
mod core {}
mod serde {}
mod alloc {}
macro_rules! vec {
    () => {};
}
macro_rules! panic {
    () => {};
}

#[ipc_type]
struct Info {
    number: u32,
    numbers: ::std::vec::Vec<u32>,
    #[serde(default)]
    text: ::std::option::Option<::std::string::String>,
}

#[ipc_type]
enum Choice {
    First(u32),
    Second { number: u32 },
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn info(
        &self,
        numbers: &[u32],
        number: ::std::option::Option<&u32>,
    ) -> ::std::result::Result<Info, ::std::string::String>;
    fn ping(&self) -> u32;
    #[ipc(blocking, timeout = "5s")]
    fn choose(&self, of: Choice) -> Choice;
    #[ipc(notification)]
    async fn log(&self, line: ::std::string::String);
}

/// The names of primitive types may be taken as well, where serde's derives aren't used.
#[allow(non_camel_case_types)]
mod primitives {
    type u8 = ();
    type u16 = ();
    type u32 = ();
    type u64 = ();
    type usize = ();
    type bool = ();
    type str = ();

    #[::ipc_runtime::ipc_interface(channel = "demo.disk", version = "1.0.0")]
    pub trait Disk {
        async fn list(&self, numbers: &[::core::primitive::u16]) -> ::std::string::String;
        #[ipc(timeout = "5s")]
        fn ping(&self, last: (u8, [i8; 4])) -> u32;
    }
}

fn main() {}
