//! The limits of a connection and of a backend.

use std::time::Duration;

use crate::interface::Timeout;

/// How many nesting levels serde_json decodes, in the params of a message and in the message around
/// them.
const DECODABLE: usize = 128;

/// The limits of a backend or frontend: sizes, counts and times, and what happens beyond them.
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
    /// The largest message that this side accepts, in bytes; default 16 MiB, at most 4 GiB. The
    /// handshake announces it, so the other side doesn't send a larger one: its call fails with
    /// [`TooLarge`](crate::ErrorKind::TooLarge). A client that sends a larger one all the same gets
    /// the error -32007.
    pub max_message_bytes: usize,
    /// How many requests of one peer may be in flight at once; default 1024. The handshake
    /// announces it, and the other side's calls wait while it is reached. If a peer doesn't wait,
    /// its further requests get the error -32009.
    ///
    /// Calls that handlers make have as many places again (at least 16), so handlers that call each
    /// other across the connection don't wait for each other's places. In all, a peer has at most
    /// twice as many requests in flight, or 16 more. With 0, only requests that handlers make are
    /// served.
    pub max_in_flight: usize,
    /// How many requests may be in flight at once over all connections of a backend; default
    /// 65,536. A further request gets the error -32009
    /// ([`ErrorKind::LimitReached`](crate::ErrorKind::LimitReached)). This holds for this crate's
    /// clients too, since they can't know what other clients ask. Requests that finish as soon as
    /// they begin don't count, nor do subscriptions that are open. Requests that come in on several
    /// connections at the same moment may exceed the limit by one for each connection.
    pub max_in_flight_total: usize,
    /// How deep the arrays and objects of one message may be nested, including the message itself;
    /// default 128, which is also the maximum. A deeper message is refused with -32600 and its id,
    /// before any of it is decoded. A deeper reply fails its call, and a deeper item leaves a gap
    /// in its subscription.
    pub max_json_depth: usize,
    /// How many messages one batch may hold; default 1024. Nothing of a longer batch runs, and its
    /// only answer is one error, -32009. (This crate's clients send no batches.)
    pub max_batch_length: usize,
    /// How many bytes may wait to be written; default 64 MiB. It never counts as less than two
    /// messages of the largest size.
    ///
    /// - From half of it on, new calls and notifications wait before they are queued
    ///   (backpressure).
    /// - When unread replies to a peer exceed it, this side stops reading from that peer until the
    ///   peer has read some of them, unless this side is itself waiting for a reply of the peer.
    /// - Beyond twice as much, the connection is closed.
    /// - When the answers to one batch are twice as much, the batch's other requests don't run
    ///   (-32009).
    pub max_queued_bytes: usize,
    /// How many notifications of one channel may wait for the one that runs; default 1024.
    pub max_waiting_notifications: usize,
    /// The same limit in bytes of their params; default 4 MiB.
    pub max_waiting_notification_bytes: usize,
    /// What happens to notifications beyond these two limits; default: the newest are dropped, and
    /// the sender gets their number.
    pub notification_overflow: NotificationOverflow,
    /// How many subscriptions one peer may have open at once, including streams among the arguments
    /// of its calls; default 1024. One more fails with the error -32009.
    pub max_subscriptions: usize,
    /// How many items of one subscription the other side may send ahead of the reader;
    /// default 4096. The handshake announces it, and the other side then applies backpressure to
    /// that one producer. If a peer doesn't know about windows and sends more than twice as many
    /// items ahead, the subscription ends with an error.
    ///
    /// A reader that is slower than its event reads what was sent ahead first, and learns only then
    /// that it lags. If it takes 2 ms for each item of an event that fires every millisecond, its
    /// items are 5 seconds old by default. To bound that for one subscription, use
    /// [`SubscriptionCall::window`](crate::call::SubscriptionCall::window).
    pub subscription_window: u32,
    /// The same limit in bytes; default 1 MiB. A single item may be larger. If a peer names no
    /// window of its own, this side sends it no further items while this many bytes wait to be
    /// written to it.
    pub subscription_window_bytes: u32,
    /// How many connections a backend holds at once; default 16,384. A further connection gets an
    /// error (-32009, or HTTP 503 if it asks for a WebSocket) and is closed. Up to 64 connections
    /// that are being refused may be open beyond the limit, for at most 2 seconds each; others are
    /// closed without an answer. With 0, [`Backend::listen`](crate::Backend::listen) fails.
    pub max_connections: usize,
    /// How long a new connection may take to open (its first bytes, TLS, the HTTP request of a
    /// WebSocket), and then again for its handshake if that is
    /// [`Required`](crate::config::HandshakePolicy::Required); default 10 seconds each. A frontend
    /// waits as long for its connection to open, and as long for the answer to its handshake. On
    /// Linux, `connect` to a Unix socket retries for as long if the accept queue is full.
    pub handshake_timeout: Duration,
    /// How long a backend waits for a peer whose connection was lost, if the peer has asked for
    /// that, as frontends that [reconnect](crate::FrontendBuilder::reconnect) do; default 30
    /// seconds. For socket.io clients, the backend says that it waits
    /// (`SocketIo::connection_state_recovery`). If the peer comes back in that time, it is the same
    /// [`Peer`](crate::Peer): its data, its groups and the handlers that were made for it are still
    /// there. With zero, each connection is a new peer.
    pub session_grace: Duration,
    /// How many disconnected peers a backend waits for at once; default 1024. If there is one more,
    /// the backend stops waiting for the peer that has been disconnected longest. Socket.io clients
    /// are counted by themselves.
    pub max_disconnected_peers: usize,
    /// How long the rest of a message may take once the message has begun to come in, counted anew
    /// with each 256 KiB of it; default 30 seconds. `None` or zero: no limit. After this time the
    /// connection ends with the error -32009. It also ends
    /// ([`SlowReader`](crate::error::DisconnectReason::SlowReader)) if the peer reads nothing in
    /// this time of what waits to be written to it. The connection checks four times in this time,
    /// so a stall may take a quarter longer.
    pub frame_timeout: Option<Duration>,
    /// How long a call may take, from its first poll, if neither its method nor its caller sets a
    /// time; default 60 seconds. `None`: no limit. Zero doesn't mean "no limit" here: it is a
    /// deadline that has passed already.
    pub call_timeout: Option<Duration>,
    /// How long a peer may be silent; default 15 seconds. If it says nothing for most of this time,
    /// this side sends it a ping. If it then stays silent for the whole time once more, the
    /// connection ends ([`DisconnectReason::Unresponsive`](crate::error::DisconnectReason)): within
    /// two of these in all. `None` or zero: no pings. Then at most the operating system notices a
    /// peer that vanishes without closing.
    ///
    /// Peers that announced a heartbeat of their own in the handshake get an `rpc.ping`. All other
    /// peers on a WebSocket get a ping of that protocol, which any client answers by itself. Other
    /// clients on a stream of bytes get no ping. A process that blocks its runtime for longer than
    /// this looks as if it were gone.
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
    /// The newest are dropped, and both sides log how many: `rpc.dropped` brings the count to the
    /// sender. The sender's app gets no error. If it has to know, use a request.
    #[default]
    DropNewest,
    /// The connection is closed.
    Close,
}

impl Limits {
    /// The largest message, capped at what the length of a frame can express.
    pub(crate) fn message_bytes(&self) -> usize {
        self.max_message_bytes.min(u32::MAX as usize)
    }

    /// How deep a message may be nested, capped at what can be decoded.
    pub(crate) fn json_depth(&self) -> usize {
        self.max_json_depth.min(DECODABLE)
    }

    /// Above this many unwritten bytes, the peer isn't read from.
    pub(crate) fn queued_bytes(&self) -> usize {
        // With less, a single message of the largest size could look like a peer that doesn't read.
        self.max_queued_bytes.max(self.message_bytes().saturating_mul(2))
    }

    /// How much of one subscription the other side may send ahead.
    pub(crate) fn window(&self) -> Window {
        Window {
            items: self.subscription_window.max(1).into(),
            bytes: self.subscription_window_bytes.max(1).into(),
        }
    }

    /// How many bytes may wait to be written to a peer that announced no window, before this side
    /// produces more items for it: as many as its own window has.
    pub(crate) fn untold_window_bytes(&self) -> usize {
        usize::try_from(self.window().bytes).unwrap_or(usize::MAX)
    }

    /// How long the rest of a message may take. Zero means no limit, since no peer could keep to
    /// it.
    pub(crate) fn frame_time(&self) -> Option<Duration> {
        self.frame_timeout.filter(|time| !time.is_zero())
    }

    /// How long a peer may be silent. Zero means no limit, since no peer could keep to it.
    pub(crate) fn heartbeat_interval(&self) -> Option<Duration> {
        self.heartbeat.filter(|interval| !interval.is_zero())
    }

    /// How long a call with this timeout may take; `None`: no limit.
    pub(crate) fn deadline(&self, timeout: Timeout) -> Option<Duration> {
        match timeout {
            Timeout::Default => self.call_timeout,
            Timeout::After(duration) => Some(duration),
            Timeout::Never => None,
        }
    }
}

/// How much the other side may send ahead in one subscription or stream argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) items: u64,
    pub(crate) bytes: u64,
}
