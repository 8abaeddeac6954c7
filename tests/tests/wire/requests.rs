//! Requests and notifications on the wire: what is one, how it names its method, and what runs
//! beside it.

use ipc_tests::eventually;
use serde_json::json;

use super::served_backend::{call, served_lines};

#[tokio::test]
async fn notifications_are_never_answered() {
    let (_served, mut raw) = served_lines().await;
    for text in [
        r#"{"jsonrpc":"2.0","method":"test.everything.mark","params":[1]}"#,
        r#"{"jsonrpc":"2.0","method":"test.everything.add","params":[1,2]}"#,
        r#"{"jsonrpc":"2.0","method":"test.everything.add","params":["wrong"]}"#,
        r#"{"jsonrpc":"2.0","method":"test.everything.list","params":["/none"]}"#,
        r#"{"jsonrpc":"2.0","method":"test.everything.nope"}"#,
        r#"{"jsonrpc":"2.0","method":"nope"}"#,
        r#"{"jsonrpc":"2.0","method":"rpc.ping"}"#,
        r#"{"jsonrpc":"2.0","method":"rpc.nope"}"#,
        r#"{"jsonrpc":"2.0","method":"$/nope","params":[]}"#,
        r#"{"jsonrpc":"2.0","method":"$/cancelRequest"}"#,
        r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":99}}"#,
        r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":[]}}"#,
        r#"{"jsonrpc":"2.0","method":"rpc.closing","params":[{}]}"#,
    ] {
        raw.write(format!("{text}\n")).await;
    }
    let answer = raw.ask(call("1", "everything.noted", "null")).await;
    assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 1, "result": ["1"] }));
}

#[tokio::test]
async fn a_method_of_either_kind_answers_whoever_gives_an_id() {
    let (_served, mut raw) = served_lines().await;
    let answer = raw.ask(call("1", "everything.mark", "[5]")).await;
    assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 1, "result": null }));
}

#[tokio::test]
async fn an_unknown_channel_is_told_from_an_unknown_method() {
    let (_served, mut raw) = served_lines().await;
    for (method, expected) in [
        ("test.slow.nope", "`test.slow`"),
        ("test.slow.Ping", "no method `Ping`"),
        ("test.nope.ping", "no channel `test.nope`"),
        ("slow.ping", "no channel `slow`"),
        ("test.slow", "no channel `test`"),
        ("ping", "CHANNEL.METHOD"),
        ("", "CHANNEL.METHOD"),
        ("test.slow.", "no method ``"),
        (".ping", "no channel ``"),
        ("rpc.nope", "rpc.nope"),
        ("$/nope", "$/nope"),
    ] {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method }).to_string();
        let answer = raw.ask(request).await;
        assert_eq!(answer["error"]["code"], -32601, "{answer}");
        let text = answer["error"]["message"].as_str().unwrap();
        assert!(text.contains(expected), "{method}: {text}");
    }
}

#[tokio::test]
async fn a_name_may_be_spelled_with_escapes() {
    let (served, mut raw) = served_lines().await;
    for spelled in [r"test.slow.p\u0069ng", r"test\u002eslow.ping", r"\u0074est.slow.ping"] {
        let answer = raw.ask(call("1", "x", "null").replace("test.x", spelled)).await;
        assert_eq!(answer["result"], 7, "{spelled}: {answer}");
    }
    // As an encoder that keeps to ASCII writes it.
    let answer = raw.ask(call("1", r"everything.gr\u00f6\u00dfe", "null")).await;
    assert_eq!(answer["result"], 4, "{answer}");
    assert_eq!(raw.ask(call("1", "everything.größe", "null")).await["result"], 4);
    let answer = raw.ask(r#"{"jsonrpc":"2.0","\u0069d":5,"method":"rpc.pin\u0067"}"#).await;
    assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 5, "result": null }));
    // As an encoder writes it that escapes slashes.
    raw.write(call("8", "slow.wait", "[1]")).await;
    served.gates.began(1).await;
    let cancel = r#"{"jsonrpc":"2.0","method":"$\/cancelRequest","params":{"id":8}}"#;
    assert_eq!(raw.ask(cancel).await["error"]["code"], -32800);
}

#[tokio::test]
async fn what_is_no_request_is_an_invalid_request() {
    let (_served, mut raw) = served_lines().await;
    for (text, id) in [
        (r#"{"id":1,"method":"rpc.ping"}"#, json!(1)),
        (r#"{"jsonrpc":"1.0","id":1,"method":"rpc.ping"}"#, json!(1)),
        (r#"{"jsonrpc":2.0,"id":1,"method":"rpc.ping"}"#, json!(1)),
        (r#"{"jsonrpc":"2.0","id":1}"#, json!(1)),
        (r#"{"jsonrpc":"2.0","id":1,"method":5}"#, json!(1)),
        (r#"{"jsonrpc":"2.0","id":1,"method":null}"#, json!(1)),
        (r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping","result":1}"#, json!(1)),
        (r#"{"jsonrpc":"2.0","method":5}"#, json!(null)),
        (r#"{"jsonrpc":"2.0","result":1}"#, json!(null)),
        ("{}", json!(null)),
        (r#"{"foo":"boo"}"#, json!(null)),
    ] {
        let answer = raw.ask(text).await;
        assert_eq!(answer["error"]["code"], -32600, "{text}: {answer}");
        assert_eq!(answer["id"], id, "{text}: {answer}");
        assert!(answer.get("result").is_none());
    }
}

#[tokio::test]
async fn requests_run_concurrently_and_are_answered_as_they_finish() {
    let (served, mut raw) = served_lines().await;
    for id in 1..=3 {
        raw.write(call(&id.to_string(), "slow.wait", &format!("[{id}]"))).await;
    }
    served.gates.have_begun(3).await;
    for id in [2, 3, 1] {
        served.gates.release(id);
        assert_eq!(raw.next().await["id"], id);
    }
}

#[tokio::test]
async fn the_extension_of_a_request_sets_what_is_left() {
    let (_served, mut raw) = served_lines().await;
    for (extension, known) in [
        (r#""ipc":{"timeoutMs":600000,"more":1}"#, true),
        (r#""ipc":{}"#, false),
        (r#""ipc":null"#, false),
        (r#""ipc":"odd""#, false),
        (r#""other":{"timeoutMs":5}"#, false),
    ] {
        let request =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"test.slow.remaining",{extension}}}"#);
        let answer = raw.ask(request).await;
        assert_eq!(answer["result"].is_u64(), known, "{extension}: {answer}");
    }
}

#[tokio::test]
async fn what_a_peer_leaves_unfinished_is_cancelled_with_its_connection() {
    let (served, mut raw) = served_lines().await;
    raw.write(call("1", "slow.wait", "[1]")).await;
    served.gates.began(1).await;
    // Reading has ended here as well, so that the answer of the half-closed side has nowhere to go.
    drop(raw);
    served.gates.release(1);
    served.gates.ended(1).await;
    eventually("the connection has gone", || served.backend.connection_count() == 0).await;
}
