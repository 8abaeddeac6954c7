//! Params in each framing that do not fit their method: whoever waits is told which, by its id.

use ipc_tests::{Framing, on_every_framing};
use serde_json::json;

use super::input_rows::{ALL, Expected::Error, Row, call, check_rows, good};

on_every_framing! {
    params_that_do_not_fit,
    params_that_no_value_stands_for,
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
    check_rows(framing, &rows).await;
    // Left-out trailing arguments, unknown names and numbers are taken as the protocol says.
    check_rows(
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
    check_rows(framing, rows).await;
}
