//! The example does what it says, and ends by itself.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use example_stage::Performance;

#[test]
fn windows_and_backend_share_settings_which_outlive_them() {
    let run = Performance::run(env!("CARGO_BIN_EXE_settings")).unwrap();
    assert!(run.succeeded(), "{run:#?}");
    let missing = run.missing(&[
        ("window 2", "theme is \"dark\" since write 4"),
        ("window 1", "theme is \"sepia\" since write 5"),
        ("window 1", "has sepia, 12 pt, autosave off"),
        ("window 2", "was too late, it is 14 pt: `font.size` was to be written only"),
        ("window 2", "has set the font to 16 pt"),
        ("window 3", "begins with write 8: sepia, 16 pt, autosave off"),
        ("settings.json", "\"theme\": \"sepia\""),
        ("window 4", "sepia, 16 pt, autosave off"),
    ]);
    assert!(missing.is_empty(), "{missing:#?} isn't in\n{}", run.stdout);
}

#[test]
fn a_log_is_written_and_heard_from_both_sides() {
    let run = Performance::run(env!("CARGO_BIN_EXE_settings")).unwrap();
    assert!(run.succeeded(), "{run:#?}");
    let missing = run.missing(&[
        ("window 1", "has logged 25 bytes"),
        ("window 3", "log | window 1: saved notes.md"),
        ("window 2", "log | backend: the disk is nearly full"),
        ("app.log", "window 1: saved notes.md"),
        ("app.log", "backend: the disk is nearly full"),
    ]);
    assert!(missing.is_empty(), "{missing:#?} isn't in\n{}", run.stdout);
}
