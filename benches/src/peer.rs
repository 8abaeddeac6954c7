//! Who is measured: one file for each, server and client behind two small traits.

pub mod calls;
pub mod jsonrpsee;
pub mod node;
pub mod ours;
pub mod raw_socket;
pub mod raw_websocket;
pub mod remoc;
pub mod tarpc;
pub mod tonic;
pub mod zbus;

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{
    error::Result,
    process,
    workload::{Job, Payload, Workload},
};

/// A way to talk between processes.
pub trait Peer: 'static {
    type Link: Link;

    /// Listens at a new endpoint, tells it, and serves for ever.
    fn serve(place: BoundPlace) -> impl Future<Output = Result<()>> + Send;

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
pub struct BoundPlace {
    directory: PathBuf,
}

impl BoundPlace {
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
    pub rows: bool,
    /// A program of Node's.
    pub node: bool,
    /// Who serves, if its server is another peer's.
    pub server: Option<&'static str>,
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
    pub const fn new(id: &'static str, title: &'static str, role: Role, carrier: Carrier) -> Self {
        Self {
            id,
            title,
            role,
            carrier,
            events: true,
            streams: false,
            both_directions: false,
            rows: false,
            node: false,
            server: None,
            quick: true,
        }
    }

    pub const fn ours(id: &'static str, title: &'static str, carrier: Carrier) -> Self {
        Self::new(id, title, Role::Ours, carrier).with_streams().with_both_directions().with_rows()
    }

    /// A client in Node of a backend of ours.
    pub const fn client(
        id: &'static str,
        title: &'static str,
        role: Role,
        carrier: Carrier,
        server: &'static str,
    ) -> Self {
        let mut client = Self::new(id, title, role, carrier).in_node().with_rows();
        client.server = Some(server);
        client
    }

    pub const fn without_events(mut self) -> Self {
        self.events = false;
        self
    }

    pub const fn with_streams(mut self) -> Self {
        self.streams = true;
        self
    }

    pub const fn with_both_directions(mut self) -> Self {
        self.both_directions = true;
        self
    }

    pub const fn with_rows(mut self) -> Self {
        self.rows = true;
        self
    }

    pub const fn in_node(mut self) -> Self {
        self.node = true;
        self.not_quick()
    }

    pub const fn not_quick(mut self) -> Self {
        self.quick = false;
        self
    }

    /// The program that is its client, with its first arguments.
    pub fn client_program(&self) -> Vec<OsString> {
        if self.node { node::program() } else { vec![process::this().into()] }
    }

    /// The program that is its server, with its first arguments.
    pub fn server_program(&self) -> Vec<OsString> {
        if self.server.is_some() { vec![process::this().into()] } else { self.client_program() }
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
            Job::Sequential(Payload::Rows(_)) => self.rows,
            _ => true,
        }
    }
}
