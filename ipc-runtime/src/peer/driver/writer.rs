//! What a connection writes, and how far that has come.

use std::{io, sync::Arc};

use crate::transport::carrier::Outgoing;

/// What a connection writes, and how far that has come.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// What was taken out of the outbox.
    pub(super) outgoing: Outgoing,
    /// How much of `outgoing` the outbox was told of.
    pub(super) told: usize,
    pub(super) flush: Flush,
    /// Why writing has failed: what has arrived is still taken in, nothing is written any more.
    pub(super) cannot_write: Option<Arc<io::Error>>,
    /// How many bytes were written.
    pub(super) left: u64,
}

/// Whether the carrier is done with what it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Flush {
    #[default]
    Done,
    /// It is, and the outbox wasn't told yet.
    Untold,
    /// It wasn't when it was asked last.
    Pending,
}

impl Writer {
    pub(super) fn is_flushed(&self) -> bool {
        self.flush != Flush::Pending
    }
}
