//! The example does what it says, and ends by itself.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use example_stage::Performance;

#[test]
fn every_window_hears_of_the_level() {
    let run = Performance::run(env!("CARGO_BIN_EXE_logger")).unwrap();
    assert!(run.succeeded(), "{run:#?}");
    let missing = run.missing(&[
        ("backend", "window 2 sets the level to debug"),
        ("window 1", "the level is debug"),
        ("window 2", "the level is debug"),
        ("backend", "debug window 1: cursor at 3:15"),
        ("backend", "window 1 has gone, loggers left: 2"),
        ("window 2", "the level is warn"),
        ("window 3", "the level is warn"),
    ]);
    assert!(missing.is_empty(), "{missing:#?} isn't in\n{}", run.stdout);
}

#[test]
fn a_late_window_sees_the_last_lines() {
    let run = Performance::run(env!("CARGO_BIN_EXE_logger")).unwrap();
    assert!(run.succeeded(), "{run:#?}");
    let missing = run.missing(&[
        ("window 3", "the level is debug"),
        ("window 3", "| info  window 1: opened main.rs"),
        ("window 3", "| warn  window 2: main.rs has changed on disk"),
    ]);
    assert!(missing.is_empty(), "{missing:#?} isn't in\n{}", run.stdout);
    assert!(!run.stdout.contains("backend      debug window 1: cursor at 3:14"), "{}", run.stdout);
}
