//! Calls: every kind of method, on every carrier.

use std::{path::Path, sync::Arc};

use ipc_runtime::{
    Backend, Bytes, CallContext, CallError, ErrorKind, Frontend, IpcError, Peer, PeerId,
    ipc_interface, ipc_type,
};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, FileError, FileInfo, Gates, SlowClient,
    SlowHandler, TestCarrier, eventually, on_every_carrier,
};

on_every_carrier! {
    every_kind_of_method_is_called,
    a_call_can_be_spawned_and_borrows_nothing,
    a_thousand_calls_run_at_once,
    replies_come_out_of_order,
    a_mebibyte_travels_both_ways,
    text_keeps_every_character,
    several_interfaces_and_clients_share_a_connection,
    many_frontends_are_served_at_once,
    a_notification_that_was_awaited_arrives_though_the_frontend_closes,
    a_connection_lasts_as_long_as_one_client,
    arrays_of_any_length_travel,
    the_id_of_a_peer_travels_and_is_found_again,
    a_method_named_as_one_of_the_prelude_is_called,
}

async fn everything(carrier: &TestCarrier) -> (Backend, EverythingClient) {
    let backend = Backend::new();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let client = frontend.open().await.unwrap();
    (backend, client)
}

async fn every_kind_of_method_is_called(carrier: TestCarrier) {
    let (_backend, all) = everything(&carrier).await;

    assert_eq!(all.echo("x".into()).await.unwrap(), "x");
    assert_eq!(all.add(-2, i64::MAX).await.unwrap(), i64::MAX - 2);
    assert_eq!(all.reverse(vec![1, 2, 3]).await.unwrap(), [3, 2, 1]);

    let second = || Some("b".to_owned());
    assert_eq!(all.optional(1, None, None).await.unwrap(), "1 None None");
    assert_eq!(all.optional(1, second(), None).await.unwrap(), r#"1 Some("b") None"#);
    assert_eq!(all.optional(1, None, Some(3)).await.unwrap(), "1 None Some(3)");

    let info = FileInfo { name: "n".into(), size: 1 };
    let borrowed = all.borrowed("t", &[1, 2], &info, Path::new("/p")).await.unwrap();
    assert_eq!(borrowed, "t [1, 2] n /p");
    assert_eq!(all.maybe_borrowed(Some("four")).await.unwrap(), Some(4));
    assert_eq!(all.maybe_borrowed(None).await.unwrap(), None);

    assert_eq!(all.r#type("f".into()).await.unwrap(), "fn f");
    let many = all.fourteen(
        1,
        2,
        3,
        u64::MAX,
        -5,
        -6,
        -7,
        i64::MIN,
        1.5,
        -0.25,
        true,
        'ß',
        "m".into(),
        (13, 14),
    );
    let expected = "1 2 3 18446744073709551615 -5 -6 -7 -9223372036854775808 1.5 -0.25 true ß m \
                    (13, 14)";
    assert_eq!(many.await.unwrap(), expected);
    assert_eq!(all.read_dir("d".into()).await.unwrap(), ["d/a", "d/b"]);
    assert_eq!(all.size().await.unwrap(), 4);
    assert_eq!(all.context(1, 2).await.unwrap(), "1 test.everything.context 2");

    assert_eq!(all.list("/d").await.unwrap(), [FileInfo { name: "/d/a".into(), size: 7 }]);
    match all.list("/none").await {
        Err(CallError::Method(FileError::NotFound(name))) => assert_eq!(name, "/none"),
        other => panic!("{other:?}"),
    }
    assert_eq!(all.half(4).await.unwrap(), 2);
    assert!(matches!(all.half(3).await, Err(CallError::Method(FileError::NotFound(_)))));
    let () = all.nothing().await.unwrap();
    let () = all.succeed(false).await.unwrap();
    assert!(matches!(all.succeed(true).await, Err(CallError::Method(_))));

    let bytes = Bytes::from((0..=255).collect::<Vec<u8>>());
    assert_eq!(all.bytes(bytes.clone()).await.unwrap(), bytes);
    assert_eq!(all.bytes(Bytes::default()).await.unwrap(), Bytes::default());
    assert_eq!(all.float(0.1).await.unwrap(), 0.1);
    let info = FileInfo { name: "info".into(), size: 9 };
    assert_eq!(all.describe(info).await.unwrap(), "info 9");

    all.note("one".into()).await.unwrap();
    all.mark(2).await.unwrap();
    all.mark_slowly(3).await.unwrap();
    all.note("four".into()).await.unwrap();
    let mut noted = Vec::new();
    while noted.len() < 4 {
        noted = all.noted().await.unwrap();
    }
    assert_eq!(noted, ["one", "2", "slow 3", "four"]);
}

async fn a_call_can_be_spawned_and_borrows_nothing(carrier: TestCarrier) {
    let (_backend, all) = everything(&carrier).await;
    let call = {
        let directory = String::from("/gone");
        let info = FileInfo { name: "gone".into(), size: 1 };
        (all.list(&directory), all.borrowed(&directory, &[1], &info, Path::new(&directory)))
    };
    drop(all);
    let listed = tokio::spawn(call.0).await.unwrap().unwrap();
    assert_eq!(listed[0].name, "/gone/a");
    assert_eq!(tokio::spawn(call.1).await.unwrap().unwrap(), "/gone [1] gone /gone");
}

async fn a_thousand_calls_run_at_once(carrier: TestCarrier) {
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    let calls: Vec<_> = (0..1000).map(|call| tokio::spawn(slow.wait(call))).collect();
    // Each of them waits for the last one to begin.
    gates.have_begun(1000).await;
    gates.release_all();
    for (call, reply) in calls.into_iter().enumerate() {
        assert_eq!(reply.await.unwrap().unwrap() as usize, call);
    }
}

async fn replies_come_out_of_order(carrier: TestCarrier) {
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    let calls: Vec<_> = (0..5).map(|call| tokio::spawn(slow.wait(call))).collect();
    gates.have_begun(5).await;
    for call in (0..5).rev() {
        gates.release(call);
        eventually("the released call has its reply", || calls[call as usize].is_finished()).await;
        let waiting = calls.iter().filter(|call| !call.is_finished()).count();
        assert_eq!(waiting, call as usize);
    }
    for (call, reply) in calls.into_iter().enumerate() {
        assert_eq!(reply.await.unwrap().unwrap() as usize, call);
    }
}

async fn a_mebibyte_travels_both_ways(carrier: TestCarrier) {
    let (_backend, all) = everything(&carrier).await;
    let mebibyte = 1 << 20;
    let text: String = ('a'..='z').cycle().take(mebibyte).collect();
    let bytes: Vec<u8> = (0..=255).cycle().take(mebibyte).collect();
    let several: Vec<_> = (0..4)
        .map(|_| {
            let echo = tokio::spawn(all.echo(text.clone()));
            (echo, tokio::spawn(all.bytes(bytes.clone().into())))
        })
        .collect();
    for (echoed, doubled) in several {
        assert!(echoed.await.unwrap().unwrap() == text);
        assert!(*doubled.await.unwrap().unwrap() == *bytes);
    }
    let numbers: Vec<u8> = (0..=255).cycle().take(mebibyte / 8).collect();
    let reversed: Vec<u8> = numbers.iter().rev().copied().collect();
    assert!(all.reverse(numbers).await.unwrap() == reversed);
}

async fn text_keeps_every_character(carrier: TestCarrier) {
    let (_backend, all) = everything(&carrier).await;
    for text in [
        "",
        "ärger 漢字 🦀 e\u{301}",
        "\0\u{1}\u{1f}\u{7f}\u{80}\n\r\t\"\\/",
        "\u{2028}\u{2029}\u{feff}\u{fffd}\u{10ffff}",
        r#"{"jsonrpc":"2.0"}"#,
        "]}\n{[",
    ] {
        assert_eq!(all.echo(text.into()).await.unwrap(), text);
        match all.list("/none").await {
            Err(error) => assert_eq!(error.to_string(), "no such directory: /none"),
            Ok(listed) => panic!("{listed:?}"),
        }
    }
    let every: String = ('\0'..=char::MAX).step_by(97).collect();
    assert_eq!(all.echo(every.clone()).await.unwrap(), every);
}

async fn several_interfaces_and_clients_share_a_connection(carrier: TestCarrier) {
    /// Implements both interfaces, and two whose methods have the same names.
    struct Both;

    impl One for Both {
        async fn name(&self) -> String {
            "one".into()
        }
    }

    impl Two for Both {
        async fn name(&self) -> String {
            "two".into()
        }
    }

    let backend = Backend::new();
    let both = Arc::new(Both);
    backend.register(OneHandler::new(both.clone())).unwrap();
    backend.register(TwoHandler::new(both.clone())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let ones: Vec<OneClient> =
        [frontend.open().await.unwrap(), frontend.client(), frontend.open().await.unwrap()].into();
    let two: TwoClient = frontend.open().await.unwrap();
    for one in &ones {
        assert_eq!(one.name().await.unwrap(), "one");
        assert_eq!(two.clone().name().await.unwrap(), "two");
    }
    assert_eq!(backend.connection_count(), 1);
    assert!(Arc::strong_count(&both) > 1, "the handlers are shared, not cloned");
}

/// One of two.
#[ipc_interface(channel = "test.one", version = "1.0.0")]
trait One {
    /// Its name.
    async fn name(&self) -> String;
}

/// The other of two, in a channel that begins as the first one does.
#[ipc_interface(channel = "test.one.two", version = "1.0.0")]
trait Two {
    /// Its name.
    async fn name(&self) -> String;
}

async fn many_frontends_are_served_at_once(carrier: TestCarrier) {
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    let endpoint = carrier.listen(&backend).await;
    let frontends: Vec<_> = (0..50)
        .map(|number| {
            let connecting = carrier.builder().connect(endpoint.clone());
            tokio::spawn(async move {
                let frontend = connecting.await.unwrap();
                let slow: SlowClient = frontend.open().await.unwrap();
                slow.wait(number).await.unwrap()
            })
        })
        .collect();
    gates.have_begun(50).await;
    assert_eq!(backend.connection_count(), 50);
    gates.release_all();
    for (number, frontend) in frontends.into_iter().enumerate() {
        assert_eq!(frontend.await.unwrap() as usize, number);
    }
    eventually("all connections have gone", || backend.connection_count() == 0).await;
}

async fn a_notification_that_was_awaited_arrives_though_the_frontend_closes(carrier: TestCarrier) {
    let backend = Backend::new();
    let handler = Arc::new(EverythingService::default());
    backend.register(EverythingHandler::new(handler.clone())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let all: EverythingClient = frontend.open().await.unwrap();
    for number in 0..100 {
        all.mark(number).await.unwrap();
    }
    frontend.close().await;
    eventually("all hundred have arrived", || handler.noted.lock().unwrap().len() == 100).await;
}

async fn a_connection_lasts_as_long_as_one_client(carrier: TestCarrier) {
    let (backend, all) = everything(&carrier).await;
    let clone = all.clone();
    drop(all);
    assert_eq!(clone.add(1, 1).await.unwrap(), 2);
    let call = clone.add(2, 2);
    drop(clone);
    assert_eq!(call.await.unwrap(), 4);
    eventually("the connection has gone", || backend.connection_count() == 0).await;
}

#[tokio::test]
async fn a_handler_calls_back_into_its_own_backend() {
    struct Relay(EverythingClient);

    impl One for Relay {
        async fn name(&self) -> String {
            self.0.echo("relayed".into()).await.unwrap_or_else(|error| error.to_string())
        }
    }

    let carrier = TestCarrier::memory();
    let (backend, all) = everything(&carrier).await;
    backend.register(OneHandler::new(Relay(all))).unwrap();
    let frontend = Frontend::connect(&carrier.endpoint).await.unwrap();
    let one: OneClient = frontend.open().await.unwrap();
    assert_eq!(one.name().await.unwrap(), "relayed");
}

#[tokio::test]
async fn an_argument_that_can_not_be_written_fails_here_and_nothing_is_sent() {
    let (_backend, all) = everything(&TestCarrier::memory()).await;
    match all.float(f64::INFINITY).await {
        Err(error) if error.kind() == ErrorKind::Encode => {
            let (method, message) = (error.method(), error.message().unwrap());
            assert_eq!(method, "test.everything.float");
            assert!(message.contains("`number`"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(all.add(1, 2).await.unwrap(), 3);
}

#[tokio::test]
async fn a_call_that_is_never_polled_is_never_sent() {
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    let frontend = TestCarrier::memory().connect(&backend).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    let unpolled = slow.wait(1);
    assert_eq!(slow.ping().await.unwrap(), 7);
    drop(unpolled);
    assert_eq!(slow.ping().await.unwrap(), 7);
    assert!(gates.order().is_empty());
}

#[test]
fn calls_and_clients_can_be_moved_between_threads() {
    fn is_send<T: Send + 'static>(_: &T) {}
    fn is_shared<T: Clone + Send + Sync + 'static>() {}

    is_shared::<EverythingClient>();
    is_shared::<Backend>();
    is_shared::<Frontend>();
    is_shared::<Peer>();
    is_shared::<IpcError>();
    fn check(all: &EverythingClient) {
        is_send(&all.borrowed("", &[], &FileInfo { name: String::new(), size: 0 }, Path::new("")));
        is_send(&all.note(String::new()));
    }
    let _ = check;
}

#[ipc_type]
#[derive(Debug, PartialEq)]
struct Seal {
    digest: [u8; 64],
    rows: [(u8, String); 33],
}

// Of clippy's, since nothing of what is made of an argument may be told about its name.
#[warn(clippy::used_underscore_binding)]
mod odd {
    use super::{CallContext, PeerId, Seal, ipc_interface};

    #[ipc_interface(channel = "test.odd", version = env!("CARGO_PKG_VERSION"))]
    pub(super) trait Odd {
        async fn seal(&self, digest: [u8; 64], row: &[u8; 33], _reserved: u8) -> Seal;
        async fn own_id(&self, #[ipc(context)] call: &CallContext) -> PeerId;
        async fn into(&self) -> u8;
        async fn try_into(&self) -> u8;
        async fn clone(&self) -> u8;
        async fn to_owned(&self) -> u8;
        async fn type_id(&self) -> u8;
    }
}

use odd::{Odd, OddClient, OddHandler};

struct Odder;

impl Odd for Odder {
    async fn seal(&self, digest: [u8; 64], row: &[u8; 33], _: u8) -> Seal {
        Seal { digest, rows: row.map(|number| (number, number.to_string())) }
    }

    async fn own_id(&self, call: &CallContext) -> PeerId {
        call.peer().id()
    }

    async fn into(&self) -> u8 {
        1
    }

    async fn try_into(&self) -> u8 {
        2
    }

    async fn clone(&self) -> u8 {
        3
    }

    async fn to_owned(&self) -> u8 {
        4
    }

    async fn type_id(&self) -> u8 {
        5
    }
}

async fn odd(carrier: &TestCarrier) -> (Backend, OddClient) {
    let backend = Backend::new();
    backend.register(OddHandler::new(Odder)).unwrap();
    let odd = carrier.connect(&backend).await.open().await.unwrap();
    (backend, odd)
}

async fn arrays_of_any_length_travel(carrier: TestCarrier) {
    let (_backend, odd) = odd(&carrier).await;
    let row = std::array::from_fn(|at| u8::try_from(at).unwrap());
    let seal = odd.seal([7; 64], &row, 0).await.unwrap();
    assert_eq!(seal.digest, [7; 64]);
    assert_eq!(seal.rows[32], (32, "32".to_owned()));
}

async fn the_id_of_a_peer_travels_and_is_found_again(carrier: TestCarrier) {
    let (backend, odd) = odd(&carrier).await;
    let id = odd.own_id().await.unwrap();
    assert_eq!(backend.peer(id).unwrap().id(), id);
    assert_eq!(id.to_string().parse::<PeerId>().unwrap(), id);
}

async fn a_method_named_as_one_of_the_prelude_is_called(carrier: TestCarrier) {
    let (_backend, odd) = odd(&carrier).await;
    assert_eq!(OddClient::into(&odd).await.unwrap(), 1);
    assert_eq!(OddClient::try_into(&odd).await.unwrap(), 2);
    let lent = &odd;
    assert_eq!(lent.into().await.unwrap(), 1);
    assert_eq!(odd.clone().await.unwrap(), 3);
    assert_eq!(odd.to_owned().await.unwrap(), 4);
    assert_eq!(odd.type_id().await.unwrap(), 5);
}
