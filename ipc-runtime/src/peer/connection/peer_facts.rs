//! What the peer has told of itself.

use std::{sync::atomic::Ordering, task::Waker};

use crate::{interface::InterfaceInfo, limits::Window, peer::connection::Connection};

impl Connection {
    /// The largest message that may be sent, in bytes.
    pub(crate) fn peer_max_message(&self) -> usize {
        self.peer_max_message.load(Ordering::Relaxed)
    }

    /// Whether the peer has yet to shake hands before it may call.
    pub(in crate::peer) fn must_greet(&self) -> bool {
        self.must_greet.load(Ordering::Relaxed)
    }

    /// What this side says in its first handshake, until that is answered.
    pub(crate) fn set_greeting(&self, params: Option<&[u8]>) {
        *self.greeting.lock() = params.map(Box::from);
    }

    /// Whether a handshake of the peer is that of this side, word for word.
    pub(in crate::peer) fn is_own_greeting(&self, params: &[u8]) -> bool {
        let greeting = self.greeting.lock();
        greeting.as_deref() == Some(params)
    }

    /// The peer has shaken hands.
    pub(crate) fn shook_hands(&self) {
        self.must_greet.store(false, Ordering::Relaxed);
        self.was_greeted();
    }

    /// The peer has told of a heartbeat: it knows what a ping is.
    pub(crate) fn set_answers_pings(&self) {
        if !self.answers_pings.swap(true, Ordering::Relaxed) {
            // From now on it is missed when it is gone.
            self.with_state(|state| state.outbox.nudge());
        }
    }

    pub(in crate::peer) fn answers_pings(&self) -> bool {
        self.answers_pings.load(Ordering::Relaxed)
    }

    /// The peer has shaken hands, or has answered when this side did.
    pub(crate) fn was_greeted(&self) {
        self.greeted.store(true, Ordering::Relaxed);
    }

    /// Whether the peer knows more than JSON-RPC.
    pub(in crate::peer) fn is_greeted(&self) -> bool {
        self.greeted.load(Ordering::Relaxed)
    }

    /// A session was asked for on this connection, by whichever side comes back.
    pub(crate) fn set_resumable(&self) {
        self.resumable.store(true, Ordering::Relaxed);
    }

    /// Whether one side may wait for the other when this has ended.
    pub(in crate::peer) fn is_resumable(&self) -> bool {
        self.resumable.load(Ordering::Relaxed)
    }

    /// Whether the peer was found to serve this interface.
    pub(crate) fn serves(&self, interface: &InterfaceInfo) -> bool {
        let verified = self.verified.lock();
        verified.iter().any(|known| known.is_same(interface))
    }

    /// The peer was found to serve this interface: it needn't be asked again.
    pub(crate) fn note_served(&self, interface: &'static InterfaceInfo) {
        if !self.serves(interface) {
            self.verified.lock().push(interface);
        }
    }

    /// The peer has said that it doesn't know this method: it may serve another interface by now.
    pub(crate) fn forget_served(&self, method: &str) {
        let channel = method.rsplit_once('.').map_or(method, |(channel, _)| channel);
        let mut verified = self.verified.lock();
        verified.retain(|known| known.channel != channel);
    }

    /// The peer has told how large a message it takes.
    pub(crate) fn set_peer_max_message(&self, bytes: usize) {
        self.peer_max_message.store(bytes, Ordering::Relaxed);
    }

    /// The peer has told how many requests it takes at once.
    pub(crate) fn set_peer_max_in_flight(&self, requests: usize) {
        let wakers = self.with_state(|state| state.calls.set_limit(requests));
        wakers.into_iter().for_each(Waker::wake);
    }

    /// The peer has told how much it takes ahead of each subscription.
    pub(crate) fn set_peer_window(&self, window: Window) {
        self.with_state(|state| state.flows.set_window(window));
    }
}
