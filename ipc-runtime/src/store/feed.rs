//! What a replica is sent.

use std::{
    iter::Peekable,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    vec,
};

use futures_util::stream::Stream;

use super::{
    Revision,
    contents::{Contents, Waiter},
    table::Newer,
    value::Content,
    wire::{Batch, Entry, Seen},
};

/// How many bytes are sent in one message, unless a single value is larger.
const CHUNK: usize = 64 * 1024;

/// What a message has around its entries, and an entry around its key and value, at most.
const AROUND: usize = 512;

/// The store as somebody is told of it who watches: a cursor over its revisions.
///
/// It looks at the table when it is asked for more and has sent all of its last look. So a reader
/// that is slow is sent only the newest value of each key, and what a look found is all that is
/// kept for it: values that the store shares, as long as they weren't replaced there.
pub(super) struct Feed {
    waiter: Waiter,
    /// The largest message that the reader takes.
    max_message: usize,
    seen: Option<Seen>,
    begun: bool,
    /// What is left of the last look, and whether it is everything.
    rest: Option<(bool, Peekable<vec::IntoIter<Found>>)>,
}

type Found = (Arc<str>, Option<Content>, Revision);

impl Feed {
    /// For somebody who has seen this much.
    pub(super) fn new(contents: &Arc<Contents>, seen: Option<Seen>, max_message: usize) -> Self {
        let waiter = Waiter::counted(contents, None);
        Self { waiter, max_message, seen, begun: false, rest: None }
    }

    /// Looks at the table, unless the last look isn't sent yet. The first look always finds
    /// something: that there is nothing new, if need be. `false`: nothing comes any more.
    fn poll_look(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        if self.rest.is_some() {
            return Poll::Ready(true);
        }
        let (seen, begun) = (self.seen, self.begun);
        let newer = ready!(self.waiter.poll(cx, |table, closed| {
            match table.newer_than(seen) {
                Some(newer) => Some(Some(newer)),
                None if !begun => {
                    Some(Some(Newer { reset: false, seen: table.seen(), entries: Vec::new() }))
                }
                None => closed.then_some(None),
            }
        }));
        let Some(Newer { reset, seen, entries }) = newer else { return Poll::Ready(false) };
        self.begun = true;
        self.seen = Some(seen);
        self.rest = Some((reset, entries.into_iter().peekable()));
        Poll::Ready(true)
    }

    /// The next message of what was found.
    fn chunk(&mut self) -> Option<Batch> {
        let seen = self.seen?;
        let (reset, rest) = self.rest.as_mut()?;
        let room = CHUNK.min(self.max_message.saturating_sub(AROUND));
        let (mut entries, mut taken) = (Vec::new(), 0);
        while let Some((key, content, _)) = rest.peek() {
            let size = weight(key, content.as_ref());
            if !entries.is_empty() && taken + size > room {
                break;
            }
            taken += size;
            let Some(found) = rest.next() else { break };
            entries.push(entry(found, self.max_message));
        }
        let (reset, complete) = (*reset, rest.peek().is_none());
        if complete {
            self.rest = None;
        }
        let Seen { epoch, revision } = seen;
        Some(Batch { epoch, reset, entries, revision, complete })
    }
}

/// How large an entry is as JSON, at most. One byte of a key may need six.
fn weight(key: &str, content: Option<&Content>) -> usize {
    let value = match content {
        Some(Content::Value { size, .. }) => usize::try_from(*size).unwrap_or(usize::MAX),
        Some(Content::TooLarge { .. }) | None => 0,
    };
    value.saturating_add(key.len() * 6).saturating_add(128)
}

fn entry(found: Found, max_message: usize) -> Entry {
    let too_large = weight(&found.0, found.1.as_ref()).saturating_add(AROUND) > max_message;
    let (key, content, revision) = (found.0.to_string(), found.1, found.2);
    match content {
        Some(Content::Value { size, .. }) if too_large => {
            Entry::TooLarge { key, size, limit: max_message as u64, revision }
        }
        Some(Content::Value { kept, .. }) => Entry::Set { key, value: kept, revision },
        Some(Content::TooLarge { size, limit }) => Entry::TooLarge { key, size, limit, revision },
        None => Entry::Removed { key, revision },
    }
}

impl Stream for Feed {
    type Item = Batch;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Batch>> {
        if !ready!(self.poll_look(cx)) {
            return Poll::Ready(None);
        }
        Poll::Ready(self.chunk())
    }
}
