//! Streams that this side produces, and how much of them the other side still accepts.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::Waker,
    time::Duration,
};

use futures_util::future::AbortHandle;

use crate::{
    limits::Window,
    peer::state::{cancellation::Cancellation, inbox::Credit},
    support::rt::Instant,
};

/// A subscription that had nothing to send for this long is idle. One that reads a file, or asks
/// another service, has something to send again before that.
const IDLE_AFTER: Duration = Duration::from_millis(100);

/// The largest number that the peer may choose: JavaScript knows no larger whole numbers.
const LARGEST: u64 = (1 << 53) - 1;

/// Names a subscription or a stream argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FlowId {
    /// A number that the peer has chosen may name a next subscription while the producer of the
    /// last one is still being dropped, which must not touch the next one. This one never returns.
    unique: u64,
    on_wire: u64,
}

impl FlowId {
    /// Returns a number that is unique in this process, and so on any connection. A stream argument
    /// gets its number before its connection is known.
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self::from_wire(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// The stream that has this number in messages, unless the peer has chosen it.
    fn from_wire(number: u64) -> Self {
        Self { unique: number, on_wire: number }
    }

    /// A subscription whose number the peer has chosen; `None` if that is too large.
    pub(crate) fn chosen(number: u64) -> Option<Self> {
        (number <= LARGEST).then(|| Self { on_wire: number, ..Self::next() })
    }

    /// The number in messages.
    pub(crate) fn on_wire(self) -> u64 {
        self.on_wire
    }
}

impl Hash for FlowId {
    /// Each item looks for its stream some times: half of it is enough.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.unique.hash(state);
    }
}

/// The streams that this side produces: subscriptions of the peer, and stream arguments of our
/// calls.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    flows: HashMap<FlowId, OpenFlow>,
    /// How many of them are subscriptions of the peer.
    subscriptions: usize,
    /// Places for subscriptions whose methods run and haven't opened them yet.
    reserved: usize,
    /// The numbers that the peer has chosen, for subscriptions that are open or about to be. Most
    /// peers choose none, and most connections are idle.
    chosen: Option<Box<ChosenNumbers>>,
    /// The window that the peer announced. `None` until it has, and for peers that don't know
    /// windows: then only the carrier applies backpressure to producers.
    window: Option<Window>,
}

/// The numbers that the peer has chosen, with the streams that they name.
#[derive(Debug, Default)]
struct ChosenNumbers(HashMap<u64, FlowId>);

/// What a stream is produced for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlowKind {
    /// A subscription of the peer to this method.
    Subscription(&'static str),
    /// A stream argument of one of our calls.
    Argument,
}

#[derive(Debug)]
struct OpenFlow {
    kind: FlowKind,
    /// The peer knows the stream's number.
    told: bool,
    /// How much the peer still accepts, if that is counted. The bytes are signed, because the last
    /// item may be larger than what is left.
    left: Option<Left>,
    waker: Option<Waker>,
    /// Since when its stream has had nothing to send; `None` while it has.
    waits_since: Option<Instant>,
    abort: Option<AbortHandle>,
    /// Notified when nobody wants the stream any more.
    cancellation: Option<Arc<Cancellation>>,
}

/// How much the peer still accepts, and what it has been sent and given no credit for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left {
    items: u64,
    bytes: i64,
    ahead: Credit,
}

impl Left {
    fn is_used_up(&self) -> bool {
        self.is_used_up_by(0, 0)
    }

    /// Whether nothing may follow after this many items, which have this many bytes in all.
    pub(crate) fn is_used_up_by(&self, items: u64, bytes: u64) -> bool {
        self.items <= items || self.bytes.saturating_sub_unsigned(bytes) <= 0
    }
}

impl Flows {
    /// The peer has announced its window.
    pub(crate) fn set_window(&mut self, window: Window) {
        self.window = Some(window);
    }

    /// How many subscriptions the peer has, including those that are about to be opened.
    pub(crate) fn subscription_count(&self) -> usize {
        self.subscriptions + self.reserved
    }

    /// Keeps a place for a subscription that is about to be opened, perhaps by a number that the
    /// peer has chosen.
    pub(crate) fn reserve_place(&mut self, chosen: Option<FlowId>) {
        self.reserved += 1;
        if let Some(id) = chosen {
            self.chosen.get_or_insert_default().0.insert(id.on_wire, id);
        }
    }

    /// The subscription is open. Its number stays taken.
    pub(crate) fn use_place(&mut self) {
        self.reserved -= 1;
    }

    /// The subscription won't be opened.
    pub(crate) fn give_place_back(&mut self, chosen: Option<FlowId>) {
        self.reserved -= 1;
        if let Some(chosen) = chosen {
            self.free_number(chosen);
        }
    }

    /// The stream has told its end: it tells no other, and the peer may choose its number for
    /// another one from now on.
    pub(crate) fn has_ended(&mut self, id: FlowId) {
        if let Some(flow) = self.flows.get_mut(&id) {
            flow.told = false;
        }
        self.free_number(id);
    }

    fn free_number(&mut self, id: FlowId) {
        if let Some(ChosenNumbers(chosen)) = self.chosen.as_deref_mut() {
            if chosen.get(&id.on_wire) == Some(&id) {
                chosen.remove(&id.on_wire);
            }
        }
    }

    fn chosen_id(&self, number: u64) -> Option<FlowId> {
        self.chosen.as_ref()?.0.get(&number).copied()
    }

    /// Whether a subscription has this number on the wire, or is about to get it.
    pub(crate) fn is_in_use(&self, number: u64) -> bool {
        self.chosen_id(number).is_some() || self.subscription(number).is_some()
    }

    /// A subscription of the peer that it has chosen no number for.
    pub(crate) fn unchosen(&self) -> FlowId {
        loop {
            let id = FlowId::next();
            if self.chosen_id(id.on_wire).is_none() {
                return id;
            }
        }
    }

    /// The open subscription of this number in a message from the peer.
    pub(crate) fn subscription(&self, number: u64) -> Option<FlowId> {
        let id = self.chosen_id(number).unwrap_or(FlowId::from_wire(number));
        self.flows.get(&id).filter(|flow| flow.kind != FlowKind::Argument).map(|_| id)
    }

    /// The open stream argument of this number in a message from the peer.
    pub(crate) fn argument(&self, number: u64) -> Option<FlowId> {
        let id = FlowId::from_wire(number);
        self.flows.get(&id).filter(|flow| flow.kind == FlowKind::Argument).map(|_| id)
    }

    pub(crate) fn open(&mut self, id: FlowId, kind: FlowKind, abort: Option<AbortHandle>) {
        let left = self.window.map(|window| Left {
            items: window.items,
            bytes: i64::try_from(window.bytes).unwrap_or(i64::MAX),
            ahead: Credit::default(),
        });
        self.subscriptions += usize::from(kind != FlowKind::Argument);
        let flow = OpenFlow {
            kind,
            told: false,
            left,
            waker: None,
            waits_since: None,
            abort,
            cancellation: None,
        };
        self.flows.insert(id, flow);
    }

    /// The peer accepts fewer items of this stream ahead than of others.
    pub(crate) fn narrow(&mut self, id: FlowId, items: u64) {
        if let Some(left) = self.flows.get_mut(&id).and_then(|flow| flow.left.as_mut()) {
            left.items = left.items.min(items.max(1));
        }
    }

    /// The peer knows the stream's number from now on.
    pub(crate) fn was_told(&mut self, id: FlowId) {
        if let Some(flow) = self.flows.get_mut(&id) {
            flow.told = true;
        }
    }

    /// The subscriptions whose number the peer knows, with their methods.
    pub(crate) fn told_subscriptions(&self) -> impl Iterator<Item = (FlowId, &'static str)> {
        self.flows.iter().filter_map(|(id, flow)| match flow.kind {
            FlowKind::Subscription(method) if flow.told => Some((*id, method)),
            _ => None,
        })
    }

    /// Sets what is notified when nobody wants the stream any more.
    pub(crate) fn set_cancellation(&mut self, id: FlowId, cancellation: Arc<Cancellation>) {
        if let Some(flow) = self.flows.get_mut(&id) {
            flow.cancellation = Some(cancellation);
        }
    }

    pub(crate) fn cancellation(&self, id: FlowId) -> Option<Arc<Cancellation>> {
        self.flows.get(&id)?.cancellation.clone()
    }

    /// The cancellations of all streams, for the end of the connection.
    pub(crate) fn cancellations(&self) -> impl Iterator<Item = Arc<Cancellation>> {
        self.flows.values().filter_map(|flow| flow.cancellation.clone())
    }

    /// Stops the stream's producer. The stream stays open until the producer is gone.
    pub(crate) fn abort_handle(&self, id: FlowId) -> Option<AbortHandle> {
        self.flows.get(&id)?.abort.clone()
    }

    /// Removes a stream. Returns the waker that waited for credit, to be dropped outside of the
    /// lock.
    pub(crate) fn close(&mut self, id: FlowId) -> Option<Waker> {
        let flow = self.flows.remove(&id)?;
        self.free_number(id);
        self.subscriptions -= usize::from(flow.kind != FlowKind::Argument);
        flow.waker
    }

    pub(crate) fn is_open(&self, id: FlowId) -> bool {
        self.flows.contains_key(&id)
    }

    /// Whether the peer accepts one more item. If not, keeps the waker.
    pub(crate) fn may_send(&mut self, id: FlowId, waker: &Waker) -> bool {
        // A closed stream has no limit: its producer will find out by itself.
        let Some(flow) = self.flows.get_mut(&id) else { return true };
        let may = flow.left.as_ref().is_none_or(|left| !left.is_used_up());
        if !may {
            flow.waker = Some(waker.clone());
        }
        may
    }

    /// How much the peer still accepts; `None` if that isn't counted.
    pub(crate) fn left(&self, id: FlowId) -> Option<Left> {
        self.flows.get(&id)?.left
    }

    /// Counts items that were sent, which have this many bytes in all.
    pub(crate) fn sent(&mut self, id: FlowId, items: u64, bytes: u64) {
        let Some(flow) = self.flows.get_mut(&id) else { return };
        flow.waits_since = None;
        if let Some(left) = &mut flow.left {
            left.items = left.items.saturating_sub(items);
            left.bytes = left.bytes.saturating_sub_unsigned(bytes);
            left.ahead.items = left.ahead.items.saturating_add(items);
            left.ahead.bytes = left.ahead.bytes.saturating_add(bytes);
        }
    }

    /// Adds credit for so many items, and bytes of them. A peer that can't count bytes gives back
    /// those that its items have on average: all of them, once it has given back all items. Returns
    /// the waker of the producer that waits for it.
    pub(crate) fn credit(&mut self, id: FlowId, items: u64, bytes: Option<u64>) -> Option<Waker> {
        let flow = self.flows.get_mut(&id)?;
        let left = flow.left.as_mut()?;
        let bytes = bytes.unwrap_or_else(|| left.ahead.bytes_of(items));
        left.items = left.items.saturating_add(items);
        left.bytes = left.bytes.saturating_add_unsigned(bytes);
        left.ahead.items = left.ahead.items.saturating_sub(items);
        left.ahead.bytes = left.ahead.bytes.saturating_sub(bytes);
        if left.is_used_up() { None } else { flow.waker.take() }
    }

    /// Notes that the stream has nothing to send for now.
    pub(crate) fn waits(&mut self, id: FlowId) {
        if let Some(flow) = self.flows.get_mut(&id) {
            flow.waits_since.get_or_insert_with(Instant::now);
        }
    }

    /// When all subscriptions will be idle, if none has anything to send until then. `now`: they
    /// are already. `None`: one of them has something to send.
    pub(crate) fn idle_at(&self, now: Instant) -> Option<Instant> {
        let mut last = now;
        for flow in self.flows.values().filter(|flow| flow.kind != FlowKind::Argument) {
            last = last.max(flow.waits_since?.checked_add(IDLE_AFTER)?);
        }
        Some(last)
    }

    /// Stop all producers.
    pub(crate) fn abort_handles(&self) -> Vec<AbortHandle> {
        self.flows.values().filter_map(|flow| flow.abort.clone()).collect()
    }
}

#[cfg(test)]
mod tests;
