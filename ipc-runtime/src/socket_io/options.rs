//! The settings of Socket.IO.

use std::collections::BTreeSet;

use crate::socket_io::acknowledgement::Acknowledgement;

/// The settings of Socket.IO, apart from those of Engine.IO below it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SocketOptions {
    pub(crate) acknowledgement: Acknowledgement,
    /// Namespaces that are there although no channel has their name, such as `/admin`.
    pub(crate) namespaces: BTreeSet<String>,
}

impl SocketOptions {
    /// Declares a namespace, with a slash in front or without.
    pub(crate) fn declare(&mut self, name: &str) {
        let slash = if name.starts_with('/') { "" } else { "/" };
        self.namespaces.insert(format!("{slash}{name}"));
    }
}
