//! The panel as a page with a stock socket.io client, at a port of its own: the machine listens at
//! another one, so that the page's origin has to be listed there.
//!
//! The files are compiled in. `socket-io-page/` has their source, and `npm run build` there renews
//! them.

use std::{io, net::SocketAddr};

use tokio::net::TcpListener;

use crate::site;

/// In the HTML: the port that the page connects to. The server puts the real one there.
const PORT: &str = "data-port=\"7302\"";

/// The names under which a browser on this machine may have the page.
const HOSTS: [&str; 2] = ["127.0.0.1", "localhost"];

/// The origins that the page has if it is served at this address.
pub(crate) fn origins(page: SocketAddr) -> impl Iterator<Item = String> {
    HOSTS.into_iter().map(move |host| format!("http://{host}:{}", page.port()))
}

/// Serves the page, which connects to that port of the host that it comes from.
pub(crate) async fn serve(listener: TcpListener, port: u16) -> io::Result<()> {
    let html = include_str!("../socket-io-page/dist/index.html");
    let html = html.replace(PORT, &format!("data-port=\"{port}\""));
    let script = include_str!("../socket-io-page/dist/page.js");
    let style = include_str!("../socket-io-page/dist/style.css");
    let icon = include_str!("../socket-io-page/dist/icon.svg");
    let licences = include_str!("../socket-io-page/dist/licences.txt");
    let files = [
        ("/", "text/html; charset=utf-8", html.into()),
        ("/page.js", "text/javascript; charset=utf-8", script.into()),
        ("/style.css", "text/css; charset=utf-8", style.into()),
        ("/icon.svg", "image/svg+xml", icon.into()),
        ("/licences.txt", "text/plain; charset=utf-8", licences.into()),
    ];
    axum::serve(listener, site::of(files, &policy(port))).await
}

/// As the other page has it, and besides: it connects to the machine's port, by a WebSocket or by
/// long-polling.
fn policy(port: u16) -> String {
    let machine = HOSTS.map(|host| format!("ws://{host}:{port} http://{host}:{port}")).join(" ");
    format!(
        "default-src 'self'; connect-src {machine}; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}
