//! Bad input of every kind, in each framing where it applies: a clear answer, and nothing is lost.
//!
//! After each case the same connection still answers, and so does another one.

use ipc_tests::{Framing, RawPeer, Site, on_every_framing};
use serde_json::{Value, json};

on_every_framing! {
    envelopes_that_are_none,
    ids_of_all_kinds,
    methods_that_are_not_there,
    params_that_do_not_fit,
    params_that_no_value_stands_for,
    keys_that_come_twice,
    text_that_is_no_json,
    replies_that_nobody_waits_for,
    notifications_that_are_wrong,
    reserved_methods_that_are_called_wrongly,
    an_id_that_is_in_flight,
    nesting_that_is_deep,
    control_characters_and_byte_order_marks,
}

const NEWLINE: &[Framing] = &[Framing::Newline];
const SEALED: &[Framing] = &Framing::SEALED;
const STREAMS: &[Framing] = &Framing::STREAMS;
const ALL: &[Framing] = &Framing::ALL;

/// What comes back.
#[derive(Debug, Clone)]
enum Comes {
    /// An error with this code and id, whose message holds this.
    Error(i64, Value, &'static str),
    /// A result.
    Result(Value, Value),
    Nothing,
}

use Comes::{Error, Nothing};

fn good(id: impl Into<Value>, result: impl Into<Value>) -> Comes {
    Comes::Result(id.into(), result.into())
}

/// A row: where it applies, what is sent, what comes.
type Row<'a> = (&'a [Framing], &'a [u8], Comes);

/// Sends each row that applies to this framing, all on one connection.
async fn each(framing: Framing, rows: &[Row<'_>]) {
    let site = Site::new().await;
    let (mut peer, mut other) = (site.peer(framing).await, site.peer(framing).await);
    // The first bytes are those that tell the framing, which is another test's.
    peer.hears_nothing_else().await;
    other.hears_nothing_else().await;
    for (framings, sent, comes) in rows {
        if framings.contains(&framing) {
            peer.send(sent).await;
            comes_next(&mut peer, &String::from_utf8_lossy(sent), comes).await;
            other.hears_nothing_else().await;
        }
    }
    assert_eq!(site.backend.connection_count(), 2);
}

async fn comes_next(peer: &mut RawPeer, sent: &str, comes: &Comes) {
    let (framing, shown) = (peer.framing, sent.chars().take(200).collect::<String>());
    match comes {
        Error(code, id, words) => {
            let answer = peer.next().await;
            let error = &answer["error"];
            assert_eq!(
                (&answer["jsonrpc"], &answer["id"], &error["code"]),
                (&json!("2.0"), id, &json!(code)),
                "{framing:?}: {shown}: {answer}"
            );
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(words), "{framing:?}: {shown}: {message}");
        }
        Comes::Result(id, result) => {
            let expected = json!({ "jsonrpc": "2.0", "id": id, "result": result });
            assert_eq!(peer.next().await, expected, "{framing:?}: {shown}");
        }
        Nothing => {}
    }
    peer.hears_nothing_else().await;
}

/// A call of a method of `test.everything`, its params as they are written.
fn call(method: &str, params: &str) -> Vec<u8> {
    let name = format!("test.everything.{method}");
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{name}","params":{params}}}"#).into_bytes()
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
        (SEALED, b"5", invalid(Value::Null, "object")),
        (SEALED, b"null", invalid(Value::Null, "object")),
        (SEALED, br#""text""#, invalid(Value::Null, "object")),
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
    each(framing, rows).await;
}

async fn ids_of_all_kinds(framing: Framing) {
    let row = |id: &str| format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"test.slow.ping"}}"#);
    for id in ["[]", "{}", "[1]", r#"{"id":1}"#, "true", "false"] {
        each(framing, &[(ALL, row(id).as_bytes(), Error(-32600, Value::Null, "an id is"))]).await;
    }
    let long = format!("\"{}\"", "x".repeat(5000));
    each(framing, &[(ALL, row(&long).as_bytes(), Error(-32600, Value::Null, "1024"))]).await;
    for id in ["01", "1.", "-", "nope", "1e", "+1"] {
        each(framing, &[(ALL, row(id).as_bytes(), Error(-32700, Value::Null, ""))]).await;
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
        each(framing, &[(ALL, sent.as_bytes(), Error(-32601, json!("i"), words))]).await;
    }
    // Half a surrogate pair is no text, so it is no name.
    let sent = br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.\ud800"}"#;
    each(framing, &[(ALL, sent, Error(-32600, json!(1), "string"))]).await;
    let sent = br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.\u0070ing"}"#;
    each(framing, &[(ALL, sent, good(1, 7))]).await;
    let long = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{}"}}"#, "a.".repeat(100_000));
    each(framing, &[(ALL, long.as_bytes(), Error(-32601, json!(1), ""))]).await;
}

async fn params_that_do_not_fit(framing: Framing) {
    let rows: Vec<(Vec<u8>, &'static str)> = vec![
        (call("add", "[1,2,3]"), "takes 2 arguments (`a`, `b`), but 3 were given"),
        (call("add", "[1,2,null]"), "3 were given"),
        (call("noted", "[1]"), "takes no arguments"),
        (call("add", "[1]"), "argument `b` (2 of 2) is missing"),
        (call("add", "[]"), "argument `a` (1 of 2) is missing"),
        (call("add", "{}"), "argument `a` (1 of 2) is missing"),
        (call("add", "null"), "argument `a` (1 of 2) is missing"),
        (call("add", r#"{"a":1,"B":2}"#), "argument `b` (2 of 2) is missing"),
        (call("add", r#"{"b":1,"c":2}"#), "argument `a` (1 of 2) is missing"),
        (call("add", r#"{"a":1,"b":2,"a":3}"#), "argument `a` (1 of 2) is given twice"),
        (call("add", r#"[1,"2"]"#), "argument `b` (2 of 2)"),
        (call("add", "[1,2.5]"), "argument `b` (2 of 2)"),
        (call("add", "[1,null]"), "argument `b` (2 of 2)"),
        (call("add", "[9223372036854775808,1]"), "argument `a` (1 of 2)"),
        (call("add", "[1e999,1]"), "argument `a` (1 of 2)"),
        (call("add", "[[[1]],1]"), "argument `a` (1 of 2)"),
        (call("echo", "[1]"), "argument `text` (1 of 1)"),
        (call("echo", r#"{"txt":"x"}"#), "argument `text` (1 of 1)"),
        (call("echo", r#"{"text":"x","more":1}"#), "argument `text` (1 of 1)"),
        (call("describe", "[{}]"), "missing field `name`"),
        (call("describe", r#"{"name":"n"}"#), "missing field `size`"),
        (call("describe", r#"{"name":"n","size":-1}"#), "argument `info` (1 of 1)"),
        (call("optional", r#"[1,2]"#), "argument `second` (2 of 3)"),
        (call("float", "[1e999]"), "argument `number` (1 of 1)"),
        (call("bytes", r#"["no base64!"]"#), "argument `bytes` (1 of 1)"),
        (call("fourteen", "[256]"), "argument `a` (1 of 14)"),
    ];
    let rows: Vec<Row<'_>> =
        rows.iter().map(|(sent, words)| (ALL, &sent[..], Error(-32602, json!(1), words))).collect();
    each(framing, &rows).await;
    // Left-out trailing arguments, unknown names and numbers are taken as the protocol says.
    each(
        framing,
        &[
            (ALL, &call("optional", "[1]"), good(1, "1 None None")),
            (ALL, &call("add", r#"{"z":[1],"b":1,"a":2}"#), good(1, 3)),
            (ALL, &call("noted", r#"{"z":1}"#), good(1, json!([]))),
            (ALL, &call("describe", r#"[{"name":"n","size":1,"more":2}]"#), good(1, "n 1")),
        ],
    )
    .await;
}

/// The grammar allows them, but there is no such string, number or depth of Rust's. The message is
/// understood all the same, so whoever waits for it is answered by its id.
async fn params_that_no_value_stands_for(framing: Framing) {
    let refused = |words| Error(-32602, json!(1), words);
    let rows: &[Row<'_>] = &[
        (ALL, &call("echo", r#"["\ud800"]"#), refused("argument `text` (1 of 1)")),
        (ALL, &call("echo", r#"["\udc00x"]"#), refused("argument `text` (1 of 1)")),
        (ALL, &call("echo", r#"["\ud800\ud800"]"#), refused("argument `text` (1 of 1)")),
        (ALL, &call("echo", r#"{"text":"\ud800"}"#), refused("argument `text` (1 of 1)")),
        (ALL, &call("echo", r#"{"\ud800":"x"}"#), refused("")),
        (ALL, &call("float", "[1e400]"), refused("argument `number` (1 of 1)")),
        (ALL, &call("echo", r#"["\ud83d\ude00"]"#), good(1, "😀")),
    ];
    each(framing, rows).await;
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
    each(framing, rows).await;
}

async fn text_that_is_no_json(framing: Framing) {
    let broken = || Error(-32700, Value::Null, "not understood");
    let rows: &[Row<'_>] = &[
        (ALL, b"nonsense", broken()),
        (ALL, b"]", broken()),
        (ALL, b"'{}'", broken()),
        (ALL, b"{\"jsonrpc\":\"2.0\",}", broken()),
        (ALL, b"{jsonrpc:\"2.0\"}", broken()),
        (ALL, b"{\"jsonrpc\" \"2.0\"}", broken()),
        (ALL, br#"{"jsonrpc":"2.0","id":1,"method":"m","params":[1,2}"#, broken()),
        (ALL, br#"{"jsonrpc":"2.0","id":1,"method":"m"]"#, broken()),
        (ALL, br#"{"jsonrpc":"2.0","id":1,"method":"\q"}"#, broken()),
        (ALL, br#"{"jsonrpc":"2.0","id":1,"\u12":1,"method":"m"}"#, broken()),
        (ALL, b"[{},]", broken()),
        (ALL, b"[1 2]", broken()),
        // Each of these would be the beginning of more in a framing without lengths.
        (SEALED, b"", broken()),
        (SEALED, b" \r\n", broken()),
        (SEALED, b"[", broken()),
        (SEALED, b"{", broken()),
        (SEALED, br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping""#, broken()),
        (SEALED, br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.pi"#, broken()),
        (SEALED, br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}}"#, broken()),
        (SEALED, br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"} x"#, broken()),
        (SEALED, br#"[{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}][]"#, broken()),
        (
            SEALED,
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.slow.ping\"}\n\
              {\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"test.slow.ping\"}",
            broken(),
        ),
        (NEWLINE, b"5", broken()),
        (NEWLINE, b"\"text\"", broken()),
        (NEWLINE, br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.pi"#, broken()),
        (NEWLINE, b" \r\n\t", Nothing),
        // No UTF-8: what a WebSocket makes of it is another test's.
        (STREAMS, &[b"\xff\xfe".as_slice(), b"{}"].concat(), broken()),
        (STREAMS, b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\xff\"}", broken()),
        (STREAMS, b"{\"jsonrpc\":\"2.0\",\"id\":\"\xff\",\"method\":\"m\"}", broken()),
        (STREAMS, b"[\"\xff\"]", broken()),
    ];
    each(framing, rows).await;
    // What is wrong inside of params shows when they are decoded.
    let broken = || Error(-32700, Value::Null, "");
    let rows: &[Row<'_>] = &[
        (ALL, &call("echo", "[nope]"), broken()),
        (ALL, &call("echo", r#"["\q"]"#), broken()),
        (ALL, &call("add", "[1,02]"), broken()),
        (ALL, &call("add", "[1,,2]"), broken()),
        (ALL, &call("add", r#"{"a":1,"b":tru}"#), broken()),
        (ALL, &call("noted", "[nope]"), broken()),
        (STREAMS, &[&call("echo", "[\"")[..63], b"\xff\"]}"].concat(), broken()),
    ];
    each(framing, rows).await;
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
    each(framing, rows).await;
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
    each(framing, rows).await;
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
    each(framing, rows).await;
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

async fn nesting_that_is_deep(framing: Framing) {
    let arrays = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let objects = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    let too_deep = |id: Value| Error(-32600, id, "nested");
    let unknown = |value: &str| {
        let text = format!(r#"{{"x":{value},"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}}"#);
        text.into_bytes()
    };
    for levels in [126, 127, 128, 129, 1000, 100_000] {
        for value in [arrays(levels), objects(levels)] {
            // With the message and the params around.
            let fits = levels + 2 <= 128;
            let or_too_deep = |comes| if fits { comes } else { too_deep(json!(1)) };
            let echo = call("echo", &format!("[{value}]"));
            let no_text = or_too_deep(Error(-32602, json!(1), "argument `text`"));
            each(framing, &[(ALL, &echo, no_text)]).await;
            let ignored = call("add", &format!(r#"{{"a":1,"b":2,"c":{value}}}"#));
            each(framing, &[(ALL, &ignored, or_too_deep(good(1, 3)))]).await;
            let comes = if levels < 128 { good(1, 7) } else { too_deep(json!(1)) };
            each(framing, &[(ALL, &unknown(&value), comes)]).await;
            let id = format!(r#"{{"jsonrpc":"2.0","id":{value},"method":"m"}}"#);
            each(framing, &[(ALL, id.as_bytes(), Error(-32600, Value::Null, ""))]).await;
        }
        let site = Site::new().await;
        let mut peer = site.peer(framing).await;
        let answers = peer.ask(arrays(levels)).await;
        let code = &answers[0]["error"]["code"];
        let expected = json!([{ "id": null, "code": -32600 }]);
        assert_eq!(json!([{ "id": answers[0]["id"], "code": code }]), expected, "{levels}");
        peer.hears_nothing_else().await;
    }
}

async fn control_characters_and_byte_order_marks(framing: Framing) {
    let broken = || Error(-32700, Value::Null, "");
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}"#;
    let marked = format!("\u{feff}{ping}");
    let mut rows: Vec<(Vec<u8>, Comes)> = vec![(marked.into_bytes(), broken())];
    for character in ['\u{0}', '\u{1}', '\u{8}', '\t', '\u{b}', '\u{1f}'] {
        rows.push((call("echo", &format!(r#"["a{character}b"]"#)), broken()));
        rows.push((ping.replace("ping", &format!("p{character}")).into_bytes(), broken()));
        rows.push((ping.replace("id", &format!("i{character}")).into_bytes(), broken()));
    }
    for space in ['\u{0}', '\u{b}', '\u{a0}', '\u{2028}'] {
        rows.push((ping.replace(':', &format!(":{space}")).into_bytes(), broken()));
    }
    // Those that the grammar allows.
    for character in ['\u{7f}', '\u{80}', '\u{2028}', '\u{feff}', '\u{ffff}', '\u{10ffff}'] {
        let text = format!("a{character}b");
        rows.push((call("echo", &format!(r#"["{text}"]"#)), good(1, text)));
    }
    rows.push((call("echo", r#"["\u0000\t\u001f"]"#), good(1, "\u{0}\t\u{1f}")));
    rows.push((ping.replace(':', " \t\r\n: \t\r\n").into_bytes(), good(1, 7)));
    let rows: Vec<Row<'_>> =
        rows.iter().map(|(sent, comes)| (ALL, &sent[..], comes.clone())).collect();
    each(framing, &rows).await;
}
