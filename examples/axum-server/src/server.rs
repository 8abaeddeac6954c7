//! The HTTP server, as any app could have one.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::header::{SET_COOKIE, UPGRADE},
    response::{Html, Response},
    routing::{any, get},
};
use hyper_util::rt::TokioIo;
use ipc_runtime::{Backend, Token};
use tokio::net::TcpListener;

/// The cookie by which the page shows the token.
pub(crate) const COOKIE: &str = "axum-server";

/// Serves the page at `/`, and the backend at `/ipc`; for stock socket.io clients, at
/// `/socket.io/`.
pub(crate) async fn serve(
    listener: TcpListener,
    backend: Backend,
    token: Token,
) -> std::io::Result<()> {
    let cookie = token.set_cookie(COOKIE);
    let page = || async { ([(SET_COOKIE, cookie)], Html(include_str!("page.html"))) };
    let router = Router::new()
        .route("/", get(page))
        .route("/ipc", get(upgrade))
        .route("/socket.io/", any(socket_io))
        .with_state(backend);
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

/// Brings requests of socket.io clients to the backend: those of long-polling, and the upgrade to a
/// WebSocket.
async fn socket_io(State(backend): State<Backend>, request: Request) -> Response {
    if request.headers().contains_key(UPGRADE) {
        return upgrade(State(backend), request).await;
    }
    backend.poll(request).await.map(Body::from)
}
