//! Everybody who is measured, by name.

use crate::{
    error::Result,
    measure::{self, Order},
    peer::{
        BoundPlace,
        Carrier::{UnixSocket, WebSocket},
        Peer, PeerInfo, Role, jsonrpsee, ours, raw_socket, raw_websocket, remoc, tarpc, tonic,
        zbus,
    },
    statistics::Sample,
};

pub static PEERS: [PeerInfo; 20] = [
    PeerInfo::new("raw-socket", "floor: tokio Unix socket", Role::Floor, UnixSocket).with_streams(),
    PeerInfo::new("raw-websocket", "floor: tokio-tungstenite", Role::Floor, WebSocket)
        .with_streams(),
    PeerInfo::ours("local-json", "ours, local, JSON", UnixSocket),
    PeerInfo::ours("local-msgpack", "ours, local, MessagePack", UnixSocket),
    PeerInfo::ours("ws-json", "ours, WebSocket, JSON", WebSocket),
    PeerInfo::ours("ws-msgpack", "ours, WebSocket, MessagePack", WebSocket),
    PeerInfo::new("tarpc-bincode", "tarpc, bincode", Role::Peer, UnixSocket).without_events(),
    PeerInfo::new("tarpc-json", "tarpc, JSON", Role::Peer, UnixSocket).without_events().not_quick(),
    PeerInfo::new("jsonrpsee", "jsonrpsee, WebSocket", Role::Peer, WebSocket),
    PeerInfo::new("tonic", "tonic", Role::Peer, UnixSocket).with_streams(),
    PeerInfo::new("remoc", "remoc", Role::Peer, UnixSocket).with_both_directions().not_quick(),
    PeerInfo::new("zbus", "zbus, peer to peer", Role::Peer, UnixSocket)
        .with_both_directions()
        .not_quick(),
    PeerInfo::new("vscode-jsonrpc", "vscode-jsonrpc (Node)", Role::Peer, UnixSocket)
        .with_both_directions()
        .with_rows()
        .in_node(),
    PeerInfo::new("socket.io", "socket.io (Node)", Role::Peer, WebSocket)
        .with_both_directions()
        .with_rows()
        .in_node(),
    PeerInfo::client(
        "ts-local-json",
        "ours, client in Node, local, JSON",
        Role::Ours,
        UnixSocket,
        "local-json",
    ),
    PeerInfo::client(
        "ts-local-msgpack",
        "ours, client in Node, local, MessagePack",
        Role::Ours,
        UnixSocket,
        "local-msgpack",
    ),
    PeerInfo::client(
        "ts-ws-json",
        "ours, client in Node, WebSocket, JSON",
        Role::Ours,
        WebSocket,
        "ws-json",
    ),
    PeerInfo::client(
        "ts-ws-msgpack",
        "ours, client in Node, WebSocket, MessagePack",
        Role::Ours,
        WebSocket,
        "ws-msgpack",
    ),
    PeerInfo::client(
        "vscode-jsonrpc-client",
        "vscode-jsonrpc's client (Node) on our backend",
        Role::Peer,
        UnixSocket,
        "local-json",
    ),
    PeerInfo::client(
        "socket.io-client",
        "socket.io's client (Node) on our backend",
        Role::Ours,
        WebSocket,
        "ws-json",
    )
    .with_both_directions(),
];

/// The peer of that name.
pub fn find(id: &str) -> Option<&'static PeerInfo> {
    PEERS.iter().find(|peer| peer.id == id)
}

/// Runs `$function` of the peer that has that name.
macro_rules! dispatch {
    ($id:expr, $peer:ident => $run:expr) => {{
        match $id {
            "raw-socket" => {
                type $peer = raw_socket::RawSocket;
                $run
            }
            "raw-websocket" => {
                type $peer = raw_websocket::RawWebSocket;
                $run
            }
            "local-json" => {
                type $peer = ours::LocalJson;
                $run
            }
            "local-msgpack" => {
                type $peer = ours::LocalMessagePack;
                $run
            }
            "ws-json" => {
                type $peer = ours::WebSocketJson;
                $run
            }
            "ws-msgpack" => {
                type $peer = ours::WebSocketMessagePack;
                $run
            }
            "tarpc-bincode" => {
                type $peer = tarpc::Bincode;
                $run
            }
            "tarpc-json" => {
                type $peer = tarpc::Json;
                $run
            }
            "jsonrpsee" => {
                type $peer = jsonrpsee::Jsonrpsee;
                $run
            }
            "tonic" => {
                type $peer = tonic::Tonic;
                $run
            }
            "remoc" => {
                type $peer = remoc::Remoc;
                $run
            }
            "zbus" => {
                type $peer = zbus::Zbus;
                $run
            }
            other => Err(format!("there is no peer `{other}`").into()),
        }
    }};
}

/// Serves as the peer of that name, for ever.
pub async fn serve(id: &str, place: BoundPlace) -> Result<()> {
    dispatch!(id, P => P::serve(place).await)
}

/// Carries out an order against a server of the peer of that name.
pub async fn measure(id: String, order: Order) -> Result<Sample> {
    dispatch!(id.as_str(), P => measure::carry_out::<P>(&order).await)
}
