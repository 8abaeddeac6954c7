//! How pages show the token: as a subprotocol or in a cookie, since they set no other headers.
#![cfg(unix)]

use ipc_runtime::Backend;
use ipc_tests::{Site, WebSocket, eventually, web_socket::Refused};
use serde_json::json;

use super::guarded_backend::{guarded, hello, is_unauthorized, nothing_is_left, ping, token};

const SUBPROTOCOLS: &str = "sec-websocket-protocol";

#[tokio::test]
async fn a_page_shows_it_as_a_subprotocol() {
    let token = token();
    let site = Site::of(guarded(&token)).await;
    let text = token.expose_secret();
    for offered in [
        format!("ipc.v1.json, ipc.token.{text}"),
        format!("ipc.token.{text},ipc.v9.other,ipc.v1.json"),
    ] {
        let headers = [(SUBPROTOCOLS, offered.as_str())];
        let mut page = WebSocket::connect(&site.web_socket, &headers).await.unwrap();
        assert_eq!(page.subprotocol.as_deref(), Some("ipc.v1.json"));
        assert_eq!(page.ask(ping()).await["result"], 7, "and needs no handshake");
        assert_eq!(site.backend.connection_count(), 1);
        drop(page);
        eventually("it has gone", || site.backend.connection_count() == 0).await;
    }
    for wrong in ["x", &text[..42], &format!("{text}x"), &format!("{text}, ipc.token.{text}")] {
        let offered = format!("ipc.v1.json, ipc.token.{wrong}");
        let refused = WebSocket::connect(&site.web_socket, &[(SUBPROTOCOLS, &offered)]).await;
        let Refused(status, why) = refused.unwrap_err();
        assert_eq!(status, 401, "{why}");
        assert!(why.contains("token") && !why.contains(text), "{why}");
    }
    // Nothing could be chosen, for which a browser would end the connection without a word why.
    let alone = format!("ipc.token.{text}");
    let refused = WebSocket::connect(&site.web_socket, &[(SUBPROTOCOLS, &alone)]).await;
    let Refused(status, why) = refused.unwrap_err();
    assert_eq!(status, 403);
    assert!(why.contains("ipc.v1.json") && !why.contains(text), "{why}");
    nothing_is_left(&site.backend).await;
}

#[tokio::test]
async fn a_page_of_the_apps_own_shows_it_by_a_cookie() {
    let token = token();
    let site = Site::of(Backend::builder().token_cookie("app", token.clone())).await;
    let set_cookie = token.set_cookie("app");
    let (cookie, attributes) = set_cookie.split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict");
    let with = |cookie: &str| {
        let headers =
            [(SUBPROTOCOLS.to_owned(), "ipc.v1.json".into()), ("cookie".into(), cookie.into())];
        let endpoint = site.web_socket.clone();
        async move {
            let headers: [(String, String); 2] = headers;
            let headers: Vec<_> =
                headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            WebSocket::connect(&endpoint, &headers).await
        }
    };
    for sent in [cookie.to_owned(), format!("theme=dark; {cookie}; lang=en")] {
        let mut page = with(&sent).await.unwrap();
        assert_eq!(page.ask(ping()).await["result"], 7, "and needs no handshake");
    }
    for sent in [
        "app=stale".to_owned(),
        "app=".into(),
        format!("app=\"{}\"", token.expose_secret()),
        format!("{cookie}; {cookie}"),
        format!("app=x; {cookie}"),
        format!("{cookie}; app=x"),
    ] {
        let Refused(status, why) = with(&sent).await.unwrap_err();
        assert_eq!(status, 401, "{why}");
    }
    // Where it isn't there, it may still come.
    let mut page = with("App=x; apps=y").await.unwrap();
    assert_eq!(page.ask(hello(token.expose_secret())).await["result"]["protocol"], 1);
    assert_eq!(page.ask(ping()).await["result"], 7);
    drop(page);
    nothing_is_left(&site.backend).await;
}

#[tokio::test]
async fn a_cookie_is_looked_at_only_where_it_was_named() {
    let token = token();
    let site = Site::of(guarded(&token)).await;
    let cookie = format!("app={}", token.expose_secret());
    let mut page = WebSocket::connect(&site.web_socket, &[("cookie", &cookie)]).await.unwrap();
    is_unauthorized(&page.ask(hello("x")).await, &json!("h"));
    assert_eq!(page.close_code().await, Some(1008));
}

#[tokio::test]
async fn a_page_that_has_the_token_is_still_asked_for_its_origin() {
    let token = token();
    let site = Site::of(guarded(&token)).await;
    let offered = format!("ipc.v1.json, ipc.token.{}", token.expose_secret());
    let rebound = [("host", "evil.example"), ("origin", "http://evil.example")];
    for page in [&rebound[1..], &[("origin", "null")], &rebound] {
        let headers = [&[(SUBPROTOCOLS, offered.as_str())], page].concat();
        let refused = WebSocket::connect(&site.web_socket, &headers).await.unwrap_err();
        assert_eq!(refused.0, 403, "{page:?}");
    }
}
