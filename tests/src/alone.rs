//! Tests that need a process of their own.

#![allow(clippy::print_stdout, reason = "what such a test tells is told on")]

use std::{env, process::Command};

/// Set in such a process, to the test that it is for.
const ALONE: &str = "IPC_TESTS_ALONE";

/// Whether the test of this name has its process to itself. Unless it has, it is run in one of its
/// own before this returns: there is nothing left to do then.
///
/// For tests of what a process has only one of: its memory, its descriptors, who listens to its
/// log, how many of its threads have panicked.
///
/// # Panics
///
/// When the test fails there.
#[macro_export]
macro_rules! alone {
    ($test:ident) => {
        $crate::alone!($test, $crate::alone::this_binary())
    };
    ($test:ident, $binary:expr) => {
        $crate::alone::is_alone(concat!(module_path!(), "::", stringify!($test)), $binary)
    };
}

/// The binary that has this test.
pub fn this_binary() -> Command {
    Command::new(env::current_exe().unwrap())
}

/// The same, which may have no more open files than that.
#[cfg(unix)]
pub fn with_few_descriptors(count: u32) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -n {count}; exec \"$0\" \"$@\"")]);
    shell.arg(env::current_exe().unwrap());
    shell
}

/// See [`alone!`](crate::alone!).
pub fn is_alone(path: &str, mut binary: Command) -> bool {
    if env::var_os(ALONE).is_some_and(|test| test == path) {
        return true;
    }
    let (_, test) = path.split_once("::").expect("a crate and what is in it");
    let run = binary.args(["--exact", test, "--nocapture"]).env(ALONE, path).output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success() && said.contains("test result: ok. 1 passed"),
        "{path}, in a process of its own: {}\n{said}\n{}",
        run.status,
        String::from_utf8_lossy(&run.stderr),
    );
    print!("{said}");
    false
}
