//! The machine's process: it serves panels until it is to end.

use std::{error::Error, net::SocketAddr, sync::Arc, time::Duration};

use example_stage::{orders, say};
use ipc_runtime::{
    Backend,
    config::{OriginPolicy, SocketIo},
    event::Listener,
};
use machine_panel_interface::{MachineHandler, PanelClient};
use tokio::{
    net::{TcpListener, lookup_host},
    select,
    signal::ctrl_c,
    task::JoinSet,
};

use crate::{arm::Arm, controller::Controller, page, socket_io_page, socket_io_panel};

/// Serves panels at an endpoint, until its input ends.
pub(crate) async fn run(endpoint: &str) -> Result<(), Box<dyn Error>> {
    let (machine, mut orders) = (Running::start(Backend::new())?, orders());
    say(format_args!("listening on {}", machine.backend.listen(endpoint).await?));
    let order = machine.until(orders.recv()).await;
    order.map_or(Ok(()), |order| Err(format!("`{order}`: it takes no such orders").into()))
}

/// Where the machine's pages are, such as at `127.0.0.1:7300`.
pub(crate) struct Addresses {
    /// The page with our own client, and other panels.
    pub(crate) page: String,
    /// The page with socket.io's client.
    pub(crate) socket_io_page: String,
    /// What that page connects to.
    pub(crate) socket_io: String,
}

impl Addresses {
    /// Three ports in a row, of which the page's is the first. If that is 0, the system chooses
    /// all.
    pub(crate) fn from(page: &str) -> Result<Self, String> {
        let later = |ports: u16| {
            let (host, port) = page.rsplit_once(':')?;
            let port: u16 = port.parse().ok()?;
            let port = if port == 0 { 0 } else { port.checked_add(ports)? };
            Some(format!("{host}:{port}"))
        };
        let (Some(socket_io_page), Some(socket_io)) = (later(1), later(2)) else {
            return Err(format!("`{page}`: an address is one such as 127.0.0.1:7300"));
        };
        Ok(Self { page: page.to_owned(), socket_io_page, socket_io })
    }
}

/// Serves the pages and all other panels at addresses of this machine, until Ctrl-C.
pub(crate) async fn run_with_pages(addresses: Addresses) -> Result<(), Box<dyn Error>> {
    let page_listener = bind(&addresses.page).await?;
    let socket_io_listener = bind(&addresses.socket_io_page).await?;
    let (page, socket_io_page) = (page_listener.local_addr()?, socket_io_listener.local_addr()?);

    // One page comes from the backend's own origin. The other one's is listed.
    let origins = OriginPolicy::allow(socket_io_page::origins(socket_io_page));
    let backend = Backend::builder().origins(origins).socket_io(SocketIo::new()).build();
    let machine = Running::start(backend)?;
    let port = listen(&machine.backend, &addresses.socket_io).await?;

    let mut serving = JoinSet::new();
    serving.spawn(page::serve(page_listener, machine.backend.clone()));
    serving.spawn(socket_io_page::serve(socket_io_listener, port));
    say(format_args!("the page is at http://{page}/, and Ctrl-C ends this"));
    say(format_args!("other panels connect to ws://{page}{}", page::SOCKET));
    say(format_args!("the page with socket.io's client is at http://{socket_io_page}/"));
    say(format_args!("it connects to port {port}"));
    machine.until(ctrl_c()).await?;
    Ok(())
}

/// Takes an address for a page.
async fn bind(address: &str) -> Result<TcpListener, Box<dyn Error>> {
    let listener =
        TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))?;
    check(listener.local_addr()?)?;
    Ok(listener)
}

/// Has the backend listen at an address for socket.io's clients. Returns the port.
async fn listen(backend: &Backend, address: &str) -> Result<u16, Box<dyn Error>> {
    let mut found = lookup_host(address).await.map_err(|error| format!("{address}: {error}"))?;
    let address = found.next().ok_or_else(|| format!("{address}: there is no such address"))?;
    check(address)?;
    let endpoint = backend.listen(format!("ws://{address}")).await?.to_string();
    let port = endpoint.trim_end_matches('/').rsplit(':').next();
    Ok(port.unwrap_or_default().parse()?)
}

/// Whoever reaches the machine may move the arm, and nothing here asks who it is.
fn check(address: SocketAddr) -> Result<(), String> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    Err(format!("{address} can be reached from elsewhere: it has to be 127.0.0.1"))
}

/// The arm moves, and panels may come.
struct Running {
    backend: Backend,
    stops: Listener<Option<String>>,
    /// A task of its own, which ends with this: nothing may hold it up.
    _measuring: JoinSet<()>,
}

impl Running {
    fn start(backend: Backend) -> Result<Self, Box<dyn Error>> {
        let arm = Arm::new();
        let stops = arm.stops.event().listen();
        backend.register(MachineHandler::new(Controller(Arc::clone(&arm))))?;
        socket_io_panel::serve(&backend, &arm)?;
        let mut measuring = JoinSet::new();
        measuring.spawn(async move { arm.measure().await });
        Ok(Self { backend, stops, _measuring: measuring })
    }

    /// Tells all panels of each stop, until something happens.
    async fn until<T>(mut self, end: impl Future<Output = T>) -> T {
        tokio::pin!(end);
        let ended = loop {
            select! {
                ended = &mut end => break ended,
                Some(stopped) = self.stops.next() => {
                    if let Some(reason) = stopped {
                        self.tell(&reason).await;
                    }
                }
            }
        };
        self.backend.stop(Duration::from_secs(5)).await;
        ended
    }

    async fn tell(&self, reason: &str) {
        let panels = self.backend.peers();
        let told = panels.broadcast(|panel: PanelClient| panel.stopped(reason.to_owned())).await;
        let told = told.iter().filter(|(_, outcome)| outcome.is_ok()).count();
        say(format_args!("STOPPED: {reason}; panels that are told: {told}"));
    }
}
