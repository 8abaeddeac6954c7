//! What a backend and a frontend hold is counted, and nothing is left when a window has gone.

use futures_util::{StreamExt, stream};
use ipc_runtime::{Backend, Frontend, Streaming, Usage};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, FeedClient, FeedHandler, Gates,
    SlowClient, SlowHandler, Source, TestCarrier, eventually, on_every_carrier, poll_once,
};

on_every_carrier! {
    everything_of_a_window_is_counted_and_released_when_it_goes,
    everything_of_a_window_is_released_when_the_backend_stops,
    what_has_ended_by_itself_is_not_counted,
}

/// A backend with a window that uses everything at once.
struct Busy {
    backend: Backend,
    frontend: Frontend,
    alive: Vec<Box<dyn std::any::Any + Send>>,
}

async fn busy(carrier: &TestCarrier) -> Busy {
    let backend = Backend::new();
    let (gates, window_gates, source) = (Gates::new(), Gates::new(), Source::default());
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    backend.register(FeedHandler::new(source)).unwrap();
    backend.register_with(|_| EverythingHandler::new(EverythingService::default())).unwrap();
    assert!(backend.usage().is_zero());
    let endpoint = carrier.listen(&backend).await;
    let builder = carrier.builder().register(SlowHandler::new(window_gates.clone())).unwrap();
    let frontend = builder.connect(endpoint).await.unwrap();
    let mut alive: Vec<Box<dyn std::any::Any + Send>> = Vec::new();
    // One call that runs and two notifications, of which one waits; the same to the window.
    let slow: SlowClient = frontend.open().await.unwrap();
    let window = backend.peers().iter().next().unwrap().open::<SlowClient>().await.unwrap();
    for (slow, gates) in [(&slow, &gates), (&window, &window_gates)] {
        let mut call = Box::pin(slow.wait(1));
        assert!(poll_once(&mut call).await.is_none());
        gates.began(1).await;
        slow.tell(2).await.unwrap();
        gates.began(2).await;
        slow.tell(3).await.unwrap();
        alive.push(Box::new(call));
    }
    let everything: EverythingClient = frontend.open().await.unwrap();
    everything.add(1, 2).await.unwrap();
    // Two subscriptions, one with a stream among its arguments.
    let feed: FeedClient = frontend.open().await.unwrap();
    alive.push(Box::new(feed.events().await.unwrap()));
    let numbers = Streaming::new(stream::iter([1, 2]).chain(stream::pending()));
    let mut doubled = feed.doubled(numbers).await.unwrap();
    assert_eq!(doubled.next().await.unwrap().unwrap(), 2);
    alive.push(Box::new(doubled));
    let usage = || (backend.usage(), frontend.usage());
    let counted = || {
        let (served, used) = usage();
        (served.waiting_notifications, used.waiting_notifications) == (1, 1)
            && (served.outgoing_streams, served.incoming_streams) == (2, 1)
            && (used.outgoing_streams, used.incoming_streams) == (1, 2)
            && (served.running_handlers, used.running_handlers) == (4, 2)
    };
    eventually("everything is counted", counted).await;
    let (served, used) = usage();
    assert_eq!((served.connections, used.connections), (1, 1));
    assert_eq!((served.pending_calls, used.pending_calls), (1, 1));
    assert_eq!((served.peer_handlers, used.peer_handlers), (1, 0));
    Busy { backend, frontend, alive }
}

async fn everything_of_a_window_is_counted_and_released_when_it_goes(carrier: TestCarrier) {
    let Busy { backend, frontend, alive } = busy(&carrier).await;
    frontend.close().await;
    // Only what somebody still holds in his hands is there: two calls, which have failed, and the
    // ends of two subscriptions.
    let (mut served, mut used) = (Usage::default(), Usage::default());
    (served.connections, used.connections, used.incoming_streams) = (1, 1, 2);
    let expected = (served, used);
    eventually("the rest is gone", || (backend.usage(), frontend.usage()) == expected).await;
    drop(alive);
    eventually("nothing is left", || backend.usage().is_zero() && frontend.usage().is_zero()).await;
}

async fn everything_of_a_window_is_released_when_the_backend_stops(carrier: TestCarrier) {
    let Busy { backend, frontend, alive } = busy(&carrier).await;
    backend.stop(std::time::Duration::ZERO).await;
    drop(alive);
    eventually("nothing is left", || backend.usage().is_zero() && frontend.usage().is_zero()).await;
}

async fn what_has_ended_by_itself_is_not_counted(carrier: TestCarrier) {
    let backend = Backend::new();
    backend.register(FeedHandler::new(Source::default())).unwrap();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let feed: FeedClient = frontend.open().await.unwrap();
    let everything: EverythingClient = frontend.open().await.unwrap();
    for _ in 0..10 {
        assert_eq!(feed.count(5).await.unwrap().count().await, 5);
        let sent = Streaming::new(stream::iter(0..100));
        assert_eq!(feed.take(3, sent).await.unwrap(), [0, 1, 2]);
        everything.echo("x".into()).await.unwrap();
        everything.note("x".into()).await.unwrap();
    }
    let quiet = |usage: Usage| {
        (usage.pending_calls, usage.running_handlers, usage.waiting_notifications) == (0, 0, 0)
            && (usage.outgoing_streams, usage.incoming_streams) == (0, 0)
    };
    eventually("all is quiet", || quiet(backend.usage()) && quiet(frontend.usage())).await;
    assert_eq!((backend.usage().connections, frontend.usage().connections), (1, 1));
}
