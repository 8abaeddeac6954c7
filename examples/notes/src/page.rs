//! The HTTP server: the page's files, the entrance, and the WebSocket beside them, all of one
//! origin.
//!
//! The files are compiled in. `page/` has their source, and `npm run build` there renews them.

use std::{io, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use hyper_util::rt::TokioIo;
use ipc_runtime::Backend;
use tokio::net::TcpListener;

use crate::door::{Door, ENTRANCE};

/// Where the WebSocket is.
const SOCKET: &str = "/ipc";

const HTML: &str = "text/html; charset=utf-8";

/// Each file: where it is, what it is, and what is in it.
const FILES: [(&str, &str, &str); 4] = [
    ("/", HTML, include_str!("../page/dist/index.html")),
    ("/page.js", "text/javascript; charset=utf-8", include_str!("../page/dist/page.js")),
    STYLE,
    ICON,
];

const STYLE: (&str, &str, &str) =
    ("/style.css", "text/css; charset=utf-8", include_str!("../page/dist/style.css"));
const ICON: (&str, &str, &str) =
    ("/icon.svg", "image/svg+xml", include_str!("../page/dist/icon.svg"));

/// What goes on to the page.
const ENTERED: &str = include_str!("../page/dist/entered.html");

/// What those see who aren't let in.
const REFUSED: &str = include_str!("../page/dist/refused.html");

/// What browsers are told with each answer.
const RULES: [(HeaderName, &str); 7] = [
    // Nothing from elsewhere, no script or style within the HTML, and no other page around this one:
    // in a frame, somebody could be led to click what they don't see.
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // Nothing is left in the profile, and after an update reloading gives the new page.
    (header::CACHE_CONTROL, "no-store"),
];

/// Serves the page, and the backend beside it.
pub(crate) async fn serve(
    listener: TcpListener,
    backend: Backend,
    door: Arc<Door>,
) -> io::Result<()> {
    let mut router = Router::new().route(SOCKET, get(upgrade)).with_state(backend);
    for (path, kind, content) in FILES {
        router = router.route(path, get(async move || ([(header::CONTENT_TYPE, kind)], content)));
    }
    let enter = get(enter).with_state(Arc::clone(&door));
    let router = router.route(ENTRANCE, enter).layer(middleware::from_fn_with_state(door, guard));
    axum::serve(listener, router).await
}

/// Lets those pass who ask this very host and show the token.
async fn guard(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    // What `REFUSED` looks like is no secret. At the socket the backend asks for the token: a program
    // shows it in its first message.
    let is_socket = request.uri().path() == SOCKET;
    let is_open = [ENTRANCE, SOCKET, STYLE.0, ICON.0].contains(&request.uri().path());
    let is_for_us = door.is_host(&request) || (is_socket && door.is_program(&request));
    let mut response = if !is_for_us {
        (StatusCode::FORBIDDEN, "Notes is not served under this name.").into_response()
    } else if is_open || door.has_token(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::UNAUTHORIZED, [(header::CONTENT_TYPE, HTML)], REFUSED).into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in RULES {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Exchanges the code for the cookie. The browser goes on to an address without the code, by a page
/// and not by a status: who has clicked the address on another site's page comes from there until
/// then, and to that a browser shows no cookie of this kind.
async fn enter(State(door): State<Arc<Door>>, request: Request) -> Response {
    let code = request.uri().query().and_then(|query| query.strip_prefix("code="));
    // A browser that loads an address before somebody wants it would use up the code.
    let is_asked_for =
        request.method() == Method::GET && !request.headers().contains_key("sec-purpose");
    if is_asked_for && code.is_some_and(|code| door.take(code)) {
        let headers = [(header::SET_COOKIE, &*door.set_cookie()), (header::CONTENT_TYPE, HTML)];
        (headers, ENTERED).into_response()
    } else {
        (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, HTML)], REFUSED).into_response()
    }
}

/// Hands a WebSocket over to the backend, which checks where it comes from, and the token.
async fn upgrade(State(backend): State<Backend>, mut request: Request) -> Response {
    let response = match backend.upgrade(&request) {
        Ok(response) => response,
        Err(refusal) => return refusal.map(Option::unwrap_or_default).map(Body::from),
    };
    let upgrade = hyper::upgrade::on(&mut request);
    let (head, _) = request.into_parts();
    tokio::spawn(async move {
        // The stream is there once the response below was written. If the browser has disconnected
        // by then, that is no error.
        if let Ok(upgraded) = upgrade.await {
            let _ = backend.accept_upgraded(TokioIo::new(upgraded), &head);
        }
    });
    response.map(|()| Body::empty())
}
