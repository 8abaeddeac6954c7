//! The examples of the JSON-RPC 2.0 specification, section 7: each as it stands there, in each
//! framing. Their methods get a channel (`subtract` is `spec.subtract`); messages of errors are
//! left to the implementation by section 5.1, so only their codes are compared.

use std::sync::{Arc, Mutex};

use ipc_runtime::ipc_interface;
use ipc_tests::{Framing, RawPeer, Site, eventually, on_every_framing};
use serde_json::{Value, json};

/// The methods of the specification's examples.
#[ipc_interface(channel = "spec", version = "1.0.0", rename_all = "snake_case")]
trait Spec {
    /// The difference.
    async fn subtract(&self, minuend: i64, subtrahend: i64) -> i64;
    /// The sum.
    fn sum(&self, a: i64, b: i64, c: i64) -> i64;
    /// Two values.
    async fn get_data(&self) -> (String, u32);
    /// Keeps what it is told.
    #[ipc(notification)]
    async fn update(&self, a: u32, b: u32, c: u32, d: u32, e: u32);
    /// Keeps what it is told.
    #[ipc(notification)]
    fn notify_hello(&self, number: u32);
    /// Keeps what it is told.
    #[ipc(notification)]
    fn notify_sum(&self, a: u32, b: u32, c: u32);
}

#[derive(Default)]
struct Examples {
    told: Mutex<Vec<String>>,
}

impl Spec for Examples {
    async fn subtract(&self, minuend: i64, subtrahend: i64) -> i64 {
        tokio::task::yield_now().await;
        minuend - subtrahend
    }

    fn sum(&self, a: i64, b: i64, c: i64) -> i64 {
        a + b + c
    }

    async fn get_data(&self) -> (String, u32) {
        tokio::task::yield_now().await;
        ("hello".into(), 5)
    }

    async fn update(&self, a: u32, b: u32, c: u32, d: u32, e: u32) {
        tokio::task::yield_now().await;
        self.told.lock().unwrap().push(format!("update {a} {b} {c} {d} {e}"));
    }

    fn notify_hello(&self, number: u32) {
        self.told.lock().unwrap().push(format!("hello {number}"));
    }

    fn notify_sum(&self, a: u32, b: u32, c: u32) {
        self.told.lock().unwrap().push(format!("sum {a} {b} {c}"));
    }
}

struct Speech {
    peer: RawPeer,
    told: Arc<Examples>,
    _site: Site,
}

impl Speech {
    async fn begin(framing: Framing) -> Self {
        let site = Site::new().await;
        let told = Arc::new(Examples::default());
        site.backend.register(SpecHandler::new(told.clone())).unwrap();
        Self { peer: site.peer(framing).await, told, _site: site }
    }

    /// `-->` and `<--` of the specification.
    async fn goes(&mut self, sent: &str, expected: Value) {
        let answer = comparable(self.peer.ask(sent).await);
        assert_eq!(answer, comparable(expected), "{:?}: {sent}", self.peer.framing);
        self.peer.hears_nothing_else().await;
    }

    /// `-->` alone.
    async fn is_not_answered(&mut self, sent: &str) {
        self.peer.send(sent).await;
        self.peer.hears_nothing_else().await;
    }

    async fn was_told(&self, lines: &[&str]) {
        eventually("all was told", || *self.told.told.lock().unwrap() == lines).await;
    }
}

/// Without the errors' messages, which have to be there; a batch's replies in an order that doesn't
/// depend on that of the answers.
fn comparable(mut answer: Value) -> Value {
    if let Value::Array(answers) = answer {
        let mut answers: Vec<_> = answers.into_iter().map(comparable).collect();
        answers.sort_by_key(Value::to_string);
        return answers.into();
    }
    if let Some(Value::Object(error)) = answer.get_mut("error") {
        let message = error.remove("message");
        assert!(message.is_some_and(|message| message.as_str().is_some_and(|m| !m.is_empty())));
    }
    answer
}

/// A reply that is an error, with a message that isn't compared.
fn error(code: i64, id: Value) -> Value {
    json!({ "jsonrpc": "2.0", "error": { "code": code, "message": "any" }, "id": id })
}

fn result(result: Value, id: Value) -> Value {
    json!({ "jsonrpc": "2.0", "result": result, "id": id })
}

on_every_framing! {
    positional_parameters,
    named_parameters,
    a_notification,
    a_method_that_does_not_exist,
    invalid_json,
    an_invalid_request_object,
    a_batch_of_invalid_json,
    an_empty_array,
    an_invalid_batch_that_is_not_empty,
    an_invalid_batch,
    a_batch,
    a_batch_of_notifications,
}

async fn positional_parameters(framing: Framing) {
    let mut speech = Speech::begin(framing).await;
    speech
        .goes(
            r#"{"jsonrpc": "2.0", "method": "spec.subtract", "params": [42, 23], "id": 1}"#,
            result(json!(19), json!(1)),
        )
        .await;
    speech
        .goes(
            r#"{"jsonrpc": "2.0", "method": "spec.subtract", "params": [23, 42], "id": 2}"#,
            result(json!(-19), json!(2)),
        )
        .await;
}

async fn named_parameters(framing: Framing) {
    let mut speech = Speech::begin(framing).await;
    speech
        .goes(
            r#"{"jsonrpc": "2.0", "method": "spec.subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}"#,
            result(json!(19), json!(3)),
        )
        .await;
    speech
        .goes(
            r#"{"jsonrpc": "2.0", "method": "spec.subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}"#,
            result(json!(19), json!(4)),
        )
        .await;
}

async fn a_notification(framing: Framing) {
    let mut speech = Speech::begin(framing).await;
    speech
        .is_not_answered(r#"{"jsonrpc": "2.0", "method": "spec.update", "params": [1,2,3,4,5]}"#)
        .await;
    speech.is_not_answered(r#"{"jsonrpc": "2.0", "method": "foobar"}"#).await;
    speech.was_told(&["update 1 2 3 4 5"]).await;
}

async fn a_method_that_does_not_exist(framing: Framing) {
    let mut speech = Speech::begin(framing).await;
    for method in ["foobar", "spec.foobar", "foo.get"] {
        let sent = format!(r#"{{"jsonrpc": "2.0", "method": "{method}", "id": "1"}}"#);
        speech.goes(&sent, error(-32601, json!("1"))).await;
    }
}

async fn invalid_json(framing: Framing) {
    let mut speech = Speech::begin(framing).await;
    speech
        .goes(
            r#"{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]"#,
            error(-32700, Value::Null),
        )
        .await;
}

async fn an_invalid_request_object(framing: Framing) {
    let mut speech = Speech::begin(framing).await;
    speech
        .goes(r#"{"jsonrpc": "2.0", "method": 1, "params": "bar"}"#, error(-32600, Value::Null))
        .await;
}

async fn a_batch_of_invalid_json(framing: Framing) {
    let mut speech = Speech::begin(framing).await;
    let sent = r#"[
  {"jsonrpc": "2.0", "method": "spec.sum", "params": [1,2,4], "id": "1"},
  {"jsonrpc": "2.0", "method"
]"#;
    speech.goes(sent, error(-32700, Value::Null)).await;
}

async fn an_empty_array(framing: Framing) {
    let mut speech = Speech::begin(framing).await;
    speech.goes("[]", error(-32600, Value::Null)).await;
}

async fn an_invalid_batch_that_is_not_empty(framing: Framing) {
    let mut speech = Speech::begin(framing).await;
    speech.goes("[1]", json!([error(-32600, Value::Null)])).await;
}

async fn an_invalid_batch(framing: Framing) {
    let mut speech = Speech::begin(framing).await;
    let invalid = error(-32600, Value::Null);
    speech.goes("[1,2,3]", json!([invalid, invalid, invalid])).await;
}

async fn a_batch(framing: Framing) {
    let mut speech = Speech::begin(framing).await;
    let sent = r#"[
        {"jsonrpc": "2.0", "method": "spec.sum", "params": [1,2,4], "id": "1"},
        {"jsonrpc": "2.0", "method": "spec.notify_hello", "params": [7]},
        {"jsonrpc": "2.0", "method": "spec.subtract", "params": [42,23], "id": "2"},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
        {"jsonrpc": "2.0", "method": "spec.get_data", "id": "9"}
    ]"#;
    let expected = json!([
        result(json!(7), json!("1")),
        result(json!(19), json!("2")),
        error(-32600, Value::Null),
        error(-32601, json!("5")),
        result(json!(["hello", 5]), json!("9")),
    ]);
    speech.goes(sent, expected).await;
    speech.was_told(&["hello 7"]).await;
}

async fn a_batch_of_notifications(framing: Framing) {
    let mut speech = Speech::begin(framing).await;
    let sent = r#"[
        {"jsonrpc": "2.0", "method": "spec.notify_sum", "params": [1,2,4]},
        {"jsonrpc": "2.0", "method": "spec.notify_hello", "params": [7]}
    ]"#;
    speech.is_not_answered(sent).await;
    speech.was_told(&["sum 1 2 4", "hello 7"]).await;
}
