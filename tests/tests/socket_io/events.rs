//! Events and acknowledgements, both ways.

use ipc_runtime::{
    Backend, ErrorKind,
    config::{Acknowledgement, SocketIo},
    ipc_interface,
};
use ipc_tests::in_time;
use serde_json::{Value, json};

use crate::client::{Client, served, served_by};

/// What a backend can ask of a page.
#[ipc_interface(channel = "test.window", version = "1.0.0")]
trait Window {
    async fn title(&self, of: String) -> String;
}

#[tokio::test]
async fn results_and_errors_are_what_an_acknowledgement_is_called_with() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    let echo = client.asks("20[\"test.everything.echo\",\"\\u00e9\\\"\"]", "30").await;
    assert_eq!(echo, json!(["é\""]));
    assert_eq!(client.asks("21[\"test.everything.nothing\"]", "31").await, json!([null]));
    assert_eq!(client.asks("22[\"test.everything.float\",1]", "32").await, json!([1.0]));
    let failed = client.asks("23[\"test.everything.half\",3]", "33").await;
    let error = &failed[0]["error"];
    assert!(error["code"] == 1 && error["message"].is_string(), "{failed}");
    assert!(!error["data"].is_null(), "{failed}");
    let unknown = client.asks("24[\"nothing\"]", "34").await;
    assert_eq!(unknown[0]["error"]["code"], -32601, "{unknown}");
    let wrong = client.asks("25[\"test.everything.add\",1]", "35").await;
    assert_eq!(wrong[0]["error"]["code"], -32602, "{wrong}");
}

#[tokio::test]
async fn callbacks_have_the_style_of_node_if_asked_for() {
    let socket_io = SocketIo::new().acknowledge(Acknowledgement::NodeStyle);
    let served = served_by(Backend::builder().socket_io(socket_io)).await;
    let mut client = Client::joined(&served).await;
    let sum = client.asks("20[\"test.everything.add\",2,3]", "30").await;
    assert_eq!(sum, json!([null, 5]));
    let failed = client.asks("21[\"test.everything.half\",3]", "31").await;
    assert_eq!((failed[0]["code"].clone(), failed[1].clone()), (json!(1), Value::Null));
}

#[tokio::test]
async fn in_the_style_of_node_refusals_are_errors_and_bytes_are_results() {
    let socket_io = SocketIo::new().acknowledge(Acknowledgement::NodeStyle);
    let served = served_by(Backend::builder().socket_io(socket_io)).await;
    let mut client = Client::joined(&served).await;
    for (event, code) in
        [("\"nothing\"", -32601), ("\"rpc.ping\"", -32601), ("\"test.everything.add\",1", -32602)]
    {
        let refused = client.asks(&format!("20[{event}]"), "30").await;
        assert_eq!(refused.as_array().map(Vec::len), Some(1), "{refused}");
        assert_eq!(refused[0]["code"], code, "{refused}");
        assert!(refused[0]["message"].is_string(), "{refused}");
    }
    assert_eq!(client.asks("21[\"test.everything.nothing\"]", "31").await, json!([null, null]));
    client.say("51-2[\"test.everything.bytes\",{\"_placeholder\":true,\"num\":0}]").await;
    client.attach(&[]).await;
    assert_eq!(client.hear().await, "61-2[null,{\"_placeholder\":true,\"num\":0}]");
    assert_eq!(client.hear_bytes().await, [0_u8; 0]);
}

#[tokio::test]
async fn values_keep_their_digits_their_kinds_and_their_names() {
    let served = served().await;
    served.backend.expose("same", |(value,): (Value,)| async move { value }).unwrap();
    let mut client = Client::joined(&served).await;
    for value in [
        "18446744073709551615",
        "-9223372036854775808",
        "1.0",
        "-0.0",
        "1e300",
        "{\"\":2,\"__proto__\":{\"a\":1}}",
        "{\"_placeholder\":true,\"num\":0}",
        "[[[[[[[[[[]]]]]]]]]]",
    ] {
        client.say(&format!("20[\"same\",{value}]")).await;
        assert_eq!(client.hear().await, format!("30[{value}]"));
    }
}

#[tokio::test]
async fn events_without_an_acknowledgement_are_notifications() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    for number in 0..100 {
        client.say(&format!("2[\"test.everything.mark\",{number}]")).await;
    }
    let noted = client.asks("20[\"test.everything.noted\"]", "30").await;
    let expected: Vec<_> = (0..100).map(|number| number.to_string()).collect();
    assert_eq!(noted, json!([expected]));
    served.peer().notify("news", &("a", 1)).await.unwrap();
    assert_eq!(client.hear().await, "2[\"news\",\"a\",1]");
}

#[tokio::test]
async fn attachments_are_bytes_both_ways() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    client.say("51-7[\"test.everything.bytes\",{\"_placeholder\":true,\"num\":0}]").await;
    client.attach(&[0, 1, 255]).await;
    assert_eq!(client.hear().await, "61-7[{\"_placeholder\":true,\"num\":0}]");
    assert_eq!(client.hear_bytes().await, [0, 1, 255]);
    let [a, b] = [b"a", b"b"].map(|bytes| ipc_runtime::Bytes::from(bytes.to_vec()));
    served.peer().notify("blocks", &(a, ("x", b))).await.unwrap();
    let placeholders =
        "{\"_placeholder\":true,\"num\":0},[\"x\",{\"_placeholder\":true,\"num\":1}]";
    assert_eq!(client.hear().await, format!("52-[\"blocks\",{placeholders}]"));
    assert_eq!(client.hear_bytes().await, b"a");
    assert_eq!(client.hear_bytes().await, b"b");
}

#[tokio::test]
async fn a_message_with_more_attachments_than_clients_take_fails_alone() {
    let served = served().await;
    let blocks =
        |count: u8| (0..count).map(|n| ipc_runtime::Bytes::from(vec![n])).collect::<Vec<_>>();
    served.backend.expose("blocks", move |(count,): (u8,)| async move { blocks(count) }).unwrap();
    let mut client = Client::joined(&served).await;
    let failed = client.asks("21[\"blocks\",11]", "31").await;
    assert_eq!(failed[0]["error"]["code"], -32603, "{failed}");
    let why = failed[0]["error"]["message"].as_str().unwrap();
    assert!(why.contains("11") && why.contains("max_attachments"), "{why}");
    let error = served.peer().call::<bool>("take", &(blocks(11),)).await.unwrap_err();
    assert!(error.to_string().contains("max_attachments"), "{error}");
    client.say("22[\"blocks\",10]").await;
    assert!(client.hear().await.starts_with("610-2["));
    for n in 0..10 {
        assert_eq!(client.hear_bytes().await, [n]);
    }
}

#[tokio::test]
async fn interfaces_of_a_page_are_called_by_its_acknowledgements() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    let window: WindowClient = served.peer().client();
    let asking = tokio::spawn(async move { window.title("node".into()).await });
    let packet = client.hear().await;
    let id = packet.strip_prefix('2').unwrap();
    let id = id.strip_suffix("[\"test.window.title\",\"node\"]").unwrap();
    client.say(&format!("3{id}[\"a page\"]")).await;
    assert_eq!(in_time(asking).await.unwrap().unwrap(), "a page");
}

#[tokio::test]
async fn an_error_in_an_acknowledgement_fails_the_call() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    let peer = served.peer();
    let asking = tokio::spawn(async move { peer.call::<bool>("confirm", &("sure?",)).await });
    let packet = client.hear().await;
    let id = packet.strip_prefix('2').unwrap();
    let id = id.strip_suffix("[\"confirm\",\"sure?\"]").unwrap();
    client.say(&format!("3{id}[{{\"error\":{{\"code\":-32601,\"message\":\"no\"}}}}]")).await;
    let error = in_time(asking).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}

#[tokio::test]
async fn a_subscription_is_acknowledged_by_its_number_and_its_items_are_events() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    let id = client.asks("20[\"test.feed.count\",3]", "30").await[0].clone();
    assert!(id.is_u64(), "{id}");
    for number in 0..3 {
        let item = client.hear_json("2").await;
        assert_eq!(item, json!(["test.feed.count", { "subscription": id, "result": number }]));
    }
    let end = client.hear_json("2").await;
    assert_eq!(end, json!(["test.feed.count", { "subscription": id, "done": true }]));
}

#[tokio::test]
async fn names_of_the_runtime_are_refused() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    for name in ["rpc.handshake", "rpc.closing", "rpc.ping", "$/cancelRequest", "$/stream"] {
        let refused = client.asks(&format!("20[\"{name}\",{{}}]"), "30").await;
        assert_eq!(refused[0]["error"]["code"], -32601, "{name}: {refused}");
        client.say(&format!("2[\"{name}\",{{}}]")).await;
    }
    client.is_served().await;
}

#[tokio::test]
async fn an_id_in_flight_is_refused_and_the_first_goes_on() {
    let served = served().await;
    let mut client = Client::joined(&served).await;
    client.say("25[\"test.slow.wait\",1]").await;
    in_time(served.gates.began(1)).await;
    let refused = client.asks("25[\"test.everything.add\",2,3]", "35").await;
    assert_eq!(refused[0]["error"]["code"], -32600, "{refused}");
    served.gates.release(1);
    assert_eq!(client.hear_json("35").await, json!([1]));
}
