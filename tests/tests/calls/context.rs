//! What a handler knows of the call that it handles: whether it is wanted any more.

use std::time::Duration;

use futures_util::stream;
use ipc_runtime::{Backend, CallContext, ErrorKind, Frontend, Stream, ipc_interface};
use ipc_tests::{TestCarrier, on_every_carrier, poll_once};
use tokio::sync::mpsc;

on_every_carrier! {
    a_method_that_is_not_stopped_hears_that_its_caller_gave_up,
    a_method_on_a_thread_sees_that_its_caller_gave_up,
    a_task_of_a_method_hears_that_the_method_was_cancelled,
    a_call_that_was_answered_is_not_cancelled,
    every_call_hears_the_end_of_its_connection,
    a_task_of_a_subscription_hears_that_it_was_closed,
}

/// Methods whose calls may be given up.
#[ipc_interface(channel = "test.wanted", version = "1.0.0")]
trait Wanted {
    /// Tells `begun`, waits until it is cancelled, tells `cancelled`.
    #[ipc(no_cancel)]
    async fn insists(&self, #[ipc(context)] call: &CallContext);
    /// The same on a thread, by looking.
    #[ipc(blocking)]
    fn looks(&self, #[ipc(context)] call: &CallContext);
    /// The same by a task that it spawns, while it waits for ever, or answers at once.
    async fn spawns(&self, #[ipc(context)] call: &CallContext, answers: bool);
    /// The same by a task that it spawns.
    #[ipc(notification)]
    async fn told(&self, #[ipc(context)] call: &CallContext);
    /// The same by a task that it spawns; the stream never ends.
    #[ipc(subscription)]
    async fn watched(&self, #[ipc(context)] call: &CallContext) -> impl Stream<Item = u32>;
}

struct Tells(mpsc::UnboundedSender<&'static str>);

impl Tells {
    fn tell(&self, what: &'static str) {
        let _ = self.0.send(what);
    }

    fn spawn(&self, call: &CallContext) {
        let (call, tells) = (call.clone(), self.0.clone());
        tokio::spawn(async move {
            call.cancelled().await;
            assert!(call.is_cancelled());
            let _ = tells.send("cancelled");
        });
    }
}

impl Wanted for Tells {
    async fn insists(&self, call: &CallContext) {
        assert!(!call.is_cancelled());
        self.tell("begun");
        call.cancelled().await;
        self.tell("cancelled");
    }

    fn looks(&self, call: &CallContext) {
        self.tell("begun");
        while !call.is_cancelled() {
            std::thread::yield_now();
        }
        self.tell("cancelled");
    }

    async fn spawns(&self, call: &CallContext, answers: bool) {
        self.spawn(call);
        self.tell("begun");
        if !answers {
            std::future::pending().await
        }
    }

    async fn told(&self, call: &CallContext) {
        self.spawn(call);
        self.tell("begun");
    }

    async fn watched(&self, call: &CallContext) -> impl Stream<Item = u32> {
        self.spawn(call);
        self.tell("begun");
        stream::pending()
    }
}

type Told = mpsc::UnboundedReceiver<&'static str>;

async fn served(carrier: &TestCarrier) -> (Backend, Frontend, WantedClient, Told) {
    let (tells, told) = mpsc::unbounded_channel();
    let backend = Backend::new();
    backend.register(WantedHandler::new(Tells(tells))).unwrap();
    let frontend = carrier.connect(&backend).await;
    let wanted = frontend.open().await.unwrap();
    (backend, frontend, wanted, told)
}

async fn gives_up<F: Future + Unpin>(mut call: F, told: &mut Told) {
    assert!(poll_once(&mut call).await.is_none());
    assert_eq!(told.recv().await, Some("begun"));
    drop(call);
    assert_eq!(told.recv().await, Some("cancelled"));
}

async fn a_method_that_is_not_stopped_hears_that_its_caller_gave_up(carrier: TestCarrier) {
    let (_backend, _frontend, wanted, mut told) = served(&carrier).await;
    gives_up(Box::pin(wanted.insists()), &mut told).await;
}

async fn a_method_on_a_thread_sees_that_its_caller_gave_up(carrier: TestCarrier) {
    let (_backend, _frontend, wanted, mut told) = served(&carrier).await;
    gives_up(Box::pin(wanted.looks()), &mut told).await;
    // On a busy machine, the deadline may pass before the method has begun.
    let mut timeout = Duration::from_millis(30);
    let call = loop {
        let mut call = tokio::spawn(wanted.looks().timeout(timeout));
        tokio::select! {
            begun = told.recv() => {
                assert_eq!(begun, Some("begun"));
                break call;
            }
            _ = &mut call => timeout *= 2,
        }
    };
    // A call whose deadline passed before may begin only now.
    let next = loop {
        match told.recv().await {
            Some("begun") => {}
            other => break other,
        }
    };
    assert_eq!(next, Some("cancelled"), "at its deadline");
    assert!(
        matches!(&call.await.unwrap(), Err(error) if error.kind() == ErrorKind::DeadlineExceeded)
    );
}

async fn a_task_of_a_method_hears_that_the_method_was_cancelled(carrier: TestCarrier) {
    let (_backend, _frontend, wanted, mut told) = served(&carrier).await;
    gives_up(Box::pin(wanted.spawns(false)), &mut told).await;
}

async fn a_call_that_was_answered_is_not_cancelled(carrier: TestCarrier) {
    let (_backend, frontend, wanted, mut told) = served(&carrier).await;
    wanted.spawns(true).await.unwrap();
    assert_eq!(told.recv().await, Some("begun"));
    gives_up(Box::pin(wanted.spawns(false)), &mut told).await;
    assert!(told.try_recv().is_err(), "one of both alone was cancelled");
    frontend.close().await;
    assert_eq!(told.recv().await, Some("cancelled"), "with the connection it ends all the same");
}

async fn every_call_hears_the_end_of_its_connection(carrier: TestCarrier) {
    let (_backend, frontend, wanted, mut told) = served(&carrier).await;
    let mut calls = [
        Box::pin(frontend.call::<()>("test.wanted.insists", &())),
        Box::pin(frontend.call::<()>("test.wanted.looks", &())),
        Box::pin(frontend.call::<()>("test.wanted.spawns", &(false,))),
    ];
    for call in &mut calls {
        assert!(poll_once(call).await.is_none());
        assert_eq!(told.recv().await, Some("begun"));
    }
    wanted.told().await.unwrap();
    assert_eq!(told.recv().await, Some("begun"));
    let _watched = wanted.watched().await.unwrap();
    assert_eq!(told.recv().await, Some("begun"));
    frontend.close().await;
    for _ in 0..5 {
        assert_eq!(told.recv().await, Some("cancelled"));
    }
}

async fn a_task_of_a_subscription_hears_that_it_was_closed(carrier: TestCarrier) {
    let (_backend, _frontend, wanted, mut told) = served(&carrier).await;
    let mut watched = wanted.watched().await.unwrap();
    assert_eq!(told.recv().await, Some("begun"));
    assert!(poll_once(&mut watched.next()).await.is_none());
    assert!(told.try_recv().is_err());
    drop(watched);
    assert_eq!(told.recv().await, Some("cancelled"));
}
