//! What carries the bytes: local sockets, WebSockets, standard input and output, and whatever an app
//! brings.

mod broken_writes;
mod carriers;
mod http;
mod no_backend;
mod pipes;
mod sockets;
mod stdio;
mod stdio_faults;
mod upgraded;
mod websocket;
