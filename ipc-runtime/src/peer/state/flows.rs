//! Streams that this side produces, and how much of them the other side still accepts.

use std::{
    collections::{HashMap, HashSet},
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

/// The number of a subscription or of a stream argument. The peer chooses those of some
/// subscriptions, which have a bit of their own here, so that they never are the number of another
/// stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FlowId(pub(crate) u64);

/// The bit of numbers that the peer has chosen.
const CHOSEN: u64 = 1 << 63;

/// The largest number that the peer may choose: JavaScript knows no larger whole numbers.
const LARGEST: u64 = (1 << 53) - 1;

impl FlowId {
    /// The number of a stream argument in a message from the peer.
    pub(crate) fn from_wire(number: u64) -> Self {
        Self(number & !CHOSEN)
    }

    /// A number that the peer has chosen for a subscription; `None` if it is too large.
    pub(crate) fn chosen(number: u64) -> Option<Self> {
        (number <= LARGEST).then_some(Self(number | CHOSEN))
    }

    pub(crate) fn on_wire(self) -> u64 {
        self.0 & !CHOSEN
    }

    /// Returns a number that is unique in this process, and so on any connection. A stream argument
    /// gets its number before its connection is known.
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
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
    /// The numbers that the peer has chosen for these.
    chosen: HashSet<FlowId>,
    /// The window that the peer announced. `None` until it has, and for peers that don't know
    /// windows: then only the carrier applies backpressure to producers.
    window: Option<Window>,
}

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
        self.chosen.extend(chosen);
    }

    /// The subscription is open, or won't be.
    pub(crate) fn give_place_back(&mut self, chosen: Option<FlowId>) {
        self.reserved -= 1;
        if let Some(chosen) = chosen {
            self.chosen.remove(&chosen);
        }
    }

    /// Whether a subscription has this number on the wire, or is about to get it.
    pub(crate) fn is_in_use(&self, chosen: FlowId) -> bool {
        let ours = self.flows.get(&FlowId::from_wire(chosen.on_wire()));
        self.chosen.contains(&chosen)
            || self.flows.contains_key(&chosen)
            || ours.is_some_and(|flow| flow.kind != FlowKind::Argument)
    }

    /// A number for a subscription of the peer that it has chosen none for.
    pub(crate) fn free_id(&self) -> FlowId {
        loop {
            let id = FlowId::next();
            if !FlowId::chosen(id.0).is_some_and(|chosen| self.is_in_use(chosen)) {
                return id;
            }
        }
    }

    /// The subscription of this number on the wire.
    pub(crate) fn subscription(&self, number: u64) -> FlowId {
        let chosen = FlowId::chosen(number).filter(|chosen| self.flows.contains_key(chosen));
        chosen.unwrap_or(FlowId::from_wire(number))
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
mod tests {
    use super::*;

    #[test]
    fn a_flow_stops_at_its_window_and_goes_on_with_credit() {
        let mut flows = Flows::default();
        flows.set_window(Window { items: 2, bytes: 10 });
        let id = FlowId::next();
        flows.open(id, FlowKind::Argument, None);
        let waker = Waker::noop();
        assert!(flows.may_send(id, waker));
        flows.sent(id, 1, 100);
        assert!(!flows.may_send(id, waker), "bytes are used up");
        assert!(flows.credit(id, 1, Some(50)).is_none());
        assert!(flows.credit(id, 0, Some(50)).is_some());
        assert!(flows.may_send(id, waker));
        flows.sent(id, 2, 0);
        assert!(!flows.may_send(id, waker), "items are used up");
        flows.close(id);
        assert!(!flows.is_open(id));
    }

    #[test]
    fn credit_without_bytes_gives_back_those_of_its_items() {
        let mut flows = Flows::default();
        flows.set_window(Window { items: 100, bytes: 30 });
        let id = FlowId::next();
        flows.open(id, FlowKind::Argument, None);
        let waker = Waker::noop();
        flows.sent(id, 3, 30);
        assert!(!flows.may_send(id, waker), "bytes are used up");
        assert!(flows.credit(id, 1, None).is_some());
        assert!(flows.may_send(id, waker));
        flows.sent(id, 1, 10);
        assert!(!flows.may_send(id, waker), "it isn't without a limit from then on");
        // More than it has got gives back no more than all.
        assert!(flows.credit(id, 1000, None).is_some());
        flows.sent(id, 1, 30);
        assert!(!flows.may_send(id, waker));
    }

    #[test]
    fn subscriptions_alone_are_counted() {
        let mut flows = Flows::default();
        let [first, second, argument] = [(); 3].map(|()| FlowId::next());
        flows.open(argument, FlowKind::Argument, None);
        flows.open(first, FlowKind::Subscription("a.b"), None);
        flows.open(second, FlowKind::Subscription("a.c"), None);
        assert_eq!(flows.subscription_count(), 2);
        flows.was_told(second);
        assert!(flows.told_subscriptions().eq([(second, "a.c")]));
        for id in [argument, second, second] {
            flows.close(id);
        }
        assert_eq!(flows.subscription_count(), 1);
    }

    #[test]
    fn without_a_window_nothing_is_counted() {
        let mut flows = Flows::default();
        let id = FlowId::next();
        flows.open(id, FlowKind::Argument, None);
        for _ in 0..10_000 {
            assert!(flows.may_send(id, Waker::noop()));
            flows.sent(id, 1, 1_000_000);
        }
    }
}
