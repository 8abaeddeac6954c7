//! One log file for all processes of an app.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

use ipc_runtime::event::{Emitter, Event};

pub(crate) struct LogFile {
    file: Mutex<File>,
    appended: Emitter<String>,
}

impl LogFile {
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(directory.join("app.log"))?;
        Ok(Self { file: Mutex::new(file), appended: Emitter::new() })
    }

    /// Appends a line. Gives how many bytes that were.
    pub(crate) fn append(&self, from: &str, text: &str) -> io::Result<usize> {
        let line = format!("{from}: {text}");
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(file, "{line}")?;
        let bytes = line.len() + 1;
        // Under the lock, so that listeners get the lines in the order of the file.
        self.appended.fire(line);
        Ok(bytes)
    }

    /// Fires each line that was appended.
    pub(crate) fn appended(&self) -> Event<String> {
        self.appended.event()
    }
}
