//! What a backend or frontend holds at the moment.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// What a backend or frontend holds at the moment, for a dashboard or for a test that nothing is
/// left over.
///
/// Everything here belongs to connections and their peers. It is all zero once the last connection
/// has ended, its tasks have finished, and no disconnected peer is waited for any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Connections, including those that have ended and are still held somewhere.
    pub connections: usize,
    /// Peers whose connection was lost and that may come back
    /// ([`Limits::session_grace`](crate::Limits::session_grace)).
    pub disconnected_peers: usize,
    /// Calls of this side that the other side has not answered yet.
    pub pending_calls: usize,
    /// Handlers that run for calls and notifications of the other side. Those that finish as soon
    /// as they begin don't count.
    pub running_handlers: usize,
    /// Notifications of the other side that wait for an earlier one of their channel.
    pub waiting_notifications: usize,
    /// Handlers that were made for one peer, with
    /// [`Backend::register_with`](crate::Backend::register_with).
    pub peer_handlers: usize,
    /// Streams that this side sends: the other side's subscriptions, and streams among the
    /// arguments of this side's calls.
    pub outgoing_streams: usize,
    /// Streams that this side receives: its subscriptions, and streams among the arguments of the
    /// other side's calls.
    pub incoming_streams: usize,
}

impl Usage {
    /// Whether all of it is zero.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// Counts the live objects of each [`Gauge`].
#[derive(Debug, Default)]
pub(crate) struct Gauges {
    connections: AtomicUsize,
    requests: AtomicUsize,
    running_handlers: AtomicUsize,
    peer_handlers: AtomicUsize,
    outgoing_streams: AtomicUsize,
    incoming_streams: AtomicUsize,
}

/// A kind of object that is counted for as long as it lives.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gauge {
    Connections,
    /// Requests of the other side in flight, except those that finish as soon as they begin.
    Requests,
    RunningHandlers,
    PeerHandlers,
    OutgoingStreams,
    IncomingStreams,
}

/// Counts one object for as long as this guard lives.
#[derive(Debug)]
pub(crate) struct Counted {
    gauges: Arc<Gauges>,
    gauge: Gauge,
}

impl Gauges {
    fn of(&self, gauge: Gauge) -> &AtomicUsize {
        match gauge {
            Gauge::Connections => &self.connections,
            Gauge::Requests => &self.requests,
            Gauge::RunningHandlers => &self.running_handlers,
            Gauge::PeerHandlers => &self.peer_handlers,
            Gauge::OutgoingStreams => &self.outgoing_streams,
            Gauge::IncomingStreams => &self.incoming_streams,
        }
    }

    /// Counts one more object until the returned guard is dropped.
    pub(crate) fn count(self: &Arc<Self>, gauge: Gauge) -> Counted {
        self.of(gauge).fetch_add(1, Ordering::Relaxed);
        Counted { gauges: self.clone(), gauge }
    }

    /// How many requests are in flight.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// Returns what is counted here. The other fields are zero.
    pub(crate) fn usage(&self) -> Usage {
        let now = |gauge| self.of(gauge).load(Ordering::Relaxed);
        Usage {
            connections: now(Gauge::Connections),
            running_handlers: now(Gauge::RunningHandlers),
            peer_handlers: now(Gauge::PeerHandlers),
            outgoing_streams: now(Gauge::OutgoingStreams),
            incoming_streams: now(Gauge::IncomingStreams),
            ..Usage::default()
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.gauges.of(self.gauge).fetch_sub(1, Ordering::Relaxed);
    }
}
