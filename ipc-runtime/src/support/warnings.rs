//! Warnings about what others can cause by the thousand. At most one a minute is logged of each
//! kind, so that nobody can fill a disk with them or hide other log lines among them.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::support::lock::Lock;

/// How long one warning stands for all others of its kind.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(60);

/// The kinds of warnings. Each kind has its own minute, which no other kind uses up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WarningKind {
    /// There are as many connections as the limit allows.
    TooManyConnections,
    /// A connection can't be accepted, usually because there are no file descriptors left.
    FailedAccept,
    #[cfg_attr(not(all(unix, feature = "local")), allow(dead_code, reason = "others aren't known"))]
    OtherUser,
    /// In a handshake, or when a WebSocket was opened.
    WrongToken,
    /// Because of its origin, its host or its subprotocols.
    #[cfg_attr(not(feature = "websocket"), allow(dead_code, reason = "there are none"))]
    RefusedWebSocket,
    /// The backend is configured so that no WebSocket could be let in.
    #[cfg_attr(not(feature = "websocket"), allow(dead_code, reason = "there are none"))]
    FaultySetup,
    /// A peer has asked for the session of another.
    ForeignSession,
    TooManyAway,
    /// By this side, because too many waited.
    DroppedNotifications,
    /// By the other side, as it reports.
    ToldDropped,
    /// More items came in than were asked for.
    Overrun,
    LostItem,
    /// A plain JSON-RPC server has sent something that isn't a message.
    NoMessage,
    UnreadableProgress,
}

/// The warnings of one backend or frontend.
#[derive(Debug, Default)]
pub(crate) struct Warnings(Lock<BTreeMap<WarningKind, LastWarning>>);

#[derive(Debug)]
struct LastWarning {
    at: Instant,
    /// How many were suppressed since then.
    suppressed: u64,
}

impl Warnings {
    /// Returns whether to log a warning of this kind now: if so, how many were suppressed since the
    /// last one.
    pub(crate) fn due(&self, kind: WarningKind) -> Option<u64> {
        self.due_at(kind, Instant::now())
    }

    fn due_at(&self, kind: WarningKind, now: Instant) -> Option<u64> {
        let mut kinds = self.0.lock();
        let told = kinds.get_mut(&kind);
        if let Some(told) = told.filter(|told| now - told.at < BETWEEN_WARNINGS) {
            told.suppressed += 1;
            return None;
        }
        let before = kinds.insert(kind, LastWarning { at: now, suppressed: 0 });
        Some(before.map_or(0, |told| told.suppressed))
    }
}

/// Logs as `tracing::warn!` does if a warning of this kind is due, with the number of those that
/// were suppressed since the last one (`suppressed`). Otherwise logs at DEBUG.
macro_rules! warn_rarely {
    ($warnings:expr, $kind:ident, $($said:tt)+) => {
        match $warnings.due($crate::support::warnings::WarningKind::$kind) {
            Some(suppressed) => tracing::warn!(suppressed, $($said)+),
            None => tracing::debug!($($said)+),
        }
    };
}
pub(crate) use warn_rarely;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_warned_of_once_a_minute_and_counted() {
        let warnings = Warnings::default();
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        let due = |seconds| warnings.due_at(WarningKind::WrongToken, after(seconds));
        assert_eq!(due(0), Some(0));
        assert_eq!((due(0), due(1), due(59)), (None, None, None));
        assert_eq!(due(60), Some(3));
        assert_eq!(due(119), None);
        assert_eq!(due(1000), Some(1));
        assert_eq!(due(1060), Some(0));
    }

    #[test]
    fn each_kind_has_a_minute_of_its_own() {
        let warnings = Warnings::default();
        let now = Instant::now();
        assert_eq!(warnings.due_at(WarningKind::RefusedWebSocket, now), Some(0));
        assert_eq!(warnings.due_at(WarningKind::RefusedWebSocket, now), None);
        assert_eq!(warnings.due_at(WarningKind::WrongToken, now), Some(0));
    }
}
