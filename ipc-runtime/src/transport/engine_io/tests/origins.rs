//! Who is let in, and what a page of another origin needs.

use std::sync::atomic::Ordering;

use crate::transport::{
    engine_io::tests::{
        echo::{COOKIE, EchoSite, Setup},
        http::{Http, OPEN, Poller, Ws},
    },
    websocket::origins::OriginPolicy,
};

const PAGE: &str = "http://app.example";
const OTHER_PAGE: &str = "http://other.example";

async fn site() -> EchoSite {
    let origins = OriginPolicy::allow([PAGE, OTHER_PAGE]);
    EchoSite::of(Setup { origins, ..Setup::default() }).await
}

#[tokio::test]
async fn a_page_that_may_connect_may_read_every_answer() {
    let site = site().await;
    let mut http = Http::connect(&site).await;
    let origin = [("Origin", PAGE)];
    for (method, target) in
        [("GET", OPEN), ("GET", "/socket.io/?EIO=4"), ("POST", OPEN), ("OPTIONS", OPEN)]
    {
        http.send(method, target, &origin, "").await;
        let answer = http.answer().await;
        assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE), "{target}");
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
        assert!(answer.headers.get_all("vary").iter().any(|vary| vary == "origin"));
    }
}

#[tokio::test]
async fn a_preflight_names_what_may_be_asked() {
    let site = site().await;
    let mut http = Http::connect(&site).await;
    let headers = [("Origin", PAGE), ("Access-Control-Request-Headers", "x-app, x-other")];
    http.send("OPTIONS", OPEN, &headers, "").await;
    let answer = http.answer().await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET, POST, OPTIONS"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("x-app, x-other"));
    http.send("OPTIONS", OPEN, &[("Origin", "http://evil.example")], "").await;
    let refused = http.answer().await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_page_that_may_not_connect_is_refused_and_reads_nothing() {
    let site = site().await;
    for origin in ["http://evil.example", "null", "http://localhost:1"] {
        let answer = Http::connect(&site).await.get_with(OPEN, &[("Origin", origin)]).await;
        assert_eq!(answer.refusal(), (403, 4), "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    // A page of this machine too: a stock client would wait for its time-out on a WebSocket that is
    // opened only to be closed.
    for origin in ["http://evil.example", "http://localhost:1"] {
        let origin = [("Origin", origin)];
        let refused = Ws::connect_with(&site, "EIO=4&transport=websocket", &origin).await;
        assert_eq!(refused.err().unwrap().0, 403);
    }
    site.until_sessions(0).await;
}

#[tokio::test]
async fn a_rebound_host_is_refused_in_each_request() {
    let site = site().await;
    let poller = Poller::open(&site).await;
    let mut http = Http::connect(&site).await;
    for target in [OPEN, &poller.target] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: evil.example\r\n\r\n");
        let stream = &mut http.stream;
        tokio::io::AsyncWriteExt::write_all(stream, request.as_bytes()).await.unwrap();
        assert_eq!(http.answer().await.refusal(), (403, 4));
    }
}

#[tokio::test]
async fn a_session_is_that_of_the_page_which_opened_it() {
    let site = site().await;
    let mut poller = Poller::open_with(&site, &[("Origin", PAGE)]).await;
    let mut http = Http::connect(&site).await;
    let stolen = http.get_with(&poller.target, &[("Origin", OTHER_PAGE)]).await;
    assert_eq!(stolen.refusal(), (403, 4));
    let query = format!("EIO=4&transport=websocket&sid={}", poller.sid);
    let stolen = Ws::connect_with(&site, &query, &[("Origin", OTHER_PAGE)]).await;
    assert_eq!(stolen.err().unwrap().0, 403);
    // Its page always says where it is from.
    assert_eq!(poller.get().await.refusal(), (403, 4));
    // It goes on for its owner.
    let origin = [("Origin", PAGE)];
    poller.posts.send("POST", &poller.target, &origin, "4mine").await;
    assert_eq!(poller.posts.answer().await.body, "ok");
    assert_eq!(poller.gets.get_with(&poller.target, &origin).await.body, "4mine");
}

#[tokio::test]
async fn a_page_of_the_same_origin_may_leave_it_out_when_it_gets() {
    let site = site().await;
    let mut poller = Poller::open(&site).await;
    let own = format!("http://{}", site.address);
    poller.posts.send("POST", &poller.target, &[("Origin", &own)], "4a").await;
    assert_eq!(poller.posts.answer().await.body, "ok");
    assert_eq!(poller.get().await.body, "4a");
    let other = Http::connect(&site).await.get_with(&poller.target, &[("Origin", PAGE)]).await;
    assert_eq!(other.refusal(), (403, 4));
}

#[tokio::test]
async fn a_get_that_a_browser_makes_is_that_of_a_page_even_without_an_origin() {
    let setup = || {
        let origins = OriginPolicy::allow(["https://app.example"]);
        Setup { origins, asks_for_token: true, ..Setup::default() }
    };
    let site = EchoSite::of(setup()).await;
    for (host, fetched, status) in [
        (&*site.address, "same-origin", 200),
        (&*site.address, "none", 200),
        // Behind a proxy that has TLS.
        ("app.example", "same-origin", 200),
        (&*site.address, "cross-site", 403),
        (&*site.address, "same-site", 403),
        // Programs may name any host here, and pages may not.
        ("evil.example", "same-origin", 403),
    ] {
        let mut http = Http::connect(&site).await;
        let request =
            format!("GET {OPEN} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: {fetched}\r\n\r\n");
        let stream = &mut http.stream;
        tokio::io::AsyncWriteExt::write_all(stream, request.as_bytes()).await.unwrap();
        assert_eq!(http.answer().await.status, status, "{host} {fetched}");
    }
}

#[tokio::test]
async fn a_cookie_shows_the_token_and_has_to_in_each_request() {
    let site = EchoSite::of(Setup { asks_for_token: true, ..Setup::default() }).await;
    let cookie = [("Cookie", COOKIE)];
    let wrong = [("Cookie", "app=0123456789abcdefghijklmnoq")];
    assert_eq!(Http::connect(&site).await.get_with(OPEN, &wrong).await.refusal(), (401, 4));
    Poller::open(&site).await;
    assert!(!site.host.showed_token.load(Ordering::SeqCst), "it may come later");
    let mut poller = Poller::open_with(&site, &cookie).await;
    assert!(site.host.showed_token.load(Ordering::SeqCst));
    assert_eq!(poller.post("4x").await.refusal(), (403, 4), "that shows none");
    poller.posts.send("POST", &poller.target, &cookie, "4x").await;
    assert_eq!(poller.posts.answer().await.body, "ok");
    assert_eq!(poller.gets.get_with(&poller.target, &wrong).await.refusal(), (401, 4));
}
