//! Who handles which channel.

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, Hasher},
    panic::Location,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{InterfaceInfo, Peer, error::RegisterError, peer::Service};

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
    handlers: Vec<Arc<Registered>>,
    methods: HashMap<&'static str, (usize, usize), NameHasher>,
}

/// What a channel was registered with.
pub(crate) struct Registered {
    /// Unique in this process.
    pub(crate) id: u64,
    pub(crate) interface: &'static InterfaceInfo,
    pub(crate) provider: Provider,
    /// Where in the app's source.
    place: &'static Location<'static>,
}

/// Where a handler comes from.
pub(crate) enum Provider {
    /// One for all peers.
    Shared(Arc<dyn Service>),
    /// One for each peer.
    PerPeer(Factory),
}

type Factory = Box<dyn Fn(Peer) -> Arc<dyn Service> + Send + Sync>;

impl Registered {
    pub(crate) fn shared<S: Service>(service: S, place: &'static Location<'static>) -> Self {
        let interface = service.interface();
        Self::new(interface, Provider::Shared(Arc::new(service)), place)
    }

    pub(crate) fn per_peer<S: Service>(
        factory: impl Fn(Peer) -> S + Send + Sync + 'static,
        place: &'static Location<'static>,
    ) -> Self {
        let factory: Factory = Box::new(move |peer| Arc::new(factory(peer)));
        Self::new(S::described(), Provider::PerPeer(factory), place)
    }

    fn new(
        interface: &'static InterfaceInfo,
        provider: Provider,
        place: &'static Location<'static>,
    ) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), interface, provider, place }
    }
}

impl Registry {
    /// Adds a handler; `Err` when its channel is taken.
    pub(crate) fn register(
        self: &Arc<Self>,
        registered: Registered,
    ) -> Result<Registration, RegisterError> {
        let (interface, id) = (registered.interface, registered.id);
        let (channel, version) = (interface.channel, interface.version);
        if semver::Version::parse(version).is_err() {
            return Err(RegisterError::Version { interface: interface.name, version });
        }
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(holder) = table.registered(channel) {
            return Err(RegisterError::ChannelTaken {
                channel,
                holder: holder.interface.name,
                place: registered.place,
                holder_place: holder.place,
            });
        }
        let handlers = table.handlers.iter().cloned().chain([Arc::new(registered)]);
        let handlers = handlers.collect();
        let old = self.replace(&mut table, handlers);
        drop(table);
        drop(old);
        Ok(Registration { registry: Arc::downgrade(self), channel, id })
    }

    fn remove(&self, id: u64) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let others = table.handlers.iter().filter(|registered| registered.id != id);
        let others = others.cloned().collect();
        let old = self.replace(&mut table, others);
        drop(table);
        drop(old);
    }

    /// Removes all handlers.
    pub(crate) fn clear(&self) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let old = self.replace(&mut table, Vec::new());
        drop(table);
        drop(old);
    }

    /// One with the same handlers, which changes by itself.
    pub(crate) fn copy(&self) -> Arc<Self> {
        let copy = Self::default();
        let handlers = self.table().handlers.clone();
        copy.replace(&mut copy.table.lock().unwrap_or_else(PoisonError::into_inner), handlers);
        Arc::new(copy)
    }

    /// Gives the table that was there. It is dropped without the lock: a handler's own drop may
    /// come back here.
    fn replace(&self, table: &mut Arc<Table>, handlers: Vec<Arc<Registered>>) -> Arc<Table> {
        let old = std::mem::replace(table, Arc::new(Table::new(handlers)));
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
    fn new(handlers: Vec<Arc<Registered>>) -> Self {
        let methods = handlers.iter().enumerate().flat_map(|(position, registered)| {
            let methods = registered.interface.methods.iter().enumerate();
            methods.map(move |(index, method)| (method.full_name, (position, index)))
        });
        Self { methods: methods.collect(), handlers }
    }

    /// What handles a method, and the method's index in it.
    pub(crate) fn method(&self, full_name: &str) -> Option<(&Arc<Registered>, usize)> {
        let (position, index) = self.methods.get(full_name)?;
        Some((self.handlers.get(*position)?, *index))
    }

    /// What handles a channel.
    pub(crate) fn registered(&self, channel: &str) -> Option<&Arc<Registered>> {
        self.handlers.iter().find(|registered| registered.interface.channel == channel)
    }

    /// Whether this is still registered.
    pub(crate) fn holds(&self, id: u64) -> bool {
        self.handlers.iter().any(|registered| registered.id == id)
    }

    /// The interface of a channel.
    pub(crate) fn interface(&self, channel: &str) -> Option<&'static InterfaceInfo> {
        Some(self.registered(channel)?.interface)
    }

    /// All interfaces, in the order of their registration.
    pub(crate) fn interfaces(&self) -> impl Iterator<Item = &'static InterfaceInfo> {
        self.handlers.iter().map(|registered| registered.interface)
    }
}

/// A registered handler. It stays registered when this is dropped.
pub struct Registration {
    registry: Weak<Registry>,
    channel: &'static str,
    id: u64,
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
            registry.remove(self.id);
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
