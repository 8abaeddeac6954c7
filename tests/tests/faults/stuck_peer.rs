//! A peer that doesn't read: what is said to it is given up in time, and leaves nothing behind.

use std::{
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use ipc_runtime::{Backend, ErrorKind, Limits, Peer};
use ipc_tests::{eventually, in_time, poll_once};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream};

/// Whom to wake: who still has one of its wakers is seen by its count.
struct Nobody;

impl Wake for Nobody {
    fn wake(self: Arc<Self>) {}
}

/// A peer that has said one line, and reads nothing.
async fn stuck() -> (Backend, Peer, DuplexStream) {
    let mut limits = Limits::default();
    (limits.max_message_bytes, limits.max_queued_bytes) = (1024, 2048);
    let backend = Backend::builder().limits(limits).build();
    let (mut far, near) = tokio::io::duplex(64);
    backend.accept(near);
    far.write_all(b"{\"jsonrpc\":\"2.0\",\"method\":\"hello\"}\n").await.unwrap();
    eventually("it is there", || backend.connection_count() == 1).await;
    let peer = backend.peers().into_iter().next().unwrap();
    (backend, peer, far)
}

#[tokio::test]
async fn notifications_that_found_no_room_in_time_leave_nobody_waiting() {
    in_time(async {
        let (_backend, peer, _far) = stuck().await;
        let text = "x".repeat(500);
        // As many as find room, on a machine that does other things, too.
        while peer.notify("news", &(&text,)).timeout(Duration::from_millis(200)).await.is_ok() {}
        let nobody = Arc::new(Nobody);
        let waker = Waker::from(nobody.clone());
        let before = Arc::strong_count(&nobody);
        let mut waiting: Vec<_> = (0..100)
            .map(|_| Box::pin(peer.notify("news", &(&text,)).timeout(Duration::from_secs(1))))
            .collect();
        for notification in &mut waiting {
            let polled = notification.as_mut().poll(&mut Context::from_waker(&waker));
            assert!(polled.is_pending());
        }
        assert!(Arc::strong_count(&nobody) > before);
        // They end by themselves, and are still there: nothing is taken back by their drop.
        for notification in &mut waiting {
            let outcome = loop {
                match notification.as_mut().poll(&mut Context::from_waker(&waker)) {
                    Poll::Ready(outcome) => break outcome,
                    Poll::Pending => tokio::task::yield_now().await,
                }
            };
            assert!(
                matches!(&outcome, Err(error) if error.kind() == ErrorKind::DeadlineExceeded),
                "{outcome:?}"
            );
        }
        let kept = || Arc::strong_count(&nobody) - before;
        eventually("nobody is kept", || kept() == 0).await;
        drop(waiting);
    })
    .await;
}

#[tokio::test]
async fn a_notification_is_ready_when_the_carrier_has_taken_it_and_not_before() {
    in_time(async {
        let (_backend, peer, far) = stuck().await;
        let text = "x".repeat(500);
        let mut notifying = Box::pin(peer.notify("news", &(&text,)));
        let pausing = tokio::time::timeout(Duration::from_millis(20), &mut notifying);
        assert!(pausing.await.is_err(), "it doesn't fit into the pipe");
        let (reading, written) = (tokio::spawn(read_lines(far, 1)), notifying.await);
        written.unwrap();
        assert!(reading.await.unwrap()[0].contains(&text));
    })
    .await;
}

#[tokio::test]
async fn a_notification_that_is_dropped_when_it_was_queued_is_sent() {
    in_time(async {
        let (_backend, peer, far) = stuck().await;
        for text in ["first", "second"] {
            let text = text.repeat(50);
            let mut notifying = Box::pin(peer.notify("news", &(&text,)));
            assert!(poll_once(&mut notifying).await.is_none());
        }
        let lines = read_lines(far, 2).await;
        assert!(lines[0].contains("first") && lines[1].contains("second"), "{lines:?}");
    })
    .await;
}

#[tokio::test]
async fn a_notification_that_was_not_written_fails_with_its_connection() {
    in_time(async {
        let (_backend, peer, far) = stuck().await;
        let text = "x".repeat(500);
        let mut notifying = Box::pin(peer.notify("news", &(&text,)));
        assert!(poll_once(&mut notifying).await.is_none());
        drop(far);
        let outcome = notifying.await;
        let expected = matches!(&outcome, Err(error) if error.kind() == ErrorKind::Disconnected && !error.may_have_run());
        assert!(expected, "{outcome:?}");
    })
    .await;
}

#[tokio::test]
async fn a_group_is_notified_though_one_of_its_peers_does_not_read() {
    in_time(async {
        let (backend, _peer, far) = stuck().await;
        let text = "x".repeat(500);
        let told = backend.peers().notify("news", &(&text,)).await;
        assert!(matches!(&told[..], [(_, Ok(()))]), "{told:?}");
        assert!(read_lines(far, 1).await[0].contains(&text));
    })
    .await;
}

async fn read_lines(far: DuplexStream, count: usize) -> Vec<String> {
    let mut lines = BufReader::new(far).lines();
    let mut read = Vec::new();
    while read.len() < count {
        read.push(lines.next_line().await.unwrap().unwrap());
    }
    read
}
