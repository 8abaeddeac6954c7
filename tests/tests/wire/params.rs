//! Params on the wire: by position or by name, wrong ones, and what may stand behind them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use ipc_runtime::Backend;
use ipc_tests::{EverythingHandler, EverythingService, Lines, Scratch, endpoint_of};
use serde_json::{Value, json};

use super::served_backend::{call, served_lines};

#[tokio::test]
async fn params_come_by_position_or_by_name() {
    let (_served, mut raw) = served_lines().await;
    for (method, params, result) in [
        ("add", "[1,2]", json!(3)),
        ("add", r#"{"a":1,"b":2}"#, json!(3)),
        ("add", r#"{"b":2,"unknown":[{}],"a":1}"#, json!(3)),
        ("add", r#" [ 1 , 2 ] "#, json!(3)),
        ("noted", "[]", json!([])),
        ("noted", "{}", json!([])),
        ("noted", "null", json!([])),
        ("noted", r#"{"unknown":1}"#, json!([])),
        ("optional", "[1]", json!("1 None None")),
        ("optional", r#"[1,"b"]"#, json!(r#"1 Some("b") None"#)),
        ("optional", "[1,null,3]", json!("1 None Some(3)")),
        ("optional", r#"{"first":1,"third":3}"#, json!("1 None Some(3)")),
        ("optional", r#"{"first":1,"second":null}"#, json!("1 None None")),
        ("maybe_borrowed", "[]", json!(null)),
        ("maybe_borrowed", "null", json!(null)),
        ("maybe_borrowed", r#"{"text":"four"}"#, json!(4)),
        ("type", r#"{"fn":"f"}"#, json!("fn f")),
        ("readDir", r#"{"dirName":"d"}"#, json!(["d/a", "d/b"])),
        ("context", "[1,2]", json!("1 test.everything.context 2")),
        ("context", r#"{"before":1,"after":2}"#, json!("1 test.everything.context 2")),
        ("bytes", r#"["AQID"]"#, json!("AQID")),
        ("bytes", r#"["AQI="]"#, json!("AQI=")),
        ("größe", "[]", json!(4)),
        // One argument that is an object, in all ways.
        ("describe", r#"{"info":{"name":"n","size":1}}"#, json!("n 1")),
        ("describe", r#"{"name":"n","size":1}"#, json!("n 1")),
        ("describe", r#"[{"name":"n","size":1}]"#, json!("n 1")),
    ] {
        let answer = raw.ask(call("1", &format!("everything.{method}"), params)).await;
        assert_eq!(answer["result"], result, "{method} {params}: {answer}");
    }
    let absent = r#"{"jsonrpc":"2.0","id":1,"method":"test.everything.noted"}"#;
    assert_eq!(raw.ask(absent).await["result"], json!([]));
}

#[tokio::test]
async fn wrong_params_name_the_argument() {
    let (_served, mut raw) = served_lines().await;
    for (method, params, named) in [
        ("add", "[]", "`a`"),
        ("add", "null", "`a`"),
        ("add", "[1]", "`b`"),
        ("add", r#"{"a":1}"#, "`b`"),
        ("add", r#"[1,"two"]"#, "`b`"),
        ("add", r#"{"b":1,"a":"one"}"#, "`a`"),
        ("add", "[1,2.5]", "`b`"),
        ("add", "[1,2,3]", "`a`, `b`"),
        ("add", r#"{"a":1,"a":1,"b":2}"#, "`a`"),
        ("noted", "[1]", "takes no arguments"),
        ("readDir", r#"{"dir":"d"}"#, "`dirName`"),
        ("optional", "[1,2]", "`second`"),
        ("describe", r#"{"info":1}"#, "`info`"),
        ("describe", r#"{"name":"n"}"#, "`info`"),
        ("describe", "{}", "`info`"),
        ("bytes", r#"["not base64"]"#, "`bytes`"),
        ("bytes", r#"["AQI"]"#, "`bytes`"),
        ("context", "[1]", "`after`"),
    ] {
        let answer = raw.ask(call("1", &format!("everything.{method}"), params)).await;
        let error = &answer["error"];
        assert_eq!((&answer["id"], &error["code"]), (&json!(1), &json!(-32602)), "{answer}");
        let text = error["message"].as_str().unwrap();
        assert!(text.contains(named), "{method} {params}: {text}");
        assert!(text.contains(&format!("test.everything.{method}")), "{text}");
    }
    for params in ["1", "\"x\"", "true"] {
        let answer = raw.ask(call("1", "everything.add", params)).await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(1), &json!(-32600)));
    }
}

#[tokio::test]
async fn members_behind_the_params_count_too() {
    let (_served, mut raw) = served_lines().await;
    for (behind, sum) in [
        ("", 3),
        (r#","newer":[1]"#, 3),
        (r#","ipc":{"timeoutMs":60000}"#, 3),
        (r#","params":[3,4]"#, 7),
        (r#" ,"id":5"#, 3),
    ] {
        let call = call("5", "everything.add", &format!("[1,2]{behind}"));
        raw.write(call + "\n").await;
        let answer = raw.next_text().await.unwrap();
        assert_eq!(answer, format!(r#"{{"jsonrpc":"2.0","id":5,"result":{sum}}}"#), "{behind}");
    }
    for (behind, code) in [(r#","result":1"#, -32600), (r#","id":[5]"#, -32600), ("]", -32700)] {
        raw.write(call("5", "everything.add", &format!("[1,2]{behind}")) + "\n").await;
        let answer: Value = serde_json::from_str(&raw.next_text().await.unwrap()).unwrap();
        assert_eq!(answer["error"]["code"], code, "{behind}");
    }
}

#[tokio::test]
async fn a_handler_is_made_once_for_a_request_and_for_none_that_is_broken() {
    for (behind, made_for_it) in [("", 1), ("]", 0)] {
        let backend = Backend::new();
        let made = Arc::new(AtomicUsize::new(0));
        let count = made.clone();
        let registered = backend.register_with(move |_| -> EverythingHandler<EverythingService> {
            count.fetch_add(1, Ordering::Relaxed);
            panic!("on purpose")
        });
        registered.unwrap();
        let directory = Scratch::new();
        let path = directory.socket("s");
        backend.listen(endpoint_of(&path)).await.unwrap();
        let mut raw = Lines::connect(&path).await;
        for _ in 0..2 {
            made.store(0, Ordering::Relaxed);
            raw.write(call("1", "everything.add", &format!("[1,2]{behind}")) + "\n").await;
            raw.next_text().await.unwrap();
            assert_eq!(made.load(Ordering::Relaxed), made_for_it, "{behind}");
        }
    }
}
