use super::*;
use crate::support::rt::spawn;
use std::task::Context;

#[test]
fn event_fire_wait_waits_until_every_listener_has_room() {
    let emitter = Emitter::builder().capacity(2).build();
    let (mut slow, mut fast) = (emitter.event().listen(), emitter.event().listen());
    let _latest = emitter.event().listen_latest();
    let (mut one, mut two) = (pin!(emitter.fire_wait(1)), pin!(emitter.fire_wait(2)));
    assert!(polled(one.as_mut()) && polled(two.as_mut()));
    let (mut three, (count, waker)) = (pin!(emitter.fire_wait(3)), counted());
    let mut context = Context::from_waker(&waker);
    assert!(three.as_mut().poll(&mut context).is_pending());
    assert_eq!(ready(&mut fast), [1, 2]);
    assert_eq!(count.get(), 0, "the slow one has no room");
    assert_eq!(slow.next().now_or_never(), Some(Some(1)));
    assert_eq!(count.get(), 1);
    assert!(three.as_mut().poll(&mut context).is_ready());
    assert_eq!(ready(&mut slow), [2, 3]);
    assert_eq!((slow.take_missed(), fast.take_missed()), (0, 0));
}

#[test]
fn event_fire_wait_goes_on_when_the_slow_listener_is_dropped() {
    let emitter = Emitter::builder().capacity(1).build();
    let (slow, mut fast) = (emitter.event().listen(), emitter.event().listen());
    emitter.fire(1);
    assert_eq!(ready(&mut fast), [1]);
    let mut waits = pin!(emitter.fire_wait(2));
    assert!(!polled(waits.as_mut()));
    drop(slow);
    assert!(polled(waits.as_mut()));
    assert_eq!(ready(&mut fast), [2]);
}

#[test]
fn event_fire_wait_that_is_dropped_fires_nothing_and_passes_its_turn_on() {
    let emitter = Emitter::builder().capacity(1).build();
    let mut listener = emitter.event().listen();
    emitter.fire(1);
    let mut first = Box::pin(emitter.fire_wait(2));
    let (mut second, (count, waker)) = (pin!(emitter.fire_wait(3)), counted());
    let mut context = Context::from_waker(&waker);
    assert!(!polled(first.as_mut()));
    assert!(second.as_mut().poll(&mut context).is_pending());
    assert_eq!(listener.next().now_or_never(), Some(Some(1)));
    assert!(second.as_mut().poll(&mut context).is_pending(), "it isn't its turn");
    assert_eq!(count.get(), 0);
    drop(first);
    assert_eq!(count.get(), 1);
    assert!(second.as_mut().poll(&mut context).is_ready());
    assert_eq!(ready(&mut listener), [3]);
    assert!(emitter.owner.shared.lock().line.is_empty());
}

#[test]
fn event_fire_wait_wakes_all_in_line_when_nobody_listens_any_more() {
    let emitter = Emitter::builder().capacity(1).build();
    let listener = emitter.event().listen();
    emitter.fire(0);
    let mut waiting: Vec<_> = (1..5).map(|value| Box::pin(emitter.fire_wait(value))).collect();
    let counts: Vec<_> = waiting
        .iter_mut()
        .map(|future| {
            let (count, waker) = counted();
            assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            count
        })
        .collect();
    drop(listener);
    for (future, count) in waiting.iter_mut().zip(counts) {
        assert_eq!(count.get(), 1);
        assert!(polled(future.as_mut()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn event_fire_wait_from_many_tasks_drops_nothing() {
    const TASKS: usize = 4;
    const EACH: usize = 500;
    let emitter = Emitter::builder().capacity(3).build();
    let listeners: Vec<_> = (0..3).map(|_| emitter.event().listen()).collect();
    let readers: Vec<_> = listeners
        .into_iter()
        .map(|mut listener| {
            spawn(async move {
                let mut values = Vec::new();
                while let Some(value) = listener.next().await {
                    values.push(value);
                }
                (values, listener.take_missed())
            })
        })
        .collect();
    let writers = (0..TASKS).map(|task| {
        let emitter = emitter.clone();
        spawn(async move {
            for number in 0..EACH {
                emitter.fire_wait((task, number)).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    drop(emitter);
    let mut all = Vec::new();
    for reader in readers {
        let (values, missed) = reader.await.unwrap();
        assert_eq!((values.len(), missed), (TASKS * EACH, 0));
        for task in 0..TASKS {
            let own = values.iter().filter(|(from, _)| *from == task).map(|(_, number)| *number);
            assert!(own.eq(0..EACH));
        }
        all.push(values);
    }
    assert!(all.iter().all(|values| *values == all[0]), "every listener sees the same order");
}
