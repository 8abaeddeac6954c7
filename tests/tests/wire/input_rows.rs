//! Rows of input, in each framing where they apply, and what comes of each.
//!
//! After each of them the same connection still answers, and so does another one.

use ipc_tests::{Framing, RawPeer, Site};
use serde_json::{Value, json};

use Expected::{Error, Nothing};

pub(crate) const NEWLINE: &[Framing] = &[Framing::Newline];
pub(crate) const WITH_LENGTHS: &[Framing] = &Framing::WITH_LENGTHS;
pub(crate) const STREAMS: &[Framing] = &Framing::STREAMS;
pub(crate) const ALL: &[Framing] = &Framing::ALL;

/// What comes back.
#[derive(Debug, Clone)]
pub(crate) enum Expected {
    /// An error with this code and id, whose message holds this.
    Error(i64, Value, &'static str),
    /// A result.
    Result(Value, Value),
    /// No answer.
    Nothing,
}

/// The result of a good call.
pub(crate) fn good(id: impl Into<Value>, result: impl Into<Value>) -> Expected {
    Expected::Result(id.into(), result.into())
}

/// A row: where it applies, what is sent, what comes.
pub(crate) type Row<'a> = (&'a [Framing], &'a [u8], Expected);

/// Sends each row that applies to this framing, all on one connection.
pub(crate) async fn check_rows(framing: Framing, rows: &[Row<'_>]) {
    let site = Site::new().await;
    let (mut peer, mut other) = (site.peer(framing).await, site.peer(framing).await);
    // The first bytes are those that tell the framing, which is another test's.
    peer.hears_nothing_else().await;
    other.hears_nothing_else().await;
    for (framings, sent, comes) in rows {
        if framings.contains(&framing) {
            peer.send(sent).await;
            check_answer(&mut peer, &String::from_utf8_lossy(sent), comes).await;
            other.hears_nothing_else().await;
        }
    }
    assert_eq!(site.backend.connection_count(), 2);
}

async fn check_answer(peer: &mut RawPeer, sent: &str, comes: &Expected) {
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
        Expected::Result(id, result) => {
            let expected = json!({ "jsonrpc": "2.0", "id": id, "result": result });
            assert_eq!(peer.next().await, expected, "{framing:?}: {shown}");
        }
        Nothing => {}
    }
    peer.hears_nothing_else().await;
}

/// A call of a method of `test.everything`, its params as they are written.
pub(crate) fn call(method: &str, params: &str) -> Vec<u8> {
    let name = format!("test.everything.{method}");
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{name}","params":{params}}}"#).into_bytes()
}
