//! A panel that nobody has updated.

use std::error::Error;

use example_stage::say;
use ipc_runtime::Frontend;

use crate::release_2::MachineClient;

/// Is refused, and says why.
pub(crate) async fn run(endpoint: &str) -> Result<(), Box<dyn Error>> {
    let frontend = Frontend::connect(endpoint).await?;
    let Err(error) = frontend.open::<MachineClient>().await else {
        return Err("it should have been refused".into());
    };
    let Some(mismatch) = error.version_mismatch() else { return Err(error.into()) };
    // For the person who updates panels: the text names everything that differs.
    mismatch.to_string().lines().for_each(say);
    say(format_args!("is too old: methods that differ: {}", mismatch.methods.len()));
    Ok(())
}
