//! The settings of Socket.IO.

use std::collections::BTreeSet;

use crate::socket_io::acknowledgement::Acknowledgement;

/// The settings of Socket.IO, apart from those of Engine.IO below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SocketOptions {
    /// How many attachments a packet to a client may have.
    pub(crate) max_attachments: usize,
    pub(crate) acknowledgement: Acknowledgement,
    /// Whether a client that has lost its session may have its peers back.
    pub(crate) recovers: bool,
    /// Namespaces that are there although no channel has their name, such as `/admin`.
    pub(crate) namespaces: BTreeSet<String>,
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self {
            // What stock clients accept since socket.io-parser 4.2.6.
            max_attachments: 10,
            acknowledgement: Acknowledgement::default(),
            recovers: false,
            namespaces: BTreeSet::new(),
        }
    }
}

impl SocketOptions {
    /// Declares a namespace, with a slash in front or without.
    pub(crate) fn declare(&mut self, name: &str) {
        let slash = if name.starts_with('/') { "" } else { "/" };
        self.namespaces.insert(format!("{slash}{name}"));
    }
}
