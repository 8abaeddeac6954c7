//! How a session begins, and what refuses it.

use crate::transport::engine_io::{
    config::EngineConfig,
    tests::{
        echo::{EchoSite, Setup},
        http::{Http, OPEN, Poller, Ws, open_data},
    },
};

#[tokio::test]
async fn a_session_that_polls_is_told_what_it_has_to_know() {
    let site = EchoSite::new().await;
    let answer = Http::connect(&site).await.get(OPEN).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=UTF-8"));
    assert_eq!(answer.header("vary"), Some("origin"));
    let data = open_data(&answer.body);
    assert_eq!(data["upgrades"], serde_json::json!(["websocket"]));
    assert_eq!((&data["pingInterval"], &data["pingTimeout"]), (&25_000.into(), &20_000.into()));
    assert_eq!(data["maxPayload"], 10_000);
    assert!(data["sid"].as_str().unwrap().len() >= 20);
}

#[tokio::test]
async fn a_session_on_a_web_socket_has_nothing_to_upgrade_to() {
    let site = EchoSite::new().await;
    let mut ws = Ws::connect(&site, "EIO=4&transport=websocket").await.unwrap();
    let data = open_data(&ws.text().await);
    assert_eq!(data["upgrades"], serde_json::json!([]));
    assert!(data["sid"].as_str().unwrap().len() >= 20);
}

#[tokio::test]
async fn no_two_sessions_have_the_same_id() {
    let site = EchoSite::new().await;
    let (one, other) = (Poller::open(&site).await, Poller::open(&site).await);
    assert_ne!(one.sid, other.sid);
}

#[tokio::test]
async fn a_path_with_and_without_a_slash_at_its_end_is_the_same() {
    let site = EchoSite::new().await;
    let answer = Http::connect(&site).await.get("/socket.io?EIO=4&transport=polling").await;
    assert_eq!(answer.status, 200);
    let other = Http::connect(&site).await.get("/socket.iox/?EIO=4&transport=polling").await;
    assert_eq!(other.status, 426, "that is none of ours");
}

#[tokio::test]
async fn a_bad_handshake_by_polling_is_refused_with_its_code() {
    let site = EchoSite::new().await;
    for (target, refusal) in [
        ("/socket.io/?transport=polling", (400, 5)),
        ("/socket.io/?EIO=3&transport=polling", (400, 5)),
        ("/socket.io/?EIO=abc&transport=polling", (400, 5)),
        ("/socket.io/?EIO=4", (400, 0)),
        ("/socket.io/?EIO=4&transport=abc", (400, 0)),
        ("/socket.io/?EIO=4&transport=websocket", (400, 3)),
        ("/socket.io/?EIO=4&transport=polling&sid=abc", (400, 1)),
        ("/socket.io/?EIO=4&transport=polling&j=0", (400, 3)),
        ("/socket.io/?EIO=4&EIO=4&transport=polling", (400, 3)),
    ] {
        let answer = Http::connect(&site).await.get(target).await;
        assert_eq!(answer.refusal(), refusal, "{target}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    let unknown = Http::connect(&site).await.get(&format!("{OPEN}&sid=abc")).await;
    assert_eq!(unknown.body, r#"{"code":1,"message":"Session ID unknown"}"#);
    let version = Http::connect(&site).await.get("/socket.io/?EIO=3&transport=polling").await;
    assert_eq!(version.body, r#"{"code":5,"message":"Unsupported protocol version"}"#);
    for method in ["POST", "PUT", "DELETE", "HEAD"] {
        let mut http = Http::connect(&site).await;
        http.send(method, OPEN, &[], "").await;
        if method == "HEAD" {
            continue;
        }
        assert_eq!(http.answer().await.refusal(), (400, 2), "{method}");
    }
    site.until_sessions(0).await;
}

#[tokio::test]
async fn a_bad_handshake_on_a_web_socket_is_refused() {
    let site = EchoSite::new().await;
    for (query, code) in [
        ("transport=websocket", 5),
        ("EIO=3&transport=websocket", 5),
        ("EIO=4", 0),
        ("EIO=4&transport=abc", 0),
        ("EIO=4&transport=polling", 3),
        ("EIO=4&transport=websocket&sid=abc", 1),
    ] {
        let (status, body) = Ws::connect(&site, query).await.err().unwrap();
        assert_eq!(status, 400, "{query}");
        assert!(body.starts_with(&format!("{{\"code\":{code},")), "{query}: {body}");
    }
    site.until_sessions(0).await;
}

#[tokio::test]
async fn one_connection_serves_request_after_request() {
    let site = EchoSite::new().await;
    let mut http = Http::connect(&site).await;
    for _ in 0..3 {
        let sid = open_data(&http.get(OPEN).await.body)["sid"].as_str().unwrap().to_owned();
        let target = format!("{OPEN}&sid={sid}");
        assert_eq!(http.post(&target, "4hello").await.body, "ok");
        assert_eq!(http.get(&target).await.body, "4hello");
        assert_eq!(http.get("/socket.io/?EIO=4").await.status, 400);
    }
}

#[tokio::test]
async fn transports_that_are_switched_off_are_unknown() {
    let mut setup = Setup::default();
    setup.engine = EngineConfig { polling: false, ..setup.engine };
    let site = EchoSite::of(setup).await;
    assert_eq!(Http::connect(&site).await.get(OPEN).await.refusal(), (400, 0));
    Ws::open(&site).await;

    let mut setup = Setup::default();
    setup.engine = EngineConfig { web_socket: false, ..setup.engine };
    let site = EchoSite::of(setup).await;
    let answer = Http::connect(&site).await.get(OPEN).await;
    assert_eq!(open_data(&answer.body)["upgrades"], serde_json::json!([]));
    assert_eq!(Ws::connect(&site, "EIO=4&transport=websocket").await.err().unwrap().0, 400);
}

#[tokio::test]
async fn each_session_takes_one_place_whatever_its_connections() {
    let site = EchoSite::of(Setup { most: Some(1), ..Setup::default() }).await;
    let mut poller = Poller::open(&site).await;
    assert_eq!(Http::connect(&site).await.get(OPEN).await.refusal(), (503, 4));
    assert_eq!(Ws::connect(&site, "EIO=4&transport=websocket").await.err().unwrap().0, 503);
    assert_eq!(poller.post("4on").await.body, "ok");
    assert_eq!(poller.get().await.body, "4on");
    poller.post("1").await;
    site.until_sessions(0).await;
    Ws::open(&site).await;
}
