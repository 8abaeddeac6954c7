//! What is said of methods, and of texts that a peer may send.

use crate::{compatibility::Compatibility, interface::Schema};

fn schema(version: &str, lines: &str) -> Schema {
    format!("channel a {version}\n{lines}").parse().unwrap()
}

/// What callers of 1.0.0 get from 1.1.0.
fn compared(old: &str, new: &str) -> Compatibility {
    Compatibility::of_caller(&schema("1.0.0", old), &schema("1.1.0", new))
}

fn breaks(old: &str, new: &str, told: &str) {
    let found = compared(old, new);
    assert!(found.breaks.iter().any(|line| line.contains(told)), "{old} | {new}: {found:#?}");
}

fn fits(old: &str, new: &str, told: &str) {
    let found = compared(old, new);
    assert!(found.breaks.is_empty(), "{old} | {new}: {found:#?}");
    assert!(found.fits.iter().any(|line| line.contains(told)), "{old} | {new}: {found:#?}");
}

#[test]
fn methods_come_and_go() {
    let (f, fg) = ("method request f()", "method request f()\nmethod request g()");
    fits(f, fg, "method `g`: is new");
    breaks(fg, f, "method `g`: was removed");
    breaks(f, "method request g()", "method `f`: was removed");
    fits(f, "method request g() alias \"f\"", "method `g`: is the new name of `f`");
    breaks(f, "method request f(a: u8)", "method `f`, argument `a`: is new, and needed");
    fits(f, "method request f(a: option<u8>)", "method `f`, argument `a`: is new");
    breaks("method request f(a: u8)", f, "argument `a`: was removed");
    breaks(
        "method request f(a: u8, b: u8)",
        "method request f(b: u8, a: u8)",
        "argument `a`: is `b` now",
    );
    fits(
        "method request f(a: { x: u8 })",
        "method request f(a: { x: u8 }, b: option<u8>)",
        "who gives one object as the only argument has to name it now",
    );
}

#[test]
fn kinds_and_results_change() {
    let (request, notification) = ("method request f()", "method notification f()");
    fits(request, notification, "was a request, is a notification");
    fits(notification, request, "was a notification, is a request");
    breaks("method request f() -> u8", notification, "was a request, is a notification");
    breaks(request, "method subscription f() each u8", "is a subscription");
    breaks(request, "method request f() -> u8", "result: was unit, is u8");
    breaks("method request f() -> u8", request, "result: was u8, is unit");
    fits("method request f() -> u8", "method request f() -> u8 ! text", "error");
    fits("method request f() -> u8 ! text", "method request f() -> u8", "error");
    fits("method request f()", "method request f() idempotent", "idempotent");
    breaks("method request f() idempotent", "method request f()", "no longer idempotent");
    let error = |variants| format!("method request f() ! E\ntype E = enum {{ {variants} }}");
    fits(&error("A"), &error("A, B"), "variant `B` (error of `f`): is new");
    breaks(&error("A: u8"), &error("A: u16"), "variant `A` (error of `f`): was u8, is u16");
}

#[test]
fn streams_and_progress_are_as_results_and_arguments() {
    let items = |item| format!("method subscription f() each {item}");
    fits(&items("u16"), &items("u8"), "each item: was u16, is u8");
    breaks(&items("u8"), &items("u16"), "each item: was u8, is u16");
    let upload = |item| format!("method request f(a: stream {item})");
    fits(&upload("u8"), &upload("u16"), "argument `a`: was u8, is u16");
    breaks(&upload("u16"), &upload("u8"), "argument `a`: was u16, is u8");
    breaks(&upload("u8"), "method request f(a: u8)", "is a stream on one side only");
    let progress = |of| format!("method request f() progress {of}");
    breaks(&progress("u8"), &progress("u16"), "progress: was u8, is u16");
    fits("method request f()", &progress("u8"), "progress");
    fits(&progress("u8"), "method request f()", "progress");
}

#[test]
fn who_is_newer_says_what_was_and_what_is() {
    let (old, new) = (schema("1.0.0", "method request f() -> u8"), "method request f() -> u16");
    let new = schema("1.1.0", &format!("{new}\nmethod request g()"));
    let found = Compatibility::of_caller(&new, &old);
    assert_eq!(found.breaks, ["method `g`: is new, and isn't served"]);
    assert_eq!(found.fits, ["method `f`, result: was u8, is u16"]);
    assert!(Compatibility::of_method(&new, &old, "f").is_compatible());
    assert!(!Compatibility::of_method(&new, &old, "g").is_compatible());
}

#[test]
fn a_field_of_an_argument_may_go_once_nobody_heeds_it() {
    let query = |fields| format!("method request f(a: Q)\ntype Q = {{ {fields} }}");
    let without = query("x: u8");
    breaks(&query("x: u8, y: u8 default"), &without, "field `y` (argument `a` of `f`)");
    fits(&query("x: u8, y: u8 default ignored"), &without, "field `y`");
}

#[test]
fn what_a_peer_writes_forges_no_lines() {
    let name = "\n  help: \u{1b}[2J";
    let found = compared(
        "method request f()",
        &format!("method request {}()", serde_json::to_string(name).unwrap()),
    );
    let lines = found.breaks.iter().chain(&found.fits);
    assert!(lines.clone().all(|line| !line.contains(char::is_control)), "{found:#?}");
    assert_eq!(lines.count(), 2, "{found:#?}");
    let long = "x".repeat(60_000);
    let found = compared("method request f()", &format!("method request {long}()"));
    assert!(found.fits.iter().all(|line| line.len() < 1_000), "{found:#?}");
}

#[test]
fn circles_and_chains_of_a_peer_end() {
    let own = |lines: &str| schema("1.0.0", lines);
    let circle = "method request f(a: A) -> B\ntype A = seq<B>\ntype B = option<A>\n";
    let other = "method request f(a: A) -> B\ntype A = option<B>\ntype B = seq<A>\n";
    for (one, two) in [(circle, circle), (circle, other), (other, circle)] {
        let _ = Compatibility::of_caller(&own(one), &own(two));
    }
    assert_eq!(Compatibility::of_caller(&own(circle), &own(circle)), Compatibility::default());

    let nothing = "method request f(a: A)\ntype A = A\n";
    let _ = Compatibility::of_caller(&own(nothing), &own(circle));

    let mut chain = String::from("method request f(a: T0) -> T0\n");
    for at in 0..4_000 {
        chain += &format!("type T{at} = {{ a: T{0}, b: seq<T{0}> }}\n", at + 1);
    }
    let (short, long) =
        (own(&format!("{chain}type T4000 = u8\n")), own(&format!("{chain}type T4000 = u16\n")));
    let found = Compatibility::of_caller(&short, &long);
    assert_eq!(found.breaks.len(), 2, "{found:#?}");
}
