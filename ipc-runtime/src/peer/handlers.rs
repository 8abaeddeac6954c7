//! Which handler a method's name leads to, on one connection.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{Connection, Peer, Service, target::Target};
use crate::{
    expose::Function,
    message::{ErrorObject, code},
    panic_text::panic_text,
    registry::{Found, Provider, Registered, Table},
    usage::{Counted, Gauge},
};

/// The handlers of one connection: those of the registry, and those that were made for this peer.
pub(super) struct Handlers {
    connection: Arc<Connection>,
    table: Arc<Table>,
    table_version: u64,
    own: Vec<Own>,
}

/// A handler that was made for this peer.
struct Own {
    /// What made it.
    id: u64,
    service: Arc<dyn Service>,
    #[expect(dead_code, reason = "held for its drop")]
    counted: Counted,
}

impl Handlers {
    pub(super) fn new(connection: Arc<Connection>) -> Self {
        let (table_version, table) =
            (connection.registry().version(), connection.registry().table());
        Self { connection, table, table_version, own: Vec::new() }
    }

    /// What a name leads to.
    pub(super) fn find(&mut self, name: &str) -> Result<Target, ErrorObject> {
        self.refresh();
        let table = self.table.clone();
        match table.find(name) {
            Some(Found::Method(registered, index)) => {
                let info = registered.interface.methods.get(index);
                let info = info.ok_or_else(|| not_found(name, &table))?;
                Ok(Target::Method { service: self.handler(registered)?, index, info })
            }
            Some(Found::Function(function)) => Ok(Target::Function(function.clone())),
            None => Err(not_found(name, &table)),
        }
    }

    /// Who listens to notifications with this name, beside what it leads to.
    pub(super) fn listeners(&mut self, name: &str) -> Vec<Arc<Function>> {
        self.refresh();
        self.table.listeners(name).cloned().collect()
    }

    /// Keeps up with the registry.
    fn refresh(&mut self) {
        let version = self.connection.registry().version();
        if version == self.table_version {
            return;
        }
        self.table = self.connection.registry().table();
        self.table_version = version;
        self.own.retain(|own| self.table.holds(own.id));
    }

    /// The handler for this peer, which is made when it is first asked for.
    fn handler(&mut self, registered: &Registered) -> Result<Arc<dyn Service>, ErrorObject> {
        let factory = match &registered.provider {
            Provider::Shared(service) => return Ok(service.clone()),
            Provider::PerPeer(factory) => factory,
        };
        if let Some(own) = self.own.iter().find(|own| own.id == registered.id) {
            return Ok(own.service.clone());
        }
        let peer = Peer::new(self.connection.session().clone());
        let channel = registered.interface.channel;
        match catch_unwind(AssertUnwindSafe(|| factory(peer))) {
            Ok(service) => {
                let counted = self.connection.session().gauges().count(Gauge::PeerHandlers);
                self.own.push(Own { id: registered.id, service: service.clone(), counted });
                Ok(service)
            }
            Err(panic) => {
                let text = panic_text(&*panic);
                tracing::error!(channel, panic = text, "the factory of a handler panicked");
                let why = format!("the handler of `{channel}` could not be made: it panicked");
                Err(ErrorObject::new(code::INTERNAL_ERROR, why))
            }
        }
    }

    /// The connection has ended: handlers that were made for it go. They may hold the peer, and
    /// the peer this connection. So may those of a registry that has gone with it.
    pub(super) fn release(&mut self) {
        self.own.clear();
        self.refresh();
    }

    /// Makes the handlers of the interfaces that the peer has opened.
    pub(super) fn opened(&mut self, channels: &[&'static str]) {
        self.refresh();
        let table = self.table.clone();
        for registered in channels.iter().filter_map(|channel| table.registered(channel)) {
            // A failure is told to whoever calls it.
            let _ = self.handler(registered);
        }
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
