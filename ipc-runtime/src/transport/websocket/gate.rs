//! Who may open a WebSocket: any web page can try to, also one from far away in the user's own
//! browser.
//!
//! A browser tells where its page came from (`Origin`, RFC 6454) and which name it believes to talk
//! to (`Host`). A page of another site is refused by its origin. One that has pointed its own name
//! at this machine (DNS rebinding) is of the same origin as itself, and is refused by the host.
//! What proxies add (`Forwarded`, `X-Forwarded-…`) is anybody's word, and isn't looked at.

use std::net::{IpAddr, Ipv6Addr};

use tokio_tungstenite::tungstenite::{
    handshake::server::{Callback, ErrorResponse, Request, Response},
    http::{
        HeaderMap, HeaderValue, StatusCode, Uri,
        header::{AsHeaderName, HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL},
    },
};

use crate::codec::Encoding;

use super::{
    Shown, subprotocol,
    ticket::{self, Ticket},
};

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
    /// `tauri://localhost`. There are no wildcards. `null`, which is the origin of every sandboxed
    /// frame and so of any site that makes one, is refused though it be listed.
    pub fn allow<I>(origins: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self { allowed: origins.into_iter().map(Into::into).collect() }
    }

    fn lists(&self, origin: &str) -> bool {
        // As an address line has them.
        let same = |listed: &String| {
            let listed =
                if listed.ends_with("://") { listed } else { listed.trim_end_matches('/') };
            listed.eq_ignore_ascii_case(origin)
        };
        !origin.eq_ignore_ascii_case("null") && self.allowed.iter().any(same)
    }
}

/// Where a request has come in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Door<'a> {
    /// A listener of this library, and what it was told to bind to.
    Own { host: &'a str, is_tls: bool },
    /// The app's own HTTP server, which may speak TLS or not.
    App,
}

/// Who is let in by a door.
#[derive(Clone, Copy)]
pub(super) struct Gate<'a> {
    pub(super) origins: &'a OriginPolicy,
    pub(super) ticket: Option<&'a Ticket>,
    pub(super) door: Door<'a>,
}

/// Why somebody isn't let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(super) status: StatusCode,
    pub(crate) why: &'static str,
}

impl Refusal {
    fn forbidden(why: &'static str) -> Self {
        Self { status: StatusCode::FORBIDDEN, why }
    }
}

/// Checks a request for a WebSocket, and notes what was shown by it.
pub(super) struct Checked<'a> {
    pub(super) gate: Gate<'a>,
    pub(super) shown: &'a mut Shown,
}

impl Callback for Checked<'_> {
    fn on_request(self, request: &Request, response: Response) -> Result<Response, ErrorResponse> {
        self.shown.token = self.gate.check(request.headers()).map_err(refusal)?;
        self.shown.encoding = asked_encoding(request.headers());
        choose_subprotocol(request.headers(), response)
    }
}

impl Gate<'_> {
    /// Whether a token was shown; `Err`: whoever sent these headers isn't let in.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<bool, Refusal> {
        let Some(host) = only(headers, HOST) else {
            return Err(Refusal::forbidden("there has to be one Host header, and only one"));
        };
        if !self.is_own_name(host_without_port(host)) {
            return Err(Refusal::forbidden(
                "the Host header names somebody else: a name of your own is allowed by \
                 Backend::builder().origins(OriginPolicy::allow([\"http://NAME\"]))",
            ));
        }
        if headers.contains_key(ORIGIN) {
            let origin = only(headers, ORIGIN);
            let is_let_in =
                |origin| self.origins.lists(origin) || self.is_same_origin(origin, host);
            if !origin.is_some_and(is_let_in) {
                return Err(Refusal::forbidden(
                    "pages of this Origin may not connect: allow it by \
                     Backend::builder().origins(OriginPolicy::allow([\"ORIGIN\"])), unless it is null",
                ));
            }
        }
        let Some(ticket) = self.ticket else { return Ok(false) };
        ticket.check(headers).map_err(|why| Refusal { status: StatusCode::UNAUTHORIZED, why })
    }

    /// Numbers can't be rebound, `localhost` is resolved by the browser itself, and the name that
    /// the listener was bound by is the user's own word. So is the name of an allowed origin.
    fn is_own_name(&self, host: &str) -> bool {
        let is_host = |name: &str| host.eq_ignore_ascii_case(name);
        let listed = || {
            let origins = self.origins.allowed.iter().filter_map(|origin| origin.parse().ok());
            origins.filter_map(|origin: Uri| origin.host().map(is_host)).any(|same| same)
        };
        let bound = match self.door {
            Door::Own { host, .. } => is_host(host),
            Door::App => false,
        };
        is_host("localhost") || is_address(host) || bound || listed()
    }

    /// A browser leaves the scheme's own port out on both sides, so text can be compared.
    fn is_same_origin(&self, origin: &str, host: &str) -> bool {
        let schemes: &[&str] = match self.door {
            Door::Own { is_tls: false, .. } => &["http"],
            Door::Own { is_tls: true, .. } => &["https"],
            Door::App => &["http", "https"],
        };
        schemes.iter().any(|scheme| format!("{scheme}://{host}").eq_ignore_ascii_case(origin))
    }
}

/// A header that has to be there once, and once only.
fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

fn host_without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_address(host: &str) -> bool {
    match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|six| six.parse::<Ipv6Addr>().is_ok()),
        None => host.parse::<IpAddr>().is_ok_and(|address| address.is_ipv4()),
    }
}

/// None asked for means JSON; else one of those asked for must be known here. It has to be chosen:
/// a browser ends a connection for which it has asked for some, and none was chosen. A token is
/// none that could be: its echo would show it to whoever sees the answer.
#[expect(clippy::result_large_err, reason = "tungstenite's callback asks for it")]
pub(super) fn choose_subprotocol(
    headers: &HeaderMap,
    mut response: Response,
) -> Result<Response, ErrorResponse> {
    if !headers.contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Ok(response);
    }
    let Some(encoding) = asked_encoding(headers) else {
        return Err(refusal(Refusal::forbidden(
            "none of the subprotocols is known here: ask for ipc.v1.json, also beside a token",
        )));
    };
    let chosen = HeaderValue::from_static(subprotocol(encoding));
    response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, chosen);
    Ok(response)
}

/// The encoding of the first subprotocol that is asked for and known here.
pub(super) fn asked_encoding(headers: &HeaderMap) -> Option<Encoding> {
    let known = |asked: &str| Encoding::ALL.iter().find(|it| subprotocol(**it) == asked).copied();
    ticket::subprotocols(headers).find_map(known)
}

pub(super) fn refusal(Refusal { status, why }: Refusal) -> ErrorResponse {
    tracing::warn!(why, "refused a WebSocket");
    let mut response = ErrorResponse::new(Some(why.to_owned()));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests;
