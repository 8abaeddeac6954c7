//! Peers that are written for Node: both sides are programs of node/, with the same command line as
//! this one.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use crate::error::Result;

/// Node and its first argument.
pub fn program() -> Vec<OsString> {
    vec!["node".into(), directory().join("main.mjs").into()]
}

/// Brings the packages that the lock file names, and builds our own, unless they are there.
pub fn prepare() -> Result<()> {
    let ours = directory().join("../../web");
    if !ours.join("dist").exists() {
        npm(&["ci"], &ours)?;
        npm(&["run", "build"], &ours)?;
    }
    if !directory().join("node_modules/ipc-runtime").exists() {
        npm(&["ci", "--ignore-scripts"], &directory())?;
    }
    Ok(())
}

fn npm(arguments: &[&str], directory: &Path) -> Result<()> {
    let what = format!("npm {}", arguments.join(" "));
    eprintln!("{what} in {}", directory.display());
    // Its output would stand in the report's place.
    let npm = Command::new("npm").args(arguments).current_dir(directory).output()?;
    if npm.status.success() {
        return Ok(());
    }
    Err(format!("{what}: {}", String::from_utf8_lossy(&npm.stderr)).into())
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("node")
}
