//! Waiting for conditions, with a bound that only a hang reaches.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
    time::Duration,
};

/// Longer than anything takes that works, also on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(45);

/// Waits for something that comes in time unless there is a bug.
///
/// # Panics
///
/// When it doesn't come.
pub async fn in_time<T>(what: impl Future<Output = T>) -> T {
    within(PATIENCE, what).await
}

/// Waits for the end of a whole test, which waits for many things itself.
///
/// # Panics
///
/// When it doesn't end.
pub async fn whole_test<T>(test: impl Future<Output = T>) -> T {
    within(4 * PATIENCE, test).await
}

async fn within<T>(bound: Duration, what: impl Future<Output = T>) -> T {
    match tokio::time::timeout(bound, what).await {
        Ok(value) => value,
        Err(_) => panic!("nothing came within {bound:?}"),
    }
}

/// Waits until a condition holds.
///
/// # Panics
///
/// When it never does.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
        panic!("it never came true that {what}");
    }
}

/// Polls a future once, as somebody does who then attends to something else.
pub async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut future = Pin::new(future);
    let once = poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    });
    once.await
}
