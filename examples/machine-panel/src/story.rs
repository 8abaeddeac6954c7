//! What happens, and what has to come of it.

use std::{error::Error, process, time::Duration};

use example_stage::Stage;
use tokio::{runtime::Runtime, time::timeout};

use crate::picture::Picture;

/// Far more than a message takes.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn tell() -> Result<(), Box<dyn Error>> {
    // The name is this run's own, so that two of them don't meet.
    let endpoint = format!("local:machine-panel-{}", process::id());
    let runtime = Runtime::new()?;
    let mut stage = Stage::new("A robot arm and its panels");
    stage.start("machine", &["machine", &endpoint])?;
    stage.wait_for("machine", "listening on")?;

    stage.heading("Each panel's version is checked: one of release 2 is refused, and told why");
    stage.start("old panel", &["old", &endpoint])?;
    let versions = stage.wait_for("old panel", "this side was built with version 2.4.0")?;
    if !versions.ends_with("serves 3.0.0") {
        return Err("it has to name the machine's version".into());
    }
    stage.wait_for("old panel", "type Sample, field temperature: was missing, is f64")?;
    stage.wait_for("old panel", "is too old")?;
    stage.end("old panel")?;

    stage.heading("Two panels take every sample: a thousand each second");
    stage.start("recorder", &["recorder", &endpoint])?;
    stage.wait_for("machine", "recorder subscribes to every sample")?;
    stage.start("slow panel", &["slow", &endpoint])?;
    stage.wait_for("machine", "slow panel subscribes to every sample")?;

    stage.heading("A third one draws the newest sample, whenever it has time");
    let picture = runtime.block_on(Picture::connect(&endpoint))?;
    runtime.block_on(picture.draw(stage.screen()))?;
    stage.wait_for("machine", "nothing is produced for picture any more")?;

    stage.heading("Who is slow loses samples, and knows how many; nobody else does");
    for _ in 0..2 {
        stage.wait_for("slow panel", "Lagged: ")?;
    }
    stage.order("recorder", "report")?;
    stage.wait_for("recorder", "none missing")?;

    stage.heading("Commands tell how far they are");
    stage.order("recorder", "home 100")?;
    stage.wait_for("recorder", "homing 0 %")?;
    stage.wait_for("recorder", "homing 100 %")?;
    stage.wait_for("recorder", "the arm is home")?;

    stage.heading("Who unsubscribes costs nothing any more");
    stage.order("recorder", "unsubscribe")?;
    stage.wait_for("machine", "nothing is produced for recorder any more")?;

    stage.heading("Emergency stop, during a slow way home");
    stage.order("recorder", "home 1")?;
    stage.wait_for("recorder", "homing 0 %")?;
    stage.order("recorder", "stop somebody has opened the door")?;
    stage.wait_for("machine", "STOPPED: somebody has opened the door; panels that are told: 3")?;
    for panel in ["recorder", "slow panel"] {
        stage.wait_for(panel, "MACHINE STOPPED: somebody has opened the door")?;
    }
    let told = runtime.block_on(async { timeout(PATIENCE, picture.stopped()).await })??;
    stage.screen().line(format_args!("  picture      MACHINE STOPPED: {told}"));
    stage.wait_for("recorder", "the arm isn't home: stopped: somebody has opened the door")?;

    runtime.block_on(picture.close());
    stage.finish()
}
