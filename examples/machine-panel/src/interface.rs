//! Both directions: what a panel may ask of the machine, and what the machine sends to its panels.

use ipc_runtime::{CallContext, Stream, ipc_interface, ipc_type};

/// How many joints the arm has.
pub const JOINTS: usize = 4;

/// The machine at one moment.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Counts from 1, without a gap.
    pub number: u64,
    /// Where the joints are, in degrees.
    pub joints: [f64; JOINTS],
    /// Of the motors, in °C. Release 2 didn't have this field.
    pub temperature: f64,
}

/// How far the way home is done.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct Homing {
    /// 0 to 100.
    pub percent: u32,
}

/// Why the machine didn't carry out a command.
#[ipc_type]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MachineError {
    /// Somebody has pressed the button.
    #[error("stopped: {0}")]
    Stopped(String),
}

/// A robot arm.
#[ipc_interface(channel = "demo.machine", version = "3.0.0")]
pub trait Machine {
    /// Every sample: a thousand each second.
    #[ipc(subscription)]
    fn telemetry(&self, #[ipc(context)] call: &CallContext) -> impl Stream<Item = Sample>;

    /// The newest sample, whenever there is a new one and the panel is ready for it.
    #[ipc(subscription)]
    fn newest(&self, #[ipc(context)] call: &CallContext) -> impl Stream<Item = Sample>;

    /// Drives home, at so many percent of the full speed.
    #[ipc(timeout = "2m")]
    async fn home(
        &self,
        #[ipc(context)] call: &CallContext<Homing>,
        speed: u32,
    ) -> Result<(), MachineError>;

    /// Stops everything at once. The panel doesn't wait for an answer.
    #[ipc(notification)]
    fn emergency_stop(&self, #[ipc(context)] call: &CallContext, reason: String);
}

/// A panel, as the machine has it.
#[ipc_interface(channel = "demo.panel", version = "1.0.0")]
pub trait Panel {
    /// The machine was stopped.
    #[ipc(notification)]
    fn stopped(&self, reason: String);
}
