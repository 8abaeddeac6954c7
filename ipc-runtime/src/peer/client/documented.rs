//! Interfaces of clients in an OpenRPC document.

use crate::{
    openrpc::{document::Document, document_source::DocumentSource},
    peer::client::caller::Client,
};

impl Document {
    /// Adds the interface of a client. It replaces one of the same channel that was added before,
    /// and functions that have the names of its methods.
    pub fn interface<C: Client>(self) -> Self {
        self.with(DocumentSource::interface(C::INTERFACE))
    }
}
