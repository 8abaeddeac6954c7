//! How much of everything there may be.

use std::time::Duration;

use crate::interface::Timeout;

/// How deep serde_json follows the params of a message, and the message around them.
const DECODABLE: usize = 128;

/// How much of everything there may be on each connection, and what happens beyond it.
///
/// ```
/// use ipc_runtime::Limits;
///
/// let mut limits = Limits::default();
/// limits.max_message_bytes = 64 * 1024 * 1024;
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// The largest message that is taken in, in bytes; default 16 MiB, at most 4 GiB. It is told
    /// to the other side, which then doesn't send more: the call fails with
    /// [`TooLarge`](crate::ErrorKind::TooLarge).
    pub max_message_bytes: usize,
    /// How many requests of one peer may be worked on at once; default 1024. It is told to the
    /// other side, whose calls wait when it is reached; a peer that doesn't wait gets the error
    /// -32009 for what is beyond, and at 0 every request does. Requests that say that they are made inside of handlers have as
    /// many places again (at least 16), so that handlers that call each other across the connection
    /// don't wait for each other's places: at most twice as many requests are worked on.
    pub max_in_flight: usize,
    /// How many requests may be worked on at once over all connections of a backend; default 65,536.
    /// Beyond it a request gets the error -32009 ([`ErrorKind::LimitReached`](crate::ErrorKind::LimitReached)): the calls of
    /// this project's clients too, which can't know what others ask. Requests that are answered as
    /// soon as they begin, and subscriptions once they are open, don't count. Those that come in on
    /// several connections at the same moment may exceed it by one each.
    pub max_in_flight_total: usize,
    /// How deep the arrays and objects of one message may be nested, the message itself included;
    /// default 128, which is also the most that can be decoded. A message beyond it is refused before
    /// any of it is decoded, with -32600 and its id; a reply fails its call, an item leaves a gap in
    /// its subscription.
    pub max_json_depth: usize,
    /// How many messages one batch may hold; default 1024. Of a longer one nothing runs, and its answer
    /// is one error, -32009. (This project's clients send none.)
    pub max_batch_length: usize,
    /// How many bytes may wait to be written; default 64 MiB. From half of it on, new calls and
    /// notifications wait before they are queued. When the replies to a peer reach it, that peer
    /// isn't read from until it has read; at twice as much the connection is closed. When the answers to
    /// one batch are twice as much, its other requests don't run (-32009). It is never
    /// taken as less than two messages of the largest size.
    pub max_queued_bytes: usize,
    /// How many notifications of one channel may wait for the one that runs; default 1024.
    pub max_waiting_notifications: usize,
    /// The same in bytes; default 4 MiB.
    pub max_waiting_notification_bytes: usize,
    /// What happens to notifications beyond these two; default: the newest are dropped and told.
    pub notification_overflow: NotificationOverflow,
    /// How many subscriptions one peer may have open at once, streams among the arguments of its
    /// calls included; default 1024. One more fails with the error -32009.
    pub max_subscriptions: usize,
    /// How many items of one subscription the other side may send ahead of whoever reads it;
    /// default 4096. It is told to the other side, which then holds back that one producer. One that
    /// doesn't know about it may send twice as much, then the subscription ends with an error.
    ///
    /// A reader that is slower than its event is as far behind as it takes for so many items, and told of
    /// lag no sooner: 5 seconds where it takes 2 ms for each. [`SubscriptionCall::window`](crate::call::SubscriptionCall::window)
    /// bounds that for one subscription.
    pub subscription_window: u32,
    /// The same in bytes; default 1 MiB. A single item may be larger. To a peer that names no window of
    /// its own, no further items are sent while so many bytes wait to be written to it.
    pub subscription_window_bytes: u32,
    /// How many connections a backend holds at once; default 16,384. A further one is told
    /// (-32009, or HTTP 503 where a WebSocket was asked for) and closed. For at most 2 seconds each,
    /// up to 64 of those are open beyond the limit; others are closed without a word. With 0,
    /// [`Backend::listen`](crate::Backend::listen) fails.
    pub max_connections: usize,
    /// How long a new connection may take until it has said its first bytes, and then its
    /// handshake where that is [`Required`](crate::config::HandshakePolicy::Required); default 10 seconds each. On
    /// Linux, `connect` to a Unix socket with a full accept queue tries again for as long.
    pub handshake_timeout: Duration,
    /// How long a backend waits for a peer whose connection was lost, if it asked to be waited for,
    /// as frontends that [reconnect](crate::FrontendBuilder::reconnect) do; default 30 seconds. When
    /// it comes back within that, it is the same [`Peer`](crate::Peer): its data, its groups and the
    /// handlers that were made for it are still there. Zero: each connection is a new peer.
    pub session_grace: Duration,
    /// How many such peers a backend waits for at once; default 1024. One more, and the one that
    /// has been away for the longest is waited for no more.
    pub max_disconnected_peers: usize,
    /// How long the rest of a message may take that has begun to come in, and again after each 256 KiB
    /// of it; default 30 seconds, `None`: for ever. The connection ends then, after an error -32009.
    /// It also ends when the peer takes nothing of what waits to be written to it in that time
    /// ([`SlowReader`](crate::error::DisconnectReason::SlowReader)). The connection checks four times
    /// meanwhile, so that a stall may take a quarter longer.
    pub frame_timeout: Option<Duration>,
    /// How long a call may take whose method and caller say nothing; default 60 seconds. `None`:
    /// for ever.
    pub call_timeout: Option<Duration>,
    /// A peer that is silent for most of this time is asked whether it is there; if it is silent for as
    /// long again, the connection is ended
    /// ([`DisconnectReason::Unresponsive`](crate::error::DisconnectReason)): within two of these. Default 15
    /// seconds; `None`: nobody is asked, and a peer that vanishes without closing is missed by the
    /// operating system at most. Peers that have told of a heartbeat of their own in the handshake are
    /// asked by `rpc.ping`; all others on a WebSocket by a ping of that protocol, which any client
    /// answers by itself. Other clients on a stream of bytes are not asked. A process that blocks its
    /// runtime for longer than this looks as if it were gone.
    pub heartbeat: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message_bytes: 16 * 1024 * 1024,
            max_in_flight: 1024,
            max_in_flight_total: 64 * 1024,
            max_json_depth: 128,
            max_batch_length: 1024,
            max_queued_bytes: 64 * 1024 * 1024,
            max_waiting_notifications: 1024,
            max_waiting_notification_bytes: 4 * 1024 * 1024,
            notification_overflow: NotificationOverflow::default(),
            max_subscriptions: 1024,
            subscription_window: 4096,
            subscription_window_bytes: 1024 * 1024,
            max_connections: 16 * 1024,
            handshake_timeout: Duration::from_secs(10),
            session_grace: Duration::from_secs(30),
            max_disconnected_peers: 1024,
            frame_timeout: Some(Duration::from_secs(30)),
            call_timeout: Some(Duration::from_secs(60)),
            heartbeat: Some(Duration::from_secs(15)),
        }
    }
}

/// What happens to a peer's notifications when too many wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum NotificationOverflow {
    /// The newest are dropped; it is logged, and the peer is told how many by `rpc.dropped`.
    #[default]
    DropNewest,
    /// The connection is closed.
    Close,
}

impl Limits {
    /// The largest message, as far as a frame's length can tell it.
    pub(crate) fn message_bytes(&self) -> usize {
        self.max_message_bytes.min(u32::MAX as usize)
    }

    /// How deep a message may be nested.
    pub(crate) fn json_depth(&self) -> usize {
        self.max_json_depth.min(DECODABLE)
    }

    /// Above this many unwritten bytes, replies hold back the reader.
    pub(crate) fn queued_bytes(&self) -> usize {
        // Else a single message of the largest size could look like a peer that doesn't read.
        self.max_queued_bytes.max(self.message_bytes().saturating_mul(2))
    }

    /// How much of one subscription may come in ahead.
    pub(crate) fn window(&self) -> Window {
        Window {
            items: self.subscription_window.max(1).into(),
            bytes: self.subscription_window_bytes.max(1).into(),
        }
    }

    /// How many bytes may wait to be written to a peer that hasn't told how much of a subscription it
    /// takes ahead, before more of its items are made: as many as are taken ahead here.
    pub(crate) fn untold_window_bytes(&self) -> usize {
        usize::try_from(self.window().bytes).unwrap_or(usize::MAX)
    }

    /// How long the rest of a message may take; nobody could keep to nothing.
    pub(crate) fn frame_time(&self) -> Option<Duration> {
        self.frame_timeout.filter(|time| !time.is_zero())
    }

    /// How long a peer may be silent; nobody could keep to nothing.
    pub(crate) fn heartbeat_interval(&self) -> Option<Duration> {
        self.heartbeat.filter(|interval| !interval.is_zero())
    }

    /// How long a call may take.
    pub(crate) fn deadline(&self, timeout: Timeout) -> Option<Duration> {
        match timeout {
            Timeout::Default => self.call_timeout,
            Timeout::After(duration) => Some(duration),
            Timeout::Never => None,
        }
    }
}

/// How much the other side may send ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) items: u64,
    pub(crate) bytes: u64,
}
