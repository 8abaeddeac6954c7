//! Finds the handler for a method's name, on one connection.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Weak},
};

#[cfg(feature = "openrpc")]
use crate::peer::incoming::discovery;
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

/// The handlers of one connection: those in the registry, and those that were created for this
/// peer. It keeps none of them alive, since nothing updates it while the connection is idle.
pub(crate) struct Handlers {
    connection: Arc<Connection>,
    registry: Arc<Registry>,
    table: Arc<Table>,
    table_version: u64,
    /// The handlers of this peer's own that were found here, with the ids of their registrations.
    own: Vec<(u64, Weak<dyn Service>)>,
}

impl Handlers {
    pub(crate) fn new(connection: Arc<Connection>, registry: Arc<Registry>) -> Self {
        let (table_version, table) = (registry.version(), registry.table());
        Self { connection, registry, table, table_version, own: Vec::new() }
    }

    /// Returns what a name leads to. If that is a handler of the peer's own, it is created when it
    /// is first asked for.
    pub(crate) fn find(&mut self, name: &str) -> Result<Target, ErrorObject> {
        let found = self.found(name, |this, registered| this.handler(registered).map(Some))?;
        found.ok_or_else(|| not_found(name, &self.table))
    }

    /// Does the same, but returns `None` where a handler would have to be created.
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
            Some(Found::Method(registered, index, asked)) => {
                let info = registered.interface.methods.get(index);
                let info = info.ok_or_else(|| not_found(name, &self.table))?;
                let service = handler(self, &registered)?;
                Ok(service.map(|service| Target::Method { service, index, info, asked }))
            }
            Some(Found::Function(function)) => Ok(Some(Target::Function(function))),
            None => match self.discovering(name) {
                Some(function) => Ok(Some(Target::Function(function))),
                None => Err(not_found(name, &self.table)),
            },
        }
    }

    /// Returns what answers a method of this name, if it is one of the runtime's own that is like
    /// those of the app: `rpc.discover`, if the peer is told.
    #[cfg(feature = "openrpc")]
    pub(crate) fn discovering(&self, name: &str) -> Option<Arc<Function>> {
        discovery::discovering(&self.registry, self.connection.session(), name)
    }

    #[cfg(not(feature = "openrpc"))]
    pub(crate) fn discovering(&self, _: &str) -> Option<Arc<Function>> {
        None
    }

    /// Returns the handler for this peer, if it was created.
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

    /// Returns the functions that listen to notifications with this name, beside what the name
    /// leads to.
    pub(crate) fn listeners(&mut self, name: &str) -> Vec<Arc<Function>> {
        self.refresh();
        self.table.listeners(name).collect()
    }

    /// Takes over the registry's current table.
    fn refresh(&mut self) {
        let version = self.registry.version();
        if version == self.table_version {
            return;
        }
        self.table = self.registry.table();
        self.table_version = version;
        self.own.retain(|(_, service)| service.strong_count() > 0);
    }

    /// Returns the handler for this peer, which is created when it is first asked for.
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

    /// Drops the handlers that were created for this peer, if its session has ended. Otherwise they
    /// could keep the peer alive, and the peer its connection.
    pub(crate) fn release(&mut self) {
        let session = self.connection.session();
        if session.connectivity().has_ended() {
            PeerHandlers::release_of(session);
        }
    }

    /// Creates the handlers of the interfaces that the peer has opened.
    pub(crate) fn opened(&mut self, channels: &[&'static str]) {
        self.refresh();
        let table = self.table.clone();
        for registered in channels.iter().filter_map(|channel| table.registered(channel)) {
            // If that fails, calls get the error.
            let _ = self.handler(&registered);
        }
    }
}

impl Drop for Handlers {
    /// Also runs if the runtime shuts down with the connection open.
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
