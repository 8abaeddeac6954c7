//! The attribute macros of `ipc-runtime`. Use them through that crate.

mod attribute;
mod check;
mod errors;
mod expand;
mod fold;
mod ipc_type;
mod model;
mod parse;
mod rename;
mod suggestion;
mod values;
mod written;

use proc_macro::TokenStream;
use syn::{Item, parse_macro_input};

/// Interface.
#[proc_macro_attribute]
pub fn ipc_interface(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as Item);
    expand::entry(arguments.into(), item).into()
}

/// Type.
#[proc_macro_attribute]
pub fn ipc_type(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as Item);
    ipc_type::expand(arguments.into(), item).into()
}
