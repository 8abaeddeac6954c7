//! The bytes that a connection writes, and how far that has come.

use std::{io, sync::Arc};

use crate::transport::carrier::Outgoing;

/// The bytes that a connection writes, and how far that has come.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// Bytes that were taken out of the outbox.
    pub(super) outgoing: Outgoing,
    /// How many bytes of `outgoing` the outbox counts as written.
    pub(super) told: usize,
    pub(super) flush: Flush,
    /// Why writing has failed. What has arrived is still read, nothing is written any more.
    pub(super) cannot_write: Option<Arc<io::Error>>,
    /// How many bytes were written in all.
    pub(super) left: u64,
}

/// Whether the carrier has flushed what it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Flush {
    #[default]
    Done,
    /// It has, and the outbox doesn't know yet.
    Untold,
    /// It hadn't when it was last polled.
    Pending,
}

impl Writer {
    pub(super) fn is_flushed(&self) -> bool {
        self.flush != Flush::Pending
    }
}
