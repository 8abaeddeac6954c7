//! Peers that outlive their sessions.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use crate::{socket_io::seat_link::SeatLink, support::lock::Lock};

/// Serves a peer until its connection has ended.
pub(crate) type ServedPeer = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A peer with all that serves it. At any time, one task holds it and polls it: that of its
/// client's session, or the one that waits for the client to come back.
pub(crate) struct SeatedPeer {
    pub(crate) name: Arc<str>,
    /// By which its client proves that the peer is its own: a secret. `None`: it has no other
    /// session than the one that it began in.
    pub(crate) pid: Option<Arc<str>>,
    pub(crate) link: Arc<SeatLink>,
    held: Lock<Held>,
}

struct Held {
    /// The number of whoever holds the peer.
    holder: u64,
    /// Taken out while it is polled, since that runs the app's code.
    peer: Option<ServedPeer>,
    is_over: bool,
    waker: Option<Waker>,
}

impl SeatedPeer {
    pub(crate) fn new(
        name: Arc<str>,
        pid: Option<Arc<str>>,
        link: Arc<SeatLink>,
        peer: ServedPeer,
    ) -> Arc<Self> {
        let held = Held { holder: 0, peer: Some(peer), is_over: false, waker: None };
        Arc::new(Self { name, pid, link, held: Lock::new(held) })
    }

    pub(crate) fn is_over(&self) -> bool {
        self.held.lock().is_over
    }

    /// Makes the caller the one that holds the peer, and lets go whoever did.
    pub(crate) fn hold(self: &Arc<Self>) -> HeldPeer {
        let (holder, former) = {
            let mut held = self.held.lock();
            held.holder += 1;
            (held.holder, held.waker.take())
        };
        if let Some(former) = former {
            former.wake();
        }
        HeldPeer { peer: self.clone(), holder }
    }

    /// Has the peer look again at its link.
    pub(crate) fn wake(&self) {
        let waker = self.held.lock().waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A peer, with the right to poll it until somebody else holds it.
pub(crate) struct HeldPeer {
    pub(crate) peer: Arc<SeatedPeer>,
    holder: u64,
}

impl HeldPeer {
    /// Serves the peer. Ready when it has ended, or somebody else holds it.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut peer = {
            let mut held = self.peer.held.lock();
            if held.holder != self.holder || held.is_over {
                return Poll::Ready(());
            }
            if !held.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                held.waker = Some(cx.waker().clone());
            }
            // Whoever held it before polls it this very moment, and wakes this task after that.
            let Some(peer) = held.peer.take() else { return Poll::Pending };
            peer
        };
        let polled = peer.as_mut().poll(cx);
        let mut peer = Some(peer);
        let waker = {
            let mut held = self.peer.held.lock();
            match polled {
                Poll::Ready(()) => held.is_over = true,
                Poll::Pending => held.peer = peer.take(),
            }
            if held.holder == self.holder {
                return polled;
            }
            held.waker.take()
        };
        drop(peer);
        if let Some(waker) = waker {
            waker.wake();
        }
        Poll::Ready(())
    }
}
