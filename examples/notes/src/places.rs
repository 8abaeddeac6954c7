//! Where the app keeps what is its own, as each system has it.

use std::{env, io, path::PathBuf};

const APP: &str = "ipc-notes";

/// The app's directory: `~/.local/share/ipc-notes` (or in `XDG_DATA_HOME`),
/// `~/Library/Application Support/ipc-notes` or `%LOCALAPPDATA%\ipc-notes`.
pub(crate) fn data_dir() -> io::Result<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        absolute("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")))
    };
    base.map(|base| base.join(APP)).ok_or_else(|| {
        io::Error::other(
            "nothing says where your files are: give a folder for the notes, and set HOME",
        )
    })
}
