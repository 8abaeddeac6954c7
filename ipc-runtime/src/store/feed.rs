//! The stream of updates that the backend sends to a replica.

use std::{
    iter::Peekable,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    vec,
};

use futures_util::stream::Stream;

use crate::store::{
    contents::{Contents, Waiter},
    cursor::{self, KeyState, Look, Part, weight},
    value::Content,
    wire::{KeyUpdate, LookPart, Seen},
};

/// How many bytes of entries go into one message, unless a single entry is larger.
const CHUNK: usize = 64 * 1024;

/// The most bytes that a message has besides its entries.
const AROUND: usize = 512;

/// The store's values and changes, as a stream for one watcher.
///
/// The feed takes one message's worth of entries from the table each time it is polled for more. So
/// a slow reader is sent only the newest value of each key, and the feed keeps no replaced values.
/// A write that comes at the same time waits only until one message is gathered.
///
/// The exception is a look that writes overtake again and again: see [`ValueTable::part`].
///
/// [`ValueTable::part`]: super::table::ValueTable::part
pub(super) struct Feed {
    waiter: Waiter,
    /// The largest message that the reader accepts, in bytes.
    max_message: usize,
    seen: Option<Seen>,
    begun: bool,
    /// The current look, if it isn't complete yet.
    look: Option<Look>,
    rest: Option<UnsentPart>,
}

/// What was taken from the table and isn't sent yet.
struct UnsentPart {
    entries: Peekable<vec::IntoIter<KeyState>>,
    reset: bool,
    restart: bool,
    seen: Seen,
    /// Whether it completes its look.
    complete: bool,
    _pin: Option<cursor::Pin>,
}

impl Feed {
    /// Creates a feed for a reader that has seen this much.
    pub(super) fn new(contents: &Arc<Contents>, seen: Option<Seen>, max_message: usize) -> Self {
        let waiter = Waiter::counted(contents, None);
        Self { waiter, max_message, seen, begun: false, look: None, rest: None }
    }

    fn room(&self) -> usize {
        CHUNK.min(self.max_message.saturating_sub(AROUND))
    }

    /// Takes the next part from the table, unless the last one isn't fully sent yet. The first look
    /// always returns something, even if that is only that there is nothing new. Returns `false` if
    /// nothing more comes.
    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let (room, begun, seen) = (self.room(), self.begun, self.seen);
        while self.rest.is_none() {
            let going_on = self.look;
            let found = ready!(self.waiter.poll(cx, |table, now| {
                let mut look = going_on.unwrap_or_else(|| table.begin(seen));
                if begun && going_on.is_none() && !table.is_newer(&look) {
                    return now.closed.then_some(None);
                }
                let part = table.part(&mut look, room);
                Some(Some((look, part)))
            }));
            let Some((look, part)) = found else { return Poll::Ready(false) };
            let Part { reset, restart, entries, seen, complete, pin } = part;
            self.begun = true;
            self.look = (!complete).then_some(look);
            if complete {
                self.seen = Some(seen);
            }
            // A part is empty if it has passed only removals that aren't sent.
            if complete || restart || !entries.is_empty() {
                let entries = entries.into_iter().peekable();
                self.rest = Some(UnsentPart { entries, reset, restart, seen, complete, _pin: pin });
            }
        }
        Poll::Ready(true)
    }

    /// Returns the next message with entries of the part that was taken.
    fn chunk(&mut self) -> Option<LookPart> {
        let room = self.room();
        let rest = self.rest.as_mut()?;
        let (mut entries, mut taken) = (Vec::new(), 0_usize);
        while let Some((key, content, _)) = rest.entries.peek() {
            let size = weight(key, content.as_ref());
            if !entries.is_empty() && taken.saturating_add(size) > room {
                break;
            }
            taken = taken.saturating_add(size);
            let Some(found) = rest.entries.next() else { break };
            entries.push(entry(found, self.max_message));
        }
        let restart = std::mem::take(&mut rest.restart);
        let is_last = rest.entries.peek().is_none();
        let (reset, complete, Seen { epoch, revision }) =
            (rest.reset, is_last && rest.complete, rest.seen);
        if is_last {
            self.rest = None;
        }
        Some(LookPart { epoch, reset, restart, entries, revision, complete })
    }
}

fn entry(found: KeyState, max_message: usize) -> KeyUpdate {
    let too_large = weight(&found.0, found.1.as_ref()).saturating_add(AROUND) > max_message;
    let (key, content, revision) = (found.0.to_string(), found.1, found.2);
    match content {
        Some(Content::Value { size, .. }) if too_large => {
            KeyUpdate::TooLarge { key, size, limit: max_message as u64, revision }
        }
        Some(Content::Value { kept, .. }) => KeyUpdate::Set { key, value: kept, revision },
        Some(Content::TooLarge { size, limit }) => {
            KeyUpdate::TooLarge { key, size, limit, revision }
        }
        None => KeyUpdate::Removed { key, revision },
    }
}

impl Stream for Feed {
    type Item = LookPart;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<LookPart>> {
        if !ready!(self.poll_part(cx)) {
            return Poll::Ready(None);
        }
        Poll::Ready(self.chunk())
    }
}
