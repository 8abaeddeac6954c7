//! Checks who may open a WebSocket. Any web page can try to, including a remote site's page in the
//! user's own browser.
//!
//! A browser sends the origin of its page (`Origin`, RFC 6454) and the host name that it connects
//! to (`Host`). A page of another site is refused by its origin. A page that has pointed its own
//! name at this machine (DNS rebinding) has the same origin as its host, and is refused by the
//! host. A page of this machine is told of its refusal on a WebSocket: a browser hides the answer
//! to a refused request from it, and who writes such a page is most often who writes the backend. A
//! page of another site mustn't learn that there is a backend. What proxies add (`Forwarded`,
//! `X-Forwarded-…`) can come from anybody, and is ignored.

use std::net::{IpAddr, Ipv6Addr};

use tokio_tungstenite::tungstenite::http::{
    HeaderMap, StatusCode,
    header::{HOST, ORIGIN},
    uri::Authority,
};

use crate::transport::websocket::{
    http_refusal::HttpRefusal, origins::OriginPolicy, token_check::TokenCheck, upgrade::only,
};

/// Where a request has arrived.
#[derive(Debug, Clone, Copy)]
pub(in crate::transport) enum Door<'a> {
    /// A listener of this library, and the host that it binds.
    Own { host: &'a str, is_tls: bool },
    /// The app's own HTTP server, with or without TLS.
    App,
}

/// Who is behind a request that gets a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visitor {
    /// A client, which may have shown a token.
    Client { showed_token: bool },
    /// A page of this machine whose origin isn't allowed. It is told so, and nothing of it is read.
    LocalPage,
}

/// Why a page isn't let in.
pub(crate) const REFUSED_ORIGIN: HttpRefusal = HttpRefusal {
    status: StatusCode::FORBIDDEN,
    why: "pages of this Origin may not connect: allow it by \
          Backend::builder().origins(OriginPolicy::allow([\"ORIGIN\"])), unless it is null",
};

/// The rules on who is let in by a door.
#[derive(Clone, Copy)]
pub(in crate::transport) struct UpgradeGate<'a> {
    pub(in crate::transport) origins: &'a OriginPolicy,
    pub(in crate::transport) token_check: Option<&'a TokenCheck>,
    pub(in crate::transport) door: Door<'a>,
}

impl UpgradeGate<'_> {
    /// Who has sent these headers. `Err` if nobody who gets a WebSocket.
    ///
    /// `target` is the host in the request's target, if there is one. It replaces the header (RFC
    /// 9112, 3.2.2).
    pub(in crate::transport) fn check(
        &self,
        headers: &HeaderMap,
        target: Option<&Authority>,
    ) -> Result<Visitor, HttpRefusal> {
        let Some(host) = only(headers, &HOST) else {
            return Err(HttpRefusal::bad("there has to be one Host header, and only one"));
        };
        let host = target.map_or(host, Authority::as_str);
        let name = host_without_port(host);
        let is_own = self.is_own_name(name);
        let is_page = headers.contains_key(ORIGIN);
        // A page that has reached this machine by its own name would send an origin. Programs may
        // use any name for this machine if they have to show a token.
        let may_have_any = !is_page && self.token_check.is_some();
        if !is_own && !may_have_any && !self.origins.names(name) {
            return Err(HttpRefusal::forbidden(
                "the Host header names somebody else: a name of your own is allowed by \
                 Backend::builder().origins(OriginPolicy::allow([\"http://NAME\"])), and programs \
                 may use any where the backend asks for a token",
            ));
        }
        if is_page {
            let origin = only(headers, &ORIGIN);
            // A name that is only listed stands for the listed origins, not for the same origin.
            let is_same = |origin| is_own && self.is_same_origin(origin, host);
            let is_let_in = |origin| self.origins.lists(origin) || is_same(origin);
            if !origin.is_some_and(is_let_in) {
                // A page whose browser reaches a backend elsewhere is none of this machine.
                let is_local = is_loopback(name) && origin.is_some_and(is_of_this_machine);
                return if is_local { Ok(Visitor::LocalPage) } else { Err(REFUSED_ORIGIN) };
            }
        }
        let Some(token_check) = self.token_check else {
            return Ok(Visitor::Client { showed_token: false });
        };
        let checked = token_check.check(headers);
        let showed_token =
            checked.map_err(|why| HttpRefusal { status: StatusCode::UNAUTHORIZED, why })?;
        Ok(Visitor::Client { showed_token })
    }

    /// Whether the host is let in without being listed. Addresses can't be rebound, browsers
    /// resolve `localhost` themselves, and the app itself chose the name that the listener binds.
    fn is_own_name(&self, host: &str) -> bool {
        let is_host = |name: &str| host.eq_ignore_ascii_case(name);
        let bound = match self.door {
            Door::Own { host, .. } => is_host(host),
            Door::App => false,
        };
        is_host("localhost") || is_address(host) || bound
    }

    /// Browsers leave the scheme's default port out of both headers, so comparing text is enough.
    fn is_same_origin(&self, origin: &str, host: &str) -> bool {
        let schemes: &[&str] = match self.door {
            Door::Own { is_tls: false, .. } => &["http"],
            Door::Own { is_tls: true, .. } => &["https"],
            Door::App => &["http", "https"],
        };
        schemes.iter().any(|scheme| format!("{scheme}://{host}").eq_ignore_ascii_case(origin))
    }
}

/// Whether a page of this origin was loaded from this machine.
fn is_of_this_machine(origin: &str) -> bool {
    let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    let Some(rest) = rest else { return false };
    let is_port = |port: &str| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    let host = match rest.rsplit_once(':') {
        Some((host, port)) if is_port(port) => host,
        _ => rest,
    };
    is_loopback(host)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || matches!(host, "127.0.0.1" | "[::1]")
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

#[cfg(test)]
mod tests;
