//! Who handles what.

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

use crate::{
    InterfaceInfo, Listening, Peer, error::RegisterError, event::Callbacks, expose::Function,
    message::is_reserved, name::Name, peer::Service,
};

/// Who handles what, for all connections of one backend or frontend.
#[derive(Default)]
pub(crate) struct Registry {
    table: Mutex<Arc<Table>>,
    /// Grows with each change of the table, so that a connection can keep a table of its own.
    version: AtomicU64,
}

/// Everything by its full name: looked up once a message, written only by a registration.
#[derive(Clone, Default)]
pub(crate) struct Table {
    entries: Entries,
    names: HashMap<Name, Named, NameHasher>,
    /// Who listens to which notification, as places among the listeners.
    heard: HashMap<Name, Vec<usize>, NameHasher>,
}

/// What was registered, each in the order of its registration.
#[derive(Clone, Default)]
struct Entries {
    handlers: Vec<Arc<Registered>>,
    functions: Vec<Arc<Function>>,
    listeners: Vec<Arc<Function>>,
}

/// What a name stands for, as a place among the entries.
#[derive(Clone, Copy)]
enum Named {
    Method { handler: usize, index: usize },
    Function(usize),
}

/// What is found by a name.
pub(crate) enum Found<'a> {
    /// A method, by its index in its handler.
    Method(&'a Arc<Registered>, usize),
    Function(&'a Arc<Function>),
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

/// A number that is unique in this process.
pub(crate) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Registered {
    pub(crate) fn shared<S: Service>(service: S, place: &'static Location<'static>) -> Self {
        let interface = service.interface();
        let provider = Provider::Shared(Arc::new(service));
        Self { id: next_id(), interface, provider, place }
    }

    pub(crate) fn per_peer<S: Service>(
        factory: impl Fn(Peer) -> S + Send + Sync + 'static,
        place: &'static Location<'static>,
    ) -> Self {
        let factory: Factory = Box::new(move |peer| Arc::new(factory(peer)));
        let provider = Provider::PerPeer(factory);
        Self { id: next_id(), interface: S::described(), provider, place }
    }
}

impl Registry {
    /// Adds a handler; `Err` when its channel or one of its names is taken.
    pub(crate) fn register(
        self: &Arc<Self>,
        registered: Registered,
    ) -> Result<Registration, RegisterError> {
        let (interface, id) = (registered.interface, registered.id);
        let (channel, version) = (interface.channel, interface.version);
        if semver::Version::parse(version).is_err() {
            return Err(RegisterError::Version { interface: interface.name, version });
        }
        // Not dropped under the lock, whatever comes of it.
        let registered = Arc::new(registered);
        self.change(|table, entries| {
            if let Some(holder) = table.registered(channel) {
                return Err(RegisterError::ChannelTaken {
                    channel,
                    holder: holder.interface.name,
                    place: registered.place,
                    holder_place: holder.place,
                });
            }
            for method in interface.methods {
                table.check_free(method.full_name, registered.place)?;
            }
            entries.handlers.push(registered.clone());
            Ok(())
        })?;
        Ok(self.registration(channel.into(), id))
    }

    /// Adds a function; `Err` when its name is taken, or none that a function may have.
    pub(crate) fn expose(
        self: &Arc<Self>,
        function: Function,
    ) -> Result<Registration, RegisterError> {
        let (name, id) = (function.name().clone(), function.id());
        check_allowed(&name)?;
        let function = Arc::new(function);
        self.change(|table, entries| {
            table.check_free(&name, function.place())?;
            entries.functions.push(function.clone());
            Ok(())
        })?;
        Ok(self.registration(Name::Made(name), id))
    }

    /// Takes a function away. `false`: there was none with this name.
    pub(crate) fn unexpose(&self, name: &str) -> bool {
        let mut there = false;
        self.change_entries(|entries| {
            let before = entries.functions.len();
            entries.functions.retain(|function| **function.name() != *name);
            there = entries.functions.len() < before;
        });
        there
    }

    /// Adds a function that is called with each notification of its name.
    pub(crate) fn listen(self: &Arc<Self>, listener: Function) -> Result<Listening, RegisterError> {
        let id = listener.id();
        check_allowed(listener.name())?;
        let listener = Arc::new(listener);
        self.change(|_, entries| {
            entries.listeners.push(listener.clone());
            Ok(())
        })?;
        let registry: Weak<Self> = Arc::downgrade(self);
        Ok(Listening::new(registry, id))
    }

    /// Takes everything away.
    pub(crate) fn clear(&self) {
        self.change_entries(|entries| *entries = Entries::default());
    }

    /// One with the same entries, which changes by itself.
    pub(crate) fn copy(&self) -> Arc<Self> {
        let copy = Self::default();
        copy.change_entries(|entries| *entries = self.table().entries.clone());
        Arc::new(copy)
    }

    fn registration(self: &Arc<Self>, name: Name, id: u64) -> Registration {
        Registration { registry: Arc::downgrade(self), name, id }
    }

    fn change_entries(&self, change: impl FnOnce(&mut Entries)) {
        let _ = self.change(|_, entries| {
            change(entries);
            Ok(())
        });
    }

    fn change(
        &self,
        change: impl FnOnce(&Table, &mut Entries) -> Result<(), RegisterError>,
    ) -> Result<(), RegisterError> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries = table.entries.clone();
        change(&table, &mut entries)?;
        let old = std::mem::replace(&mut *table, Arc::new(Table::new(entries)));
        self.version.fetch_add(1, Ordering::Release);
        drop(table);
        // Without the lock: a handler's own drop may come back here.
        drop(old);
        Ok(())
    }

    /// A number that has changed when the table has.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Everything, as it is now.
    pub(crate) fn table(&self) -> Arc<Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn check_allowed(name: &str) -> Result<(), RegisterError> {
    if name.is_empty() || is_reserved(name) {
        return Err(RegisterError::Name { name: name.into() });
    }
    Ok(())
}

impl Table {
    fn new(entries: Entries) -> Self {
        let methods = entries.handlers.iter().enumerate().flat_map(|(handler, registered)| {
            let methods = registered.interface.methods.iter().enumerate();
            methods.map(move |(index, method)| {
                (Name::Written(method.full_name), Named::Method { handler, index })
            })
        });
        let functions = entries.functions.iter().enumerate();
        let functions = functions
            .map(|(place, function)| (Name::Made(function.name().clone()), Named::Function(place)));
        let names = methods.chain(functions).collect();
        let mut heard: HashMap<Name, Vec<usize>, NameHasher> = HashMap::default();
        for (place, listener) in entries.listeners.iter().enumerate() {
            heard.entry(Name::Made(listener.name().clone())).or_default().push(place);
        }
        Self { entries, names, heard }
    }

    /// What a name stands for.
    pub(crate) fn find(&self, name: &str) -> Option<Found<'_>> {
        match *self.names.get(name)? {
            Named::Method { handler, index } => {
                Some(Found::Method(self.entries.handlers.get(handler)?, index))
            }
            Named::Function(place) => Some(Found::Function(self.entries.functions.get(place)?)),
        }
    }

    /// Who listens to notifications with this name.
    pub(crate) fn listeners(&self, name: &str) -> impl Iterator<Item = &Arc<Function>> {
        let places = if self.heard.is_empty() { None } else { self.heard.get(name) };
        let places = places.into_iter().flatten();
        places.filter_map(|place| self.entries.listeners.get(*place))
    }

    /// `Err`: the name stands for something already.
    fn check_free(
        &self,
        name: &str,
        place: &'static Location<'static>,
    ) -> Result<(), RegisterError> {
        let holder_place = match self.find(name) {
            None => return Ok(()),
            Some(Found::Method(registered, _)) => registered.place,
            Some(Found::Function(function)) => function.place(),
        };
        Err(RegisterError::NameTaken { name: name.into(), place, holder_place })
    }

    /// What handles a channel.
    pub(crate) fn registered(&self, channel: &str) -> Option<&Arc<Registered>> {
        self.entries.handlers.iter().find(|registered| registered.interface.channel == channel)
    }

    /// Whether this is still registered.
    pub(crate) fn holds(&self, id: u64) -> bool {
        self.entries.handlers.iter().any(|registered| registered.id == id)
    }

    /// The interface of a channel.
    pub(crate) fn interface(&self, channel: &str) -> Option<&'static InterfaceInfo> {
        Some(self.registered(channel)?.interface)
    }

    /// All interfaces, in the order of their registration.
    pub(crate) fn interfaces(&self) -> impl Iterator<Item = &'static InterfaceInfo> {
        self.entries.handlers.iter().map(|registered| registered.interface)
    }
}

/// A registered handler, or an exposed function. It stays registered when this is dropped.
pub struct Registration {
    registry: Weak<Registry>,
    name: Name,
    id: u64,
}

impl Registration {
    /// The channel that the handler holds, or the function's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Removes it, and gives its channel or name free. Calls that run already run on; later ones
    /// fail with [`NotFound`](crate::IpcError::NotFound).
    pub fn remove(self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.change_entries(|entries| {
                entries.handlers.retain(|registered| registered.id != self.id);
                entries.functions.retain(|function| function.id() != self.id);
            });
        }
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Callbacks for Registry {
    fn remove(&self, id: u64) {
        self.change_entries(|entries| entries.listeners.retain(|known| known.id() != id));
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
