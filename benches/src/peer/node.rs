//! Peers that are written for Node: both sides are programs of node/, with the same command line as
//! this one.

use std::{ffi::OsString, path::PathBuf, process::Command};

use crate::error::Result;

/// Node and its first argument.
pub fn program() -> Vec<OsString> {
    vec!["node".into(), directory().join("main.mjs").into()]
}

/// Brings the packages that the lock file names, unless they are there.
pub fn prepare() -> Result<()> {
    let directory = directory();
    if directory.join("node_modules").exists() {
        return Ok(());
    }
    eprintln!("npm ci in {}", directory.display());
    // Its output would stand in the report's place.
    let npm =
        Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(directory).output()?;
    if npm.status.success() {
        return Ok(());
    }
    Err(format!("npm ci: {}", String::from_utf8_lossy(&npm.stderr)).into())
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("node")
}
