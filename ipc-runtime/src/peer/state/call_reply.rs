//! How our requests end.

use std::{sync::Arc, task::Waker};

use futures_util::future::AbortHandle;

use crate::peer::state::{inbox::Inbox, raw_result::Payload};

/// What a call gets.
#[derive(Debug, PartialEq)]
pub(crate) enum Reply {
    Result(Payload),
    /// The error object, as encoded in the message.
    Error(Box<[u8]>),
    /// The reply breaks the protocol.
    Malformed(&'static str),
    /// The reply is larger than our limit.
    TooLarge {
        size: u64,
    },
    DeadlineExceeded,
    Disconnected {
        may_have_run: bool,
    },
}

/// What follows from a reply.
#[derive(Debug)]
pub(crate) struct Completed {
    /// The tasks to wake.
    pub(crate) wakers: [Option<Waker>; 2],
    /// The reply opened a subscription, whose items go to this inbox.
    pub(crate) opened: Option<Arc<Inbox>>,
    /// The reply opened a subscription that nobody wants any more.
    pub(crate) unwanted: bool,
    /// Stop the stream arguments, which nobody reads any more.
    pub(crate) uploads: Vec<AbortHandle>,
}

/// What is left to do for a call that nobody waits for any more.
#[derive(Debug, PartialEq)]
pub(crate) enum Abandoned {
    Nothing,
    /// Tell the peer to cancel it.
    Cancel,
    /// Unsubscribe: it was answered with a subscription, whose id this is.
    Unsubscribe(Payload),
}
