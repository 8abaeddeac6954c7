//! Batches: their answers come in one array, when the last of them is there.

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use ipc_runtime::{ErrorKind, Frontend, ipc_interface};
use ipc_tests::{
    Frames, Framing, HandlerEnding, LocalListener, RawPeer, Scratch, Site, endpoint_of, eventually,
    in_time, on_every_framing,
};
use serde_json::{Value, json};

on_every_framing! {
    answers_come_in_one_array_when_the_last_is_done,
    answers_that_are_there_at_once_come_in_order,
    two_batches_do_not_wait_for_each_other,
    a_batch_may_hold_replies_too,
    a_batch_of_replies_alone_is_not_answered,
    notifications_inside_are_handled_in_order_and_not_answered,
    an_id_that_comes_twice_is_in_flight_once,
    an_id_that_is_in_flight_outside_is_refused_inside,
    a_request_of_a_batch_can_be_cancelled,
    a_batch_may_cancel_its_own_request,
    a_reply_that_is_too_large_is_an_error_inside,
    replies_that_are_too_large_together_are_errors_inside,
    a_handshake_may_come_in_a_batch,
    messages_that_are_none_are_errors_inside,
    wrong_params_are_errors_inside,
    arrays_in_a_batch_are_no_messages,
    a_batch_with_white_space_around_is_one,
    many_messages_come_in_one_batch,
    the_end_of_the_connection_cancels_what_runs,
    a_backend_that_stops_lets_a_batch_finish,
    no_more_is_answered_than_may_be_queued,
    a_batch_of_large_answers_holds_up_nobody_else,
    requests_whose_answers_cannot_be_sent_any_more_do_not_run,
}

fn request(id: impl Into<Value>, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params })
}

fn wait(id: u32, call: u32) -> Value {
    request(id, "test.slow.wait", json!([call]))
}

fn ping(id: impl Into<Value>) -> Value {
    request(id, "test.slow.ping", json!([]))
}

fn result(id: impl Into<Value>, result: impl Into<Value>) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "result": result.into() })
}

async fn send(peer: &mut RawPeer, batch: Value) {
    peer.send(batch.to_string()).await;
}

async fn ask(peer: &mut RawPeer, batch: Value) -> Vec<Value> {
    send(peer, batch).await;
    answers(peer).await
}

/// The answers of the batch that comes next, in their order.
async fn answers(peer: &mut RawPeer) -> Vec<Value> {
    match peer.next().await {
        Value::Array(answers) => answers,
        other => panic!("{:?}: no array: {other}", peer.framing),
    }
}

/// The ids and error codes of answers; 0 where there was no error.
fn codes(answers: &[Value]) -> Vec<(Value, i64)> {
    let code = |answer: &Value| answer["error"]["code"].as_i64().unwrap_or(0);
    answers.iter().map(|answer| (answer["id"].clone(), code(answer))).collect()
}

async fn answers_come_in_one_array_when_the_last_is_done(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    send(&mut peer, json!([wait(1, 1), ping(2), wait(3, 3), ping("four")])).await;
    site.gates.have_begun(2).await;
    peer.hears_nothing_else().await;
    site.gates.release(3);
    site.gates.ended(3).await;
    peer.hears_nothing_else().await;
    site.gates.release(1);
    let answers = answers(&mut peer).await;
    assert_eq!(answers, [result(2, 7), result("four", 7), result(3, 3), result(1, 1)]);
    peer.hears_nothing_else().await;
}

async fn answers_that_are_there_at_once_come_in_order(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let ids = [json!(0), json!("0"), json!(-1), json!(1.5), Value::Null];
    let batch: Vec<_> = ids.iter().cloned().map(ping).collect();
    let expected: Vec<_> = ids.iter().map(|id| (id.clone(), 0)).collect();
    assert_eq!(codes(&ask(&mut peer, batch.into()).await), expected);
}

async fn two_batches_do_not_wait_for_each_other(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    send(&mut peer, json!([wait(1, 1), wait(2, 2)])).await;
    send(&mut peer, json!([wait(3, 3), wait(4, 4)])).await;
    site.gates.have_begun(4).await;
    for call in [1, 4, 3] {
        site.gates.release(call);
        site.gates.ended(call).await;
    }
    assert_eq!(answers(&mut peer).await.len(), 2);
    peer.hears_nothing_else().await;
    site.gates.release(2);
    assert_eq!(answers(&mut peer).await, [result(1, 1), result(2, 2)]);
}

async fn a_batch_may_hold_replies_too(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let failed = json!({ "jsonrpc": "2.0", "id": 4, "error": { "code": 1, "message": "m" } });
    let answers = ask(&mut peer, json!([result(9, 1), ping(1), failed, ping(2)])).await;
    assert_eq!(answers, [result(1, 7), result(2, 7)]);
    peer.hears_nothing_else().await;
}

async fn a_batch_of_replies_alone_is_not_answered(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    send(&mut peer, json!([result(1, 1), result(Value::Null, 1), result("x", 1)])).await;
    peer.hears_nothing_else().await;
}

#[tokio::test]
async fn a_frontends_calls_are_answered_by_a_batch() {
    let directory = Scratch::new();
    let socket = directory.socket("s");
    let listener = LocalListener::bind(&socket).unwrap();
    let endpoint = endpoint_of(&socket);
    let connecting = tokio::spawn(async move { Frontend::connect(endpoint).await });
    let stream = in_time(listener.accept()).await.unwrap();
    let mut backend = Frames::accept(stream).await;
    backend.handshake(10).await;
    let frontend = in_time(connecting).await.unwrap().unwrap();

    let one = tokio::spawn(frontend.call::<u32>("x.one", &()));
    let first = backend.next().await;
    let two = tokio::spawn(frontend.call::<u32>("x.two", &()));
    let second = backend.next().await;
    let failed = json!({
        "jsonrpc": "2.0", "id": first["id"], "error": { "code": -32601, "message": "none" },
    });
    let batch = json!([result(second["id"].clone(), 2), { "neither": 1 }, failed]);
    backend.send(batch.to_string()).await;
    assert_eq!(in_time(two).await.unwrap().unwrap(), 2);
    let error = in_time(one).await.unwrap().unwrap_err();
    assert!(error.kind() == ErrorKind::NotFound, "{error}");
    assert_eq!(codes(backend.next().await.as_array().unwrap()), [(Value::Null, -32600)]);
}

async fn notifications_inside_are_handled_in_order_and_not_answered(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let mark = |number: u32| json!({ "jsonrpc": "2.0", "method": "test.everything.mark", "params": [number] });
    let noted = |id: u32| request(id, "test.everything.noted", json!([]));
    let unknown = json!({ "jsonrpc": "2.0", "method": "test.everything.none" });
    let batch = json!([noted(1), mark(1), noted(2), mark(2), unknown, noted(3)]);
    let answers = ask(&mut peer, batch).await;
    let expected = [result(1, json!([])), result(2, json!(["1"])), result(3, json!(["1", "2"]))];
    assert_eq!(answers, expected);
    send(&mut peer, json!([mark(3), mark(4)])).await;
    peer.hears_nothing_else().await;
    assert_eq!(*site.all.noted.lock().unwrap(), ["1", "2", "3", "4"]);
}

async fn an_id_that_comes_twice_is_in_flight_once(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    send(&mut peer, json!([wait(1, 1), wait(1, 2), ping(1)])).await;
    site.gates.began(1).await;
    peer.hears_nothing_else().await;
    site.gates.release_all();
    let answers = answers(&mut peer).await;
    assert_eq!(codes(&answers), [(json!(1), -32600), (json!(1), -32600), (json!(1), 0)]);
    assert_eq!(site.gates.order(), [1]);
    // One after the other, an id may be used again.
    let answers = ask(&mut peer, json!([ping(1), ping(1)])).await;
    assert_eq!(answers, [result(1, 7), result(1, 7)]);
}

async fn an_id_that_is_in_flight_outside_is_refused_inside(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    send(&mut peer, wait(1, 1)).await;
    site.gates.began(1).await;
    let answers = ask(&mut peer, json!([ping(1), ping(2)])).await;
    assert_eq!(codes(&answers), [(json!(1), -32600), (json!(2), 0)]);
    site.gates.release(1);
    assert_eq!(peer.next().await, result(1, 1));
}

async fn a_request_of_a_batch_can_be_cancelled(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    send(&mut peer, json!([wait(1, 1), wait(2, 2)])).await;
    site.gates.have_begun(2).await;
    let cancel = json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": 1 } });
    send(&mut peer, cancel).await;
    assert_eq!(site.gates.ended(1).await, HandlerEnding::Dropped);
    peer.hears_nothing_else().await;
    site.gates.release(2);
    let answers = answers(&mut peer).await;
    assert_eq!(codes(&answers), [(json!(1), -32800), (json!(2), 0)]);
    assert_eq!(site.gates.ended(2).await, HandlerEnding::Finished);
}

async fn a_batch_may_cancel_its_own_request(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let cancel = json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": 1 } });
    let answers = ask(&mut peer, json!([wait(1, 1), cancel])).await;
    assert_eq!(codes(&answers), [(json!(1), -32800)]);
    assert_eq!(site.gates.ended(1).await, HandlerEnding::Dropped);
}

/// Shakes hands, taking messages of this size at most.
async fn takes(peer: &mut RawPeer, max_message_bytes: usize) {
    let limits = json!({ "maxMessageBytes": max_message_bytes, "maxInFlight": 100 });
    let hello = request(0, "rpc.handshake", json!({ "protocol": 1, "limits": limits }));
    assert_eq!(peer.ask(hello.to_string()).await["result"]["protocol"], 1);
}

async fn a_reply_that_is_too_large_is_an_error_inside(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    takes(&mut peer, 1000).await;
    let fill = request(1, "test.slow.fill", json!([5000]));
    let later = request(2, "test.slow.fill_later", json!([2, 5000]));
    send(&mut peer, json!([fill, later, ping(3)])).await;
    site.gates.began(2).await;
    peer.hears_nothing_else().await;
    site.gates.release(2);
    let answers = answers(&mut peer).await;
    assert_eq!(codes(&answers), [(json!(1), -32008), (json!(3), 0), (json!(2), -32008)]);
    assert_eq!(answers[0]["error"]["data"]["limit"], 1000);
    assert!(answers[0]["error"]["data"]["size"].as_u64().unwrap() > 5000);
    assert_eq!(peer.ask(ping(4).to_string()).await, result(4, 7));
}

async fn replies_that_are_too_large_together_are_errors_inside(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    takes(&mut peer, 1000).await;
    let fill = |id: u32| request(id, "test.slow.fill", json!([400]));
    let answers = ask(&mut peer, json!([fill(1), fill(2), fill(3), fill(4)])).await;
    let codes = codes(&answers);
    assert_eq!(codes[..2], [(json!(1), 0), (json!(2), 0)]);
    assert_eq!(codes[2..], [(json!(3), -32008), (json!(4), -32008)]);
}

async fn a_handshake_may_come_in_a_batch(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let limits = json!({ "maxMessageBytes": 1000, "maxInFlight": 100 });
    let uses = json!([
        { "channel": "test.slow", "version": "1.0.0", "fingerprint": "99:0000000000000000" },
        { "channel": "test.none", "version": "1.0.0", "fingerprint": "99:0000000000000000" },
    ]);
    let hello = json!({ "protocol": 1, "limits": limits, "uses": uses });
    let fill = |id: u32| request(id, "test.slow.fill", json!([2000]));
    // Each of the batch's messages is handled when those ahead of it were.
    let answers = ask(&mut peer, json!([request(1, "rpc.handshake", hello), fill(2)])).await;
    let codes = codes(&answers);
    assert_eq!(codes, [(json!(1), 0), (json!(2), -32008)]);
    let uses = &answers[0]["result"]["uses"];
    assert_eq!(uses[0]["version"], "1.0.0", "{uses}");
    assert_eq!(uses[1]["error"]["code"], -32601, "{uses}");
}

async fn messages_that_are_none_are_errors_inside(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let batch = r#"[
        1, "x", null, true, {}, {"jsonrpc":"2.0"}, {"jsonrpc":"2.0","id":1},
        {"jsonrpc":"1.0","id":2,"method":"test.slow.ping"},
        {"jsonrpc":"2.0","id":[],"method":"test.slow.ping"},
        {"jsonrpc":"2.0","id":3,"\u0069d":4,"\ud800":1,"method":"test.slow.ping"},
        {"jsonrpc":"2.0","id":5,"method":"\ud800"},
        {"jsonrpc":"2.0","id":6,"method":"test.slow.ping","params":7}
    ]"#;
    peer.send(batch).await;
    let answers = answers(&mut peer).await;
    let nobody = (Value::Null, -32600);
    let refused = |id: u32| (json!(id), -32600);
    let expected = [
        nobody.clone(),
        nobody.clone(),
        nobody.clone(),
        nobody.clone(),
        nobody.clone(),
        nobody.clone(),
        refused(1),
        refused(2),
        nobody,
        (json!(4), 0),
        refused(5),
        refused(6),
    ];
    assert_eq!(codes(&answers), expected);
    peer.hears_nothing_else().await;
}

async fn wrong_params_are_errors_inside(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let batch = r#"[
        {"jsonrpc":"2.0","id":1,"method":"test.everything.add","params":[1]},
        {"jsonrpc":"2.0","id":2,"method":"test.everything.echo","params":["\ud800"]},
        {"jsonrpc":"2.0","method":"test.everything.mark","params":["x"]},
        {"jsonrpc":"2.0","id":3,"method":"test.everything.none"}
    ]"#;
    peer.send(batch).await;
    let expected = [(json!(1), -32602), (json!(2), -32602), (json!(3), -32601)];
    assert_eq!(codes(&answers(&mut peer).await), expected);
    peer.hears_nothing_else().await;
}

async fn arrays_in_a_batch_are_no_messages(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let nobody = || (Value::Null, -32600);
    let answers = ask(&mut peer, json!([[], [ping(1)], ping(2), [[[]]]])).await;
    assert_eq!(codes(&answers), [nobody(), nobody(), (json!(2), 0), nobody()]);
    peer.hears_nothing_else().await;
}

async fn a_batch_with_white_space_around_is_one(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    peer.send(format!(" \r\n\t[ {} , {} ]\t ", ping(1), ping(2))).await;
    assert_eq!(answers(&mut peer).await, [result(1, 7), result(2, 7)]);
}

async fn many_messages_come_in_one_batch(framing: Framing) {
    let mut limits = ipc_runtime::Limits::default();
    limits.max_batch_length = 5000;
    let site = Site::of(ipc_runtime::Backend::builder().limits(limits)).await;
    let mut peer = site.peer(framing).await;
    let batch: Vec<_> = (0..5000).map(ping).collect();
    let answers = ask(&mut peer, batch.into()).await;
    assert_eq!(answers.len(), 5000);
    assert_eq!(answers[4999], result(4999, 7));
}

async fn the_end_of_the_connection_cancels_what_runs(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let mut other = site.peer(framing).await;
    other.hears_nothing_else().await;
    send(&mut peer, json!([wait(1, 1), ping(2), wait(3, 3)])).await;
    site.gates.have_begun(2).await;
    drop(peer);
    if framing == Framing::Newline {
        // There the end of the input is a half-close: what came in is finished.
        site.gates.release_all();
    }
    site.gates.have_ended(2).await;
    eventually("the connection has gone", || site.backend.connection_count() == 1).await;
    other.hears_nothing_else().await;
}

async fn a_backend_that_stops_lets_a_batch_finish(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    send(&mut peer, json!([wait(1, 1), ping(2)])).await;
    site.gates.began(1).await;
    let backend = site.backend.clone();
    let stopping = tokio::spawn(async move { backend.stop(Duration::from_secs(600)).await });
    let closing = peer.next().await;
    assert_eq!(closing["method"], "rpc.closing");
    let refused = ask(&mut peer, json!([wait(3, 3), ping(4)])).await;
    assert_eq!(codes(&refused), [(json!(3), -32005), (json!(4), -32005)]);
    site.gates.release(1);
    assert_eq!(answers(&mut peer).await, [result(2, 7), result(1, 1)]);
    peer.has_ended().await;
    in_time(stopping).await.unwrap();
}

/// Each `1` is answered with fifty times as many bytes.
async fn no_more_is_answered_than_may_be_queued(framing: Framing) {
    let mut limits = ipc_runtime::Limits::default();
    limits.max_message_bytes = 100_000;
    limits.max_queued_bytes = 200_000;
    limits.max_batch_length = 100_000;
    let site = Site::of(ipc_runtime::Backend::builder().limits(limits)).await;
    let mut peer = site.peer(framing).await;
    let mut other = site.peer(framing).await;
    other.hears_nothing_else().await;
    peer.send(format!("[1{}]", ",1".repeat(49_000))).await;
    peer.has_ended().await;
    other.hears_nothing_else().await;
}

/// Answers that take long to be made.
#[ipc_interface(channel = "test.heavy", version = "1.0.0")]
trait Heavy {
    /// So many bytes, made inline.
    fn fill(&self, bytes: usize) -> String;
    /// How often that ran.
    fn filled(&self) -> usize;
}

/// Its first answer waits until the test lets it be made.
struct Filler {
    began: mpsc::Sender<()>,
    release: std::sync::Mutex<mpsc::Receiver<()>>,
    filled: AtomicUsize,
}

impl Heavy for Filler {
    fn fill(&self, bytes: usize) -> String {
        if self.filled.fetch_add(1, Ordering::Relaxed) == 0 {
            self.began.send(()).unwrap();
            self.release.lock().unwrap().recv().unwrap();
        }
        "x".repeat(bytes)
    }

    fn filled(&self) -> usize {
        self.filled.load(Ordering::Relaxed)
    }
}

/// The backend has one thread alone, which the batch would keep to its end.
async fn a_batch_of_large_answers_holds_up_nobody_else(framing: Framing) {
    const REQUESTS: u32 = 100;
    let (began, has_begun) = mpsc::channel();
    let (release, released) = mpsc::channel();
    let (over, is_over) = tokio::sync::oneshot::channel::<()>();
    let (place, at) = mpsc::channel();
    let backend = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let filler = Filler { began, release: released.into(), filled: AtomicUsize::new(0) };
            let site = Site::new().await;
            site.backend.register(HeavyHandler::new(filler)).unwrap();
            place.send((site.socket.clone(), site.web_socket.clone())).unwrap();
            let _ = is_over.await;
        });
    });
    let (socket, web_socket) = at.recv().unwrap();
    let mut greedy = RawPeer::connect(framing, &socket, &web_socket).await;
    let mut other = RawPeer::connect(framing, &socket, &web_socket).await;
    assert_eq!(other.ask(ping(0).to_string()).await, result(0, 7));

    let fill = |id: u32| request(id, "test.heavy.fill", json!([100_000]));
    send(&mut greedy, (0..REQUESTS).map(fill).collect()).await;
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
    send(&mut other, request(1, "test.heavy.filled", json!([]))).await;
    release.send(()).unwrap();
    let filled = other.next().await["result"].as_u64().unwrap();
    assert!(filled < u64::from(REQUESTS), "the other one waited for {filled} answers");
    assert_eq!(answers(&mut greedy).await.len(), REQUESTS as usize);
    over.send(()).unwrap();
    tokio::task::spawn_blocking(|| backend.join().unwrap()).await.unwrap();
}

async fn requests_whose_answers_cannot_be_sent_any_more_do_not_run(framing: Framing) {
    let mut limits = ipc_runtime::Limits::default();
    limits.max_message_bytes = 100_000;
    // Twice as much is what the answers to one batch may take.
    limits.max_queued_bytes = 200_000;
    let site = Site::of(ipc_runtime::Backend::builder().limits(limits)).await;
    let mut peer = site.peer(framing).await;
    let fill = |id: u32| request(id, "test.slow.fill", json!([90_000]));
    let mark = json!({ "jsonrpc": "2.0", "method": "test.everything.mark", "params": [1] });
    let batch = (0..100).map(fill).chain([mark]).collect();
    let answers = ask(&mut peer, batch).await;
    assert_eq!(answers.len(), 100);
    let codes: Vec<_> = codes(&answers).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes[..5], [0, 0, 0, 0, -32008]);
    assert!(codes[5..].iter().all(|code| *code == -32009), "{codes:?}");
    assert_eq!(site.gates.filled(), 5);
    let error = &answers[99]["error"];
    assert_eq!(error["data"], json!({ "limit": "maxQueuedBytes", "value": 200_000 }));
    assert!(
        error["message"].as_str().unwrap().starts_with("test.slow.fill did not run"),
        "{error}"
    );
    // Nobody answers a notification.
    assert_eq!(*site.all.noted.lock().unwrap(), ["1"]);
    assert_eq!(peer.ask(ping(101).to_string()).await, result(101, 7));
}
