//! Which handler a method's name leads to, on one connection.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Weak},
};

use crate::{
    message::error_object::{ErrorObject, code},
    peer::incoming::peer_handlers::PeerHandlers,
    peer::{
        connection::Connection,
        incoming::{
            function::Function,
            registry::{Found, Provider, Registered, Registry, Table},
            service::Service,
            target::Target,
        },
        session::handle::Peer,
    },
    support::panic_text::panic_text,
    usage::Gauge,
};

type MaybeService = Result<Option<Arc<dyn Service>>, ErrorObject>;

/// The handlers of one connection: those of the registry, and those that were made for this peer.
/// It keeps none of them: it is not asked while the connection is idle.
pub(crate) struct Handlers {
    connection: Arc<Connection>,
    registry: Arc<Registry>,
    table: Arc<Table>,
    table_version: u64,
    /// Those of the peer's own that were asked for here, by the numbers of what made them.
    own: Vec<(u64, Weak<dyn Service>)>,
}

impl Handlers {
    pub(crate) fn new(connection: Arc<Connection>, registry: Arc<Registry>) -> Self {
        let (table_version, table) = (registry.version(), registry.table());
        Self { connection, registry, table, table_version, own: Vec::new() }
    }

    /// What a name leads to.
    pub(crate) fn find(&mut self, name: &str) -> Result<Target, ErrorObject> {
        let found = self.found(name, |this, registered| this.handler(registered).map(Some))?;
        found.ok_or_else(|| not_found(name, &self.table))
    }

    /// The same; `None`: to a handler that would have to be made.
    pub(crate) fn find_made(&mut self, name: &str) -> Result<Option<Target>, ErrorObject> {
        self.found(name, |this, registered| Ok(this.made(registered)))
    }

    fn found(
        &mut self,
        name: &str,
        handler: impl FnOnce(&mut Self, &Arc<Registered>) -> MaybeService,
    ) -> Result<Option<Target>, ErrorObject> {
        self.refresh();
        match self.table.find(name) {
            Some(Found::Method(registered, index)) => {
                let info = registered.interface.methods.get(index);
                let info = info.ok_or_else(|| not_found(name, &self.table))?;
                let service = handler(self, &registered)?;
                Ok(service.map(|service| Target::Method { service, index, info }))
            }
            Some(Found::Function(function)) => Ok(Some(Target::Function(function))),
            None => Err(not_found(name, &self.table)),
        }
    }

    /// The handler for this peer, if it was made.
    fn made(&mut self, registered: &Arc<Registered>) -> Option<Arc<dyn Service>> {
        if let Provider::Shared(service) = &registered.provider {
            return Some(service.clone());
        }
        let own = self.own.iter().find(|(id, _)| *id == registered.id);
        if let Some(service) = own.and_then(|(_, service)| service.upgrade()) {
            return Some(service);
        }
        let service = PeerHandlers::of(self.connection.session()).get(registered)?;
        self.own.push((registered.id, Arc::downgrade(&service)));
        Some(service)
    }

    /// Who listens to notifications with this name, beside what it leads to.
    pub(crate) fn listeners(&mut self, name: &str) -> Vec<Arc<Function>> {
        self.refresh();
        self.table.listeners(name).collect()
    }

    /// Keeps up with the registry.
    fn refresh(&mut self) {
        let version = self.registry.version();
        if version == self.table_version {
            return;
        }
        self.table = self.registry.table();
        self.table_version = version;
        self.own.retain(|(_, service)| service.strong_count() > 0);
    }

    /// The handler for this peer, which is made when it is first asked for.
    fn handler(&mut self, registered: &Arc<Registered>) -> Result<Arc<dyn Service>, ErrorObject> {
        if let Some(service) = self.made(registered) {
            return Ok(service);
        }
        let Provider::PerPeer(per_peer) = &registered.provider else {
            return Err(not_found(registered.interface.channel, &self.table));
        };
        let session = self.connection.session();
        let peer = Peer::new(session.clone());
        let channel = registered.interface.channel;
        match catch_unwind(AssertUnwindSafe(|| per_peer.make(peer))) {
            Ok(Some(service)) => {
                let counted = session.gauges().count(Gauge::PeerHandlers);
                let service = PeerHandlers::of(session).keep(registered, service, counted);
                self.own.push((registered.id, Arc::downgrade(&service)));
                Ok(service)
            }
            Ok(None) => Err(not_found(channel, &self.table)),
            Err(panic) => {
                let text = panic_text(&*panic);
                tracing::error!(channel, panic = text, "the factory of a handler panicked");
                let why = format!("the handler of `{channel}` could not be made: it panicked");
                Err(ErrorObject::new(code::INTERNAL_ERROR, why))
            }
        }
    }

    /// The connection has ended: handlers that were made for its peer go with the last one. They
    /// may hold the peer, and the peer its connection.
    pub(crate) fn release(&mut self) {
        let session = self.connection.session();
        if session.connectivity().has_ended() {
            PeerHandlers::release_of(session);
        }
    }

    /// Makes the handlers of the interfaces that the peer has opened.
    pub(crate) fn opened(&mut self, channels: &[&'static str]) {
        self.refresh();
        let table = self.table.clone();
        for registered in channels.iter().filter_map(|channel| table.registered(channel)) {
            // A failure is told to whoever calls it.
            let _ = self.handler(&registered);
        }
    }
}

impl Drop for Handlers {
    /// Also when the runtime is shut down under the connection.
    fn drop(&mut self) {
        self.release();
    }
}

fn not_found(name: &str, table: &Table) -> ErrorObject {
    let why = match name.rsplit_once('.') {
        Some((channel, method)) => match table.interface(channel) {
            Some(interface) => format!(
                "the channel `{channel}` (version {}) has no method `{method}`",
                interface.version
            ),
            None => format!("there is no channel `{channel}`"),
        },
        None => format!("there is no function `{name}`, and methods are called by CHANNEL.METHOD"),
    };
    ErrorObject::new(code::METHOD_NOT_FOUND, why)
}
