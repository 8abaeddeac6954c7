//! Wakers are the app's code: they are dropped without a lock.

use std::{
    future::Future,
    sync::{Arc, Mutex},
    task::{Context, Wake, Waker},
};

use futures_util::StreamExt;
use ipc_runtime::Limits;
use ipc_tests::{RawBackend, in_time, messages::result, poll_once};

/// A waker that holds something of the library, whose drop goes back to the connection.
struct Holds<T>(#[allow(dead_code, reason = "held for its drop")] Mutex<T>);

impl<T: Send + 'static> Wake for Holds<T> {
    fn wake(self: Arc<Self>) {}
}

fn holding<T: Send + 'static>(what: T) -> Waker {
    Waker::from(Arc::new(Holds(Mutex::new(what))))
}

/// Fails where this hangs, though that gives no way.
async fn without_a_hang(run: impl FnOnce() + Send + 'static) {
    let (done, is_done) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        run();
        let _ = done.send(());
    });
    in_time(is_done).await.unwrap();
}

#[tokio::test]
async fn a_dropped_calls_waker_may_drop_another_call() {
    let raw_backend = RawBackend::new(Limits::default()).await;
    let call = || Box::pin(raw_backend.frontend.call::<u32>("some.method", &()));
    let (mut held, mut dropped) = (call(), call());
    assert!(poll_once(&mut held).await.is_none());
    let waker = holding(held);
    assert!(dropped.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    without_a_hang(move || drop(dropped)).await;
}

#[tokio::test]
async fn a_queued_notifications_waker_may_drop_a_call() {
    let foreign = RawBackend::new(Limits::default()).await;
    let call = || Box::pin(foreign.frontend.call::<u32>("some.method", &()));
    for replaced in [false, true] {
        let mut held = call();
        assert!(poll_once(&mut held).await.is_none());
        let waker = holding(held);
        // It is left to the connection's task, which has no turn yet.
        let mut notifying = Box::pin(foreign.frontend.notify("some.news", &()));
        assert!(notifying.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(waker);
        if replaced {
            assert!(poll_once(&mut notifying).await.is_none());
        }
        without_a_hang(move || drop(notifying)).await;
    }
}

#[tokio::test]
async fn a_replaced_waker_may_drop_another_call() {
    let raw_backend = RawBackend::new(Limits::default()).await;
    let call = || Box::pin(raw_backend.frontend.call::<u32>("some.method", &()));
    let (mut held, mut polled) = (call(), call());
    assert!(poll_once(&mut held).await.is_none());
    let waker = holding(held);
    assert!(polled.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    without_a_hang(move || {
        assert!(polled.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    })
    .await;
}

#[tokio::test]
async fn a_call_that_leaves_the_line_may_drop_another_call() {
    let raw_backend = RawBackend::new(Limits::default()).await;
    let call = || Box::pin(raw_backend.frontend.call::<u32>("some.method", &()));
    // The other side takes no more of them.
    let mut sent: Vec<_> = (0..16).map(|_| call()).collect();
    for call in &mut sent {
        assert!(poll_once(call).await.is_none());
    }
    let mut waiting = call();
    let waker = holding(sent);
    assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    without_a_hang(move || drop(waiting)).await;
}

#[tokio::test]
async fn a_subscriptions_waker_may_drop_another_subscription() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    let mut both = Vec::new();
    for id in [7, 8] {
        let opening = tokio::spawn(feed.count(9));
        let asked = raw_backend.asked("test.feed.count").await;
        raw_backend.say(result(asked, id)).await;
        both.push(in_time(opening).await.unwrap().unwrap());
    }
    let (mut polled, held) = (both.remove(0), both.remove(0));
    let waker = holding(held);
    assert!(polled.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    without_a_hang(move || {
        assert!(polled.poll_next_unpin(&mut Context::from_waker(Waker::noop())).is_pending());
    })
    .await;
}
