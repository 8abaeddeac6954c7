//! What a frontend says of its connection: there is none yet, it is there, it has gone.

use ipc_runtime::{ErrorKind, Frontend, Limits, peer::ConnectionState};
use ipc_tests::{TestCarrier, eventually, on_every_carrier};

use super::office::{DeskClient, office};

on_every_carrier! {
    the_state_tells_how_it_stands,
    a_lazy_frontend_connects_by_itself,
}

async fn the_state_tells_how_it_stands(carrier: TestCarrier) {
    let (backend, windows) = office(&carrier, &["a"], Limits::default()).await;
    let mut state = windows[0].state();
    assert!(
        matches!(*state.borrow(), ConnectionState::Connected { .. }) && windows[0].is_connected()
    );
    drop(backend);
    state.wait_for(|state| matches!(state, ConnectionState::Disconnected(_))).await.unwrap();
    assert!(!windows[0].is_connected());
    let desk: DeskClient = windows[0].client();
    assert!(matches!(&desk.visits().await, Err(error) if error.kind() == ErrorKind::Disconnected));
}

async fn a_lazy_frontend_connects_by_itself(carrier: TestCarrier) {
    let (backend, windows) = office(&carrier, &["a"], Limits::default()).await;
    let endpoint = windows[0].peer().endpoint().parse::<ipc_runtime::Endpoint>().unwrap();
    let lazy = carrier.builder().connect_lazily(endpoint.clone()).unwrap();
    let desk: DeskClient = lazy.client();
    let mut state = lazy.state();
    state.wait_for(|state| matches!(state, ConnectionState::Connected { .. })).await.unwrap();
    assert_eq!(desk.visits().await.unwrap(), 1);
    drop((desk, lazy));
    eventually("it has gone with its last client", || backend.peers().len() == 1).await;
}

#[tokio::test]
async fn a_frontend_without_a_connection_says_so() {
    let desk: DeskClient = Frontend::unconnected().client();
    match desk.visits().await {
        Err(error) if error.kind() == ErrorKind::NotConnected => {
            assert!(!error.may_have_run());
            assert!(error.to_string().contains("test.desk.visits"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    let nowhere = Frontend::builder().connect_lazily("memory:nobody-is-here").unwrap();
    let desk: DeskClient = nowhere.client();
    let mut state = nowhere.state();
    state.wait_for(|state| matches!(state, ConnectionState::Reconnecting { .. })).await.unwrap();
    match desk.visits().await {
        Err(error) if error.kind() == ErrorKind::NotConnected => {
            let why = error.message().unwrap();
            assert!(why.contains("nobody-is-here"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}
