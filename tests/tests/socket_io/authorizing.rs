//! Apps that decide which clients may join.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use ipc_runtime::{
    Backend, CallContext, ErrorKind, Limits, Token,
    config::{SocketHandshake, SocketIo},
    error::ErrorObject,
};
use ipc_tests::{eventually, in_time};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::{Client, Served, served_by};

#[derive(Deserialize)]
struct Login {
    user: String,
    token: u32,
}

struct User(String);

/// Lets in whoever says 7.
fn by_login() -> SocketIo {
    SocketIo::new().namespace("/tools").authorize(|peer, handshake| async move {
        let Login { user, token } = handshake.auth()?;
        if token != 7 {
            let why = ErrorObject::unauthorized("that isn't it");
            return Err(why.with_data(&json!({ "hint": "it's a number" })));
        }
        peer.extensions().insert(User(user));
        Ok(())
    })
}

async fn served(socket_io: SocketIo) -> Served {
    let served = served_by(Backend::builder().socket_io(socket_io)).await;
    let who = |call: CallContext, (): ()| async move {
        call.peer().extensions().get::<User>().map(|user| user.0.clone())
    };
    served.backend.expose_with("who", who).unwrap();
    served
}

#[tokio::test]
async fn a_function_decides_by_what_a_client_says_of_itself() {
    let served = served(by_login()).await;
    let mut client = Client::connect(&served).await;
    let refused = client.asks("0{\"user\":\"ada\",\"token\":8}", "4").await;
    let data = json!({ "code": -32001, "hint": "it's a number" });
    assert_eq!(refused, json!({ "message": "that isn't it", "data": data }));
    let unread = client.asks("0{\"user\":\"ada\"}", "4").await;
    assert_eq!(unread["data"]["code"], -32602);
    let message = unread["message"].as_str().unwrap();
    assert!(message.contains("`auth` for /") && message.contains("`token`"), "{message}");
    served.has_peers(0).await;
    assert!(client.asks("0{\"user\":\"ada\",\"token\":7}", "0").await["sid"].is_string());
    assert_eq!(client.asks("21[\"who\"]", "31").await, json!(["ada"]));
}

#[tokio::test]
async fn each_namespace_is_decided_by_itself() {
    let served = served(by_login()).await;
    let mut client = Client::connect(&served).await;
    client.asks("0{\"user\":\"ada\",\"token\":7}", "0").await;
    client.asks("0/tools,{\"user\":\"ada\",\"token\":1}", "4/tools,").await;
    client.asks("0/tools,{\"user\":\"bob\",\"token\":7}", "0/tools,").await;
    assert_eq!(client.asks("21[\"who\"]", "31").await, json!(["ada"]));
    assert_eq!(client.asks("2/tools,1[\"who\"]", "3/tools,1").await, json!(["bob"]));
}

#[tokio::test]
async fn the_request_that_opened_the_session_is_shown() {
    let seen: Arc<Mutex<Vec<SocketHandshake>>> = Arc::default();
    let noted = seen.clone();
    let socket_io = SocketIo::new().authorize(move |_, handshake| {
        noted.lock().unwrap().push(handshake);
        async { Ok(()) }
    });
    let served = served(socket_io).await;
    let mut client = Client::connect_with(&served, &[("Cookie", "a=b")]).await;
    client.asks("0{\"secret\":1}", "0").await;
    let handshake = seen.lock().unwrap().pop().unwrap();
    assert_eq!(handshake.namespace(), "/");
    assert_eq!(handshake.headers()["cookie"], "a=b");
    assert!(handshake.uri().query().unwrap().contains("EIO=4"));
    assert_eq!(handshake.auth::<Value>().unwrap(), json!({ "secret": 1 }));
    assert!(!format!("{handshake:?}").contains("secret"));
}

#[tokio::test]
async fn what_panics_or_takes_too_long_lets_nobody_in() {
    let socket_io = SocketIo::new().authorize(|_, handshake| async move {
        match handshake.auth::<Value>()?["do"].as_str() {
            Some("panic") => panic!("a test"),
            Some("wait") => pending().await,
            _ => Ok(()),
        }
    });
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(300);
    let served = served_by(Backend::builder().limits(limits).socket_io(socket_io)).await;
    for act in ["panic", "wait"] {
        let mut client = Client::connect(&served).await;
        let refused = in_time(client.asks(&format!("0{{\"do\":\"{act}\"}}"), "4")).await;
        assert_eq!(refused["data"]["code"], -32603, "{refused}");
        let mut client = Client::connect(&served).await;
        client.asks("0{\"do\":\"join\"}", "0").await;
        client.is_served().await;
    }
}

#[tokio::test]
async fn strangers_without_the_token_are_refused_before_the_app_is_asked() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    let socket_io = SocketIo::new().authorize(move |_, _| {
        count.fetch_add(1, Ordering::Relaxed);
        async { Ok(()) }
    });
    let token = Token::generate().unwrap();
    let served = served_by(Backend::builder().socket_io(socket_io).token(token.clone())).await;
    let mut client = Client::connect(&served).await;
    let refused = client.asks("0{\"token\":\"x\"}", "4").await;
    assert_eq!(refused["data"]["code"], -32001);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    let shown = json!({ "token": token.expose_secret() });
    let mut client = Client::connect(&served).await;
    client.asks(&format!("0{shown}"), "0").await;
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn who_is_gone_while_the_app_decides_leaves_nothing() {
    let socket_io = SocketIo::new().authorize(|_, _| pending());
    let served = served(socket_io).await;
    let mut client = Client::connect(&served).await;
    client.say("0").await;
    drop(client);
    let stopping = served.backend.stop(Duration::from_secs(600));
    in_time(stopping).await;
}

#[tokio::test]
async fn who_has_its_peer_back_is_not_asked_again() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    let socket_io = SocketIo::new().connection_state_recovery(true).authorize(move |_, _| {
        let is_first = count.fetch_add(1, Ordering::Relaxed) == 0;
        async move { if is_first { Ok(()) } else { Err(ErrorObject::unauthorized("again")) } }
    });
    let served = served(socket_io).await;
    let mut client = Client::connect(&served).await;
    let joined = client.asks("0", "0").await;
    let mut client = Client::connect(&served).await;
    let back = client.asks(&format!("0{}", json!({ "pid": joined["pid"] })), "0").await;
    assert_eq!(back["sid"], joined["sid"]);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn who_is_lost_while_the_app_decides_on_one_namespace_has_the_others_back() {
    let socket_io = SocketIo::new().namespace("/tools").connection_state_recovery(true);
    let socket_io = socket_io.authorize(|_, handshake| async move {
        if handshake.namespace() == "/tools" { pending().await } else { Ok(()) }
    });
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_secs(600);
    let served = served_by(Backend::builder().limits(limits).socket_io(socket_io)).await;
    let mut client = Client::connect(&served).await;
    let joined = client.asks("0", "0").await;
    let peer = served.peer();
    client.say("0/tools,").await;
    eventually("it asks", || served.backend.usage().connections == 2).await;
    drop(client);
    // What can't be sent shows that the client is gone.
    let lost = in_time(async {
        loop {
            let _ = peer.notify("news", &()).queued().await;
            let asked = peer.call::<Value>("confirm", &()).timeout(Duration::from_millis(50));
            match asked.await {
                Err(error) if error.kind() == ErrorKind::Disconnected => break error,
                _ => {}
            }
        }
    });
    assert!(lost.await.may_have_run());
    let mut client = Client::connect(&served).await;
    let back = client.asks(&format!("0{}", json!({ "pid": joined["pid"] })), "0").await;
    assert_eq!(back["sid"], joined["sid"]);
}
