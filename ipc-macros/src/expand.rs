//! Turns the model into code.
//!
//! The trait and the structs of handler and client are side by side. Everything else is in one
//! `const _`, where its names can't clash. Each name is an absolute path, because the user's module
//! may have a `Result`, a `Vec` or a `Send` of its own.

mod client;
mod descriptor;
pub(crate) mod fallback;
mod handler;
mod locked;
mod names;
mod result_type;
mod trait_item;
mod wire_type;

use proc_macro2::TokenStream;
use quote::quote;

use self::{locked::Locked, names::Names};
use crate::{
    check,
    model::{Attributes, Interface},
};

/// Returns all code for an interface without mistakes.
pub(crate) fn interface(interface: &Interface) -> TokenStream {
    let names = Names::new(interface);
    let trait_item = trait_item::expand(interface);
    let handler = handler::declaration(interface, &names);
    let client = client::declaration(interface, &names);
    let descriptor = descriptor::expand(interface, &names);
    let forwarding = trait_item::forwarding(interface);
    let service = handler::implementation(interface, &names);
    let stub = client::implementation(interface, &names);
    let locked = Locked::read(interface, &names);
    let lock_check = locked.as_ref().map(Locked::check);
    let lock_test = locked.as_ref().map(Locked::test);
    let names_in_doubt = check::conditional_names(interface);
    let Attributes { cfgs, allows, .. } = &interface.attributes;
    let variables = &interface.variables;
    quote! {
        #names_in_doubt
        #trait_item
        #handler
        #client
        #lock_test
        #(#cfgs)*
        #(#allows)*
        #[allow(deprecated, unused_qualifications, clippy::absolute_paths)]
        const _: () = {
            #(const _: &::core::primitive::str = ::core::env!(#variables);)*
            #descriptor
            #lock_check
            #forwarding
            #service
            #stub
        };
    }
}
