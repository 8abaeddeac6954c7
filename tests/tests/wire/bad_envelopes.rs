//! Bad envelopes in each framing: ids, methods and members that are none, or come when they must
//! not. Each gets a clear answer, and nothing is lost.

use ipc_tests::{Framing, Site, on_every_framing};
use serde_json::{Value, json};

use super::input_rows::{
    ALL,
    Expected::{Error, Nothing},
    Row, WITH_LENGTHS, check_rows, good,
};

on_every_framing! {
    envelopes_that_are_none,
    ids_of_all_kinds,
    methods_that_are_not_there,
    keys_that_come_twice,
    replies_that_nobody_waits_for,
    notifications_that_are_wrong,
    reserved_methods_that_are_called_wrongly,
    an_id_that_is_in_flight,
}

async fn envelopes_that_are_none(framing: Framing) {
    let invalid = |id: Value, words| Error(-32600, id, words);
    let rows: &[Row<'_>] = &[
        (ALL, br#"{"jsonrpc":"1.0","id":1,"method":"test.slow.ping"}"#, invalid(json!(1), "2.0")),
        (ALL, br#"{"jsonrpc":2.0,"id":"a","method":"test.slow.ping"}"#, invalid(json!("a"), "2.0")),
        (ALL, br#"{"jsonrpc":null,"id":1,"method":"test.slow.ping"}"#, invalid(json!(1), "2.0")),
        (ALL, br#"{"id":1,"method":"test.slow.ping"}"#, invalid(json!(1), "jsonrpc")),
        (ALL, br#"{"method":"test.slow.ping"}"#, invalid(Value::Null, "jsonrpc")),
        (ALL, b"{}", invalid(Value::Null, "")),
        (ALL, br#"{"jsonrpc":"2.0"}"#, invalid(Value::Null, "method")),
        (ALL, br#"{"jsonrpc":"2.0","id":1}"#, invalid(json!(1), "method")),
        (ALL, br#"{"jsonrpc":"2.0","id":1,"method":1}"#, invalid(json!(1), "string")),
        (ALL, br#"{"jsonrpc":"2.0","id":1,"method":null}"#, invalid(json!(1), "string")),
        (ALL, br#"{"jsonrpc":"2.0","id":1,"method":["m"]}"#, invalid(json!(1), "string")),
        (ALL, br#"{"jsonrpc":"2.0","id":1,"method":"m","params":1}"#, invalid(json!(1), "params")),
        (ALL, br#"{"jsonrpc":"2.0","id":1,"method":"m","params":"x"}"#, invalid(json!(1), "array")),
        (
            ALL,
            br#"{"jsonrpc":"2.0","id":1,"method":"m","params":true}"#,
            invalid(json!(1), "array"),
        ),
        (
            ALL,
            br#"{"jsonrpc":"2.0","id":1,"method":"m","result":1}"#,
            invalid(json!(1), "not both"),
        ),
        (
            ALL,
            br#"{"jsonrpc":"2.0","id":1,"method":"m","error":{}}"#,
            invalid(json!(1), "not both"),
        ),
        (ALL, br#"{"jsonrpc":"2.0","result":1}"#, invalid(Value::Null, "id")),
        (ALL, br#"{"jsonrpc":"2.0","error":{"code":1,"message":""}}"#, invalid(Value::Null, "id")),
        (WITH_LENGTHS, b"5", invalid(Value::Null, "object")),
        (WITH_LENGTHS, b"null", invalid(Value::Null, "object")),
        (WITH_LENGTHS, br#""text""#, invalid(Value::Null, "object")),
        // What is unknown is ignored, and null is absent.
        (
            ALL,
            br#"{"x":[{"id":9}],"jsonrpc":"2.0","id":1,"method":"test.slow.ping","params":null}"#,
            good(1, 7),
        ),
        (
            ALL,
            br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping","ipc":{"timeoutMs":"x"}}"#,
            good(1, 7),
        ),
    ];
    check_rows(framing, rows).await;
}

async fn ids_of_all_kinds(framing: Framing) {
    let row = |id: &str| format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"test.slow.ping"}}"#);
    for id in ["[]", "{}", "[1]", r#"{"id":1}"#, "true", "false"] {
        check_rows(framing, &[(ALL, row(id).as_bytes(), Error(-32600, Value::Null, "an id is"))])
            .await;
    }
    let long = format!("\"{}\"", "x".repeat(5000));
    check_rows(framing, &[(ALL, row(&long).as_bytes(), Error(-32600, Value::Null, "1024"))]).await;
    for id in ["01", "1.", "-", "nope", "1e", "+1"] {
        check_rows(framing, &[(ALL, row(id).as_bytes(), Error(-32700, Value::Null, ""))]).await;
    }
    // Echoed as they are written, which a comparison of values wouldn't see.
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    for id in [
        "0",
        "-0",
        "-1",
        "1.0",
        "1e2",
        "9007199254740993",
        "18446744073709551616",
        "1e400",
        "null",
        "\"\"",
        "\"1\"",
        r#""\u0000\ud800\"""#,
        "\"😀\"",
    ] {
        peer.send(row(id)).await;
        let expected = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":7}}"#);
        assert_eq!(peer.next_text().await.unwrap(), expected);
    }
}

async fn methods_that_are_not_there(framing: Framing) {
    for (method, words) in [
        ("test.slow.none", "`none`"),
        ("test.slow.Ping", "`Ping`"),
        ("test.slow.", "test.slow"),
        ("test.none.ping", "`test.none`"),
        ("test.slow.ping.", "`test.slow.ping`"),
        ("ping", "`ping`"),
        (".ping", ""),
        (".", ""),
        ("", ""),
        ("test.slow.ping ", ""),
        (r"test.slow.ping\u0000", ""),
        (r#"\\\"\n"#, ""),
        ("größe", "`größe`"),
        ("rpc.none", "rpc.*"),
        ("$/none", "$/*"),
        ("rpc.closing", ""),
        ("$/cancelRequest", ""),
    ] {
        let sent = format!(r#"{{"jsonrpc":"2.0","id":"i","method":"{method}","params":[1]}}"#);
        check_rows(framing, &[(ALL, sent.as_bytes(), Error(-32601, json!("i"), words))]).await;
    }
    // Half a surrogate pair is no text, so it is no name.
    let sent = br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.\ud800"}"#;
    check_rows(framing, &[(ALL, sent, Error(-32600, json!(1), "string"))]).await;
    let sent = br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.\u0070ing"}"#;
    check_rows(framing, &[(ALL, sent, good(1, 7))]).await;
    let long = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{}"}}"#, "a.".repeat(100_000));
    check_rows(framing, &[(ALL, long.as_bytes(), Error(-32601, json!(1), ""))]).await;
}

/// The last one counts, however it is spelt.
async fn keys_that_come_twice(framing: Framing) {
    let rows: &[Row<'_>] = &[
        (ALL, br#"{"jsonrpc":"2.0","id":1,"id":2,"method":"test.slow.ping"}"#, good(2, 7)),
        (ALL, br#"{"jsonrpc":"2.0","id":1,"\u0069d":2,"method":"test.slow.ping"}"#, good(2, 7)),
        (ALL, br#"{"jsonrpc":"2.0","\u0069d":1,"id":2,"method":"test.slow.ping"}"#, good(2, 7)),
        (ALL, br#"{"jsonrpc":"2.0","id":1,"method":"none","method":"test.slow.ping"}"#, good(1, 7)),
        (ALL, br#"{"jsonrpc":"1.0","jsonrpc":"2.0","id":1,"method":"test.slow.ping"}"#, good(1, 7)),
        (
            ALL,
            br#"{"jsonrpc":"2.0","jsonrpc":"1.0","id":1,"method":"test.slow.ping"}"#,
            Error(-32600, json!(1), "2.0"),
        ),
        (
            ALL,
            br#"{"jsonrpc":"2.0","id":1,"method":"test.everything.add","params":[1],"params":[1,2]}"#,
            good(1, 3),
        ),
    ];
    check_rows(framing, rows).await;
}

async fn replies_that_nobody_waits_for(framing: Framing) {
    let rows: &[Row<'_>] = &[
        (ALL, br#"{"jsonrpc":"2.0","id":1,"result":null}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","id":1,"result":1}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","id":0,"result":1}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","id":9007199254740993,"result":1}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","id":18446744073709551615,"result":1}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","id":-1,"result":1}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","id":"x","error":{"code":1,"message":"m"}}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m"}}"#, Nothing),
        // Both of them, an error that is none, another version.
        (ALL, br#"{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":"m"}}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","id":1,"error":5}"#, Nothing),
        (ALL, br#"{"jsonrpc":"1.0","id":1,"result":1}"#, Nothing),
    ];
    check_rows(framing, rows).await;
}

async fn notifications_that_are_wrong(framing: Framing) {
    let rows: &[Row<'_>] = &[
        (ALL, br#"{"jsonrpc":"2.0","method":"none"}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","method":"test.none.ping"}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","method":"test.everything.mark"}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","method":"test.everything.mark","params":["x"]}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","method":"test.everything.note","params":["\ud800"]}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","method":"test.everything.add","params":[1,2]}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","method":"rpc.none"}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","method":"$/none","params":[1]}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","method":"rpc.ping"}"#, Nothing),
        // No JSON: then nobody knows that it is a notification.
        (
            ALL,
            br#"{"jsonrpc":"2.0","method":"test.everything.mark","params":[nope]}"#,
            Error(-32700, Value::Null, ""),
        ),
        // A method of a notification may be called by a request.
        (
            ALL,
            br#"{"jsonrpc":"2.0","id":1,"method":"test.everything.mark","params":[5]}"#,
            good(1, Value::Null),
        ),
    ];
    check_rows(framing, rows).await;
}

async fn reserved_methods_that_are_called_wrongly(framing: Framing) {
    let cancel = |params: &str| {
        let params = format!(r#"{{"jsonrpc":"2.0","method":"$/cancelRequest","params":{params}}}"#);
        params.into_bytes()
    };
    let rows: &[Row<'_>] = &[
        (ALL, &cancel("null"), Nothing),
        (ALL, &cancel("[]"), Nothing),
        (ALL, &cancel("[1]"), Nothing),
        (ALL, &cancel("{}"), Nothing),
        (ALL, &cancel(r#"{"id":77}"#), Nothing),
        (ALL, &cancel(r#"{"id":[]}"#), Nothing),
        (ALL, &cancel(r#"{"id":null}"#), Nothing),
        (ALL, br#"{"jsonrpc":"2.0","method":"rpc.closing","params":[5]}"#, Nothing),
        (ALL, br#"{"jsonrpc":"2.0","method":"rpc.dropped"}"#, Nothing),
        (
            ALL,
            br#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping","params":[1]}"#,
            good(1, Value::Null),
        ),
        (
            ALL,
            br#"{"jsonrpc":"2.0","id":1,"method":"rpc.handshake"}"#,
            Error(-32602, json!(1), "rpc.handshake"),
        ),
        (
            ALL,
            br#"{"jsonrpc":"2.0","id":1,"method":"rpc.handshake","params":{"protocol":7}}"#,
            Error(-32003, json!(1), "protocol 7"),
        ),
    ];
    check_rows(framing, rows).await;
}

async fn an_id_that_is_in_flight(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    for (call, id) in [(1, "5"), (2, r#""five""#), (3, "null"), (4, "1.50")] {
        let request = |method: &str| {
            format!(
                r#"{{"jsonrpc":"2.0","id":{id},"method":"test.slow.{method}","params":[{call}]}}"#
            )
        };
        peer.send(request("wait")).await;
        site.gates.began(call).await;
        for method in ["wait", "insist", "ping", "none"] {
            let refused = peer.ask(request(method)).await;
            assert_eq!(refused["error"]["code"], -32600, "{refused}");
            assert_eq!(refused["id"], serde_json::from_str::<Value>(id).unwrap());
        }
        // Of another value or type, it is another id.
        let other = r#"{"jsonrpc":"2.0","id":"5","method":"test.slow.ping"}"#;
        assert_eq!(peer.ask(other).await["result"], 7);
        assert_eq!(site.gates.ending(call), None, "the first one goes on");
        site.gates.release(call);
        assert_eq!(peer.next().await["result"], call);
        let later = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"test.slow.ping"}}"#);
        assert_eq!(peer.ask(later).await["result"], 7);
    }
    assert_eq!(site.gates.order(), [1, 2, 3, 4]);
}
