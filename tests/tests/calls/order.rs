//! Order: what begins when, and what waits for what.

use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use ipc_runtime::{Backend, BackendBuilder, Limits, config::NotificationOverflow, ipc_interface};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, Gates, HandlerEnding, Slow, SlowClient,
    SlowHandler, TestCarrier, eventually, on_every_carrier, poll_once,
};

on_every_carrier! {
    handlers_begin_in_the_order_of_arrival,
    notifications_keep_their_order_however_many_are_under_way,
    notifications_of_one_channel_run_one_after_another,
    a_pending_notification_holds_back_neither_requests_nor_other_channels,
    notifications_of_two_connections_do_not_wait_for_each_other,
    too_many_notifications_close_the_connection_where_that_was_chosen,
    the_newest_notifications_are_dropped_by_default,
    a_notification_that_waits_goes_to_the_handler_of_its_arrival,
}

/// Requests and notifications, sync and async, that are all listed.
#[ipc_interface(channel = "test.order", version = "1.0.0")]
trait Order {
    /// A request that is done at once.
    fn now(&self, number: u32);
    /// A request that begins by being listed, and then waits a little.
    async fn then(&self, number: u32);
    /// A notification.
    #[ipc(notification)]
    fn told(&self, number: u32);
    /// The list.
    fn list(&self) -> Vec<u32>;
}

#[derive(Default)]
struct List(Mutex<Vec<u32>>);

impl Order for List {
    fn now(&self, number: u32) {
        self.0.lock().unwrap().push(number);
    }

    async fn then(&self, number: u32) {
        self.0.lock().unwrap().push(number);
        tokio::task::yield_now().await;
    }

    fn told(&self, number: u32) {
        self.0.lock().unwrap().push(number);
    }

    fn list(&self) -> Vec<u32> {
        self.0.lock().unwrap().clone()
    }
}

async fn handlers_begin_in_the_order_of_arrival(carrier: TestCarrier) {
    let backend = Backend::new();
    backend.register(OrderHandler::new(List::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let order: OrderClient = frontend.open().await.unwrap();
    let mut calls = Vec::new();
    for number in 0..600 {
        match number % 3 {
            0 => calls.push(order.now(number)),
            1 => calls.push(order.then(number)),
            _ => {
                order.told(number).await.unwrap();
                continue;
            }
        }
        // Sent by its first poll; the reply is waited for later.
        if let Some(call) = calls.last_mut() {
            let _ = poll_once(call).await;
        }
    }
    assert_eq!(order.list().await.unwrap(), (0..600).collect::<Vec<_>>());
}

fn slow_backend(builder: BackendBuilder) -> (Backend, Gates) {
    let backend = builder.build();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    (backend, gates)
}

async fn notifications_keep_their_order_however_many_are_under_way(carrier: TestCarrier) {
    let backend = Backend::new();
    backend.register(OrderHandler::new(List::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let order: OrderClient = frontend.open().await.unwrap();
    let mut numbers = 0..;
    for round in 0..60 {
        // Alone they are written at once, others by the connection's task.
        let together: Vec<_> = numbers.by_ref().take(1 + round % 5).collect();
        for told in join_all(together.into_iter().map(|number| order.told(number))).await {
            told.unwrap();
        }
        if round % 3 == 0 {
            let mut told = Box::pin(order.told(numbers.next().unwrap()));
            let _ = poll_once(&mut told).await;
        }
        if round % 7 == 0 {
            order.now(numbers.next().unwrap()).await.unwrap();
        }
    }
    let expected: Vec<_> = (0..numbers.start).collect();
    assert_eq!(order.list().await.unwrap(), expected);
}

async fn notifications_of_one_channel_run_one_after_another(carrier: TestCarrier) {
    let (backend, gates) = slow_backend(Backend::builder());
    let frontend = carrier.connect(&backend).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    for call in 0..20 {
        slow.tell(call).await.unwrap();
    }
    for call in 0..20 {
        gates.began(call).await;
        // Everything that was sent has been read.
        assert_eq!(slow.ping().await.unwrap(), 7);
        assert_eq!(gates.order(), (0..=call).collect::<Vec<_>>());
        gates.release(call);
        assert_eq!(gates.ended(call).await, HandlerEnding::Finished);
    }
}

async fn a_pending_notification_holds_back_neither_requests_nor_other_channels(
    carrier: TestCarrier,
) {
    let (backend, gates) = slow_backend(Backend::builder());
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    let all: EverythingClient = frontend.open().await.unwrap();
    slow.tell(1).await.unwrap();
    slow.tell(2).await.unwrap();
    gates.began(1).await;
    assert_eq!(slow.ping().await.unwrap(), 7);
    let request = tokio::spawn(slow.wait(3));
    gates.began(3).await;
    all.note("beside".into()).await.unwrap();
    while all.noted().await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(gates.order(), [1, 3]);
    gates.release_all();
    assert_eq!(request.await.unwrap().unwrap(), 3);
    assert_eq!(gates.ended(2).await, HandlerEnding::Finished);
}

async fn notifications_of_two_connections_do_not_wait_for_each_other(carrier: TestCarrier) {
    let (backend, gates) = slow_backend(Backend::builder());
    let endpoint = carrier.listen(&backend).await;
    let mut clients = Vec::<SlowClient>::new();
    for _ in 0..2 {
        clients.push(carrier.builder().connect(&endpoint).await.unwrap().open().await.unwrap());
    }
    clients[0].tell(1).await.unwrap();
    gates.began(1).await;
    clients[1].tell(2).await.unwrap();
    gates.began(2).await;
    gates.release_all();
}

fn few(overflow: NotificationOverflow) -> Limits {
    let mut limits = Limits::default();
    limits.max_waiting_notifications = 3;
    limits.notification_overflow = overflow;
    limits
}

async fn too_many_notifications_close_the_connection_where_that_was_chosen(carrier: TestCarrier) {
    let limits = few(NotificationOverflow::Close);
    let (backend, gates) = slow_backend(Backend::builder().limits(limits));
    let frontend = carrier.connect(&backend).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    for call in 0..4 {
        slow.tell(call).await.unwrap();
    }
    assert_eq!(slow.ping().await.unwrap(), 7, "one runs and three wait: that many may");
    let _ = slow.tell(4).await;
    frontend.closed().await;
    eventually("the connection has gone", || backend.connection_count() == 0).await;
    assert_eq!(gates.ended(0).await, HandlerEnding::Dropped);
    assert_eq!(gates.order(), [0]);
}

async fn the_newest_notifications_are_dropped_by_default(carrier: TestCarrier) {
    let limits = few(NotificationOverflow::DropNewest);
    let (backend, gates) = slow_backend(Backend::builder().limits(limits));
    let frontend = carrier.connect(&backend).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    for call in 0..10 {
        slow.tell(call).await.unwrap();
    }
    assert_eq!(slow.ping().await.unwrap(), 7);
    gates.release_all();
    assert_eq!(gates.ended(3).await, HandlerEnding::Finished);
    slow.tell(10).await.unwrap();
    assert_eq!(gates.ended(10).await, HandlerEnding::Finished);
    assert_eq!(gates.order(), [0, 1, 2, 3, 10]);
    assert!(frontend.is_connected());
}

/// Two interfaces that claim one channel, with the same methods in another order.
mod swapped {
    use ipc_runtime::ipc_interface;

    #[ipc_interface(channel = "test.swapped", version = "1.0.0")]
    pub(crate) trait Early {
        #[ipc(notification)]
        async fn hold(&self);
        #[ipc(notification)]
        fn note(&self, line: String);
        #[ipc(notification)]
        fn other(&self, line: String);
    }

    #[ipc_interface(channel = "test.swapped", version = "1.0.0")]
    pub(crate) trait Late {
        #[ipc(notification)]
        fn other(&self, line: String);
        #[ipc(notification)]
        async fn hold(&self);
        #[ipc(notification)]
        fn note(&self, line: String);
    }
}

/// Keeps what it is called with, under its own name.
#[derive(Clone)]
struct Named(&'static str, Gates, Arc<Mutex<Vec<String>>>);

impl Named {
    fn keep(&self, method: &str, line: &str) {
        self.2.lock().unwrap().push(format!("{} {method} {line}", self.0));
    }
}

impl swapped::Early for Named {
    async fn hold(&self) {
        self.1.tell(1).await;
    }

    fn note(&self, line: String) {
        self.keep("note", &line);
    }

    fn other(&self, line: String) {
        self.keep("other", &line);
    }
}

impl swapped::Late for Named {
    fn other(&self, line: String) {
        self.keep("other", &line);
    }

    async fn hold(&self) {
        self.1.tell(2).await;
    }

    fn note(&self, line: String) {
        self.keep("note", &line);
    }
}

async fn a_notification_that_waits_goes_to_the_handler_of_its_arrival(carrier: TestCarrier) {
    let (backend, gates) = slow_backend(Backend::builder());
    let kept = Arc::default();
    let named = |name| Named(name, gates.clone(), Arc::clone(&kept));
    let early = backend.register(swapped::EarlyHandler::new(named("early"))).unwrap();
    let frontend = carrier.connect(&backend).await;
    frontend.notify("test.swapped.hold", &()).await.unwrap();
    frontend.notify("test.swapped.note", &["one"]).await.unwrap();
    frontend.notify("test.swapped.other", &["two"]).await.unwrap();
    gates.began(1).await;
    // Everything that was sent has been read.
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
    early.remove();
    backend.register(swapped::LateHandler::new(named("late"))).unwrap();
    frontend.notify("test.swapped.note", &["three"]).await.unwrap();
    frontend.notify("test.swapped.other", &["four"]).await.unwrap();
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
    assert!(kept.lock().unwrap().is_empty(), "the first one still runs");
    gates.release(1);
    eventually("all of them have run", || kept.lock().unwrap().len() == 4).await;
    let expected = ["early note one", "early other two", "late note three", "late other four"];
    assert_eq!(*kept.lock().unwrap(), expected);
}

mod raw {
    use ipc_tests::{Lines, Scratch, endpoint_of, in_time};
    use tokio::sync::oneshot;

    use super::*;

    fn tell(call: u32) -> String {
        format!("{{\"jsonrpc\":\"2.0\",\"method\":\"test.slow.tell\",\"params\":[{call}]}}\n")
    }

    #[tokio::test]
    async fn dropped_notifications_are_counted_and_told() {
        let directory = Scratch::new();
        let limits = few(NotificationOverflow::DropNewest);
        let (backend, gates) = slow_backend(Backend::builder().limits(limits));
        backend.listen(endpoint_of(&directory.socket("s"))).await.unwrap();
        let mut raw = Lines::connect(directory.socket("s")).await;
        for call in 0..10 {
            raw.write(tell(call)).await;
        }
        assert_eq!(raw.ask(r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#).await["id"], 1);
        gates.release_all();
        let dropped = raw.next().await;
        assert_eq!(dropped["method"], "rpc.dropped");
        assert_eq!(dropped["params"], serde_json::json!({ "channel": "test.slow", "n": 6 }));
        gates.ended(3).await;
        raw.write(tell(11)).await;
        gates.ended(11).await;
        // It is told once.
        assert_eq!(raw.ask(r#"{"jsonrpc":"2.0","id":2,"method":"rpc.ping"}"#).await["id"], 2);
        assert_eq!(gates.order(), [0, 1, 2, 3, 11]);
    }

    #[tokio::test]
    async fn waiting_notifications_are_limited_in_bytes() {
        let directory = Scratch::new();
        let mut limits = Limits::default();
        limits.max_waiting_notification_bytes = 8;
        let (backend, gates) = slow_backend(Backend::builder().limits(limits));
        backend.listen(endpoint_of(&directory.socket("s"))).await.unwrap();
        let mut raw = Lines::connect(directory.socket("s")).await;
        for call in 0..10 {
            raw.write(tell(call)).await;
        }
        assert_eq!(raw.ask(r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#).await["id"], 1);
        gates.release_all();
        assert_eq!(raw.next().await["params"]["n"], 7);
        gates.ended(2).await;
        assert_eq!(gates.order(), [0, 1, 2]);
    }

    /// Answers at once, or holds up everything that comes behind.
    #[ipc_interface(channel = "test.pages", version = "1.0.0")]
    trait Pages {
        /// A kilobyte.
        fn page(&self) -> String;
        /// Blocks the task of its connection.
        fn hold(&self) -> bool;
    }

    struct Book(Mutex<std::sync::mpsc::Receiver<()>>);

    impl Pages for Book {
        fn page(&self) -> String {
            "x".repeat(1024)
        }

        fn hold(&self) -> bool {
            self.0.lock().unwrap().recv().is_ok()
        }
    }

    #[tokio::test]
    async fn replies_are_written_while_there_is_more_to_hand_on() {
        let directory = Scratch::new();
        let endpoint = endpoint_of(&directory.socket("s"));
        let (release, released) = std::sync::mpsc::channel();
        let (listening, listens) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        // A runtime of its own: one whose worker is blocked may take no notice of sockets.
        let serving = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let backend = Backend::new();
                backend.register(PagesHandler::new(Book(Mutex::new(released)))).unwrap();
                backend.listen(endpoint).await.unwrap();
                listening.send(()).unwrap();
                let _ = stopped.await;
            });
        });
        in_time(listens).await.unwrap();
        let mut raw = Lines::connect(directory.socket("s")).await;
        let request = |id: u32, method: &str| {
            format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"test.pages.{method}\"}}\n")
        };
        // One write, and one read.
        let pages: String = (0..8).map(|id| request(id, "page")).collect();
        raw.write(pages + &request(8, "hold")).await;
        for id in 0..4 {
            assert_eq!(raw.next().await["id"], id);
        }
        release.send(()).unwrap();
        for id in 4..8 {
            assert_eq!(raw.next().await["id"], id);
        }
        assert_eq!(raw.next().await["result"], true);
        drop(stop);
        serving.join().unwrap();
    }
}
