//! Where our attributes may be, and what they may say there. For methods see `method_options`.

use super::argument::{INTEGER, Site, flag, text};

pub(crate) const INTERFACE: Site = Site {
    attribute: "ipc_interface",
    noun: "an interface",
    known: &[
        text("channel", "channel = \"demo.files\""),
        text("version", "version = \"1.0.0\""),
        text("compat", "compat = \"semver\""),
        text("lock", "lock = \"ipc.lock\""),
        text("rename_all", "rename_all = \"camelCase\""),
        text("client", "client = \"FilesClient\""),
        text("handler", "handler = \"FilesHandler\""),
        text("crate", "crate = \"path::to::ipc_runtime\""),
    ],
};

pub(crate) const ARGUMENT: Site = Site {
    attribute: "ipc",
    noun: "an argument",
    known: &[
        flag("context"),
        text("name", "name = \"dirName\""),
        flag("lossy"),
        text("as", "as = \"String\""),
        INTEGER,
    ],
};

pub(crate) const TYPE: Site = Site {
    attribute: "ipc_type",
    noun: "a type",
    known: &[text("crate", "crate = \"path::to::ipc_runtime\"")],
};

pub(crate) const FIELD: Site = Site {
    attribute: "ipc",
    noun: "a field of an `#[ipc_type]`",
    known: &[
        flag("recursive"),
        flag("lossy"),
        flag("ignored"),
        text("as", "as = \"String\""),
        INTEGER,
    ],
};

/// `#[ipc(…)]` below `#[ipc_type]`.
pub(crate) const NAMED_TYPE: Site =
    Site { attribute: "ipc", noun: "a type", known: &[text("ts", "ts = \"Name\"")] };
