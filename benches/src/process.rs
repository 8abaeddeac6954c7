//! This process.

use std::path::{Path, PathBuf};

/// This program.
pub fn this() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| Path::new("ipc-bench").into())
}
