//! Rules about the arguments of `#[ipc_interface]`.

use syn::Ident;

use crate::{attribute::argument::AttributeArgument, errors::Errors};

/// Reports required arguments that are missing.
pub(crate) fn missing(written: &[AttributeArgument], interface: &Ident, errors: &mut Errors) {
    let without = |name: &str| written.iter().all(|argument| argument.name != name);
    let (what, example) = match (without("channel"), without("version")) {
        (true, true) => {
            ("neither channel nor version", "channel = \"demo.files\", version = \"1.0.0\"")
        }
        (true, false) => ("no channel", "channel = \"demo.files\", …"),
        (false, true) => ("no version", "version = \"1.0.0\", …"),
        (false, false) => return,
    };
    errors.push(
        interface,
        format_args!("the interface has {what}"),
        format_args!("write `#[ipc_interface({example})]`"),
    );
}
