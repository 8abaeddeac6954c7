//! How much there is of everything.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// How much a backend or frontend holds at the moment, for a dashboard or a test that nothing is
/// left over.
///
/// Everything here belongs to connections: when the last one has ended and its tasks have run to
/// their ends, all of it is zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Connections, those included that have ended and are still held by somebody.
    pub connections: usize,
    /// Peers whose connection was lost, and who may come back
    /// ([`Limits::session_grace`](crate::Limits::session_grace)).
    pub disconnected_peers: usize,
    /// Calls of this side that the other side has yet to answer.
    pub pending_calls: usize,
    /// Calls and notifications of the other side that are handled, but for those that are done as
    /// soon as they begin.
    pub running_handlers: usize,
    /// Notifications of the other side that wait for an earlier one of their channel.
    pub waiting_notifications: usize,
    /// Handlers that were made for one peer, by
    /// [`Backend::register_with`](crate::Backend::register_with).
    pub peer_handlers: usize,
    /// Streams that this side sends: the other side's subscriptions, and streams among the
    /// arguments of this side's calls.
    pub outgoing_streams: usize,
    /// Streams that this side takes in: its subscriptions, and streams among the arguments of the
    /// other side's calls.
    pub incoming_streams: usize,
}

impl Usage {
    /// Whether there is nothing at all.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// Counts what is alive of the things that count themselves.
#[derive(Debug, Default)]
pub(crate) struct Gauges {
    connections: AtomicUsize,
    requests: AtomicUsize,
    running_handlers: AtomicUsize,
    peer_handlers: AtomicUsize,
    outgoing_streams: AtomicUsize,
    incoming_streams: AtomicUsize,
}

/// What counts itself.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gauge {
    Connections,
    /// Of the other side, in flight, but for those that are done as soon as they begin.
    Requests,
    RunningHandlers,
    PeerHandlers,
    OutgoingStreams,
    IncomingStreams,
}

/// One that is counted, as long as this is there.
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

    /// Counts one more.
    pub(crate) fn count(self: &Arc<Self>, gauge: Gauge) -> Counted {
        self.of(gauge).fetch_add(1, Ordering::Relaxed);
        Counted { gauges: self.clone(), gauge }
    }

    /// How many requests are in flight.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// What of it these know.
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
