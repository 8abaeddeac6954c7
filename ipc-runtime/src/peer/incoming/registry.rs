//! What was registered: handlers, functions and listeners.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher},
    panic::Location,
    sync::{
        Arc, MutexGuard, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

#[cfg(feature = "openrpc")]
use crate::peer::incoming::discovery_state::{Audience, DiscoveryState};
use crate::{
    error::register_error::RegisterError,
    interface::{InterfaceInfo, MethodInfo},
    message::{is_of_plain_server, is_reserved},
    peer::{
        incoming::{
            function::Function,
            service::{Flow, Incoming, Service},
        },
        session::{handle::Peer, served_interfaces::ServedInterfaces},
    },
    registration::{Registrar, Registration},
    support::{app_value::AppValue, ids::next_id, lock::Lock, name::Name},
    usage::Counted,
};

/// The handlers, functions and listeners for all connections of one backend or frontend.
#[derive(Default)]
pub(crate) struct Registry {
    state: Lock<RegistryState>,
    /// Grows with each change of the table, so that a connection can keep a copy.
    version: AtomicU64,
    #[cfg(feature = "openrpc")]
    discovery: DiscoveryState,
}

#[derive(Default)]
struct RegistryState {
    /// The only owner of the entries: code that removes one also drops it, unless it is running.
    entries: Vec<RegistryEntry>,
    /// Changed in place while no connection holds it.
    table: Arc<Table>,
}

/// Something that was registered.
#[derive(Clone)]
enum RegistryEntry {
    Handler(Arc<Registered>),
    Function(Arc<Function>),
    Listener(Arc<Function>),
}

/// Everything by its full name: looked up once per message, written only by registrations. It keeps
/// nothing alive, since an idle connection may hold an old table for long.
#[derive(Clone, Default)]
pub(crate) struct Table {
    names: HashMap<Name, Named, NameHasher>,
    channels: HashMap<&'static str, Channel, NameHasher>,
    /// The listeners of each notification, in the order of their registration.
    heard: HashMap<Name, Vec<Weak<Function>>, NameHasher>,
}

/// What a name stands for.
#[derive(Clone)]
enum Named {
    Method { handler: Weak<Registered>, index: usize, name: &'static str },
    Function(Weak<Function>),
}

#[derive(Clone)]
struct Channel {
    id: u64,
    interface: &'static InterfaceInfo,
    handler: Weak<Registered>,
}

/// What a name was found to stand for.
pub(crate) enum Found {
    /// A method, by its index in its handler, and the full name or alias that was found.
    Method(Arc<Registered>, usize, &'static str),
    Function(Arc<Function>),
}

/// A handler, as it was registered for its channel.
pub(crate) struct Registered {
    /// Unique in this process.
    pub(crate) id: u64,
    pub(crate) interface: &'static InterfaceInfo,
    pub(crate) provider: Provider,
    /// Where the app's source registers it.
    place: &'static Location<'static>,
}

/// Where the handler comes from.
pub(crate) enum Provider {
    /// One handler for all peers.
    Shared(Arc<dyn Service>),
    /// One handler for each peer.
    PerPeer(PerPeer),
}

/// Creates a handler for each peer, and owns those: they are dropped with it.
pub(crate) struct PerPeer {
    factory: AppValue<Factory>,
    /// By the ids of their peers' `PeerHandlers`.
    made: Lock<HashMap<u64, Made>>,
}

type Factory = Box<dyn Fn(Peer) -> Arc<dyn Service> + Send + Sync>;

struct Made {
    #[expect(dead_code, reason = "kept by this")]
    service: Arc<dyn Service>,
    #[expect(dead_code, reason = "held for its drop")]
    counted: Counted,
}

impl Registered {
    pub(crate) fn shared<S: Service>(service: S, place: &'static Location<'static>) -> Self {
        let interface = service.interface();
        let provider = Provider::Shared(Arc::new(AppValue::new(service)));
        Self { id: next_id(), interface, provider, place }
    }

    pub(crate) fn per_peer<S: Service>(
        factory: impl Fn(Peer) -> S + Send + Sync + 'static,
        place: &'static Location<'static>,
    ) -> Self {
        let factory: Factory = Box::new(move |peer| Arc::new(AppValue::new(factory(peer))));
        let per_peer = PerPeer { factory: AppValue::new(factory), made: Lock::default() };
        let provider = Provider::PerPeer(per_peer);
        Self { id: next_id(), interface: S::described(), provider, place }
    }
}

impl PerPeer {
    /// Creates a handler for this peer. Panics if the app's factory does.
    pub(crate) fn make(&self, peer: Peer) -> Option<Arc<dyn Service>> {
        self.factory.get().map(|factory| factory(peer))
    }

    /// Keeps the handler of a peer.
    pub(crate) fn keep(&self, peer: u64, service: Arc<dyn Service>, counted: Counted) {
        let old = self.made().insert(peer, Made { service, counted });
        drop(old);
    }

    /// Drops the handler of a peer that is gone.
    pub(crate) fn release(&self, peer: u64) {
        let made = self.made().remove(&peer);
        drop(made);
    }

    fn made(&self) -> MutexGuard<'_, HashMap<u64, Made>> {
        self.made.lock()
    }
}

impl<S: Service> Service for AppValue<S> {
    fn interface(&self) -> &'static InterfaceInfo {
        self.get().map_or_else(S::described, S::interface)
    }

    fn described() -> &'static InterfaceInfo {
        S::described()
    }

    fn call(&self, method: usize, incoming: Incoming<'_>) -> Flow {
        self.get().map_or(Flow::Done, |service| service.call(method, incoming))
    }
}

impl Registry {
    /// Adds a handler. `Err` if its version isn't valid, or if its channel or one of its names is
    /// taken.
    pub(crate) fn register(
        self: &Arc<Self>,
        registered: Registered,
    ) -> Result<Registration, RegisterError> {
        let (interface, id) = (registered.interface, registered.id);
        let (channel, version) = (interface.channel, interface.version);
        if semver::Version::parse(version).is_err() {
            return Err(RegisterError::Version { interface: interface.name, version });
        }
        // Held here, so that it isn't dropped under the lock, whatever happens.
        let registered = Arc::new(registered);
        self.add(RegistryEntry::Handler(registered.clone()), |table| {
            if let Some(holder) = table.registered(channel) {
                return Err(RegisterError::ChannelTaken {
                    channel,
                    holder: holder.interface.name,
                    place: registered.place,
                    holder_place: holder.place,
                });
            }
            let mut names = interface.methods.iter().flat_map(MethodInfo::full_names);
            names.try_for_each(|name| table.check_free(name, registered.place))
        })?;
        Ok(self.registration(channel.into(), id))
    }

    /// Adds a function. `Err` if its name is taken, or isn't allowed for a function.
    pub(crate) fn expose(
        self: &Arc<Self>,
        function: Function,
    ) -> Result<Registration, RegisterError> {
        let (name, id, place) = (function.name().clone(), function.id(), function.place());
        check_allowed(&name)?;
        let entry = RegistryEntry::Function(Arc::new(function));
        self.add(entry, |table| table.check_free(&name, place))?;
        Ok(self.registration(Name::Made(name), id))
    }

    /// Removes a function. Returns `false` if there is none with this name.
    pub(crate) fn unexpose(&self, name: &str) -> bool {
        let function = match self.table().find(name) {
            Some(Found::Function(function)) => function.id(),
            Some(Found::Method(..)) | None => return false,
        };
        self.take_out(function).is_some()
    }

    /// Adds a function that is called with each notification of its name. `to_plain`: the peer is a
    /// plain JSON-RPC server, whose names may begin with `$/`.
    pub(crate) fn listen(
        self: &Arc<Self>,
        listener: Function,
        to_plain: bool,
    ) -> Result<Registration, RegisterError> {
        let (name, id) = (listener.name().clone(), listener.id());
        if !(to_plain && is_of_plain_server(listener.name())) {
            check_allowed(listener.name())?;
        }
        self.add(RegistryEntry::Listener(Arc::new(listener)), |_| Ok(()))?;
        Ok(self.registration(Name::Made(name), id))
    }

    /// Returns a registry with the same entries, which changes independently.
    pub(crate) fn copy(&self) -> Arc<Self> {
        let state = self.state();
        let copy = RegistryState { entries: state.entries.clone(), table: state.table.clone() };
        Arc::new(Self {
            state: Lock::new(copy),
            #[cfg(feature = "openrpc")]
            discovery: DiscoveryState::new(self.discovery.audience()),
            ..Self::default()
        })
    }

    fn registration(self: &Arc<Self>, name: Name, id: u64) -> Registration {
        let registrar: Weak<Self> = Arc::downgrade(self);
        Registration::new(registrar, name, id)
    }

    /// Adds an entry if `check` finds that it may be added.
    fn add(
        &self,
        entry: RegistryEntry,
        check: impl FnOnce(&Table) -> Result<(), RegisterError>,
    ) -> Result<(), RegisterError> {
        let mut state = self.state();
        let checked = check(&state.table);
        if checked.is_ok() {
            Arc::make_mut(&mut state.table).add(&entry);
            state.entries.push(entry);
            self.version.fetch_add(1, Ordering::Release);
            return Ok(());
        }
        // Without the lock: the app's own drop may use this registry.
        drop(state);
        drop(entry);
        checked
    }

    /// Removes an entry. Drop it without the lock: the app's own drop may use this registry.
    fn take_out(&self, id: u64) -> Option<RegistryEntry> {
        let mut state = self.state();
        let index = state.entries.iter().position(|entry| entry.id() == id)?;
        let entry = state.entries.remove(index);
        Arc::make_mut(&mut state.table).remove(&entry);
        self.version.fetch_add(1, Ordering::Release);
        Some(entry)
    }

    /// Returns a number that changes when the table does.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Says who is told what there is.
    #[cfg(feature = "openrpc")]
    pub(crate) fn with_audience(self, audience: Audience) -> Self {
        Self { discovery: DiscoveryState::new(audience), ..self }
    }

    #[cfg(feature = "openrpc")]
    pub(super) fn discovery(&self) -> &DiscoveryState {
        &self.discovery
    }

    /// Returns the current table.
    pub(crate) fn table(&self) -> Arc<Table> {
        self.state().table.clone()
    }

    fn state(&self) -> MutexGuard<'_, RegistryState> {
        self.state.lock()
    }
}

fn check_allowed(name: &str) -> Result<(), RegisterError> {
    if name.is_empty() || is_reserved(name) {
        return Err(RegisterError::Name { name: name.into() });
    }
    Ok(())
}

impl RegistryEntry {
    fn id(&self) -> u64 {
        match self {
            Self::Handler(registered) => registered.id,
            Self::Function(function) | Self::Listener(function) => function.id(),
        }
    }
}

impl Table {
    fn add(&mut self, entry: &RegistryEntry) {
        match entry {
            RegistryEntry::Handler(registered) => {
                let (id, interface) = (registered.id, registered.interface);
                for (index, method) in interface.methods.iter().enumerate() {
                    for name in method.full_names() {
                        let handler = Arc::downgrade(registered);
                        let named = Named::Method { handler, index, name };
                        self.names.insert(Name::Written(name), named);
                    }
                }
                let handler = Arc::downgrade(registered);
                self.channels.insert(interface.channel, Channel { id, interface, handler });
            }
            RegistryEntry::Function(function) => {
                let name = Name::Made(function.name().clone());
                self.names.insert(name, Named::Function(Arc::downgrade(function)));
            }
            RegistryEntry::Listener(listener) => {
                let name = Name::Made(listener.name().clone());
                self.heard.entry(name).or_default().push(Arc::downgrade(listener));
            }
        }
    }

    fn remove(&mut self, entry: &RegistryEntry) {
        match entry {
            RegistryEntry::Handler(registered) => {
                for name in registered.interface.methods.iter().flat_map(MethodInfo::full_names) {
                    self.names.remove(name);
                }
                self.channels.remove(registered.interface.channel);
            }
            RegistryEntry::Function(function) => {
                self.names.remove(&**function.name());
            }
            RegistryEntry::Listener(listener) => {
                let name = &**listener.name();
                let Some(listeners) = self.heard.get_mut(name) else { return };
                listeners.retain(|known| !std::ptr::eq(known.as_ptr(), Arc::as_ptr(listener)));
                if listeners.is_empty() {
                    self.heard.remove(name);
                }
            }
        }
    }

    /// Returns what a name stands for.
    pub(crate) fn find(&self, name: &str) -> Option<Found> {
        match self.names.get(name)? {
            Named::Method { handler, index, name } => {
                Some(Found::Method(handler.upgrade()?, *index, name))
            }
            Named::Function(function) => Some(Found::Function(function.upgrade()?)),
        }
    }

    /// Returns the functions that listen to notifications with this name.
    pub(crate) fn listeners(&self, name: &str) -> impl Iterator<Item = Arc<Function>> {
        let listeners = if self.heard.is_empty() { None } else { self.heard.get(name) };
        listeners.into_iter().flatten().filter_map(Weak::upgrade)
    }

    /// Returns `Err` if the name stands for something already.
    fn check_free(
        &self,
        name: &str,
        place: &'static Location<'static>,
    ) -> Result<(), RegisterError> {
        let holder_place = match self.find(name) {
            None => return Ok(()),
            Some(Found::Method(registered, ..)) => registered.place,
            Some(Found::Function(function)) => function.place(),
        };
        Err(RegisterError::NameTaken { name: name.into(), place, holder_place })
    }

    /// Returns the handler that was registered for a channel.
    pub(crate) fn registered(&self, channel: &str) -> Option<Arc<Registered>> {
        self.channels.get(channel)?.handler.upgrade()
    }

    /// Returns the interface of a channel.
    pub(crate) fn interface(&self, channel: &str) -> Option<&'static InterfaceInfo> {
        Some(self.channels.get(channel)?.interface)
    }

    /// Returns all functions that were exposed.
    #[cfg(feature = "openrpc")]
    pub(super) fn functions(&self) -> impl Iterator<Item = Arc<Function>> {
        self.names.values().filter_map(|named| match named {
            Named::Function(function) => function.upgrade(),
            Named::Method { .. } => None,
        })
    }

    /// Returns all interfaces, in the order of their registration.
    pub(crate) fn interfaces(&self) -> impl Iterator<Item = &'static InterfaceInfo> {
        let mut channels: Vec<_> = self.channels.values().collect();
        channels.sort_unstable_by_key(|channel| channel.id);
        channels.into_iter().map(|channel| channel.interface)
    }
}

impl ServedInterfaces for Registry {
    fn interfaces(&self) -> Vec<&'static InterfaceInfo> {
        self.table().interfaces().collect()
    }

    fn clear(&self) {
        let old = std::mem::take(&mut *self.state());
        self.version.fetch_add(1, Ordering::Release);
        drop(old);
    }
}

impl Registrar for Registry {
    fn remove(&self, id: u64) {
        let removed = self.take_out(id);
        if let Some(RegistryEntry::Listener(listener)) = &removed {
            listener.silence();
        }
    }
}

/// FNV-1a: method names are short. Peers can't put names into the table, so the default hasher's
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
