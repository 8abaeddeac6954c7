//! What happens, and what has to come of it.

use std::{
    env,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    process,
};

use example_stage::Stage;

pub(crate) fn tell() -> Result<(), Box<dyn Error>> {
    // The names are this run's own, so that two of them don't meet.
    let scratch = Scratch::new(format!("settings-{}", process::id()))?;
    let directory =
        scratch.0.to_str().ok_or("the directory for temporary files has no plain name")?;
    let endpoint = format!("local:settings-{}", process::id());
    let backend = ["backend", endpoint.as_str(), directory];
    let window = ["window", endpoint.as_str()];
    let mut stage = Stage::new("Settings that all windows share, and a log");

    stage.heading("Windows begin with what is set");
    stage.start("backend", &backend)?;
    stage.wait_for("backend", "listening on")?;
    for name in ["window 1", "window 2"] {
        stage.start(name, &window)?;
        stage.wait_for(name, "begins with write 3: light, 12 pt, autosave on")?;
        stage.wait_for(name, "paints itself light")?;
    }

    stage.heading("A window sets a theme, then the backend does: all see it");
    stage.order("window 1", "theme dark")?;
    stage.wait_for("window 1", "has set the theme, and has dark")?;
    stage.wait_for("backend", "theme was written to settings.json")?;
    for name in ["window 1", "window 2"] {
        stage.wait_for(name, "theme is \"dark\" since write 4")?;
        stage.wait_for(name, "paints itself dark")?;
    }
    stage.order("backend", "theme sepia")?;
    for name in ["window 1", "window 2"] {
        stage.wait_for(name, "theme is \"sepia\" since write 5")?;
        stage.wait_for(name, "paints itself sepia")?;
    }

    stage.heading("false is a value");
    stage.order("window 2", "autosave off")?;
    stage.wait_for("window 2", "has set autosave")?;
    stage.wait_for("backend", "files.autosave was written to settings.json")?;
    stage.wait_for("window 1", "files.autosave is false since write 6")?;
    stage.order("window 1", "read")?;
    stage.wait_for("window 1", "has sepia, 12 pt, autosave off")?;

    stage.heading("Two users change the same thing: the second one is told");
    for name in ["window 1", "window 2"] {
        stage.order(name, "look")?;
        stage.wait_for(name, "sees 12 pt")?;
    }
    stage.order("window 1", "font 14")?;
    stage.wait_for("window 1", "has set the font to 14 pt")?;
    stage.wait_for("backend", "font.size was written to settings.json")?;
    stage.order("window 2", "font 18")?;
    stage.wait_for("window 2", "was too late, it is 14 pt")?;
    stage.order("window 2", "look")?;
    stage.wait_for("window 2", "sees 14 pt")?;
    stage.order("window 2", "font 16")?;
    stage.wait_for("window 2", "has set the font to 16 pt")?;
    stage.wait_for("backend", "font.size was written to settings.json")?;

    stage.heading("A window that comes late has all of it at once");
    stage.start("window 3", &window)?;
    stage.wait_for("window 3", "begins with write 8: sepia, 16 pt, autosave off")?;
    stage.wait_for("window 3", "paints itself sepia")?;

    stage.heading("A log file, by functions and events that have no trait");
    stage.order("window 1", "log saved notes.md")?;
    stage.wait_for("window 1", "has logged 25 bytes")?;
    for name in ["window 1", "window 2", "window 3"] {
        stage.wait_for(name, "log | window 1: saved notes.md")?;
    }
    stage.order("backend", "log the disk is nearly full")?;
    for name in ["window 1", "window 2", "window 3"] {
        stage.wait_for(name, "log | backend: the disk is nearly full")?;
    }

    stage.heading("Everything ends, and a new backend begins where the old one was");
    for name in ["window 1", "window 2", "window 3", "backend"] {
        stage.end(name)?;
    }
    show(&stage, &scratch.0.join("settings.json"), "\"files.autosave\": false")?;
    show(&stage, &scratch.0.join("app.log"), "backend: the disk is nearly full")?;
    stage.start("backend 2", &backend)?;
    stage.wait_for("backend 2", "listening on")?;
    stage.start("window 4", &window)?;
    stage.wait_for("window 4", "sepia, 16 pt, autosave off")?;
    stage.finish()
}

/// Shows a file, in which there is this line.
fn show(stage: &Stage, path: &Path, line: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if !text.lines().any(|found| found.trim().trim_end_matches(',') == line) {
        return Err(format!("{name} has no `{line}`:\n{text}").into());
    }
    text.lines().for_each(|line| stage.screen().line(format_args!("  {name:15}{line}")));
    Ok(())
}

/// A directory of this run's own.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: String) -> io::Result<Self> {
        let path = env::temp_dir().join(name);
        // Refused if it is there: it would be somebody else's.
        fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
