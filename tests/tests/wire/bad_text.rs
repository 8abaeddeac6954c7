//! Text in each framing that is no JSON, or nested too deep: it is told, and the next message is
//! read.

use ipc_tests::{Framing, Site, on_every_framing};
use serde_json::{Value, json};

use super::input_rows::{
    ALL, Expected,
    Expected::{Error, Nothing},
    NEWLINE, Row, STREAMS, WITH_LENGTHS, call, check_rows, good,
};

on_every_framing! {
    text_that_is_no_json,
    nesting_that_is_deep,
    control_characters_and_byte_order_marks,
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
        (WITH_LENGTHS, b"", broken()),
        (WITH_LENGTHS, b" \r\n", broken()),
        (WITH_LENGTHS, b"[", broken()),
        (WITH_LENGTHS, b"{", broken()),
        (WITH_LENGTHS, br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping""#, broken()),
        (WITH_LENGTHS, br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.pi"#, broken()),
        (WITH_LENGTHS, br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}}"#, broken()),
        (WITH_LENGTHS, br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"} x"#, broken()),
        (WITH_LENGTHS, br#"[{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}][]"#, broken()),
        (
            WITH_LENGTHS,
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
    check_rows(framing, rows).await;
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
    check_rows(framing, rows).await;
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
            check_rows(framing, &[(ALL, &echo, no_text)]).await;
            let ignored = call("add", &format!(r#"{{"a":1,"b":2,"c":{value}}}"#));
            check_rows(framing, &[(ALL, &ignored, or_too_deep(good(1, 3)))]).await;
            let comes = if levels < 128 { good(1, 7) } else { too_deep(json!(1)) };
            check_rows(framing, &[(ALL, &unknown(&value), comes)]).await;
            let id = format!(r#"{{"jsonrpc":"2.0","id":{value},"method":"m"}}"#);
            check_rows(framing, &[(ALL, id.as_bytes(), Error(-32600, Value::Null, ""))]).await;
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
    let mut rows: Vec<(Vec<u8>, Expected)> = vec![(marked.into_bytes(), broken())];
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
    check_rows(framing, &rows).await;
}
