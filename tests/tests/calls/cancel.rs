//! Dropping a call cancels it.

use ipc_runtime::Backend;
use ipc_tests::{
    Gates, HandlerEnding, SlowClient, SlowHandler, TestCarrier, eventually, on_every_carrier,
};

on_every_carrier! {
    dropping_a_call_drops_the_handlers_future,
    no_cancel_and_blocking_handlers_run_on,
    dropping_all_of_a_frontend_cancels_its_handlers_and_notifications,
    a_call_that_was_cancelled_before_it_was_sent_leaves_no_trace,
    cancelling_a_thousand_calls_frees_their_places,
}

async fn slow(carrier: &TestCarrier) -> (Backend, Gates, SlowClient) {
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let client = frontend.open().await.unwrap();
    (backend, gates, client)
}

async fn dropping_a_call_drops_the_handlers_future(carrier: TestCarrier) {
    let (_backend, gates, slow) = slow(&carrier).await;
    let stays = tokio::spawn(slow.wait(1));
    let goes = tokio::spawn(slow.wait(2));
    gates.have_begun(2).await;
    goes.abort();
    assert_eq!(gates.ended(2).await, HandlerEnding::Dropped);
    assert_eq!(slow.ping().await.unwrap(), 7);
    assert_eq!(gates.ending(1), None, "others aren't touched");
    gates.release(1);
    assert_eq!(stays.await.unwrap().unwrap(), 1);
}

async fn no_cancel_and_blocking_handlers_run_on(carrier: TestCarrier) {
    let (_backend, gates, slow) = slow(&carrier).await;
    let insisting = tokio::spawn(slow.insist(1));
    let blocking = tokio::spawn(slow.block(2));
    let cancelled = tokio::spawn(slow.wait(3));
    gates.have_begun(3).await;
    insisting.abort();
    blocking.abort();
    cancelled.abort();
    assert_eq!(gates.ended(3).await, HandlerEnding::Dropped);
    assert_eq!(slow.ping().await.unwrap(), 7);
    assert_eq!((gates.ending(1), gates.ending(2)), (None, None));
    gates.release_all();
    assert_eq!(gates.ended(1).await, HandlerEnding::Finished);
    assert_eq!(gates.ended(2).await, HandlerEnding::Finished);
}

async fn dropping_all_of_a_frontend_cancels_its_handlers_and_notifications(carrier: TestCarrier) {
    let (backend, gates, slow) = slow(&carrier).await;
    let waiting = tokio::spawn(slow.wait(1));
    let insisting = tokio::spawn(slow.insist(2));
    slow.tell(3).await.unwrap();
    gates.have_begun(3).await;
    drop(slow);
    waiting.abort();
    insisting.abort();
    assert_eq!(gates.ended(1).await, HandlerEnding::Dropped);
    assert_eq!(gates.ended(3).await, HandlerEnding::Dropped);
    eventually("the connection has gone", || backend.connection_count() == 0).await;
    assert_eq!(gates.ending(2), None);
    gates.release(2);
    assert_eq!(gates.ended(2).await, HandlerEnding::Finished);
}

async fn a_call_that_was_cancelled_before_it_was_sent_leaves_no_trace(carrier: TestCarrier) {
    let (_backend, gates, slow) = slow(&carrier).await;
    // Aborted before the task runs, or right after its first poll: either way it goes.
    for call in 0..50 {
        tokio::spawn(slow.wait(call)).abort();
    }
    assert_eq!(slow.ping().await.unwrap(), 7);
    for call in gates.order() {
        assert_eq!(gates.ended(call).await, HandlerEnding::Dropped);
    }
}

async fn cancelling_a_thousand_calls_frees_their_places(carrier: TestCarrier) {
    let (_backend, gates, slow) = slow(&carrier).await;
    // More than the 1,024 that may be in flight.
    for round in 0..3 {
        let calls: Vec<_> = (0..1000).map(|n| tokio::spawn(slow.wait(round * 1000 + n))).collect();
        gates.have_begun((round as usize + 1) * 1000).await;
        calls.iter().for_each(|call| call.abort());
        gates.have_ended((round as usize + 1) * 1000).await;
    }
    assert_eq!(slow.ping().await.unwrap(), 7);
}

#[tokio::test]
async fn a_cancelled_request_is_answered_with_its_id() {
    use ipc_tests::{Lines, Scratch, endpoint_of};

    let directory = Scratch::new();
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    backend.listen(endpoint_of(&directory.socket("s"))).await.unwrap();
    let mut raw = Lines::connect(directory.socket("s")).await;
    for id in ["5", "\"five\"", "0", "-5", "5.5"] {
        let call = gates.order().len() as u32;
        let request =
            format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"test.slow.wait","params":[{call}]}}"#);
        raw.write(request).await;
        gates.began(call).await;
        let cancel =
            format!(r#"{{"jsonrpc":"2.0","method":"$/cancelRequest","params":{{"id":{id}}}}}"#);
        let answer = raw.ask(cancel).await;
        assert_eq!(answer["error"]["code"], -32800, "{answer}");
        assert_eq!(answer["id"].to_string(), id);
        assert_eq!(gates.ended(call).await, HandlerEnding::Dropped);
    }

    // What can't be cancelled answers truly.
    raw.write(r#"{"jsonrpc":"2.0","id":1,"method":"test.slow.insist","params":[99]}"#).await;
    gates.began(99).await;
    raw.write(r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#).await;
    let ping = raw.ask(r#"{"jsonrpc":"2.0","id":2,"method":"rpc.ping"}"#).await;
    assert_eq!(ping["id"], 2, "{ping}");
    gates.release(99);
    let answer = raw.next().await;
    assert_eq!((&answer["id"], &answer["result"]), (&1.into(), &99.into()));
}
