//! Who may open a WebSocket: any web page can try to, also one from far away in the user's own
//! browser.
//!
//! A browser tells where its page came from (`Origin`, RFC 6454) and which name it believes to talk
//! to (`Host`). A page of another site is refused by its origin. One that has pointed its own name
//! at this machine (DNS rebinding) is of the same origin as itself, and is refused by the host.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering},
};

use tokio_tungstenite::tungstenite::{
    handshake::server::{self, ErrorResponse, Request, Response},
    http::{
        HeaderMap, HeaderValue, StatusCode, Uri,
        header::{HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL},
    },
};

use super::JSON;

/// Which web pages may connect. Programs that aren't browsers send no `Origin` and are let in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OriginPolicy {
    allowed: Vec<String>,
}

impl OriginPolicy {
    /// Only pages that were served from the very host and port that the WebSocket is at. This is
    /// the default.
    pub fn same_origin() -> Self {
        Self::default()
    }

    /// Pages of these origins too, each written as a browser sends it: `http://localhost:5173`,
    /// `tauri://localhost`.
    pub fn allow<I>(origins: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self { allowed: origins.into_iter().map(Into::into).collect() }
    }
}

pub(super) struct Gate<'a> {
    pub(super) origins: &'a OriginPolicy,
    /// What the listener was told to bind to; `None` where the app has an HTTP server of its own.
    pub(super) bound_host: Option<&'a str>,
}

/// Is asked when a request for a WebSocket has come in.
pub(super) struct Callback<'a> {
    pub(super) gate: Gate<'a>,
    /// Becomes whether the subprotocol was asked for.
    pub(super) asked: &'a AtomicBool,
}

impl server::Callback for Callback<'_> {
    fn on_request(self, request: &Request, response: Response) -> Result<Response, ErrorResponse> {
        self.gate.check(request.headers()).map_err(refusal)?;
        self.asked.store(asks_for_json(request.headers()), Ordering::Relaxed);
        choose_subprotocol(request.headers(), response)
    }
}

impl Gate<'_> {
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), &'static str> {
        let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else {
            return Err("the Host header is missing");
        };
        if !self.is_own_name(host_without_port(host)) {
            return Err("the Host header names somebody else: a name of your own is allowed by \
                 Backend::builder().origins(OriginPolicy::allow([\"http://NAME\"]))");
        }
        let mut origins = headers.get_all(ORIGIN).iter();
        let Some(origin) = origins.next() else {
            return Ok(());
        };
        let listed = self.origins.allowed.iter().any(|allowed| origin == allowed.as_str());
        if origins.next().is_none() && (listed || self.is_same_origin(origin, host)) {
            Ok(())
        } else {
            Err("pages of this Origin may not connect: allow it by \
                 Backend::builder().origins(OriginPolicy::allow([\"ORIGIN\"]))")
        }
    }

    /// Numbers can't be rebound, `localhost` is resolved by the browser itself, and the name that
    /// the listener was bound by is the user's own word. So is the name of an allowed origin.
    fn is_own_name(&self, host: &str) -> bool {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let is_host = |name: &str| host.eq_ignore_ascii_case(name);
        let listed = || {
            let origins = self.origins.allowed.iter().filter_map(|origin| origin.parse().ok());
            origins.filter_map(|origin: Uri| origin.host().map(is_host)).any(|same| same)
        };
        is_host("localhost")
            || address.parse::<IpAddr>().is_ok()
            || self.bound_host.is_some_and(is_host)
            || listed()
    }

    fn is_same_origin(&self, origin: &HeaderValue, host: &str) -> bool {
        let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
        let Some(origin) = origin else { return false };
        match (origin.scheme_str(), origin.authority()) {
            // A browser leaves the scheme's own port out, on both sides.
            (Some("http"), Some(authority)) => authority.as_str().eq_ignore_ascii_case(host),
            // No TLS is spoken here, but the app's own server may speak it.
            (Some("https"), Some(authority)) if self.bound_host.is_none() => {
                authority.as_str().eq_ignore_ascii_case(host)
            }
            _ => false,
        }
    }
}

fn host_without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// None asked for means JSON; else one of those asked for must be known here.
#[expect(clippy::result_large_err, reason = "tungstenite's callback asks for it")]
pub(super) fn choose_subprotocol(
    headers: &HeaderMap,
    mut response: Response,
) -> Result<Response, ErrorResponse> {
    if !headers.contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Ok(response);
    }
    if !asks_for_json(headers) {
        return Err(refusal("none of the subprotocols is known here: ask for ipc.v1.json"));
    }
    response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(JSON));
    Ok(response)
}

/// Whether the subprotocol is among those that are asked for.
pub(super) fn asks_for_json(headers: &HeaderMap) -> bool {
    let asked = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    asked
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|protocol| protocol.trim() == JSON)
}

pub(super) fn refusal(why: &'static str) -> ErrorResponse {
    tracing::warn!(why, "refused a WebSocket");
    let mut response = ErrorResponse::new(Some(why.to_owned()));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bound: &str, host: &str, origin: Option<&str>, allowed: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        let origins = OriginPolicy::allow(allowed.iter().copied());
        Gate { origins: &origins, bound_host: Some(bound) }.check(&headers).is_ok()
    }

    #[test]
    fn a_missing_origin_is_a_native_client() {
        assert!(check("127.0.0.1", "127.0.0.1:7000", None, &[]));
    }

    #[test]
    fn only_the_same_origin_and_listed_ones_are_let_in() {
        let own = Some("http://localhost:7000");
        assert!(check("127.0.0.1", "localhost:7000", own, &[]));
        for other in [
            "http://evil.example",
            "http://localhost:7001",
            "null",
            "file://",
            "https://localhost:7000",
        ] {
            assert!(!check("127.0.0.1", "localhost:7000", Some(other), &[]), "{other}");
        }
        let dev_server = "http://localhost:5173";
        assert!(check("127.0.0.1", "localhost:7000", Some(dev_server), &[dev_server]));
    }

    #[test]
    fn a_rebound_name_is_refused_by_its_host() {
        let evil = Some("http://evil.example:7000");
        assert!(!check("127.0.0.1", "evil.example:7000", evil, &[]));
        assert!(!check("127.0.0.1", "evil.example:7000", None, &[]));
        assert!(check(
            "panel.example",
            "panel.example:7000",
            Some("http://panel.example:7000"),
            &[]
        ));
        let named = &["http://panel.example:7000"];
        assert!(check("127.0.0.1", "panel.example:7000", Some(named[0]), named));
        assert!(check("::1", "[::1]:7000", Some("http://[::1]:7000"), &[]));
    }
}
