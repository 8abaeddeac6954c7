//! What happens, and what has to come of it.

use std::{error::Error, process};

use example_stage::Stage;

/// The windows: their names here, titles and projects.
const WINDOWS: [(&str, &str, &str); 3] = [
    ("window 1", "Editor", "alpha"),
    ("window 2", "Second editor", "alpha"),
    ("window 3", "Preview", "beta"),
];

pub(crate) fn tell() -> Result<(), Box<dyn Error>> {
    // The name is this run's own, so that two of them don't meet.
    let endpoint = format!("local:windows-{}", process::id());
    let mut stage = Stage::new("One backend, three windows");

    stage.heading("Windows come, and say who they are");
    stage.start("backend", &["backend", &endpoint])?;
    stage.wait_for("backend", "listening on")?;
    for (name, title, project) in WINDOWS {
        stage.start(name, &["window", &endpoint, title, project])?;
        stage.wait_for("backend", &format!("{name} connects"))?;
        stage.wait_for("backend", &format!("{name} is {title}, and works on {project}"))?;
    }

    stage.heading("Each has state of its own in the backend");
    for (name, file) in [("window 1", "main.rs"), ("window 1", "lib.rs"), ("window 2", "notes.md")]
    {
        stage.order(name, &format!("open {file}"))?;
        stage.wait_for(name, &format!("has opened {file}"))?;
    }
    for (name, files) in [("window 1", "has main.rs, lib.rs"), ("window 2", "has notes.md")] {
        stage.order(name, "files")?;
        stage.wait_for(name, files)?;
    }

    stage.heading("The backend calls one window");
    stage.order("backend", "reveal 1 lib.rs")?;
    stage.wait_for("window 1", "brings lib.rs to the front")?;
    stage.wait_for("backend", "window 1 shows lib.rs")?;
    stage.order("backend", "reveal 2 lib.rs")?;
    stage.wait_for("backend", "window 2 fails: it doesn't show `lib.rs`")?;

    stage.heading("It calls a group: the windows of alpha");
    stage.order("backend", "save alpha")?;
    stage.wait_for("backend", "window 1 has saved, files: 2")?;
    stage.wait_for("backend", "window 2 has saved, files: 1")?;

    stage.heading("Functions by name, for code that has no trait");
    stage.order("window 1", "count")?;
    stage.wait_for("window 1", "is one of 3 windows")?;
    stage.order("backend", "zoom 2 150")?;
    stage.wait_for("backend", "window 2 fails: zoom can't be called")?;
    stage.order("window 2", "zoomable")?;
    stage.wait_for("window 2", "can be zoomed")?;
    stage.order("backend", "zoom 2 150")?;
    stage.wait_for("backend", "window 2 shows 150 %")?;
    stage.order("backend", "theme dark")?;
    for (name, ..) in WINDOWS {
        stage.wait_for(name, "the theme is dark")?;
    }

    stage.heading("It asks all of them, and one dies before it has answered");
    stage.order("backend", "usage")?;
    stage.wait_for("backend", "connections: 3, handlers: 3, calls: 0")?;
    stage.wait_for("backend", "Preview works on beta")?;
    stage.order("backend", "quit?")?;
    for (name, ..) in WINDOWS {
        stage.wait_for(name, "asks its user")?;
    }
    stage.order("window 1", "yes")?;
    stage.kill("window 3")?;
    stage.wait_for("backend", "Preview, of beta, has gone: ")?;
    stage.order("window 2", "no")?;
    stage.wait_for("backend", "window 1 says yes")?;
    stage.wait_for("backend", "window 2 says no")?;
    stage.wait_for("backend", "window 3 fails: demo.window.may_quit got no answer")?;

    stage.heading("What belonged to it is gone");
    stage.order("backend", "usage")?;
    stage.wait_for("backend", "connections: 2, handlers: 2, calls: 0")?;
    stage.wait_for("backend", "Editor works on alpha, others: 1")?;
    stage.wait_for("backend", "Second editor works on alpha, others: 1")?;
    stage.end("window 1")?;
    stage.end("window 2")?;
    stage.wait_for("backend", "Second editor, of alpha, has gone: ")?;
    stage.order("backend", "usage")?;
    stage.wait_for("backend", "nothing is left of any window")?;
    stage.finish()
}
