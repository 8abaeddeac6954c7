//! The machine's process, and what panels may ask of it.

use std::{error::Error, sync::Arc, time::Duration};

use example_stage::{orders, say};
use futures_util::StreamExt;
use ipc_runtime::{Backend, CallContext, Peer, Stream};
use tokio::{select, task::JoinSet};

use crate::{
    arm::Arm,
    interface::{Homing, Machine, MachineError, MachineHandler, PanelClient, Sample},
};

/// Serves until its input ends.
pub(crate) async fn run(endpoint: &str) -> Result<(), Box<dyn Error>> {
    let arm = Arm::new();
    let backend = Backend::new();
    backend.register(MachineHandler::new(Controller(arm.clone())))?;
    let mut stops = arm.stops.event().listen();
    say(format_args!("listening on {}", backend.listen(endpoint).await?));

    // A task of its own, which ends with this: nothing in here may hold it up.
    let mut measuring = JoinSet::new();
    measuring.spawn(async move { arm.measure().await });
    let mut orders = orders();
    loop {
        select! {
            order = orders.recv() => match order {
                Some(order) => return Err(format!("`{order}`: it takes no such orders").into()),
                None => break,
            },
            Some(reason) = stops.next() => {
                let panels = backend.peers();
                let told = panels.broadcast(|panel: PanelClient| panel.stopped(reason.clone())).await;
                let told = told.iter().filter(|(_, outcome)| outcome.is_ok()).count();
                say(format_args!("STOPPED: {reason}; panels that are told: {told}"));
            }
        }
    }
    backend.stop(Duration::from_secs(5)).await;
    Ok(())
}

/// The arm, as panels have it.
struct Controller(Arc<Arm>);

impl Machine for Controller {
    fn telemetry(&self, call: &CallContext) -> impl Stream<Item = Sample> {
        let producing = Producing::new(call.peer(), "every sample");
        self.0.samples.event().listen().inspect(move |_| _ = &producing)
    }

    fn newest(&self, call: &CallContext) -> impl Stream<Item = Sample> {
        let producing = Producing::new(call.peer(), "the newest sample");
        self.0.samples.event().listen_latest().inspect(move |_| _ = &producing)
    }

    async fn home(&self, call: &CallContext<Homing>, speed: u32) -> Result<(), MachineError> {
        let mut stops = self.0.stops.event().listen();
        for tenths in 0..10 {
            call.progress(&Homing { percent: tenths * 10 });
            select! {
                () = self.0.drive_a_tenth(speed) => {}
                Some(reason) = stops.next() => return Err(MachineError::Stopped(reason)),
            }
        }
        call.progress(&Homing { percent: 100 });
        Ok(())
    }

    fn emergency_stop(&self, call: &CallContext, reason: String) {
        say(format_args!("{} presses the button", name_of(call.peer())));
        self.0.stop(reason);
    }
}

/// What a panel calls itself. One that doesn't say goes by its connection's number.
fn name_of(peer: &Peer) -> String {
    peer.name().map_or_else(|| format!("panel {}", peer.id()), |name| name.to_string())
}

/// Part of a stream that a panel reads, and dropped with it.
struct Producing {
    panel: String,
}

impl Producing {
    fn new(peer: &Peer, what: &str) -> Self {
        let panel = name_of(peer);
        say(format_args!("{panel} subscribes to {what}"));
        Self { panel }
    }
}

impl Drop for Producing {
    fn drop(&mut self) {
        say(format_args!("nothing is produced for {} any more", self.panel));
    }
}
