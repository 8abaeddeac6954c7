//! What a page says that was written for a server of socket.io, beside the methods of [`Machine`],
//! and what it hears.
//!
//! [`Machine`]: machine_panel_interface::Machine

use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};

use example_stage::say;
use ipc_runtime::{Backend, Client, IpcError, Peer, error::RegisterError};
use machine_panel_interface::{ArmPageClient, MachineClient};
use tokio::{
    select, spawn,
    time::{MissedTickBehavior, interval},
};

use crate::{arm::Arm, controller::name_of};

/// By which number the page's first message says its version.
const PAGE: u32 = 1;

/// How often it hears of the newest sample.
const PERIOD: Duration = Duration::from_millis(50);

/// Serves the names that such pages have of their own.
pub(crate) fn serve(backend: &Backend, arm: &Arc<Arm>) -> Result<(), RegisterError> {
    // socket.emit("emergencyStop", reason): what the interface calls `emergency_stop`.
    let stopping = Arc::clone(arm);
    backend.on("emergencyStop", move |call, (reason,): (String,)| {
        say(format_args!("{} presses the button", name_of(call.peer())));
        stopping.stop(reason);
    })?;

    // socket.emit("response", { 1: "3.0.0" }): the first message of each connection.
    let pages = backend.group("pages that have said their version");
    let arm = Arc::clone(arm);
    backend.on("response", move |call, (versions,): (BTreeMap<u32, String>,)| {
        let version = versions.get(&PAGE).map_or("none", String::as_str);
        let page = call.peer();
        say(format_args!("{} is a page for version {version}", name_of(page)));
        // Who says it twice isn't served twice.
        if pages.join(page) {
            let fits = version == MachineClient::INTERFACE.version;
            spawn(serve_page(Arc::clone(&arm), page.clone(), fits));
        }
    })?;
    Ok(())
}

/// Tells a page what there is to tell, until it is gone.
async fn serve_page(arm: Arc<Arm>, page: Peer, fits: bool) {
    // Each fails once the page is gone, and that is how it ends.
    let client: ArmPageClient = page.client();
    let version = MachineClient::INTERFACE.version.to_owned();
    if client.checked(version, fits).await.is_ok() && fits {
        let Err(gone) = tell(&arm, &client).await;
        say(format_args!("nothing is produced for {} any more: {gone}", name_of(&page)));
    }
}

/// Tells it of stops at once, and of the newest sample at each tick.
async fn tell(arm: &Arm, page: &ArmPageClient) -> Result<Infallible, IpcError> {
    let mut stops = arm.stops.event().listen_latest();
    let mut samples = arm.samples.event().listen_latest();
    let mut clock = interval(PERIOD);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        select! {
            biased;
            Some(reason) = stops.next() => page.stopped(reason).await?,
            _ = clock.tick() => {
                if let Some(sample) = samples.next().await {
                    page.telemetry(sample).await?;
                }
            }
        }
    }
}
