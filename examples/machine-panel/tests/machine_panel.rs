//! The example does what it says, and ends by itself.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use example_stage::Performance;

#[test]
fn panels_see_what_is_theirs_and_an_old_one_is_refused() {
    let run = Performance::run(env!("CARGO_BIN_EXE_machine-panel")).unwrap();
    assert!(run.succeeded(), "{run:#?}");
    let missing = run.missing(&[
        ("old panel", "demo.machine: this side was built with version 2.4.0"),
        ("old panel", "type Sample, field temperature: was missing, is f64"),
        ("joint 4", "●"),
        ("temperature", "█"),
        ("slow panel", "Lagged: "),
        ("recorder", "none missing"),
        ("recorder", "homing 100 %"),
        ("machine", "nothing is produced for recorder any more"),
        ("machine", "panels that are told: 3"),
        ("recorder", "MACHINE STOPPED: somebody has opened the door"),
        ("slow panel", "MACHINE STOPPED: somebody has opened the door"),
        ("picture", "MACHINE STOPPED: somebody has opened the door"),
        ("recorder", "the arm isn't home: stopped: somebody has opened the door"),
    ]);
    assert!(missing.is_empty(), "{missing:#?} isn't in\n{}", run.stdout);
    assert!(!run.stdout.contains('\x1b'), "pictures over pictures are for terminals");
}
