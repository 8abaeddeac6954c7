//! What becomes of our requests.

use std::{sync::Arc, task::Waker};

use futures_util::future::AbortHandle;

use crate::peer::state::{inbox::Inbox, raw_result::Payload};

/// What a call got.
#[derive(Debug, PartialEq)]
pub(crate) enum Reply {
    Result(Payload),
    /// The error object, as it stood in the message.
    Error(Box<[u8]>),
    /// A reply that broke the protocol.
    Malformed(&'static str),
    /// A reply that was larger than our limit.
    TooLarge {
        size: u64,
    },
    DeadlineExceeded,
    Disconnected {
        may_have_run: bool,
    },
}

/// What has become of an answer.
#[derive(Debug)]
pub(crate) struct Completed {
    /// Whom to wake.
    pub(crate) wakers: [Option<Waker>; 2],
    /// It has opened a subscription, whose items go here.
    pub(crate) opened: Option<Arc<Inbox>>,
    /// It has opened a subscription that nobody wants any more.
    pub(crate) unwanted: bool,
    /// What stops the streams among the arguments, which nobody reads any more.
    pub(crate) uploads: Vec<AbortHandle>,
}

/// What is left to do about a call that nobody waits for any more.
#[derive(Debug, PartialEq)]
pub(crate) enum Abandoned {
    Nothing,
    /// The peer should be told.
    Cancel,
    /// It was answered by a subscription, whose id this is.
    Unsubscribe(Payload),
}
