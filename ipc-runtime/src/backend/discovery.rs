//! What a backend exposes, as an OpenRPC document.

use crate::{
    backend::{Backend, builder::BackendBuilder},
    openrpc::document::Document,
    peer::incoming::{discovery::document_of, discovery_state::Audience},
};

/// What a backend exposes, with the feature `openrpc`.
impl Backend {
    /// Returns an OpenRPC document of what is registered now: all interfaces in the order of their
    /// channels, then all exposed functions in the order of their names. It is what `rpc.discover`
    /// answers, but for the title and the version that may be set here. Of functions without types
    /// (see [`expose_typed`](Self::expose_typed)), only the name is known.
    pub fn openrpc(&self) -> Document {
        document_of(&self.registry().table())
    }
}

/// What a backend tells of itself, with the feature `openrpc`.
impl BackendBuilder {
    /// Sets who gets an answer to `rpc.discover`, which is an
    /// [OpenRPC document](crate::openrpc::Document) of what is registered. Default: clients on
    /// local sockets, which are of the same user. `true`: everybody who may call, also over
    /// WebSockets; if there is a [token](Self::token), only after it was shown. `false`: nobody.
    /// Who gets no answer gets the error for a method that doesn't exist.
    ///
    /// The document has each name, type and doc comment, so a stranger learns everything that there
    /// is to call. For [`Middleware`](crate::middleware::Middleware), the method is one like any
    /// other.
    ///
    /// ```
    /// use ipc_runtime::{Backend, Frontend};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let backend = Backend::builder().discover(true).build();
    /// backend.expose_typed("add", async |(a, b): (i64, i64)| a + b)?;
    /// backend.listen("memory:docs-discover").await?;
    ///
    /// let frontend = Frontend::connect("memory:docs-discover").await?;
    /// let document: serde_json::Value = frontend.call("rpc.discover", &()).await?;
    /// assert_eq!(document["methods"][0]["name"], "add");
    /// # Ok(())
    /// # }
    /// ```
    pub fn discover(mut self, discover: bool) -> Self {
        self.audience = if discover { Audience::Everybody } else { Audience::Nobody };
        self
    }
}
