//! Interfaces of clients in an OpenRPC document.

use crate::{
    openrpc::{document::Document, document_source::DocumentSource},
    peer::client::caller::Client,
};

impl Document {
    /// Adds the interface of a client. One of the same channel that was added before is replaced.
    pub fn interface<C: Client>(self) -> Self {
        self.with(DocumentSource::Interface(C::INTERFACE))
    }
}
