//! A listener whose sessions send back what they get.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::{
    endpoint::Endpoint,
    limits::Limits,
    support::rt::{JoinHandle, sleep, spawn},
    token::Token,
    transport::{
        self,
        config::{CarrierConfig, ListenOptions},
        engine_io::{
            arrival, config::EngineConfig, host::EngineHost, server::EngineServer,
            socket::EngineSocket,
        },
        opened::Opened,
        websocket::{origins::OriginPolicy, token_check::TokenCheck},
    },
};

/// Sends back what it gets.
#[derive(Default)]
pub(super) struct EchoHost {
    /// How many sessions are served.
    pub(super) open: AtomicUsize,
    pub(super) most: Option<usize>,
    /// Whether sessions take nothing.
    pub(super) sleeps: AtomicBool,
    pub(super) ended: AtomicUsize,
    pub(super) showed_token: AtomicBool,
}

pub(super) struct Place(Arc<EchoHost>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

impl EngineHost for EchoHost {
    type Place = Place;

    fn place(self: &Arc<Self>) -> Result<Place, String> {
        let open = self.open.fetch_add(1, Ordering::SeqCst);
        let place = Place(self.clone());
        if self.most.is_some_and(|most| open >= most) {
            return Err("it is full".to_owned());
        }
        Ok(place)
    }

    fn serve(self: &Arc<Self>, socket: EngineSocket, place: Place) {
        let host = self.clone();
        host.showed_token.store(socket.showed_token(), Ordering::SeqCst);
        spawn(async move {
            echo(&host, socket).await;
            drop(place);
        });
    }
}

async fn echo(host: &EchoHost, mut socket: EngineSocket) {
    loop {
        while host.sleeps.load(Ordering::SeqCst) {
            sleep(Duration::from_millis(5)).await;
        }
        let Some(message) = poll_fn(|cx| socket.poll_receive(cx)).await else { break };
        if message == "close".into() {
            break;
        }
        if !poll_fn(|cx| socket.poll_ready(cx)).await {
            break;
        }
        socket.send([message]);
        if !poll_fn(|cx| socket.poll_flush(cx)).await {
            break;
        }
    }
    poll_fn(|cx| socket.poll_close(cx)).await;
}

pub(super) const SECRET: &str = "0123456789abcdefghijklmnop";
pub(super) const COOKIE: &str = "app=0123456789abcdefghijklmnop";

/// What is set up for a test.
pub(super) struct Setup {
    pub(super) engine: EngineConfig,
    pub(super) origins: OriginPolicy,
    pub(super) asks_for_token: bool,
    pub(super) most: Option<usize>,
}

impl Default for Setup {
    fn default() -> Self {
        let engine = EngineConfig { max_payload: 10_000, ..EngineConfig::new(&Limits::default()) };
        Self { engine, origins: OriginPolicy::default(), asks_for_token: false, most: None }
    }
}

/// A listener, which ends when this is dropped.
pub(super) struct EchoSite {
    pub(super) address: String,
    pub(super) host: Arc<EchoHost>,
    pub(super) server: Arc<EngineServer>,
    task: JoinHandle<()>,
}

impl Drop for EchoSite {
    fn drop(&mut self) {
        self.server.stop();
        self.task.abort();
    }
}

impl EchoSite {
    pub(super) async fn new() -> Self {
        Self::of(Setup::default()).await
    }

    pub(super) async fn of(setup: Setup) -> Self {
        let host = Arc::new(EchoHost { most: setup.most, ..EchoHost::default() });
        let server = EngineServer::new(setup.engine);
        let mut config = CarrierConfig::new(&Limits::default());
        config.engine_io = Some(server.config().clone());
        config.origins = setup.origins;
        config.token_check = setup.asks_for_token.then(|| TokenCheck {
            token: SECRET.parse::<Token>().unwrap(),
            cookie: Some("app".into()),
        });
        let endpoint: Endpoint = "ws://127.0.0.1:0".parse().unwrap();
        let mut listener = transport::listen(&endpoint, &ListenOptions::default()).await.unwrap();
        let endpoint = listener.endpoint().to_string();
        let address = endpoint.trim_start_matches("ws://").trim_end_matches('/').to_owned();
        let (served, serving) = (host.clone(), server.clone());
        let task = spawn(async move {
            loop {
                let arrival = listener.accept().await.unwrap();
                let (host, config, server) = (served.clone(), config.clone(), serving.clone());
                spawn(async move {
                    match arrival.open(&config).await {
                        Ok(Opened::EngineIo(arrival)) => {
                            let _ = arrival::serve(*arrival, &server, &host, &config).await;
                        }
                        Ok(Opened::Peer(peer)) => drop(peer),
                        Err(_) => {}
                    }
                });
            }
        });
        Self { address, host, server, task }
    }

    /// Waits for a condition.
    pub(super) async fn until(&self, condition: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !condition(self) {
                sleep(Duration::from_millis(2)).await;
            }
        };
        crate::support::rt::timeout(Duration::from_secs(20), waiting).await.unwrap();
    }

    pub(super) async fn until_sessions(&self, count: usize) {
        self.until(|site| {
            site.server.session_count() == count && site.host.open.load(Ordering::SeqCst) == count
        })
        .await;
    }
}
