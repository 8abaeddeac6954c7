//! Checks each Engine.IO request, wherever it came in, and answers it.

use std::sync::Arc;

use bytes::Bytes;
use http_body::Body;
use tokio_tungstenite::tungstenite::http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{HOST, ORIGIN, UPGRADE},
    request::Parts,
    uri::Authority,
};

use crate::{
    support::warnings::warn_rarely,
    transport::{
        config::CarrierConfig,
        engine_io::{
            cors,
            host::EngineHost,
            opening::SessionOpening,
            polling,
            query::Query,
            refusal::EngineRefusal,
            server::EngineServer,
            session::{EngineSession, UpgradeClaim},
            socket::EngineSocket,
        },
        websocket::{
            self,
            gate::{Door, REFUSED_ORIGIN, Visitor},
            http_refusal::HttpRefusal,
            upgrade::{self, only},
        },
    },
};

/// How a page stands to what it asks: <https://www.w3.org/TR/fetch-metadata/>.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// The version of the protocol.
const VERSION: &str = "4";

/// Where requests come in, and whom they are for.
pub(crate) struct EngineDoor<'a, H> {
    pub(super) server: &'a Arc<EngineServer>,
    pub(super) host: &'a Arc<H>,
    pub(super) config: &'a CarrierConfig,
    pub(super) door: Door<'a>,
}

/// Who has sent a request.
struct Guest<'a> {
    /// The origin of the page, which may connect.
    origin: Option<&'a HeaderValue>,
    showed_token: bool,
}

/// What a request for a WebSocket gets.
pub(crate) enum Admission<P> {
    /// A session of its own, with its place.
    Session { place: P, opening: SessionOpening },
    /// The session that it has opened by polling.
    Upgrade(UpgradeClaim),
}

/// A request for a WebSocket that was let in.
pub(crate) struct Admitted<P> {
    pub(crate) admission: Admission<P>,
    /// Whether binary messages have to be sent as text.
    pub(crate) base64: bool,
}

/// Whether a request at the app's own server is Engine.IO's. Its path says nothing: the app may
/// have cut it.
pub(crate) fn is_engine_io(head: &Parts) -> bool {
    let query = head.uri.query().unwrap_or_default();
    query.split('&').any(|member| member.starts_with("EIO="))
}

/// Whether a request asks for another protocol on its connection.
pub(super) fn asks_for_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(UPGRADE)
}

impl<'a, H: EngineHost> EngineDoor<'a, H> {
    /// The app's own HTTP server.
    pub(crate) fn of_app(
        server: &'a Arc<EngineServer>,
        host: &'a Arc<H>,
        config: &'a CarrierConfig,
    ) -> Self {
        Self { server, host, config, door: Door::App }
    }

    /// Answers a request of HTTP long-polling. Dropping the future ends the session.
    pub(crate) async fn poll<B: Body>(&self, request: Request<B>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let guest = match self.guest(&head) {
            Ok(guest) => guest,
            Err(refusal) => return self.refused(refusal, None),
        };
        let origin = guest.origin.cloned();
        if head.method == Method::OPTIONS {
            let mut response = cors::preflight(&head.headers);
            cors::mark(&mut response, origin.as_ref());
            return response;
        }
        match self.answer(head, body).await {
            Ok(mut response) => {
                cors::mark(&mut response, origin.as_ref());
                response
            }
            Err(refusal) => self.refused(refusal, origin.as_ref()),
        }
    }

    fn refused(&self, refusal: EngineRefusal, origin: Option<&HeaderValue>) -> Response<Bytes> {
        tracing::debug!(?refusal, "refused an Engine.IO request");
        let mut response = refusal.response();
        cors::mark(&mut response, origin);
        response
    }

    async fn answer<B: Body>(
        &self,
        head: Parts,
        body: B,
    ) -> Result<Response<Bytes>, EngineRefusal> {
        let config = self.server.config();
        let guest = self.guest(&head)?;
        let query = Query::parse(head.uri.query())?;
        if query.transport != Some("polling") || !config.polling {
            // A WebSocket has to be asked for by an upgrade, which is answered elsewhere.
            let is_known = query.transport == Some("websocket") && config.web_socket;
            return Err(match is_known {
                true => EngineRefusal::BAD_REQUEST,
                false => EngineRefusal::UNKNOWN_TRANSPORT,
            });
        }
        let Some(sid) = query.sid else {
            if head.method != Method::GET {
                return Err(EngineRefusal::BAD_HANDSHAKE_METHOD);
            }
            check_version(&query)?;
            return self.open(&head, &guest);
        };
        let session = self.session(sid, &guest)?;
        check_version(&query)?;
        match head.method {
            Method::GET => polling::get(&session, config).await,
            Method::POST => polling::post(&session, config, &head.headers, body).await,
            _ => Err(EngineRefusal::BAD_REQUEST),
        }
    }

    /// Opens a session by polling.
    fn open(&self, head: &Parts, guest: &Guest<'_>) -> Result<Response<Bytes>, EngineRefusal> {
        let place = self.place()?;
        let session = self.begin(self.opening(head, guest))?;
        session.opened_from(guest.origin);
        let answer = polling::opened(self.server.open_packet(&session, false));
        self.host.serve(EngineSocket::polling(session, self.server.clone()), place);
        Ok(answer)
    }

    fn place(&self) -> Result<H::Place, EngineRefusal> {
        if self.server.is_stopped() {
            return Err(EngineRefusal::full("the backend has stopped".to_owned()));
        }
        self.host.place().map_err(EngineRefusal::full)
    }

    fn opening(&self, head: &Parts, guest: &Guest<'_>) -> SessionOpening {
        SessionOpening::new(head, guest.showed_token, self.server.config().keeps_requests)
    }

    pub(super) fn begin(
        &self,
        opening: SessionOpening,
    ) -> Result<Arc<EngineSession>, EngineRefusal> {
        self.server.begin(opening).map_err(|error| {
            tracing::error!(%error, "no Engine.IO session: the system has no randomness");
            EngineRefusal::full("this backend has no randomness: its log says more".to_owned())
        })
    }

    /// Checks a request for a WebSocket.
    pub(crate) fn admit(&self, head: &Parts) -> Result<Admitted<H::Place>, EngineRefusal> {
        let guest = self.guest(head)?;
        let query = Query::parse(head.uri.query())?;
        if query.transport != Some("websocket") || !self.server.config().web_socket {
            let is_known = query.transport == Some("polling") && self.server.config().polling;
            return Err(match is_known {
                true => EngineRefusal::BAD_REQUEST,
                false => EngineRefusal::UNKNOWN_TRANSPORT,
            });
        }
        let admission = match query.sid {
            Some(sid) => {
                let session = self.session(sid, &guest)?;
                check_version(&query)?;
                Admission::Upgrade(session.begin_upgrade()?)
            }
            None => {
                check_version(&query)?;
                let opening = self.opening(head, &guest);
                Admission::Session { place: self.place()?, opening }
            }
        };
        Ok(Admitted { admission, base64: query.base64 })
    }

    /// The answer to a request for a WebSocket at the app's own server.
    #[expect(clippy::result_large_err, reason = "both are answers to be sent")]
    pub(crate) fn upgrade(&self, head: Parts) -> Result<Response<()>, Response<Option<String>>> {
        let request = Request::from_parts(head, ());
        let answered = upgrade::answer(&request).map_err(EngineRefusal::from);
        let head = request.into_parts().0;
        let answered = answered.and_then(|response| self.admit(&head).map(|_| response));
        answered.map_err(|refusal| {
            let text = |body: Bytes| String::from_utf8_lossy(&body).into_owned();
            refusal.response().map(|body| Some(text(body)))
        })
    }

    fn session(&self, sid: &str, guest: &Guest<'_>) -> Result<Arc<EngineSession>, EngineRefusal> {
        let session = self.server.session(sid).ok_or(EngineRefusal::UNKNOWN_SID)?;
        match session.is_of(guest.origin, guest.showed_token) {
            true => Ok(session),
            false => Err(EngineRefusal::OTHERS_SESSION),
        }
    }

    fn visitor(&self, head: &Parts) -> Result<Visitor, EngineRefusal> {
        websocket::is_set_up(self.config)?;
        self.check(head).map_err(|refusal| {
            self.note(refusal.status, refusal.why);
            refusal.into()
        })
    }

    fn check(&self, head: &Parts) -> Result<Visitor, HttpRefusal> {
        let gate = websocket::gate(self.config, self.door);
        let target = head.uri.authority();
        let asked_by = head.headers.get(SEC_FETCH_SITE);
        let Some(site) = asked_by.filter(|_| !head.headers.contains_key(ORIGIN)) else {
            return gate.check(&head.headers, target);
        };
        // A browser leaves the origin out of a GET of the same origin, and of those that a page of
        // any site makes for a picture or a script. No program is meant by either.
        if site != "same-origin" && site != "none" {
            return Err(REFUSED_ORIGIN);
        }
        let host = target.map(Authority::as_str).or_else(|| only(&head.headers, &HOST));
        let mut headers = head.headers.clone();
        let mut checked = Err(REFUSED_ORIGIN);
        // A proxy in between may have taken the TLS away.
        for scheme in ["http", "https"] {
            let origin = format!("{scheme}://{}", host.unwrap_or_default());
            if let Ok(origin) = HeaderValue::try_from(origin) {
                headers.insert(ORIGIN, origin);
                checked = gate.check(&headers, target);
            }
            if matches!(checked, Ok(Visitor::Client { .. })) {
                break;
            }
        }
        checked
    }

    fn guest<'h>(&self, head: &'h Parts) -> Result<Guest<'h>, EngineRefusal> {
        match self.visitor(head)? {
            Visitor::Client { showed_token } => {
                Ok(Guest { origin: head.headers.get(ORIGIN), showed_token })
            }
            Visitor::LocalPage => {
                self.note(REFUSED_ORIGIN.status, REFUSED_ORIGIN.why);
                Err(REFUSED_ORIGIN.into())
            }
        }
    }

    fn note(&self, status: StatusCode, why: &str) {
        let warnings = &self.config.warnings;
        match status {
            StatusCode::UNAUTHORIZED => {
                warn_rarely!(warnings, WrongToken, why, "refused an Engine.IO request");
            }
            StatusCode::FORBIDDEN => {
                warn_rarely!(warnings, RefusedWebSocket, why, "refused an Engine.IO request");
            }
            // Anything may connect to a port by mistake.
            _ => tracing::debug!(why, "refused an Engine.IO request"),
        }
    }
}

fn check_version(query: &Query<'_>) -> Result<(), EngineRefusal> {
    match query.version {
        Some(VERSION) => Ok(()),
        _ => Err(EngineRefusal::UNSUPPORTED_VERSION),
    }
}
