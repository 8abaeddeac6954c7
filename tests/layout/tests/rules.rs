//! Small trees that keep the rules, and such that break one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ipc_layout::{
    check::check,
    layout::{Gateway, Layout, Pair, Room, SharedName},
    source::Sources,
    violation::{Rule, Violation},
};

const ROOMS: &[Room] = &[
    Room { name: "roof", paths: &["lib"] },
    Room { name: "peer", paths: &["peer"] },
    Room { name: "transport", paths: &["transport"] },
    Room { name: "ground", paths: &["limits", "error"] },
];

const LAYOUT: Layout = Layout {
    source: "made-up/src",
    rooms: ROOMS,
    pairs: &[],
    shared_names: &[],
    gateways: &[Gateway {
        file: "limits.rs",
        paths: &["tokio::time", "tokio::task"],
        but: &["tokio::task::coop"],
    }],
};

const GOOD: [(&str, &str); 7] = [
    (
        "lib.rs",
        "//! Rooms.
        mod error;
        mod limits;
        mod peer;
        mod transport;
        pub use crate::{error::Error, peer::call::Call};",
    ),
    ("error.rs", "pub struct Error;"),
    ("limits.rs", "use crate::error::Error; pub struct Limits(Option<Error>);"),
    ("peer.rs", "//! Calls. \n pub(crate) mod call; mod driver;"),
    (
        "peer/call.rs",
        "use std::fmt;
        use crate::{limits::{self, Limits}, transport::frame::Frame};
        pub struct Call { pub(super) frame: Frame, limits: Limits }
        impl fmt::Debug for Call {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { limits::Limits::fmt(f) }
        }",
    ),
    ("peer/driver.rs", "use super::call::Call; fn run(call: Call) { let _ = call.frame; }"),
    ("transport.rs", "pub(crate) mod frame { pub(crate) struct Frame; }"),
];

/// What is against the layout in the good tree, with these files in place of its own.
fn found_with(layout: &Layout, files: &[(&'static str, &'static str)]) -> Vec<Violation> {
    let sources: Sources = GOOD.into_iter().chain(files.iter().copied()).collect();
    check(&sources, layout).unwrap().violations
}

/// The only thing that is against the layout.
fn only(files: &[(&'static str, &'static str)]) -> Violation {
    let mut found = found_with(&LAYOUT, files);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[test]
fn a_tree_that_keeps_the_rules_passes() {
    assert_eq!(found_with(&LAYOUT, &[]), []);
}

#[test]
fn a_circle_is_told_with_every_step() {
    let found = only(&[(
        "error.rs",
        "\n pub struct Error(Option<std::sync::Arc<crate::limits::Limits>>);",
    )]);
    assert_eq!((found.rule, found.file.as_str(), found.line), (Rule::Circle, "error.rs", 2));
    assert_eq!(
        found.text,
        "a circle of 2: error.rs:2 knows limits.rs (`crate::limits::Limits`), limits.rs:1 knows \
         error.rs (`crate::error::Error`); move what they share into a file below them"
    );
}

#[test]
fn a_pair_may_know_each_other_and_makes_no_circle_with_a_third() {
    let pairs = &[Pair { files: ["error.rs", "limits.rs"], reason: "a test" }];
    let layout = Layout { pairs, ..LAYOUT };
    let error = ("error.rs", "pub struct Error(Option<crate::limits::Limits>);");
    assert_eq!(found_with(&layout, &[error]), []);

    let limits = ("limits.rs", "use crate::error::Error; pub struct Limits(crate::third::Third);");
    let third = ("third.rs", "use crate::error::Error; pub(crate) struct Third;");
    let root = ("lib.rs", "mod error; mod third; mod limits; mod peer; mod transport;");
    let layout = Layout { rooms: &[], ..layout };
    let found = found_with(&layout, &[error, limits, third, root]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].rule, Rule::Circle);
    assert!(found[0].text.contains("third.rs:1 knows error.rs"), "{}", found[0].text);
    assert!(found[0].text.contains("limits.rs:1 knows third.rs"), "{}", found[0].text);
}

#[test]
fn an_import_from_a_room_above_is_told() {
    let found = only(&[
        (
            "transport.rs",
            "pub(crate) mod frame {
            pub(crate) struct Frame;
            fn of(id: crate::peer::id::Id) {}
        }",
        ),
        ("peer.rs", "pub(crate) mod call; mod driver; pub(crate) mod id;"),
        ("peer/id.rs", "pub(crate) struct Id;"),
    ]);
    assert_eq!((found.rule, found.file.as_str(), found.line), (Rule::Upwards, "transport.rs", 3));
    assert_eq!(
        found.text,
        "may not know peer/id.rs (`crate::peer::id::Id`): room `transport` is below `peer`, and a \
         room knows itself and those below it; move what both need below them, or hand it in from \
         above"
    );
}

#[test]
fn an_import_through_the_roof_is_told() {
    let found = only(&[("limits.rs", "use crate::Error; pub struct Limits(Error);")]);
    assert_eq!((found.rule, found.file.as_str(), found.line), (Rule::Source, "limits.rs", 1));
    assert_eq!(
        found.text,
        "imports through lib.rs, which only hands it on; `crate::Error` is defined in error.rs: \
         import it from there"
    );
}

#[test]
fn an_import_through_a_rooms_front_is_told_in_every_form() {
    let front = ("peer.rs", "pub(crate) mod call; mod driver; pub(crate) use call::Call;");
    for driver in [
        "use super::Call; fn run(call: Call) {}",
        "use crate::peer::{Call as Other}; fn run(call: Other) {}",
        "use crate::peer; fn run(call: peer::Call) {}",
        "fn run(call: crate::peer::Call) {}",
        "fn run() { use crate::peer::Call; }",
        "use super as room; fn run() { room::Call::begin(); }",
    ] {
        let found = only(&[front, ("peer/driver.rs", driver)]);
        assert_eq!((found.rule, found.file.as_str()), (Rule::Source, "peer/driver.rs"), "{driver}");
        assert!(found.text.contains("defined in peer/call.rs"), "{}", found.text);
    }
}

#[test]
fn a_front_may_choose_between_two_files() {
    let transport = (
        "transport.rs",
        "pub(crate) mod frame { pub(crate) struct Frame; }
        pub(crate) mod unix;
        pub(crate) mod windows;
        #[cfg(unix)] pub(crate) use unix::connect;
        #[cfg(windows)] pub(crate) use windows::connect;",
    );
    let driver = ("peer/driver.rs", "use crate::transport::connect; fn run() { connect(); }");
    let unix = ("transport/unix.rs", "pub(crate) fn connect() {}");
    let windows = ("transport/windows.rs", "pub(crate) fn connect() {}");
    assert_eq!(found_with(&LAYOUT, &[transport, driver, unix, windows]), []);
}

#[test]
fn what_another_crate_defines_is_taken_from_that_crate() {
    let root = ("lib.rs", "mod error; mod limits; mod peer; mod transport; pub use other::Stream;");
    let found = only(&[root, ("error.rs", "pub struct Error(crate::Stream);")]);
    assert_eq!(found.rule, Rule::Source);
    assert!(found.text.contains("`crate::Stream` is another crate's"), "{}", found.text);
}

#[test]
fn what_the_roof_itself_defines_belongs_into_a_file() {
    let root = ("lib.rs", "mod error; mod limits; mod peer; mod transport; pub struct Stray;");
    let found = found_with(&LAYOUT, &[root, ("error.rs", "pub struct Error(crate::Stray);")]);
    let rules: Vec<_> = found.iter().map(|violation| violation.rule).collect();
    assert_eq!(rules, [Rule::Source, Rule::Upwards], "{found:#?}");
}

#[test]
fn a_glob_hides_what_it_takes() {
    let found = only(&[("peer/driver.rs", "use super::call::*; fn run(call: Call) {}")]);
    assert_eq!(found.text, "`use super::call::*` hides what it takes: name it");
}

#[test]
fn tests_may_know_everything() {
    let error = (
        "error.rs",
        "pub struct Error;
        #[cfg(test)]
        use crate::Call;
        #[cfg(any(test, fuzzing))]
        mod made_up { use crate::peer::call::Call; }
        impl Error {
            #[cfg(test)]
            fn call(&self) -> crate::Call { crate::Call::new() }
        }
        #[cfg(test)]
        mod tests;",
    );
    assert_eq!(
        found_with(&LAYOUT, &[error, ("error/tests.rs", "use super::*; use crate::Call;")]),
        []
    );
    let found = only(&[("peer/driver.rs", "#[cfg(not(test))] fn run() { crate::Call::new() }")]);
    assert_eq!(found.rule, Rule::Source);
}

#[test]
fn comments_texts_lifetimes_and_reach_are_no_imports() {
    let error = (
        "error.rs",
        r##"//! [`Call`](crate::Call)
        pub(in crate::error) struct Error<'peer>(pub(crate) &'peer str);
        /* use crate::Call; */
        const TEXT: &str = r#"crate::peer::Call"#;
        macro_rules! call { () => { $crate::Call } }
        pub(crate) use call;"##,
    );
    assert_eq!(found_with(&LAYOUT, &[error]), []);
}

#[test]
fn a_macro_is_taken_from_the_file_that_writes_it() {
    let error = (
        "error.rs",
        "pub struct Error;
        macro_rules! told { () => {} }
        pub(crate) use told;
        #[macro_export] macro_rules! shown { () => {} }",
    );
    let driver =
        ("peer/driver.rs", "use crate::error::told; fn run() { told!(); crate::shown!(); }");
    assert_eq!(found_with(&LAYOUT, &[error, driver]), []);
}

#[test]
fn what_a_front_shows_and_uses_is_known_to_it() {
    let call = ("peer/call.rs", "use super::Peer; pub struct Call(Peer);");
    let shows =
        ("peer.rs", "pub(crate) mod call; mod driver; pub use call::Call; pub struct Peer;");
    assert_eq!(found_with(&LAYOUT, &[call, shows]), []);
    let uses = (
        "peer.rs",
        "pub(crate) mod call; mod driver; pub use call::Call; pub struct Peer(Option<Call>);",
    );
    assert_eq!(only(&[call, uses]).rule, Rule::Circle);
}

#[test]
fn files_without_a_place_and_places_without_files_are_told() {
    let rooms = &[
        Room { name: "roof", paths: &["lib"] },
        Room { name: "peer", paths: &["peer"] },
        Room { name: "transport", paths: &["transport", "carrier"] },
        Room { name: "ground", paths: &["limits"] },
    ];
    let layout = Layout { rooms, ..LAYOUT };
    let found = found_with(&layout, &[("stray.rs", "")]);
    let told: Vec<_> = found.iter().map(|found| (found.rule, found.file.as_str())).collect();
    assert_eq!(
        told,
        [(Rule::Place, "carrier.rs"), (Rule::Place, "error.rs"), (Rule::Place, "stray.rs")],
        "{found:#?}"
    );
}

#[test]
fn what_a_gateway_hands_on_is_named_by_it_alone() {
    let gateway = ("limits.rs", "pub(crate) use tokio::time::sleep; pub struct Limits;");
    let through = ("peer/driver.rs", "use crate::limits::sleep; fn run() { sleep(); }");
    assert_eq!(found_with(&LAYOUT, &[gateway, through]), []);
    let free = ("peer/driver.rs", "use tokio::task::coop; fn run() { coop::poll_proceed(); }");
    assert_eq!(found_with(&LAYOUT, &[gateway, free]), []);
    for driver in [
        "use tokio::{sync::Notify, time::sleep}; fn run() { sleep(); }",
        "use tokio::time; fn run() { time::sleep(); }",
        "fn run() { tokio::time::sleep(); }",
    ] {
        let found = only(&[gateway, ("peer/driver.rs", driver)]);
        assert_eq!(
            (found.rule, found.file.as_str()),
            (Rule::Gateway, "peer/driver.rs"),
            "{driver}"
        );
        assert!(found.text.contains("only limits.rs may name"), "{}", found.text);
    }
    let upwards = [
        ("limits.rs", "pub struct Limits;"),
        (
            "transport.rs",
            "pub(crate) mod frame { pub(crate) struct Frame; fn run() { tokio::time::sleep() } }",
        ),
    ];
    assert_eq!(found_with(&LAYOUT, &upwards).len(), 1);
}

#[test]
fn two_types_of_one_name_are_told() {
    let files = [("error.rs", "pub struct Error; pub enum Call {}")];
    let found = only(&files);
    assert_eq!((found.rule, found.file.as_str(), found.line), (Rule::Name, "error.rs", 1));
    assert!(found.text.starts_with("`Call` is also a type in peer/call.rs:3"), "{}", found.text);

    let shared_names = &[SharedName { name: "Call", reason: "a test" }];
    assert_eq!(found_with(&Layout { shared_names, ..LAYOUT }, &files), []);
}

#[test]
fn the_longest_path_says_which_room_a_file_has() {
    let rooms =
        &[Room { name: "peer", paths: &["peer"] }, Room { name: "state", paths: &["peer/state"] }];
    let layout = Layout { rooms, ..LAYOUT };
    assert_eq!(layout.room_of("peer/state/flows.rs"), Some(1));
    assert_eq!(layout.room_of("peer/state.rs"), Some(1));
    assert_eq!(layout.room_of("peer/states.rs"), Some(0));
    assert_eq!(layout.room_of("peers.rs"), None);
}
