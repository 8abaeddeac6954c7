//! What is written into the log of what a peer says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};

use ipc_tests::{Lines, Site, messages::notification};
use serde_json::json;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Keeps each warning as a line.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn what_a_peer_has_dropped_is_logged_in_short() {
    let warnings = Warnings::default();
    let _logging = tracing::subscriber::set_default(warnings.clone());
    let site = Site::new().await;
    let mut raw = Lines::connect(&site.socket).await;
    for params in [
        json!({ "channel": "demo.files", "n": 7, "secret": "hunter2" }),
        json!({ "channel": "é".repeat(100_000), "n": 8 }),
        json!(["x".repeat(100_000)]),
    ] {
        raw.write(format!("{}\n", notification("rpc.dropped", params))).await;
    }
    raw.ask(r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#).await;
    let lines = warnings.0.lock().unwrap().clone();
    let [first, second] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(first.contains("demo.files") && first.contains("n=7"), "{first}");
    assert!(!first.contains("hunter2"), "{first}");
    assert!(second.matches('é').count() == 256 && second.contains("n=8"), "{second}");
}
