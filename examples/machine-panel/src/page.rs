//! The panel as a page: an axum server has its files, and hands WebSockets over to the backend. So
//! both share one origin, and no page from elsewhere gets in.
//!
//! There is no token: whoever can connect from this machine can load the page too, and would get it
//! with the page. Where that isn't enough, docs/security.md tells how the page gets one.
//!
//! The files are compiled in. `page/` has their source, and `npm run build` there renews them.

use std::io;

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
    routing::get,
};
use hyper_util::rt::TokioIo;
use ipc_runtime::Backend;
use tokio::net::TcpListener;

use crate::site;

/// Where the WebSocket is, beside the page's files.
pub(crate) const SOCKET: &str = "/ipc";

/// Each file: where it is, what it is, and what is in it.
const FILES: [(&str, &str, &str); 4] = [
    ("/", "text/html; charset=utf-8", include_str!("../page/dist/index.html")),
    ("/page.js", "text/javascript; charset=utf-8", include_str!("../page/dist/page.js")),
    ("/style.css", "text/css; charset=utf-8", include_str!("../page/dist/style.css")),
    ("/icon.svg", "image/svg+xml", include_str!("../page/dist/icon.svg")),
];

/// Nothing from elsewhere, no script or style within the HTML, and no other page around this one:
/// in a frame, somebody could be led to click what they don't see.
const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Serves the page, and the backend beside it.
pub(crate) async fn serve(listener: TcpListener, backend: Backend) -> io::Result<()> {
    let files = FILES.map(|(path, kind, content)| (path, kind, content.into()));
    let router = site::of(files, POLICY).route(SOCKET, get(upgrade)).with_state(backend);
    axum::serve(listener, router).await
}

/// Hands a WebSocket over to the backend, which checks where it comes from.
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
