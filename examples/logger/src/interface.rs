//! Both directions: what a window may ask of the logger, and what the logger calls in a window.

use std::{fmt, str::FromStr};

use ipc_runtime::{Stream, ipc_interface, ipc_type};

/// How much something matters.
#[ipc_type]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Of use when you look for a bug.
    Debug,
    /// What is going on.
    Info,
    /// What somebody should look at.
    Warn,
}

/// A line of the log.
#[ipc_type]
#[derive(Debug, Clone)]
pub struct Line {
    /// Who wrote it.
    pub window: String,
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub text: String,
}

/// The log of all windows.
#[ipc_interface(channel = "demo.logger", version = "1.0.0")]
pub trait Logger {
    /// Writes a line, if its level isn't below the log's. Nobody waits for a log.
    #[ipc(notification)]
    fn log(&self, level: Level, text: String);

    /// The current level.
    fn level(&self) -> Level;

    /// Sets the level, for all windows.
    fn set_level(&self, level: Level);

    /// The lines that are written from now on, and a few of those before.
    #[ipc(subscription)]
    fn lines(&self) -> impl Stream<Item = Line>;
}

/// A window, as the logger has it.
#[ipc_interface(channel = "demo.log-view", version = "1.0.0")]
pub trait LogView {
    /// Somebody has set the level; also called once at the beginning.
    async fn level_changed(&self, level: Level);
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
        })
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let all = [Self::Debug, Self::Info, Self::Warn];
        let found = all.into_iter().find(|level| level.to_string() == name);
        found.ok_or_else(|| format!("`{name}` is no level: debug, info or warn"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:5} {}: {}", self.level, self.window, self.text)
    }
}
