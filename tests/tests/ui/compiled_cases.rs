//! What a user reads who made a mistake, and what may be written without one.
//!
//! - `ui/fail`: mistakes that the macros see. The words are ours, whatever the compiler.
//! - `ui/rustc`: mistakes that the compiler sees. The words are partly its own, and change from one
//!   version to the next: these cases run on the version that they were recorded with.
//! - `ui/pass`: what has to compile, and to run.
//!
//! `TRYBUILD=overwrite cargo test -p ipc-tests --test ui` records what the cases say now. Each
//! difference is to be read as a user would: one error for each mistake, under the tokens that
//! caused it, with a help line that says what to write.

use std::{
    env,
    io::{self, Write},
    process::Command,
};

/// The compiler that `ui/rustc` was recorded with.
const RECORDED: &str = "1.95";

#[test]
fn every_mistake_is_explained_where_it_was_made() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/fail/*.rs");
    if recorded_compiler() {
        cases.compile_fail("ui/rustc/*.rs");
    }
}

#[test]
fn every_valid_form_compiles_and_runs() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}

/// Whether this is the compiler of `ui/rustc`. On another one it tells what is left out, and fails
/// in CI: there, nothing may be left out.
fn recorded_compiler() -> bool {
    let version = version();
    if version.strip_prefix(RECORDED).is_some_and(|rest| rest.starts_with('.')) {
        return true;
    }
    let told = format!(
        "ui/rustc is left out: it was recorded with rustc {RECORDED}, and this is {version}"
    );
    assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "{told}");
    // Past `eprintln!`, which the test harness keeps to itself when a test passes.
    writeln!(io::stderr(), "{told}").expect("stderr takes a line");
    false
}

/// `1.95.0`: the version of the compiler that cargo uses here.
fn version() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("rustc writes UTF-8");
    text.split_whitespace().nth(1).expect("`rustc 1.95.0 (…)`").to_owned()
}
