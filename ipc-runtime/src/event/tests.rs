pub(crate) mod fire_wait;
pub(crate) mod subscription;

use std::{
    cell::Cell,
    future::Future,
    pin::pin,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Wake},
    thread,
};

use futures_util::{
    FutureExt,
    stream::{FusedStream, StreamExt},
};

use super::*;
use crate::support::rt::{JoinHandle, spawn, yield_now};

/// Everything that a listener returns without waiting.
fn ready<T: Clone + Send + 'static>(listener: &mut Listener<T>) -> Vec<T> {
    std::iter::from_fn(|| listener.next().now_or_never().flatten()).collect()
}

fn polled(future: std::pin::Pin<&mut impl Future<Output = ()>>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    future.poll(&mut context).is_ready()
}

#[derive(Default)]
struct Counted(AtomicUsize);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn counted() -> (Arc<Counted>, Waker) {
    let count = Arc::new(Counted::default());
    (Arc::clone(&count), Waker::from(count))
}

impl Counted {
    fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

type Log = Arc<Mutex<Vec<String>>>;

fn log(log: &Log, line: impl Into<String>) {
    log.lock().unwrap().push(line.into());
}

fn lines(log: &Log) -> Vec<String> {
    mem::take(&mut log.lock().unwrap())
}

#[test]
fn event_gives_every_value_to_every_listener_in_order() {
    let emitter = Emitter::new();
    let mut listeners: Vec<_> = (0..1000).map(|_| emitter.event().listen()).collect();
    assert_eq!(emitter.listener_count(), 1000);
    for value in 0..5 {
        emitter.fire(value);
    }
    for listener in &mut listeners {
        assert_eq!(ready(listener), [0, 1, 2, 3, 4]);
    }
    drop(listeners);
    assert_eq!(emitter.listener_count(), 0);
}

#[test]
fn event_wakes_the_waker_of_the_last_poll_once() {
    let emitter = Emitter::new();
    let mut listener = emitter.event().listen();
    let ((first, first_waker), (second, second_waker)) = (counted(), counted());
    for waker in [&first_waker, &first_waker, &second_waker] {
        assert!(listener.poll_next_unpin(&mut Context::from_waker(waker)).is_pending());
    }
    emitter.fire(1);
    emitter.fire(2);
    assert_eq!((first.get(), second.get()), (0, 1));
    assert_eq!(ready(&mut listener), [1, 2]);
}

#[test]
fn event_listener_that_is_dropped_while_it_waits_leaves_nothing() {
    let emitter = Emitter::<u32>::new();
    let (count, waker) = counted();
    for _ in 0..3 {
        let mut listener = emitter.event().listen();
        assert!(listener.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    }
    assert!(emitter.owner.shared.lock().waiting.is_empty());
    emitter.fire(1);
    assert_eq!((count.get(), Arc::strong_count(&count)), (0, 2));
}

#[test]
fn event_streams_end_after_what_was_fired_before_the_last_emitter_went() {
    let emitter = Emitter::new();
    let (event, other) = (emitter.event(), emitter.clone());
    let (mut all, mut latest) = (event.listen(), event.listen_latest());
    let (mut waiting, (count, waker)) = (event.listen(), counted());
    assert!(waiting.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    drop(emitter);
    assert_eq!(count.get(), 0, "another emitter is there");
    other.fire(1);
    other.fire(2);
    assert_eq!(waiting.next().now_or_never(), Some(Some(1)));
    assert_eq!(waiting.next().now_or_never(), Some(Some(2)));
    assert!(waiting.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    drop(other);
    assert_eq!(count.get(), 2);
    assert!(!all.is_terminated());
    assert_eq!(all.next().now_or_never(), Some(Some(1)));
    assert_eq!(all.next().now_or_never(), Some(Some(2)));
    for _ in 0..2 {
        assert_eq!(all.next().now_or_never(), Some(None));
        assert!(all.is_terminated());
    }
    assert_eq!(latest.next().now_or_never(), Some(Some(2)));
    assert_eq!(latest.next().now_or_never(), Some(None));
    assert_eq!(event.listen().next().now_or_never(), Some(None));
    event.on(|_| {}).remove();
}

#[test]
fn event_slow_listener_loses_the_oldest_and_knows_how_many() {
    let emitter = Emitter::builder().capacity(3).build();
    let (mut slow, mut fast) = (emitter.event().listen(), emitter.event().listen());
    for value in 1..=8 {
        emitter.fire(value);
        assert_eq!(ready(&mut fast), [value]);
    }
    assert_eq!(slow.take_missed(), 0, "it doesn't know yet");
    assert_eq!(ready(&mut slow), [6, 7, 8]);
    assert_eq!((slow.take_missed(), slow.take_missed(), fast.take_missed()), (5, 0, 0));
}

#[test]
fn event_latest_gives_the_newest_only_and_misses_nothing() {
    let emitter = Emitter::new();
    emitter.fire(0);
    let mut latest = emitter.event().listen_latest();
    assert!(ready(&mut latest).is_empty(), "nothing is replayed");
    (1..=1000).for_each(|value| emitter.fire(value));
    assert_eq!(ready(&mut latest), [1000]);
    assert_eq!(latest.take_missed(), 0);

    let emitter = Emitter::builder().latest_only().replay(1).build();
    emitter.fire(1);
    emitter.fire(2);
    let mut listener = emitter.event().listen();
    assert_eq!(ready(&mut listener), [2]);
    emitter.fire(3);
    emitter.fire(4);
    assert_eq!(ready(&mut listener), [4]);
}

#[test]
fn event_replays_the_last_values_to_new_listeners() {
    let emitter = Emitter::builder().replay(2).capacity(1).build();
    (1..=5).for_each(|value| emitter.fire(value));
    let mut listener = emitter.event().listen();
    emitter.fire(6);
    assert_eq!(ready(&mut listener), [5, 6], "a capacity below replay is raised to it");
    assert_eq!(listener.take_missed(), 1);
    let event = emitter.event();
    drop(emitter);
    assert_eq!(ready(&mut event.listen()), [5, 6]);
}

#[test]
fn event_keeps_no_value_that_nobody_will_read() {
    let emitter = Emitter::new();
    let value = Arc::new(());
    emitter.fire(Arc::clone(&value));
    assert_eq!(Arc::strong_count(&value), 1);
    let (mut one, two) = (emitter.event().listen(), emitter.event().listen());
    let latest = emitter.event().listen_latest();
    emitter.fire(Arc::clone(&value));
    assert_eq!(Arc::strong_count(&value), 2);
    drop(ready(&mut one));
    drop(latest);
    assert_eq!(Arc::strong_count(&value), 2);
    drop(two);
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn event_callbacks_run_in_order_inside_of_fire() {
    let emitter = Emitter::new();
    let seen = Log::default();
    let callbacks = ["a", "b", "c"].map(|name| {
        let seen = Arc::clone(&seen);
        emitter.event().on(move |value| log(&seen, format!("{name}{value}")))
    });
    assert_eq!(emitter.listener_count(), 3);
    emitter.fire(1);
    assert_eq!(lines(&seen), ["a1", "b1", "c1"]);
    let [first, second, third] = callbacks;
    second.remove();
    emitter.fire(2);
    assert_eq!(lines(&seen), ["a2", "c2"]);
    first.remove();
    drop(third.into_guard());
    emitter.fire(3);
    assert!(lines(&seen).is_empty());
    assert_eq!(Arc::strong_count(&seen), 1, "what callbacks captured is dropped");
}

#[test]
fn event_callback_that_panics_keeps_nobody_from_the_value() {
    let emitter = Emitter::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let _panics = emitter.event().on(|_| panic!("on purpose"));
    let _counts = emitter.event().on(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let mut listener = emitter.event().listen();
    emitter.fire(1);
    emitter.fire(2);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    assert_eq!(ready(&mut listener), [1, 2]);
}

#[test]
fn event_callback_may_fire_and_streams_keep_the_order_of_fire() {
    let emitter = Emitter::new();
    let seen = Log::default();
    let (again, first_log, second_log) = (emitter.clone(), Arc::clone(&seen), Arc::clone(&seen));
    let first = emitter.event().on(move |value| {
        log(&first_log, format!("first {value}"));
        if *value < 3 {
            again.fire(value + 1);
        }
    });
    let second = emitter.event().on(move |value| log(&second_log, format!("second {value}")));
    let mut listener = emitter.event().listen();
    emitter.fire(1);
    assert_eq!(ready(&mut listener), [1, 2, 3]);
    let expected = ["first 1", "first 2", "first 3", "second 3", "second 2", "second 1"];
    assert_eq!(lines(&seen), expected);
    first.remove();
    second.remove();
    drop(emitter);
    assert_eq!(listener.next().now_or_never(), Some(None), "the callback's clone is gone");
}

#[test]
fn event_callback_may_listen_and_remove_callbacks_and_listeners() {
    let emitter = Emitter::new();
    let event = emitter.event();
    let seen = Log::default();
    let callbacks: Arc<Mutex<Vec<Registration>>> = Arc::default();
    let listeners: Arc<Mutex<Vec<Listener<i32>>>> = Arc::default();
    listeners.lock().unwrap().push(event.listen());
    let busy = {
        let (event, callbacks, listeners) = (event.clone(), callbacks.clone(), listeners.clone());
        event.clone().on(move |_| {
            let old = mem::take(&mut *callbacks.lock().unwrap());
            old.into_iter().for_each(Registration::remove);
            let old = mem::replace(&mut *listeners.lock().unwrap(), vec![event.listen()]);
            drop(old);
        })
    };
    let own_log = Arc::clone(&seen);
    callbacks.lock().unwrap().push(event.on(move |value| log(&own_log, format!("late {value}"))));
    emitter.fire(1);
    assert!(lines(&seen).is_empty(), "it was removed before its turn");
    assert_eq!(emitter.listener_count(), 2);
    assert!(ready(&mut listeners.lock().unwrap()[0]).is_empty());
    busy.remove();
    emitter.fire(2);
    assert_eq!(ready(&mut listeners.lock().unwrap()[0]), [2]);
}

#[test]
fn event_callback_stays_when_its_registration_or_a_kept_guard_is_dropped() {
    let emitter = Emitter::new();
    let seen = Log::default();
    let (first, second) = (Arc::clone(&seen), Arc::clone(&seen));
    drop(emitter.event().on(move |value| log(&first, format!("first {value}"))));
    emitter.event().on(move |value| log(&second, format!("second {value}"))).into_guard().keep();
    drop(emitter.event().on(|_| unreachable!("its guard was dropped")).into_guard());
    emitter.fire(1);
    assert_eq!(lines(&seen), ["first 1", "second 1"]);
}

#[test]
fn event_registrations_of_different_types_outlive_their_emitters() {
    let (numbers, names) = (Emitter::<u32>::new(), Emitter::<String>::new());
    let value = Arc::new(());
    let captured = Arc::clone(&value);
    let registrations: Vec<Registration> =
        vec![numbers.event().on(move |_| drop(Arc::clone(&captured))), names.event().on(|_| {})];
    drop((numbers, names));
    assert_eq!(Arc::strong_count(&value), 1, "callbacks go with the emitter");
    registrations.into_iter().for_each(Registration::remove);
}

#[test]
fn event_works_for_values_that_are_not_sync() {
    fn shareable<T: Send + Sync + 'static>(value: T) -> T {
        value
    }
    fn sendable<T: Send + 'static>(value: T) -> T {
        value
    }
    let emitter = Arc::new(shareable(Emitter::<Cell<u32>>::new()));
    let mut listener = shareable(shareable(emitter.event()).listen());
    let callback = shareable(emitter.event().on(|value| value.set(7)));
    let firing = Arc::clone(&emitter);
    let future = sendable(async move { firing.fire_wait(Cell::new(1)).await });
    thread::spawn(move || future.now_or_never()).join().unwrap();
    callback.remove();
    assert_eq!(ready(&mut listener), [Cell::new(1)], "callbacks have a copy of their own");
}

/// A value whose clone and drop use its own event.
struct Reentrant {
    emitter: Option<Emitter<Reentrant>>,
    log: Log,
}

impl Clone for Reentrant {
    fn clone(&self) -> Self {
        if let Some(emitter) = &self.emitter {
            log(&self.log, format!("clone, {} listen", emitter.listener_count()));
        }
        Self { emitter: self.emitter.clone(), log: Arc::clone(&self.log) }
    }
}

impl Drop for Reentrant {
    fn drop(&mut self) {
        if let Some(emitter) = &self.emitter {
            log(&self.log, format!("drop, {} listen", emitter.listener_count()));
            drop(emitter.event().listen());
        }
    }
}

#[test]
fn event_runs_clones_and_drops_of_values_without_its_lock() {
    let seen = Log::default();
    let emitter = Emitter::builder().capacity(1).build();
    let value = || Reentrant { emitter: Some(emitter.clone()), log: Arc::clone(&seen) };
    let (mut one, mut two) = (emitter.event().listen(), emitter.event().listen());
    let (latest, other) = (emitter.event().listen_latest(), emitter.event().listen_latest());
    let callback = emitter.event().on(|_| {});
    emitter.fire(value());
    assert_eq!(lines(&seen), ["clone, 5 listen", "drop, 5 listen"], "for callbacks");
    callback.remove();
    emitter.fire(value());
    assert_eq!(lines(&seen), ["drop, 4 listen"], "the oldest");
    assert_eq!(ready(&mut one).len(), 1);
    assert_eq!(lines(&seen), ["clone, 4 listen", "drop, 4 listen"]);
    drop((latest, other));
    assert!(lines(&seen).is_empty());
    assert_eq!(ready(&mut two).len(), 1);
    assert_eq!(lines(&seen), ["drop, 2 listen"], "the last reader has the value itself");
    emitter.fire(value());
    drop(one);
    drop(two);
    assert_eq!(lines(&seen), ["drop, 0 listen"]);
}

#[test]
fn event_goes_on_after_a_clone_that_panicked() {
    struct Fragile(bool);

    impl Clone for Fragile {
        fn clone(&self) -> Self {
            assert!(!self.0, "on purpose");
            Self(self.0)
        }
    }

    let emitter = Emitter::new();
    let (mut one, mut two) = (emitter.event().listen(), emitter.event().listen());
    emitter.fire(Fragile(true));
    emitter.fire(Fragile(false));
    let read = || one.next().now_or_never().flatten().is_some();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).is_err());
    assert_eq!(ready(&mut one).len(), 1);
    assert_eq!(ready(&mut two).len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn event_listeners_that_come_and_go_leave_nothing() {
    let emitter = Emitter::builder().capacity(4).replay(2).build();
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let event = emitter.event();
            spawn(async move {
                for _ in 0..200 {
                    let (mut listener, mut latest) = (event.listen(), event.listen_latest());
                    let _guard = event.on(|_| {}).into_guard();
                    let first = listener.next().await;
                    let second = listener.next().await;
                    assert!(first < second);
                    latest.next().await;
                }
            })
        })
        .collect();
    let mut value = 0;
    while !tasks.iter().all(JoinHandle::is_finished) {
        emitter.fire(value);
        value += 1;
        yield_now().await;
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(emitter.listener_count(), 0);
    let state = emitter.owner.shared.lock();
    assert!(state.waiting.is_empty() && state.callbacks.is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn event_that_always_has_a_value_lets_other_tasks_run() {
    let emitter = Emitter::new();
    let mut listener = emitter.event().listen();
    let others = spawn(async {});
    while !others.is_finished() {
        emitter.fire(());
        listener.next().await;
    }
}

#[test]
fn event_epochs_differ_and_fit_into_53_bits() {
    let epochs: std::collections::HashSet<_> = (0..100).map(|_| random_epoch()).collect();
    assert_eq!(epochs.len(), 100);
    assert!(epochs.iter().all(|epoch| *epoch < 1 << 53));
}
