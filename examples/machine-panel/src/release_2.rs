//! The machine as panels of release 2 know it.

use ipc_runtime::{Stream, ipc_interface, ipc_type};

use machine_panel_interface::JOINTS;

/// The machine at one moment, before it had a thermometer.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Counts from 1, without a gap.
    pub number: u64,
    /// Where the joints are, in degrees.
    pub joints: [f64; JOINTS],
}

/// A robot arm.
#[ipc_interface(channel = "demo.machine", version = "2.4.0")]
pub trait Machine {
    /// Every sample.
    #[ipc(subscription)]
    fn telemetry(&self) -> impl Stream<Item = Sample>;

    /// Drives home, always at full speed.
    async fn home(&self) -> Result<(), String>;
}
