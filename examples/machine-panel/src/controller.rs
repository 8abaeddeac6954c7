//! What panels may ask of the machine.

use std::sync::Arc;

use example_stage::say;
use futures_util::StreamExt;
use ipc_runtime::{CallContext, Peer, Stream};
use machine_panel_interface::{Homing, Machine, MachineError, Sample};

use crate::arm::Arm;

/// The arm, as panels have it.
pub(crate) struct Controller(pub(crate) Arc<Arm>);

impl Machine for Controller {
    fn telemetry(&self, call: &CallContext) -> impl Stream<Item = Sample> {
        let producing = Producing::new(call.peer(), "every sample");
        self.0.samples.event().listen().inspect(move |_| _ = &producing)
    }

    fn newest(&self, call: &CallContext) -> impl Stream<Item = Sample> {
        let producing = Producing::new(call.peer(), "the newest sample");
        self.0.samples.event().listen_latest().inspect(move |_| _ = &producing)
    }

    fn stop_reason(&self) -> impl Stream<Item = Option<String>> {
        self.0.stops.event().listen_latest()
    }

    async fn home(&self, call: &CallContext<Homing>, speed: u32) -> Result<(), MachineError> {
        self.0.drive_home(speed, |percent| call.progress(&Homing { percent })).await
    }

    fn emergency_stop(&self, call: &CallContext, reason: String) {
        say(format_args!("{} presses the button", name_of(call.peer())));
        self.0.stop(reason);
    }

    fn release(&self, call: &CallContext) {
        say(format_args!("{} lets the arm move again", name_of(call.peer())));
        self.0.release();
    }
}

/// What a panel calls itself. One that doesn't say goes by its connection's number.
pub(crate) fn name_of(peer: &Peer) -> String {
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
