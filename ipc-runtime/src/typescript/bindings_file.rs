//! Bindings against the file that holds them.

use std::{
    env, fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use crate::{
    support::error_report::debug_as_text,
    typescript::difference::{difference, is_same},
};

/// How bindings are renewed where a test checks them.
pub(super) const COMMAND: &str = "IPC_BINDINGS=write cargo test bindings";

/// What says whether a check writes the file.
const VARIABLE: &str = "IPC_BINDINGS";

debug_as_text! { BindingsError }

/// Why a file doesn't hold the bindings.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BindingsError {
    /// The file holds others.
    #[error(
        "{} isn't what the Rust interfaces say, {difference}\nRenew it: {COMMAND}",
        path.display()
    )]
    #[non_exhaustive]
    Stale {
        /// The file.
        path: PathBuf,
        /// Where it first differs: for people.
        difference: String,
    },
    /// There is no such file.
    #[error("there is no {}. Make it: {COMMAND}", path.display())]
    #[non_exhaustive]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file can't be read.
    #[error("{} can't be read: {source}", path.display())]
    #[non_exhaustive]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file can't be written.
    #[error("{} can't be written: {source}", path.display())]
    #[non_exhaustive]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The environment variable `IPC_BINDINGS` has a value that means nothing.
    #[error("IPC_BINDINGS is `{value}`: it may be `write` or `check`")]
    #[non_exhaustive]
    Setting {
        /// The value.
        value: String,
    },
}

/// Writes the text if the file doesn't hold it. Returns whether it was written.
pub(super) fn write(path: &Path, text: &str) -> Result<bool, BindingsError> {
    // What can't be read may still be written.
    if read(path).is_ok_and(|own| own.is_some_and(|own| is_same(&own, text))) {
        return Ok(false);
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let written = parent.map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    match written {
        Ok(()) => Ok(true),
        Err(source) => Err(BindingsError::Write { path: path.to_owned(), source }),
    }
}

/// Compares the file with the text, or writes it if the environment says so.
pub(super) fn check(path: &Path, text: &str) -> Result<(), BindingsError> {
    let setting = env::var_os(VARIABLE).unwrap_or_default();
    check_as(&setting.to_string_lossy(), path, text)
}

/// As [`check`], with this value of the environment variable.
pub(super) fn check_as(setting: &str, path: &Path, text: &str) -> Result<(), BindingsError> {
    match setting {
        "write" => return write(path, text).map(drop),
        "" | "check" => {}
        value => return Err(BindingsError::Setting { value: value.to_owned() }),
    }
    let path = path.to_owned();
    match read(&path) {
        Ok(Some(own)) if is_same(&own, text) => Ok(()),
        Ok(Some(own)) => Err(BindingsError::Stale { path, difference: difference(&own, text) }),
        Ok(None) => Err(BindingsError::Missing { path }),
        Err(source) => Err(BindingsError::Read { path, source }),
    }
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
