//! JSON-RPC as it is on the wire: ids, params, errors, batches.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use ipc_runtime::Backend;
use ipc_tests::{
    AllOfIt, Ending, EverythingHandler, Gates, Lines, Scratch, SlowHandler, endpoint_of, eventually,
};
use serde_json::{Value, json};

struct Served {
    backend: Backend,
    gates: Gates,
    path: PathBuf,
    _directory: Scratch,
}

async fn served() -> Served {
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    backend.register(EverythingHandler::new(AllOfIt::default())).unwrap();
    let directory = Scratch::new();
    let path = directory.socket("s");
    backend.listen(endpoint_of(&path)).await.unwrap();
    Served { backend, gates, path, _directory: directory }
}

async fn raw() -> (Served, Lines) {
    let served = served().await;
    let raw = Lines::connect(&served.path).await;
    (served, raw)
}

fn call(id: &str, method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"test.{method}","params":{params}}}"#)
}

#[tokio::test]
async fn ids_are_echoed_as_they_came() {
    let (_served, mut raw) = raw().await;
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
    let (_served, mut raw) = raw().await;
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
async fn notifications_are_never_answered() {
    let (_served, mut raw) = raw().await;
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
    let (_served, mut raw) = raw().await;
    let answer = raw.ask(call("1", "everything.mark", "[5]")).await;
    assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 1, "result": null }));
}

#[tokio::test]
async fn a_unit_result_is_null_and_never_left_out() {
    let (_served, mut raw) = raw().await;
    for (method, params) in [("everything.nothing", "[]"), ("everything.succeed", "[false]")] {
        raw.write(call("1", method, params)).await;
        let answer = raw.next_text().await.unwrap();
        assert_eq!(answer, r#"{"jsonrpc":"2.0","id":1,"result":null}"#);
    }
}

#[tokio::test]
async fn params_come_by_position_or_by_name() {
    let (_served, mut raw) = raw().await;
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
    let (_served, mut raw) = raw().await;
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
async fn an_unknown_channel_is_told_from_an_unknown_method() {
    let (_served, mut raw) = raw().await;
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
    let (served, mut raw) = raw().await;
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
    let (_served, mut raw) = raw().await;
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
async fn a_methods_own_error_has_code_one_and_its_value() {
    let (_served, mut raw) = raw().await;
    let answer = raw.ask(call("1", "everything.list", r#"["/none"]"#)).await;
    let error = json!({
        "code": 1,
        "message": "no such directory: /none",
        "data": { "NotFound": "/none" },
    });
    assert_eq!(answer, json!({ "jsonrpc": "2.0", "id": 1, "error": error }));
}

#[tokio::test]
async fn a_result_that_is_no_number_is_an_internal_error_and_never_null() {
    let (_served, mut raw) = raw().await;
    let answer = raw.ask(call("1", "everything.float", "[-1]")).await;
    assert_eq!(answer["error"]["code"], -32603, "{answer}");
    assert!(answer.get("result").is_none());
}

#[tokio::test]
async fn the_id_of_a_request_in_flight_is_refused_and_the_first_goes_on() {
    let (served, mut raw) = raw().await;
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
    assert_eq!(served.gates.ended(1).await, Ending::Dropped);
    assert_eq!(raw.ask(call("5", "slow.ping", "null")).await["result"], 7, "the id is free");
}

#[tokio::test]
async fn requests_without_an_id_of_their_own_can_be_in_flight() {
    let (served, mut raw) = raw().await;
    raw.write(call("null", "slow.wait", "[1]")).await;
    served.gates.began(1).await;
    assert_eq!(raw.ask_code("{]").await, -32700);
    assert_eq!(raw.ask_code("{}").await, -32600);
    served.gates.release(1);
    assert_eq!(raw.next().await, json!({ "jsonrpc": "2.0", "id": null, "result": 1 }));
}

#[tokio::test]
async fn replies_that_nobody_waits_for_are_dropped() {
    let (_served, mut raw) = raw().await;
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

#[tokio::test]
async fn a_ping_is_answered_with_null() {
    let (_served, mut raw) = raw().await;
    raw.write(r#"{"jsonrpc":"2.0","id":"p","method":"rpc.ping","params":[]}"#).await;
    let answer = raw.next_text().await.unwrap();
    assert_eq!(answer, r#"{"jsonrpc":"2.0","id":"p","result":null}"#);
}

#[tokio::test]
async fn requests_run_concurrently_and_are_answered_as_they_finish() {
    let (served, mut raw) = raw().await;
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
    let (_served, mut raw) = raw().await;
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
async fn a_batch_is_answered_by_one_array() {
    let (served, mut raw) = raw().await;
    let notification = r#"{"jsonrpc":"2.0","method":"test.everything.mark","params":[1]}"#;
    let answer = raw
        .ask(format!(
            "[{},{notification},{},1,{}]",
            call("1", "everything.add", "[1,2]"),
            call("\"two\"", "slow.nope", "null"),
            r#"{"jsonrpc":"2.0","id":9,"result":"nobody waits for it"}"#,
        ))
        .await;
    let answers = answer.as_array().unwrap();
    assert_eq!(answers.len(), 3, "{answer}");
    let of = |id: Value| answers.iter().find(|answer| answer["id"] == id).unwrap();
    assert_eq!(of(json!(1))["result"], 3);
    assert_eq!(of(json!("two"))["error"]["code"], -32601);
    assert_eq!(of(json!(null))["error"]["code"], -32600);

    // It waits for its last answer, and nobody else waits for it.
    raw.write(format!("[{},{}]", call("1", "slow.wait", "[1]"), call("2", "slow.wait", "[2]")))
        .await;
    served.gates.have_begun(2).await;
    served.gates.release(2);
    assert_eq!(raw.ask(call("3", "slow.ping", "null")).await["id"], 3);
    let cancel = r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#;
    let answer = raw.ask(cancel).await;
    let answers = answer.as_array().unwrap_or_else(|| panic!("{answer}"));
    let codes: Vec<_> = answers.iter().map(|answer| (&answer["id"], &answer["result"])).collect();
    assert!(codes.contains(&(&json!(2), &json!(2))) && codes.len() == 2, "{answer}");
}

#[tokio::test]
async fn odd_batches_are_answered_as_the_specification_says() {
    let (_served, mut raw) = raw().await;
    let answer = raw.ask("[]").await;
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32600)));
    for (batch, count) in [("[1]", 1), ("[1,2,3]", 3), ("[[]]", 1), ("[[{}]]", 1), ("[null]", 1)] {
        let answer = raw.ask(batch).await;
        let answers = answer.as_array().unwrap_or_else(|| panic!("{batch}: {answer}"));
        assert_eq!(answers.len(), count, "{batch}: {answer}");
        assert!(answers.iter().all(|answer| answer["error"]["code"] == -32600), "{answer}");
    }
    let notification = r#"{"jsonrpc":"2.0","method":"test.everything.mark","params":[1]}"#;
    raw.write(format!("[{notification},{notification}]")).await;
    let answer = raw.ask(call("1", "everything.noted", "null")).await;
    assert_eq!(answer["result"], json!(["1", "1"]), "only notifications: nothing is answered");
    assert_eq!(raw.ask_code("[1,]").await, -32700);
    // Two requests of one batch with the same id: the first goes on.
    let same =
        format!("[{},{}]", call("1", "everything.echo", "[\"x\"]"), call("1", "slow.ping", "[]"));
    let answer = raw.ask(same).await;
    let answers = answer.as_array().unwrap();
    assert_eq!(answers.len(), 2, "{answer}");
    assert!(answers.iter().any(|answer| answer["result"] == "x"), "{answer}");
}

#[tokio::test]
async fn what_a_peer_leaves_unfinished_is_cancelled_with_its_connection() {
    let (served, mut raw) = raw().await;
    raw.write(call("1", "slow.wait", "[1]")).await;
    served.gates.began(1).await;
    // Reading has ended here as well, so that the answer of the half-closed side has nowhere to go.
    drop(raw);
    served.gates.release(1);
    served.gates.ended(1).await;
    eventually("the connection has gone", || served.backend.connection_count() == 0).await;
}

#[tokio::test]
async fn members_behind_the_params_count_too() {
    let (_served, mut raw) = raw().await;
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
        let registered = backend.register_with(move |_| -> EverythingHandler<AllOfIt> {
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
