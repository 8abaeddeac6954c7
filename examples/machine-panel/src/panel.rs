//! What all panels share.

use std::error::Error;

use ipc_runtime::{Frontend, Limits};
use machine_panel_interface::{MachineClient, Panel, PanelHandler};
use tokio::sync::watch;

/// A panel that is connected.
pub(crate) struct Connected {
    pub(crate) frontend: Frontend,
    pub(crate) machine: MachineClient,
    /// Why the machine was stopped, if it was.
    pub(crate) stopped: watch::Receiver<Option<String>>,
}

/// What the machine sends to a panel.
struct Light(watch::Sender<Option<String>>);

impl Panel for Light {
    fn stopped(&self, reason: String) {
        self.0.send_replace(Some(reason));
    }
}

/// The most samples that may be on their way to a panel before it has read them: eight seconds of
/// them. A subscription may ask for fewer.
const AHEAD: u32 = 8000;

/// Connects, with versions compared.
pub(crate) async fn connect(endpoint: &str, name: &str) -> Result<Connected, Box<dyn Error>> {
    let mut limits = Limits::default();
    limits.subscription_window = AHEAD;
    let (light, stopped) = watch::channel(None);
    let builder = Frontend::builder().name(name).limits(limits);
    let builder = builder.register(PanelHandler::new(Light(light)))?;
    let frontend = builder.connect(endpoint).await?;
    let machine: MachineClient = frontend.open().await?;
    Ok(Connected { frontend, machine, stopped })
}
