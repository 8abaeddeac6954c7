//! A panel that nobody has updated.

use std::error::Error;

use example_stage::say;
use ipc_runtime::{Frontend, IpcError};

use crate::release_2::MachineClient;

/// Is refused, and tells why.
pub(crate) async fn run(endpoint: &str) -> Result<(), Box<dyn Error>> {
    let frontend = Frontend::connect(endpoint).await?;
    match frontend.open::<MachineClient>().await {
        Err(IpcError::VersionMismatch(mismatch)) => {
            // Told to whoever updates panels; its text names everything that differs.
            mismatch.to_string().lines().for_each(say);
            say(format_args!("is too old: methods that differ: {}", mismatch.methods.len()));
            Ok(())
        }
        other => Err(format!("it should have been refused: {other:?}").into()),
    }
}
