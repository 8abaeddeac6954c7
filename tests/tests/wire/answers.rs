//! Answers on the wire: results, errors, and the arrays that answer batches.

use serde_json::{Value, json};

use super::served_backend::{call, served_lines};

#[tokio::test]
async fn a_unit_result_is_null_and_never_left_out() {
    let (_served, mut raw) = served_lines().await;
    for (method, params) in [("everything.nothing", "[]"), ("everything.succeed", "[false]")] {
        raw.write(call("1", method, params)).await;
        let answer = raw.next_text().await.unwrap();
        assert_eq!(answer, r#"{"jsonrpc":"2.0","id":1,"result":null}"#);
    }
}

#[tokio::test]
async fn a_methods_own_error_has_code_one_and_its_value() {
    let (_served, mut raw) = served_lines().await;
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
    let (_served, mut raw) = served_lines().await;
    let answer = raw.ask(call("1", "everything.float", "[-1]")).await;
    assert_eq!(answer["error"]["code"], -32603, "{answer}");
    assert!(answer.get("result").is_none());
}

#[tokio::test]
async fn a_ping_is_answered_with_null() {
    let (_served, mut raw) = served_lines().await;
    raw.write(r#"{"jsonrpc":"2.0","id":"p","method":"rpc.ping","params":[]}"#).await;
    let answer = raw.next_text().await.unwrap();
    assert_eq!(answer, r#"{"jsonrpc":"2.0","id":"p","result":null}"#);
}

#[tokio::test]
async fn a_batch_is_answered_by_one_array() {
    let (served, mut raw) = served_lines().await;
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
    let (_served, mut raw) = served_lines().await;
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
