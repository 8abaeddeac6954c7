//! `rpc.discover`: who is answered, and with what.

use std::{
    panic::Location,
    sync::{Arc, Weak},
};

use serde::de::IgnoredAny;

use crate::{
    endpoint::Endpoint,
    message::DISCOVER,
    openrpc::{document::Document, document_source::DocumentSource, json_tree::JsonTree},
    peer::{
        incoming::{
            discovery_state::Audience,
            function::Function,
            registry::{Registry, Table},
            service::{Flow, Incoming},
        },
        session::Session,
    },
};

/// Whether this peer is told what the registry has.
fn is_told(registry: &Registry, session: &Session) -> bool {
    // A plain server expects nothing but the app's own messages.
    !session.is_plain()
        && match registry.discovery().audience() {
            Audience::Local => is_local(session),
            Audience::Everybody => true,
            Audience::Nobody => false,
        }
}

/// Whether nobody but the same user can be at the other end: of a local socket, or of a process
/// that this one has started.
fn is_local(session: &Session) -> bool {
    // A frontend isn't told whose a Windows pipe is. It has shown its token there, if it has one.
    let endpoint = session.info().endpoint.parse();
    let is_socket =
        matches!(endpoint, Ok(Endpoint::Local(_) | Endpoint::Unix(_) | Endpoint::Pipe(_)));
    is_socket || session.credentials().is_some()
}

/// The document of what the registry has.
fn document(registry: &Registry) -> Arc<JsonTree> {
    // The version first: if the table is a newer one, the document is only made once more.
    let version = registry.version();
    let make = || document_of(&registry.table()).to_json();
    registry.discovery().document(version, make)
}

/// The function that answers the method of this name, if it is `rpc.discover` and this peer is
/// told.
pub(crate) fn discovering(
    registry: &Arc<Registry>,
    session: &Session,
    name: &str,
) -> Option<Arc<Function>> {
    if name != DISCOVER || !is_told(registry, session) {
        return None;
    }
    let registry: Weak<Registry> = Arc::downgrade(registry);
    let run = move |incoming: Incoming<'_>| {
        if let Some((_, responder)) = incoming.decode_whole::<IgnoredAny>() {
            if let Some(registry) = registry.upgrade() {
                responder.value(&*document(&registry));
            }
        }
        Flow::Done
    };
    Some(Arc::new(Function::new(DISCOVER.into(), Box::new(run), Location::caller())))
}

/// The document of what is registered, in the order of channels and names.
pub(crate) fn document_of(table: &Table) -> Document {
    let mut interfaces: Vec<_> = table.interfaces().collect();
    interfaces.sort_unstable_by_key(|one| one.channel);
    let mut functions: Vec<_> = table.functions().collect();
    functions.sort_unstable_by(|one, other| one.name().cmp(other.name()));
    let interfaces = interfaces.into_iter().map(DocumentSource::interface);
    let functions = functions.iter().map(|function| DocumentSource::Function {
        name: function.name().to_string(),
        types: function.types(),
    });
    interfaces.chain(functions).fold(Document::new(), Document::with)
}
