//! Frontends that are there before their connection is.

use ipc_runtime::{Backend, ErrorKind, Frontend, peer::ConnectionState};
use ipc_tests::{
    Frames, LocalListener, Scratch, TestCarrier, endpoint_of, in_time,
    messages::{handshake_answer, result},
};
use serde_json::json;

/// A frontend that is being greeted, and the other end.
async fn being_greeted() -> (Scratch, Frontend, Frames) {
    let directory = Scratch::new();
    let path = directory.socket("s");
    let listener = LocalListener::bind(&path).unwrap();
    let endpoint = endpoint_of(&path);
    let frontend = Frontend::builder().connect_lazily(endpoint).unwrap();
    let raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
    (directory, frontend, raw)
}

#[tokio::test]
async fn it_is_connected_when_it_was_greeted() {
    let (_directory, frontend, mut raw) = being_greeted().await;
    let hello = raw.next().await;
    let mut state = frontend.state();
    assert!(matches!(*state.borrow(), ConnectionState::Connecting), "{state:?}");
    assert!(!frontend.is_connected());
    raw.send(handshake_answer(&hello).to_string()).await;
    let connected = state.wait_for(|state| matches!(state, ConnectionState::Connected { .. }));
    in_time(connected).await.unwrap();
    let call = tokio::spawn(frontend.call::<u32>("some.method", &()));
    let asked = raw.next().await;
    raw.send(result(asked["id"].clone(), 5).to_string()).await;
    assert_eq!(in_time(call).await.unwrap().unwrap(), 5);
}

#[tokio::test]
async fn it_never_was_connected_when_it_was_refused() {
    let (_directory, frontend, mut raw) = being_greeted().await;
    let mut state = frontend.state();
    let seen = tokio::spawn(async move {
        let mut seen = Vec::new();
        while state.changed().await.is_ok() {
            let now = state.borrow_and_update().clone();
            seen.push(now.clone());
            if matches!(now, ConnectionState::Disconnected(_)) {
                break;
            }
        }
        seen
    });
    let hello = raw.next().await;
    let error = json!({ "code": -32001, "message": "another token" });
    let refusal = json!({ "jsonrpc": "2.0", "id": hello["id"], "error": error });
    raw.send(refusal.to_string()).await;
    match &in_time(seen).await.unwrap()[..] {
        [ConnectionState::Disconnected(reason)] => {
            assert!(reason.to_string().contains("another token"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    let error = in_time(frontend.call::<u32>("some.method", &())).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Unauthorized, "{error:?}");
}

/// Why the attempts fail is told with the state, and the loss of the connection is its end.
#[tokio::test]
async fn it_tries_on_until_somebody_listens_and_connects_once() {
    let carrier = TestCarrier::unix();
    let frontend = Frontend::builder().connect_lazily(&carrier.endpoint).unwrap();
    let mut state = frontend.state();
    let failed = |state: &ConnectionState| {
        let ConnectionState::Reconnecting { attempts, reason, .. } = state else { return false };
        assert!(reason.to_string().contains("is the backend running?"), "{reason}");
        *attempts > 1
    };
    in_time(state.wait_for(failed)).await.unwrap();
    let error = frontend.call::<u32>("some.method", &()).await.unwrap_err();
    assert!(error.kind() == ErrorKind::NotConnected && error.message().is_some(), "{error:?}");
    let backend = Backend::new();
    carrier.listen(&backend).await;
    let connected = state.wait_for(|state| matches!(state, ConnectionState::Connected { .. }));
    in_time(connected).await.unwrap();
    drop(backend);
    in_time(frontend.closed()).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn it_knows_who_is_there_once_it_is_connected() {
    let carrier = TestCarrier::unix();
    let backend = Backend::new();
    let endpoint = carrier.listen(&backend).await;
    let frontend = Frontend::builder().connect_lazily(endpoint).unwrap();
    let mut state = frontend.state();
    let connected = state.wait_for(|state| matches!(state, ConnectionState::Connected { .. }));
    in_time(connected).await.unwrap();
    let credentials = frontend.peer().credentials().unwrap();
    assert_eq!(credentials.process, i32::try_from(std::process::id()).ok());
}
