//! Ids on the wire: echoed as they came, refused while they are in flight, and ignored where nobody
//! waits for them.

use ipc_tests::HandlerEnding;
use serde_json::{Value, json};

use super::served_backend::{call, served_lines};

#[tokio::test]
async fn ids_are_echoed_as_they_came() {
    let (_served, mut raw) = served_lines().await;
    for id in [
        "0",
        "1",
        "-1",
        "-0",
        "1.5",
        "1.0",
        "1e3",
        "1E+400",
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551616",
        "123456789012345678901234567890",
        "null",
        "\"\"",
        "\"1\"",
        "\"ü漢🦀\"",
        r#""\u00fc\n\"\\\/""#,
    ] {
        for (method, ending) in [("slow.ping", "\"result\":7}"), ("slow.nope", "}}")] {
            raw.write(call(id, method, "null") + "\n").await;
            let answer = raw.next_text().await.unwrap();
            assert!(answer.contains(&format!("\"id\":{id},")), "{id}: {answer}");
            assert!(answer.ends_with(ending), "{answer}");
        }
    }
}

#[tokio::test]
async fn ids_of_other_kinds_are_an_invalid_request() {
    let (_served, mut raw) = served_lines().await;
    for id in ["[]", "[1]", "{}", "true", "false"] {
        let answer = raw.ask(call(id, "slow.ping", "null")).await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32600)));
    }
    // JSON has no such numbers.
    for id in ["01", "+1", ".5", "0x1", "nul", "-"] {
        let answer = raw.ask(call(id, "slow.ping", "null")).await;
        assert_eq!(
            (&answer["id"], &answer["error"]["code"]),
            (&Value::Null, &json!(-32700)),
            "{id}"
        );
    }
    assert_eq!(raw.ask(call("1", "slow.ping", "[]")).await["result"], 7);
}

#[tokio::test]
async fn the_id_of_a_request_in_flight_is_refused_and_the_first_goes_on() {
    let (served, mut raw) = served_lines().await;
    raw.write(call("5", "slow.wait", "[1]")).await;
    served.gates.began(1).await;
    for text in [
        call("5", "slow.wait", "[2]"),
        call("5", "slow.ping", "null"),
        call("5", "slow.nope", "null"),
        r#"{"jsonrpc":"2.0","id":5}"#.into(),
        call("5", "slow.ping", "7"),
    ] {
        assert_eq!(raw.ask_code(&text).await, -32600, "{text}");
    }
    let _ = raw.ask(r#"{"jsonrpc":"2.0","id":5,"method":"rpc.ping"}"#).await;
    // Other kinds of the same digits are other ids.
    assert_eq!(raw.ask(call("\"5\"", "slow.ping", "null")).await["result"], 7);
    assert_eq!(raw.ask(call("5.0", "slow.ping", "null")).await["result"], 7);
    assert_eq!(served.gates.order(), [1]);
    let cancel = r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":5}}"#;
    assert_eq!(raw.ask(cancel).await["error"]["code"], -32800, "it can still be cancelled");
    assert_eq!(served.gates.ended(1).await, HandlerEnding::Dropped);
    assert_eq!(raw.ask(call("5", "slow.ping", "null")).await["result"], 7, "the id is free");
}

#[tokio::test]
async fn requests_without_an_id_of_their_own_can_be_in_flight() {
    let (served, mut raw) = served_lines().await;
    raw.write(call("null", "slow.wait", "[1]")).await;
    served.gates.began(1).await;
    assert_eq!(raw.ask_code("{]").await, -32700);
    assert_eq!(raw.ask_code("{}").await, -32600);
    served.gates.release(1);
    assert_eq!(raw.next().await, json!({ "jsonrpc": "2.0", "id": null, "result": 1 }));
}

#[tokio::test]
async fn replies_that_nobody_waits_for_are_dropped() {
    let (_served, mut raw) = served_lines().await;
    for text in [
        r#"{"jsonrpc":"2.0","id":1,"result":5}"#,
        r#"{"jsonrpc":"2.0","id":"x","result":null}"#,
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what?"}}"#,
        r#"{"jsonrpc":"2.0","id":65537,"error":{}}"#,
        r#"{"jsonrpc":"2.0","id":18446744073709551615,"result":1}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#,
    ] {
        raw.write(format!("{text}\n")).await;
    }
    assert_eq!(raw.ask(call("2", "slow.ping", "null")).await["result"], 7);
}
