//! What the text of a peer may cost, in time and in memory.

use std::{fmt::Write as _, sync::mpsc, thread, time::Duration};

use crate::interface::Schema;

/// Far more than is needed, on a busy machine and without optimizations; far less than what isn't
/// linear takes.
const LIMIT: Duration = Duration::from_secs(60);

/// Returns what the function returns, which must be soon.
fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    thread::spawn(move || done.send(work()));
    result.recv_timeout(LIMIT).unwrap_or_else(|error| panic!("not done in {LIMIT:?}: {error}"))
}

fn parsed(text: &str) -> Schema {
    assert!(text.len() <= Schema::MAX_TEXT, "{} bytes", text.len());
    text.parse().unwrap_or_else(|error| panic!("{error} in {text:.200}"))
}

/// Fields without end, in the middle of a text.
fn many_fields(until: usize, of: &str) -> String {
    let mut text = String::new();
    for at in 0.. {
        if text.len() > until {
            break;
        }
        write!(text, "{}f{at:x}:{of}", if at > 0 { "," } else { "" }).unwrap();
    }
    text
}

#[test]
fn chains_of_types_are_walked_once() {
    let chain = |last: &str| {
        let mut text = String::from("channel a 1\nmethod request m() -> Z\n");
        for at in 0..7_000 {
            writeln!(text, "type A{at}=A{}", at + 1).unwrap();
        }
        write!(text, "type A7000={last}\ntype Z = {{").unwrap();
        while text.len() < Schema::MAX_TEXT - 8 {
            text.push_str("a:A0,");
        }
        text.push_str("a:A0}");
        parsed(&text)
    };
    in_time(move || {
        let (ours, theirs) = (chain("option<u8>"), chain("option<u8>"));
        assert_eq!(ours.compare(&theirs), []);
        let ours = parsed("channel a 1\nmethod request m() -> Z\ntype Z = { a: u8 }");
        assert!(!ours.compare(&chain("u8")).is_empty());
        let circle = chain("A0");
        assert!(ours.compare(&circle)[0].theirs.contains("unknown"));
    });
}

#[test]
fn what_is_told_of_long_names_is_short() {
    let name = "N".repeat(64 * 1024);
    let theirs = format!(
        "channel a 1\nmethod request m() -> {name}\ntype {name} = {{ {} }}",
        many_fields(100 * 1024, "u8"),
    );
    let ours = "channel a 1\nmethod request m() -> A\ntype A = { a: u8 }";
    in_time(move || {
        let (ours, theirs) = (parsed(ours), parsed(&theirs));
        for told in [ours.compare(&theirs), theirs.compare(&ours)] {
            assert!((100..=1_001).contains(&told.len()), "{} differences", told.len());
            for one in &told {
                let length = one.place.len() + one.ours.len() + one.theirs.len();
                assert!(length < 4_096, "{length} bytes");
            }
            let of_types = told.iter().filter_map(|one| one.of_type.as_ref());
            let length: usize = of_types.map(|(our, their)| our.len() + their.len()).sum();
            assert!(length < Schema::MAX_TEXT, "{length} bytes of types' names");
            let rest = told.last().unwrap().to_string();
            assert!(rest.contains("more than 1000 differences"), "{rest:.200}");
        }
    });
}

#[test]
fn parts_of_any_length_are_told_shortly() {
    let long = "x".repeat(20 * 1024);
    let part = |end: &str| {
        format!(
            "channel a 1\nmethod request m({long}{end}: literal \"{long}{end}\") -> A\n\
             method request {long}{end}()\nshiny {long}{end}\n\
             type A enum tag \"{long}{end}\"\n\
             type A.X: {long}{end}<u8>\n\
             type A.Y read \"{long}{end}\" alias \"{long}{end}{end}\"\n\
             type A.Z: foreign {long}{end} with \"{long}{end}\"",
        )
    };
    let (ours, theirs) = (parsed(&part("")), parsed(&part("y")));
    let told = ours.compare(&theirs);
    assert!(told.len() > 6, "{}", told.len());
    for one in told {
        let length = one.place.len() + one.ours.len() + one.theirs.len();
        assert!(length < 4_096, "{length} bytes of {:.100}", one.place);
    }
}

#[test]
fn names_of_a_peer_forge_no_lines() {
    let bad = r#""E\n  method `x` \u001b[2J\u009b1m\u202e""#;
    let theirs = format!(
        "channel a 1\nmethod request m({bad}: u8) -> {bad}\nmethod request {bad}() -> {bad}\n\
         type {bad} = {{ {bad}: {bad}, a: literal {bad}, b: foreign {bad}<u8>, c: fancy {bad}, \
         d: enum tag {bad} {{ {bad}: {bad} }}, e: u8 read {bad} }}\nshiny {bad}",
    );
    let ours = "channel a 1\nmethod request m() -> A\n\
         type A = { a: u8, b: u8, c: u8, d: enum { X }, e: u8 }";
    let (ours, theirs) = (parsed(ours), parsed(&theirs));
    for told in [ours.compare(&theirs), theirs.compare(&ours)] {
        assert!(told.len() > 8, "{told:?}");
        for one in &told {
            let text = one.to_string();
            let forged = |c: char| c.is_control() || c == '\u{202e}';
            assert!(!text.contains(forged), "{text:?}");
        }
        let named = |one: &&_| ToString::to_string(*one).starts_with("type ");
        let text = told.iter().find(named).unwrap().to_string();
        assert!(text.contains(r#""E\n  method `x` \u{1b}["#), "{text}");
    }
}

#[test]
fn pairs_of_types_without_end_are_compared_in_time() {
    let circle = |types: usize| {
        let mut text = String::from("channel a 1\nmethod request m() -> A0\n");
        for at in 0..types {
            writeln!(text, "type A{at}={{a:A{}}}", (at + 1) % types).unwrap();
        }
        parsed(&text)
    };
    in_time(move || {
        // Two circles whose lengths have no common divisor: each type meets each.
        let (ours, theirs) = (circle(97), circle(8_999));
        let told = ours.compare(&theirs);
        assert!(told.len() <= 1, "{told:?}");
    });
}

#[test]
fn unknown_words_with_many_strings_are_parsed_in_time() {
    let strings = r#""""#.repeat(130_000);
    in_time(move || {
        let schema = parsed(&format!("channel a 1\ntype A enum x{strings}"));
        // As they are written: putting them together one by one would take their square.
        assert!(schema.unknown() == [format!("x{strings}")], "{:.40}", schema.unknown()[0]);
    });
}

#[test]
fn types_are_found_by_their_names_in_time() {
    let mut text = String::from("channel a 1\n");
    for at in 0..9_000 {
        writeln!(text, "type {}{at} = u8", "A".repeat(8)).unwrap();
    }
    in_time(move || {
        let schema = parsed(&text);
        for _ in 0..100 {
            for one in schema.types() {
                assert!(schema.get(&one.name).is_some_and(|found| std::ptr::eq(found, one)));
            }
        }
        assert!(schema.get("A").is_none());
    });
}
