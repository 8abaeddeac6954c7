//! The log, and its handler for each window.

use std::sync::{Arc, Mutex, PoisonError};

use example_stage::say;
use ipc_runtime::{Peer, Stream, event::Emitter};
use tokio::task::JoinSet;

use crate::interface::{Level, Line, LogViewClient, Logger};

/// How many earlier lines a window gets when it starts to watch the log.
const HISTORY: usize = 3;

/// The one log of all windows.
pub(crate) struct Log {
    level: Mutex<Level>,
    /// Replays the newest level, so that a new window gets it in the same way as later ones.
    level_set: Emitter<Level>,
    written: Emitter<Line>,
}

impl Log {
    pub(crate) fn new(level: Level) -> Self {
        let level_set = Emitter::builder().replay(1).build();
        level_set.fire(level);
        let written = Emitter::builder().replay(HISTORY).build();
        Self { level: Mutex::new(level), level_set, written }
    }

    fn level(&self) -> Level {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_level(&self, level: Level) {
        let mut current = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        *current = level;
        // Under the lock, so that windows get levels in the order in which they were set.
        self.level_set.fire(level);
    }

    fn write(&self, line: Line) {
        if line.level >= self.level() {
            say(&line);
            self.written.fire(line);
        }
    }
}

/// The logger of one window: made for its connection, and dropped with it.
pub(crate) struct WindowLogger {
    log: Arc<Log>,
    window: String,
    /// Sends levels to the window, and is aborted when this is dropped.
    _telling: JoinSet<()>,
}

impl WindowLogger {
    pub(crate) fn new(log: Arc<Log>, peer: &Peer) -> Self {
        let view: LogViewClient = peer.client();
        let mut levels = log.level_set.event().listen();
        let mut telling = JoinSet::new();
        telling.spawn(async move {
            while let Some(level) = levels.next().await {
                if let Err(error) = view.level_changed(level).await {
                    // One failure is the end: as a rule, the window has disconnected.
                    return say(format_args!("a window doesn't hear of levels: {error}"));
                }
            }
        });
        Self { log, window: name_of(peer), _telling: telling }
    }
}

/// What a window calls itself. A client that doesn't say goes by its connection's number.
pub(crate) fn name_of(peer: &Peer) -> String {
    peer.name().map_or_else(|| format!("client {}", peer.id()), |name| name.to_string())
}

impl Logger for WindowLogger {
    fn log(&self, level: Level, text: String) {
        self.log.write(Line { window: self.window.clone(), level, text });
    }

    fn level(&self) -> Level {
        self.log.level()
    }

    fn set_level(&self, level: Level) {
        say(format_args!("{} sets the level to {level}", self.window));
        self.log.set_level(level);
    }

    fn lines(&self) -> impl Stream<Item = Line> {
        self.log.written.event().listen()
    }
}
