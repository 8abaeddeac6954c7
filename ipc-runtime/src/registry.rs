//! Who handles which channel.

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, Hasher},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{InterfaceInfo, error::RegisterError, peer::Service};

/// Who handles which channel, for all connections of one backend or frontend.
#[derive(Default)]
pub(crate) struct Registry {
    table: Mutex<Arc<Table>>,
    /// Grows with each change of the table, so that a connection can keep a table of its own.
    version: AtomicU64,
}

/// All methods by their full names: looked up once a message, written only by a registration.
#[derive(Clone, Default)]
pub(crate) struct Table {
    services: Vec<Arc<dyn Service>>,
    methods: HashMap<&'static str, (usize, usize), NameHasher>,
}

impl Registry {
    /// Adds a handler; `Err` when its channel is taken.
    pub(crate) fn register(
        self: &Arc<Self>,
        service: Arc<dyn Service>,
    ) -> Result<Registration, RegisterError> {
        let interface = service.interface();
        let (channel, version) = (interface.channel, interface.version);
        if semver::Version::parse(version).is_err() {
            return Err(RegisterError::Version { interface: interface.name, version });
        }
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(holder) = table.interface(channel) {
            return Err(RegisterError::ChannelTaken { channel, holder: holder.name });
        }
        let services = table.services.iter().cloned().chain([service]);
        let services = services.collect();
        let old = self.replace(&mut table, services);
        drop(table);
        drop(old);
        Ok(Registration { registry: Arc::downgrade(self), channel })
    }

    fn remove(&self, channel: &str) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let others = table.services.iter().filter(|service| service.interface().channel != channel);
        let others = others.cloned().collect();
        let old = self.replace(&mut table, others);
        drop(table);
        drop(old);
    }

    /// Gives the table that was there. It is dropped without the lock: a handler's own drop may
    /// come back here.
    fn replace(&self, table: &mut Arc<Table>, services: Vec<Arc<dyn Service>>) -> Arc<Table> {
        let old = std::mem::replace(table, Arc::new(Table::new(services)));
        self.version.fetch_add(1, Ordering::Release);
        old
    }

    /// A number that has changed when the table has.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The handlers of now.
    pub(crate) fn table(&self) -> Arc<Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Table {
    fn new(services: Vec<Arc<dyn Service>>) -> Self {
        let methods = services.iter().enumerate().flat_map(|(position, service)| {
            let methods = service.interface().methods.iter().enumerate();
            methods.map(move |(index, method)| (method.full_name, (position, index)))
        });
        Self { methods: methods.collect(), services }
    }

    /// The handler of a method, and the method's index in it.
    pub(crate) fn method(&self, full_name: &str) -> Option<(&Arc<dyn Service>, usize)> {
        let (position, index) = self.methods.get(full_name)?;
        Some((self.services.get(*position)?, *index))
    }

    /// The interface of a channel.
    pub(crate) fn interface(&self, channel: &str) -> Option<&'static InterfaceInfo> {
        self.interfaces().find(|interface| interface.channel == channel)
    }

    /// All interfaces, in the order of their registration.
    pub(crate) fn interfaces(&self) -> impl Iterator<Item = &'static InterfaceInfo> {
        self.services.iter().map(|service| service.interface())
    }
}

/// A registered handler. It stays registered when this is dropped.
pub struct Registration {
    registry: Weak<Registry>,
    channel: &'static str,
}

impl Registration {
    /// The channel that it holds.
    pub fn channel(&self) -> &'static str {
        self.channel
    }

    /// Removes the handler, and gives its channel free. Calls that run already run on; later ones
    /// fail with [`NotFound`](crate::IpcError::NotFound).
    pub fn remove(self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.remove(self.channel);
        }
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// FNV-1a: method names are short, and no peer can put any into the table, so the default hasher's
/// defence against chosen keys isn't needed.
#[derive(Clone, Copy, Default)]
struct NameHasher;

struct Fnv(u64);

impl BuildHasher for NameHasher {
    type Hasher = Fnv;

    fn build_hasher(&self) -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
