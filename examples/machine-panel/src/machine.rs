//! The machine's process: it serves panels until it is to end.

use std::{error::Error, sync::Arc, time::Duration};

use example_stage::{orders, say};
use ipc_runtime::{Backend, event::Listener};
use machine_panel_interface::{MachineHandler, PanelClient};
use tokio::{net::TcpListener, select, signal::ctrl_c, task::JoinSet};

use crate::{arm::Arm, controller::Controller, page};

/// Serves panels at an endpoint, until its input ends.
pub(crate) async fn run(endpoint: &str) -> Result<(), Box<dyn Error>> {
    let (machine, mut orders) = (Running::start()?, orders());
    say(format_args!("listening on {}", machine.backend.listen(endpoint).await?));
    let order = machine.until(orders.recv()).await;
    order.map_or(Ok(()), |order| Err(format!("`{order}`: it takes no such orders").into()))
}

/// Serves the page and all other panels at an address of this machine, until Ctrl-C.
pub(crate) async fn run_with_page(address: &str) -> Result<(), Box<dyn Error>> {
    let listener =
        TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))?;
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        // Whoever reaches the page may move the arm, and nothing here asks who it is.
        return Err(
            format!("{address} can be reached from elsewhere: it has to be 127.0.0.1").into()
        );
    }
    let machine = Running::start()?;
    let mut serving = JoinSet::new();
    serving.spawn(page::serve(listener, machine.backend.clone()));
    say(format_args!("the page is at http://{address}/, and Ctrl-C ends this"));
    say(format_args!("other panels connect to ws://{address}{}", page::SOCKET));
    machine.until(ctrl_c()).await?;
    Ok(())
}

/// The arm moves, and panels may come.
struct Running {
    backend: Backend,
    stops: Listener<Option<String>>,
    /// A task of its own, which ends with this: nothing may hold it up.
    _measuring: JoinSet<()>,
}

impl Running {
    fn start() -> Result<Self, Box<dyn Error>> {
        let arm = Arm::new();
        let stops = arm.stops.event().listen();
        let backend = Backend::new();
        backend.register(MachineHandler::new(Controller(Arc::clone(&arm))))?;
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
