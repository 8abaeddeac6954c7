//! The example does what it says, and ends by itself.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use example_stage::Performance;

#[test]
fn the_backend_calls_one_window_a_group_and_all() {
    let run = Performance::run(env!("CARGO_BIN_EXE_windows")).unwrap();
    assert!(run.succeeded(), "{run:#?}");
    let missing = run.missing(&[
        ("window 1", "has main.rs, lib.rs"),
        ("window 2", "has notes.md"),
        ("window 1", "brings lib.rs to the front"),
        ("backend", "window 2 fails: it doesn't show `lib.rs`"),
        ("backend", "window 1 has saved, files: 2"),
        ("backend", "window 2 has saved, files: 1"),
        ("window 1", "is one of 3 windows"),
        ("backend", "window 2 shows 150 %"),
        ("window 3", "the theme is dark"),
    ]);
    assert!(missing.is_empty(), "{missing:#?} isn't in\n{}", run.stdout);
}

#[test]
fn a_window_that_is_killed_is_an_error_among_the_outcomes() {
    let run = Performance::run(env!("CARGO_BIN_EXE_windows")).unwrap();
    assert!(run.succeeded(), "{run:#?}");
    let missing = run.missing(&[
        ("backend", "Preview, of beta, has gone: "),
        ("backend", "window 1 says yes"),
        ("backend", "window 2 says no"),
        ("backend", "window 3 fails: demo.window.may_quit got no answer"),
        ("backend", "connections: 2, handlers: 2, calls: 0"),
        ("backend", "nothing is left of any window"),
    ]);
    assert!(missing.is_empty(), "{missing:#?} isn't in\n{}", run.stdout);
}
