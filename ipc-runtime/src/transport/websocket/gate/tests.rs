use super::*;

const SECRET: &str = "0123456789abcdefghijklmnop";

struct Asked<'a> {
    host: &'a str,
    door: Door<'a>,
    allowed: &'a [&'a str],
}

fn plain(host: &str) -> Door<'_> {
    Door::Own { host, is_tls: false }
}

impl Asked<'_> {
    fn check(&self, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, self.host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        self.headers(&headers, None, None).is_ok()
    }

    fn headers(
        &self,
        headers: &HeaderMap,
        target: Option<&Authority>,
        token_check: Option<&TokenCheck>,
    ) -> Result<bool, HttpRefusal> {
        let origins = OriginPolicy::allow(self.allowed.iter().copied());
        let gate = UpgradeGate { origins: &origins, token_check, door: self.door };
        match gate.check(headers, target)? {
            Visitor::Client { showed_token } => Ok(showed_token),
            Visitor::LocalPage => Err(REFUSED_ORIGIN),
        }
    }
}

fn check(bound: &str, host: &str, origin: Option<&str>, allowed: &[&str]) -> bool {
    Asked { host, door: plain(bound), allowed }.check(origin)
}

#[test]
fn a_missing_origin_is_a_native_client() {
    assert!(check("127.0.0.1", "127.0.0.1:7000", None, &[]));
}

#[test]
fn only_the_same_origin_and_listed_ones_are_let_in() {
    let own = Some("http://localhost:7000");
    assert!(check("127.0.0.1", "localhost:7000", own, &[]));
    assert!(check("127.0.0.1", "LocalHost:7000", own, &[]));
    for other in [
        "http://evil.example",
        "http://localhost:7001",
        "http://localhost",
        "http://localhost:7000/",
        "http://localhost:7000/path",
        "http://localhost.:7000",
        "http://127.0.0.1:7000",
        "http://user@localhost:7000",
        "localhost:7000",
        "//localhost:7000",
        "http://localhost:7000.evil.example",
        "http://localhost:7000 http://localhost:7000",
        "null",
        "NULL",
        "*",
        "file://",
        "",
        "https://localhost:7000",
    ] {
        assert!(!check("127.0.0.1", "localhost:7000", Some(other), &[]), "{other}");
    }
}

#[test]
fn listed_origins_are_compared_as_a_whole() {
    for (listed, sent) in [
        ("http://localhost:5173", "http://localhost:5173"),
        ("HTTP://LocalHost:5173/", "http://localhost:5173"),
        ("tauri://localhost", "tauri://localhost"),
        ("file://", "file://"),
    ] {
        assert!(check("127.0.0.1", "localhost:7000", Some(sent), &[listed]), "{listed}");
    }
    for sent in ["http://localhost:51731", "http://localhost", "https://localhost:5173", "null"] {
        let listed = ["http://localhost:5173", "null", "*", "http://*"];
        assert!(!check("127.0.0.1", "localhost:7000", Some(sent), &listed), "{sent}");
    }
}

#[test]
fn a_rebound_name_is_refused_by_its_host() {
    let evil = Some("http://evil.example:7000");
    assert!(!check("127.0.0.1", "evil.example:7000", evil, &[]));
    assert!(!check("127.0.0.1", "evil.example:7000", None, &[]));
    let own = Some("http://panel.example:7000");
    assert!(check("panel.example", "panel.example:7000", own, &[]));
    assert!(check("panel.example", "PANEL.example:7000", own, &[]));
    let named = &["http://panel.example:7000"];
    assert!(check("127.0.0.1", "panel.example:7000", Some(named[0]), named));
}

#[test]
fn a_name_that_is_only_listed_stands_for_the_origins_that_are() {
    let secure = &["https://app.example"];
    let host = "app.example:7000";
    assert!(check("127.0.0.1", host, Some("https://app.example"), secure));
    assert!(check("127.0.0.1", host, None, secure));
    for other in ["http://app.example:7000", "http://app.example", "https://app.example:7000"] {
        assert!(!check("127.0.0.1", host, Some(other), secure), "{other}");
    }
    // The listener's own name needs no listing.
    assert!(check("app.example", host, Some("http://app.example:7000"), secure));
}

#[test]
fn what_no_page_has_as_its_origin_is_told() {
    for good in [
        "http://localhost:5173",
        "http://localhost:5173/",
        "HTTPS://App.Example",
        "tauri://localhost",
        "file://",
        "http://[::1]:5173",
        "http://x:8080",
    ] {
        assert_eq!(OriginPolicy::allow([good]).fault(), None, "{good}");
    }
    for bad in [
        "",
        "*",
        "null",
        "localhost:5173",
        "://x",
        "http://*.example",
        "http://localhost:5173/path",
        "http://localhost?x",
        "http://user@localhost",
        "http://localhost:80",
        "https://x.example:443/",
        "http://größe.example",
        " http://localhost",
    ] {
        let fault = OriginPolicy::allow(["http://localhost:1", bad]).fault().unwrap();
        assert!(fault.contains(&format!("{bad:?}")), "{fault}");
    }
}

#[test]
fn what_no_cookie_has_as_its_name_is_told() {
    let fault = |name: &str| {
        TokenCheck { token: SECRET.parse().unwrap(), cookie: Some(name.into()) }.fault()
    };
    for good in ["app", "__Host-app", "a.b!#$%&'*+-^_`|~1"] {
        assert_eq!(fault(good), None, "{good}");
    }
    for bad in ["", "a b", "a=b", "a;b", "a,b", "\"a\"", "größe", "a\t"] {
        assert!(fault(bad).unwrap().contains("can't be the name"), "{bad}");
    }
}

#[test]
fn hosts_are_addresses_names_of_our_own_or_nobodys() {
    for host in
        ["localhost", "127.0.0.1", "127.0.0.1:7000", "192.168.0.7:80", "[::1]", "[::1]:7000"]
    {
        assert!(check("127.0.0.1", host, None, &[]), "{host}");
    }
    assert!(check("127.0.0.1", "[0:0:0:0:0:0:0:1]:7000", None, &[]));
    for host in [
        "",
        ":7000",
        "localhost.",
        "localhost.:7000",
        "127.0.0.1.",
        "127.0.0.1.:7000",
        "127.1:7000",
        "0x7f.0.0.1",
        "2130706433",
        "::1",
        "[::1",
        "::1]",
        "[[::1]]",
        "[::1]:7000]",
        "[127.0.0.1]",
        "[::1%25lo]",
        "localhost:7000@evil.example",
        "user@localhost:7000",
        "localhost, evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "xn--localhost",
        "localhost:port",
    ] {
        assert!(!check("127.0.0.1", host, None, &[]), "{host}");
    }
    assert!(check("::1", "[::1]:7000", Some("http://[::1]:7000"), &[]));
    assert!(!check("::1", "[::1]:7000", Some("http://localhost:7000"), &[]));
}

#[test]
fn the_scheme_is_that_of_the_door() {
    let tls = Asked {
        host: "localhost:7000",
        door: Door::Own { host: "127.0.0.1", is_tls: true },
        allowed: &[],
    };
    assert!(tls.check(Some("https://localhost:7000")));
    assert!(!tls.check(Some("http://localhost:7000")));
    let app = Asked { host: "localhost:7000", door: Door::App, allowed: &[] };
    for own in ["http://localhost:7000", "https://localhost:7000"] {
        assert!(app.check(Some(own)), "{own}");
    }
    for other in ["ws://localhost:7000", "ftp://localhost:7000", "http://localhost:7001"] {
        assert!(!app.check(Some(other)), "{other}");
    }
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}

fn by_headers(pairs: &[(&'static str, &str)]) -> Result<bool, HttpRefusal> {
    let asked = Asked { host: "", door: plain("127.0.0.1"), allowed: &[] };
    let token_check = TokenCheck { token: SECRET.parse().unwrap(), cookie: Some("app".into()) };
    asked.headers(&headers(pairs), None, Some(&token_check))
}

#[test]
fn programs_may_use_any_host_where_a_token_is_asked_for_and_pages_none_but_ours() {
    let evil = ("host", "evil.example");
    assert_eq!(by_headers(&[evil]), Ok(false));
    for origin in ["http://evil.example", "http://localhost:7000", "null", ""] {
        let refused = by_headers(&[evil, ("origin", origin)]).unwrap_err();
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{origin}");
    }
}

#[test]
fn a_host_in_the_target_counts_in_place_of_the_header() {
    let asked = Asked { host: "", door: plain("127.0.0.1"), allowed: &[] };
    let ask = |target: &str, host: &str, origin: Option<&'static str>| {
        let origin = origin.map(|origin| ("origin", origin));
        let pairs: Vec<_> = [("host", host)].into_iter().chain(origin).collect();
        asked.headers(&headers(&pairs), Some(&target.parse().unwrap()), None).is_ok()
    };
    assert!(ask("localhost:7000", "evil.example", None));
    for other in ["evil.example", "evil.example:7000", "user@localhost", "localhost@evil.example"] {
        assert!(!ask(other, "localhost:7000", None), "{other}");
        assert!(!ask(other, "localhost:7000", Some("http://evil.example")), "{other}");
        assert!(!ask(other, "localhost:7000", Some("http://localhost:7000")), "{other}");
    }
    // Exactly one Host header is required even so.
    let target = "localhost:7000".parse().unwrap();
    assert!(asked.headers(&headers(&[]), Some(&target), None).is_err());
}

#[test]
fn a_header_that_comes_twice_is_refused() {
    let (host, evil) = (("host", "localhost:7000"), ("host", "evil.example"));
    let origin = ("origin", "http://localhost:7000");
    assert_eq!(by_headers(&[host, origin]), Ok(false));
    let (bad, forbidden) = (StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN);
    for (twice, status) in [
        (vec![], bad),
        (vec![origin], bad),
        (vec![host, host], bad),
        (vec![host, evil], bad),
        (vec![evil, host], bad),
        (vec![host, origin, origin], forbidden),
        (vec![host, origin, ("origin", "http://evil.example")], forbidden),
        (vec![host, ("origin", "http://evil.example"), origin], forbidden),
    ] {
        let refused = by_headers(&twice).unwrap_err();
        assert_eq!(refused.status, status, "{twice:?}");
    }
}

#[test]
fn what_proxies_add_says_nothing() {
    let forwarded = [
        ("forwarded", "host=localhost:7000;proto=http"),
        ("x-forwarded-host", "localhost:7000"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "http"),
        ("x-real-ip", "127.0.0.1"),
        ("x-original-host", "localhost:7000"),
    ];
    for sent in [
        vec![("host", "evil.example"), ("origin", "http://evil.example")],
        vec![("host", "localhost:7000"), ("origin", "http://evil.example")],
    ] {
        assert!(by_headers(&[&sent[..], &forwarded[..]].concat()).is_err(), "{sent:?}");
    }
    let evil = [("x-forwarded-host", "evil.example"), ("x-forwarded-for", "6.6.6.6")];
    assert_eq!(by_headers(&[&[("host", "localhost:7000")], &evil[..]].concat()), Ok(false));
}

#[test]
fn a_development_servers_proxy_is_let_in_as_it_forwards() {
    // The proxy forwards the page's own host and origin.
    let forwarded = [("host", "localhost:5173"), ("origin", "http://localhost:5173")];
    assert_eq!(by_headers(&forwarded), Ok(false));
    // A proxy that is set to change the host doesn't change the origin, so that has to be listed.
    let page = Some("http://localhost:5173");
    assert!(!check("127.0.0.1", "127.0.0.1:7000", page, &[]));
    assert!(check("127.0.0.1", "127.0.0.1:7000", page, &["http://localhost:5173"]));
}

fn shown(pairs: &[(&'static str, &str)]) -> Result<bool, StatusCode> {
    let host = [("host", "localhost:7000")];
    by_headers(&[&host, pairs].concat()).map_err(|refused| refused.status)
}

#[test]
fn a_token_is_shown_by_subprotocol_or_cookie_once() {
    const PROTOCOL: &str = "sec-websocket-protocol";
    let refused = Err(StatusCode::UNAUTHORIZED);
    let token = &format!("ipc.v1.json, ipc.token.{SECRET}");
    let cookie = &format!("app={SECRET}");
    let wrong = &format!("{SECRET}x");
    assert_eq!(shown(&[]), Ok(false), "it may come later");
    assert_eq!(shown(&[(PROTOCOL, "ipc.v1.json")]), Ok(false));
    assert_eq!(shown(&[(PROTOCOL, token)]), Ok(true));
    assert_eq!(shown(&[(PROTOCOL, "ipc.v1.json"), (PROTOCOL, &token[13..])]), Ok(true));
    assert_eq!(shown(&[("cookie", cookie)]), Ok(true));
    assert_eq!(shown(&[("cookie", &format!("a=b; {cookie}; apps=x; App=y; =z; app"))]), Ok(true));
    assert_eq!(shown(&[("cookie", "other=1"), ("cookie", cookie)]), Ok(true));
    assert_eq!(shown(&[("cookie", "apps=x; App=y; xapp=z")]), Ok(false));
    assert_eq!(shown(&[(PROTOCOL, token), ("cookie", cookie)]), Ok(true));
    for sent in [
        vec![(PROTOCOL, "ipc.v1.json, ipc.token.")],
        vec![(PROTOCOL, &format!("ipc.v1.json, ipc.token.{wrong}"))],
        vec![(PROTOCOL, &format!("ipc.v1.json, ipc.token.{}", &SECRET[1..]))],
        vec![(PROTOCOL, &format!("{token}, ipc.token.{wrong}"))],
        vec![(PROTOCOL, &format!("{token}, ipc.token.{SECRET}"))],
        vec![(PROTOCOL, token), (PROTOCOL, token)],
        vec![("cookie", "app=")],
        vec![("cookie", &format!("app={wrong}"))],
        vec![("cookie", &format!("app=\"{SECRET}\""))],
        vec![("cookie", &format!("app={SECRET},x"))],
        vec![("cookie", &format!("{cookie}; app={wrong}"))],
        vec![("cookie", &format!("app={wrong}; {cookie}"))],
        vec![("cookie", &format!("{cookie}; {cookie}"))],
        vec![("cookie", cookie), ("cookie", cookie)],
        vec![(PROTOCOL, token), ("cookie", "app=stale")],
        vec![(PROTOCOL, &format!("ipc.token.{wrong}")), ("cookie", cookie)],
    ] {
        assert_eq!(shown(&sent), refused, "{sent:?}");
    }
}

#[test]
fn pages_of_this_machine_alone_are_told_of_their_refusal() {
    let visitor_at = |host: &str, origin: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        headers.insert(ORIGIN, origin.parse().unwrap());
        let origins = OriginPolicy::allow(["https://panel.example"]);
        let door = plain("127.0.0.1");
        // It isn't looked at.
        let token_check = TokenCheck { token: SECRET.parse().unwrap(), cookie: None };
        let token_check = Some(&token_check);
        UpgradeGate { origins: &origins, token_check, door }.check(&headers, None)
    };
    let visitor = |origin: &str| visitor_at("127.0.0.1:7000", origin);
    for host in ["panel.example", "192.0.2.1:7000"] {
        let elsewhere = visitor_at(host, "http://localhost:5173");
        assert_eq!(elsewhere, Err(REFUSED_ORIGIN), "the page's machine isn't {host}");
    }
    for told in [
        "http://localhost:5173",
        "https://localhost",
        "http://LOCALHOST:1",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
    ] {
        assert_eq!(visitor(told), Ok(Visitor::LocalPage), "{told}");
    }
    for untold in [
        "https://app.example",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.2:80",
        "file://localhost",
        "null",
        "localhost:5173",
    ] {
        assert_eq!(visitor(untold), Err(REFUSED_ORIGIN), "{untold}");
    }
}
