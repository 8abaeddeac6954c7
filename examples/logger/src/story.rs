//! What happens, and what has to come of it.

use std::{error::Error, process};

use example_stage::Stage;

pub(crate) fn tell() -> Result<(), Box<dyn Error>> {
    // The name is this run's own, so that two of them don't meet.
    let endpoint = format!("local:logger-{}", process::id());
    let mut stage = Stage::new("One log, and a level that every window hears of");

    stage.heading("Two windows open");
    stage.start("backend", &["backend", &endpoint])?;
    stage.wait_for("backend", "listening on")?;
    for name in ["window 1", "window 2"] {
        stage.start(name, &["window", &endpoint, name])?;
        stage.wait_for(name, "the level is info")?;
    }

    stage.heading("What is below the level isn't written");
    stage.order("window 1", "log debug cursor at 3:14")?;
    stage.order("window 1", "log info opened main.rs")?;
    // One connection's messages are handled in order: the first one was there before this.
    let first = stage.wait_for("backend", "window 1: ")?;
    if !first.contains("opened main.rs") {
        return Err(format!("the level is info, and yet it wrote: {first}").into());
    }

    stage.heading("A window sets the level, and all are told");
    stage.order("window 2", "set debug")?;
    for name in ["window 1", "window 2"] {
        stage.wait_for(name, "the level is debug")?;
    }
    stage.order("window 1", "log debug cursor at 3:15")?;
    stage.wait_for("backend", "debug window 1: cursor at 3:15")?;

    stage.heading("A window that comes late hears the level, and sees the last lines");
    stage.start("window 3", &["window", &endpoint, "window 3"])?;
    stage.wait_for("window 3", "the level is debug")?;
    stage.order("window 3", "level")?;
    stage.wait_for("window 3", "the logger has debug")?;
    stage.order("window 3", "show")?;
    stage.wait_for("window 3", "| info  window 1: opened main.rs")?;
    stage.wait_for("window 3", "| debug window 1: cursor at 3:15")?;
    stage.order("window 2", "log warn main.rs has changed on disk")?;
    stage.wait_for("window 3", "| warn  window 2: main.rs has changed on disk")?;

    stage.heading("A window that has gone leaves nothing behind");
    stage.end("window 1")?;
    stage.wait_for("backend", "window 1 has gone, loggers left: 2")?;
    stage.order("window 3", "set warn")?;
    for name in ["window 2", "window 3"] {
        stage.wait_for(name, "the level is warn")?;
    }
    stage.finish()
}
