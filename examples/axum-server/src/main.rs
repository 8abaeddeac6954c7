//! A page and its WebSocket on one port: an axum server serves the page, and hands WebSockets that
//! connect to `/ipc` over to the backend. So both share one origin, and no page from elsewhere gets
//! in. The page sends a cookie; without it, no other client gets in either. Stock socket.io clients
//! are served on the same port.
//!
//! `cargo run -p axum-server` starts it, calls it once and ends; with `-- --serve` it keeps
//! serving, to be opened in a browser.

mod server;

use std::io::Write;

use ipc_runtime::{Backend, Frontend, Token, config::SocketIo, ipc_interface};
use tokio::net::TcpListener;

/// What the page asks for.
#[ipc_interface(channel = "demo.greeter", version = "1.0.0")]
trait Greeter {
    /// Greets somebody.
    async fn greet(&self, name: &str) -> String;
}

struct Polite;

impl Greeter for Polite {
    async fn greet(&self, name: &str) -> String {
        format!("Hello, {name}!")
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = Token::generate()?;
    let backend = Backend::builder()
        .token_cookie(server::COOKIE, token.clone())
        .socket_io(SocketIo::new())
        .build();
    backend.register(GreeterHandler::new(Polite))?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(server::serve(listener, backend.clone(), token.clone()));
    tell(format_args!("the page is at http://{address}/, its WebSocket at ws://{address}/ipc"))?;

    if std::env::args().any(|argument| argument == "--serve") {
        tell(format_args!("open the page in a browser; Ctrl-C ends this"))?;
        backend.run_until(tokio::signal::ctrl_c()).await?;
    } else {
        // Any other process that has the token would do the same.
        let frontend = Frontend::builder().token(token);
        let frontend = frontend.connect(format!("ws://{address}/ipc")).await?;
        let greeter: GreeterClient = frontend.open().await?;
        tell(format_args!("greet(\"axum\") gives {:?}", greeter.greet("axum").await?))?;
    }
    server.abort();
    Ok(())
}

fn tell(what: std::fmt::Arguments<'_>) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{what}")
}
