//! Who is measured: one file for each, server and client behind two small traits.

mod calls;
mod jsonrpsee;
pub mod node;
mod ours;
mod raw_socket;
mod raw_websocket;
mod remoc;
mod tarpc;
mod tonic;
mod zbus;

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

pub use calls::{Caller, Calls};

use crate::{
    error::Result,
    measure::{self, Order, Sample},
    process,
    workload::{Job, Payload, Workload},
};

/// A way to talk between processes.
pub trait Peer: 'static {
    type Link: Link;

    /// Listens at a new endpoint, tells it, and serves for ever.
    fn serve(place: Place) -> impl Future<Output = Result<()>> + Send;

    /// Makes a connection.
    fn connect(endpoint: &str) -> impl Future<Output = Result<Self::Link>> + Send;
}

/// One connection, as the workloads use it.
pub trait Link: Send + 'static {
    /// One `add`.
    fn once(&mut self) -> impl Future<Output = Result<()>> + Send;

    /// Calls one after another until told to stop. Gives the time of each in nanoseconds.
    fn sequential(
        &mut self,
        payload: Payload,
        stop: &Stop,
    ) -> impl Future<Output = Result<Vec<u64>>> + Send;

    /// Keeps `window` calls in flight until told to stop. Gives how many were answered.
    fn in_flight(
        &mut self,
        payload: Payload,
        window: usize,
        stop: &Stop,
    ) -> impl Future<Output = Result<u64>> + Send;

    /// Has the server send `count` numbers, and receives them all.
    fn events(&mut self, count: u64, source: Source) -> impl Future<Output = Result<()>> + Send;

    /// Keeps `window` calls in flight in both directions for as long. Gives how many were answered
    /// on both sides.
    fn both_directions(
        &mut self,
        window: usize,
        duration: Duration,
    ) -> impl Future<Output = Result<u64>> + Send;
}

/// Where a server may listen, and whom it tells.
pub struct Place {
    directory: PathBuf,
}

impl Place {
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// A path that nobody listens at yet.
    pub fn socket(&self) -> PathBuf {
        self.directory.join("socket")
    }

    /// Tells the driver that it may connect.
    pub fn announce(&self, endpoint: impl std::fmt::Display) {
        println!("{endpoint}");
    }
}

/// Where the server has its events from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Another task has them one by one, as events come.
    Pushed,
    /// An iterator that is always ready.
    Ready,
}

/// Tells calls in a loop when they have been enough.
#[derive(Clone)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// It is time after `duration`.
    pub fn after(duration: Duration) -> Self {
        let stop = Self(Arc::default());
        let timer = stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(duration).await;
            timer.0.store(true, Ordering::Relaxed);
        });
        stop
    }

    pub fn is_time(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the driver knows of a peer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeerInfo {
    /// What it is called on the command line and in reports.
    pub id: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    pub role: Role,
    pub carrier: Carrier,
    pub events: bool,
    pub streams: bool,
    pub both_directions: bool,
    /// A program of Node's.
    pub node: bool,
    /// Part of `--quick`.
    pub quick: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The bare carrier: what there is at most.
    Floor,
    Ours,
    Peer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    UnixSocket,
    WebSocket,
}

impl Carrier {
    /// The floor below everybody who uses it.
    pub fn floor(self) -> &'static str {
        match self {
            Self::UnixSocket => "raw-socket",
            Self::WebSocket => "raw-websocket",
        }
    }
}

impl PeerInfo {
    const fn new(id: &'static str, title: &'static str, role: Role, carrier: Carrier) -> Self {
        Self {
            id,
            title,
            role,
            carrier,
            events: true,
            streams: false,
            both_directions: false,
            node: false,
            quick: true,
        }
    }

    const fn ours(id: &'static str, title: &'static str, carrier: Carrier) -> Self {
        Self::new(id, title, Role::Ours, carrier).with_streams().with_both_directions()
    }

    const fn without_events(mut self) -> Self {
        self.events = false;
        self
    }

    const fn with_streams(mut self) -> Self {
        self.streams = true;
        self
    }

    const fn with_both_directions(mut self) -> Self {
        self.both_directions = true;
        self
    }

    const fn in_node(mut self) -> Self {
        self.node = true;
        self.not_quick()
    }

    const fn not_quick(mut self) -> Self {
        self.quick = false;
        self
    }

    /// The program that is its server and its client, with its first arguments.
    pub fn program(&self) -> Vec<OsString> {
        if self.node { node::program() } else { vec![process::this().into()] }
    }

    /// How long it needs until it is as fast as it gets: Node compiles what runs often.
    pub fn least_warm_up(&self) -> Duration {
        if self.node { Duration::from_secs(1) } else { Duration::ZERO }
    }

    /// Whether the peer has what the workload asks for.
    pub fn can(&self, workload: &Workload) -> bool {
        match workload.job {
            Job::Events => self.events,
            Job::Stream => self.streams,
            Job::BothDirections { .. } => self.both_directions,
            _ => true,
        }
    }
}

use Carrier::{UnixSocket, WebSocket};

pub static PEERS: [PeerInfo; 14] = [
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
        .in_node(),
    PeerInfo::new("socket.io", "socket.io (Node)", Role::Peer, WebSocket)
        .with_both_directions()
        .in_node(),
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
pub async fn serve(id: &str, place: Place) -> Result<()> {
    dispatch!(id, P => P::serve(place).await)
}

/// Carries out an order against a server of the peer of that name.
pub async fn measure(id: String, order: Order) -> Result<Sample> {
    dispatch!(id.as_str(), P => measure::carry_out::<P>(&order).await)
}
