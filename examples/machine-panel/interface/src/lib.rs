//! Both directions: what a panel may ask of the machine, and what the machine sends to its panels.
//! Panels in Rust use these traits; the page has them in TypeScript, in `page/src/ipc.ts`. A page
//! with a stock socket.io client emits the methods' names, and hears the events of [`ArmPage`].

use ipc_runtime::{CallContext, Stream, ipc_interface, ipc_type};

/// How many joints the arm has.
pub const JOINTS: usize = 4;

/// The machine at one moment.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Counts from 1, without a gap: one each millisecond.
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
    /// Another panel has sent it home, and it is on its way.
    #[error("it is on its way home already")]
    Busy,
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

    /// Why the machine is stopped, or nothing while it isn't: at once, and whenever it changes.
    #[ipc(subscription)]
    fn stop_reason(&self) -> impl Stream<Item = Option<String>>;

    /// Drives home, at so many percent of the full speed: 1 to 100. Who cancels it lets the arm go
    /// on from where it is.
    #[ipc(timeout = "2m")]
    async fn home(
        &self,
        #[ipc(context)] call: &CallContext<Homing>,
        speed: u32,
    ) -> Result<(), MachineError>;

    /// Stops everything at once. The panel doesn't wait for an answer.
    #[ipc(notification)]
    fn emergency_stop(&self, #[ipc(context)] call: &CallContext, reason: String);

    /// Lets the machine move again after an emergency stop.
    fn release(&self, #[ipc(context)] call: &CallContext);
}

/// A panel, as the machine has it.
#[ipc_interface(channel = "demo.panel", version = "1.0.0")]
pub trait Panel {
    /// The machine was stopped.
    #[ipc(notification)]
    fn stopped(&self, reason: String);
}

/// A page with a stock socket.io client, as the machine has it: `socket.on("arm.telemetry", …)`.
#[ipc_interface(channel = "arm", version = "1.0.0")]
pub trait ArmPage {
    /// The answer to the page's first message: which version of [`Machine`] is served, and whether
    /// the page fits.
    #[ipc(notification)]
    fn checked(&self, version: String, fits: bool);

    /// The newest sample, some 20 times a second.
    #[ipc(notification)]
    fn telemetry(&self, sample: Sample);

    /// Why the machine is stopped, or nothing while it isn't: at first, and whenever it changes.
    #[ipc(notification)]
    fn stopped(&self, reason: Option<String>);
}
