//! What the peer has said about itself.

use std::{
    sync::{Arc, atomic::Ordering},
    task::Waker,
};

use crate::{
    interface::InterfaceInfo,
    limits::Window,
    peer::connection::{Connection, partly_served::PartlyServed},
};

impl Connection {
    /// Returns the largest message that may be sent, in bytes.
    pub(crate) fn peer_max_message(&self) -> usize {
        self.peer_max_message.load(Ordering::Relaxed)
    }

    /// Returns whether the peer has yet to complete a handshake before it may call.
    pub(in crate::peer) fn must_greet(&self) -> bool {
        self.must_greet.load(Ordering::Relaxed)
    }

    /// Keeps the params of our first handshake; `None` once it is answered.
    pub(crate) fn set_greeting(&self, params: Option<&[u8]>) {
        *self.greeting.lock() = params.map(Box::from);
    }

    /// Returns whether a handshake from the peer is ours, byte for byte.
    pub(in crate::peer) fn is_own_greeting(&self, params: &[u8]) -> bool {
        let greeting = self.greeting.lock();
        greeting.as_deref() == Some(params)
    }

    /// Called after a handshake that the peer began.
    pub(crate) fn finished_handshake(&self) {
        self.must_greet.store(false, Ordering::Relaxed);
        self.was_greeted();
    }

    /// Called when the peer has announced a heartbeat: it answers `rpc.ping`.
    pub(crate) fn set_answers_pings(&self) {
        if !self.answers_pings.swap(true, Ordering::Relaxed) {
            // From now on, the driver has a heartbeat to check.
            self.with_state(|state| state.outbox.nudge());
        }
    }

    pub(in crate::peer) fn answers_pings(&self) -> bool {
        self.answers_pings.load(Ordering::Relaxed)
    }

    /// Called after a handshake, whichever side began it.
    pub(crate) fn was_greeted(&self) {
        self.greeted.store(true, Ordering::Relaxed);
    }

    /// Returns whether the peer knows more than JSON-RPC.
    pub(in crate::peer) fn is_greeted(&self) -> bool {
        self.greeted.load(Ordering::Relaxed)
    }

    /// Called when a session was asked for on this connection, by whichever side comes back.
    pub(crate) fn set_resumable(&self) {
        self.resumable.store(true, Ordering::Relaxed);
    }

    /// Returns whether one side may wait for the other to come back when this connection has ended.
    pub(in crate::peer) fn is_resumable(&self) -> bool {
        self.resumable.load(Ordering::Relaxed)
    }

    /// Returns whether a handshake has shown that the peer serves this interface.
    pub(crate) fn serves(&self, interface: &InterfaceInfo) -> bool {
        let verified = self.verified.lock();
        verified.iter().any(|known| known.is_same(interface))
    }

    /// Remembers that the peer serves this interface, so that it isn't asked again.
    pub(crate) fn note_served(&self, interface: &'static InterfaceInfo) {
        if !self.serves(interface) {
            self.verified.lock().push(interface);
        }
        self.partly_served.lock().retain(|known| !known.interface.is_same(interface));
    }

    /// Returns what a handshake has shown of an interface whose versions don't fit.
    pub(crate) fn partly_served(&self, interface: &InterfaceInfo) -> Option<Arc<PartlyServed>> {
        let partly = self.partly_served.lock();
        partly.iter().find(|known| known.interface.is_same(interface)).cloned()
    }

    /// Remembers which methods of an interface can be called.
    pub(crate) fn note_partly_served(&self, partly: PartlyServed) {
        let mut known = self.partly_served.lock();
        known.retain(|known| !known.interface.is_same(partly.interface));
        known.push(Arc::new(partly));
    }

    /// Called when the peer doesn't know a method. It may serve another interface by now, so that
    /// it is asked again. Until then, methods that didn't fit still don't.
    pub(crate) fn forget_served(&self, method: &str) {
        let channel = method.rsplit_once('.').map_or(method, |(channel, _)| channel);
        let mut verified = self.verified.lock();
        verified.retain(|known| known.channel != channel);
    }

    /// Sets the largest message that the peer accepts, in bytes.
    pub(crate) fn set_peer_max_message(&self, bytes: usize) {
        self.peer_max_message.store(bytes, Ordering::Relaxed);
    }

    /// Sets how many requests the peer takes at once.
    pub(crate) fn set_peer_max_in_flight(&self, requests: usize) {
        let wakers = self.with_state(|state| state.calls.set_limit(requests));
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Sets the peer's window for each subscription.
    pub(crate) fn set_peer_window(&self, window: Window) {
        self.with_state(|state| state.flows.set_window(window));
    }
}
