//! What the docs say of the crate, where that can be compared with it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "docs/wire_page.rs"]
mod wire_page;

use std::{collections::BTreeSet, fs, path::Path};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// Those of the manifest, and whether they are on by default.
fn features() -> BTreeSet<(String, bool)> {
    let manifest = read("ipc-runtime/Cargo.toml");
    let section = manifest.split("[features]").nth(1).unwrap().split("\n[").next().unwrap();
    let lines = || section.lines().filter_map(|line| line.split_once(" = "));
    let default = lines().find_map(|(name, on)| (name == "default").then_some(on)).unwrap();
    let names = lines().map(|(name, _)| name).filter(|name| *name != "default");
    names.map(|name| (name.to_owned(), default.contains(&format!("\"{name}\"")))).collect()
}

/// Those of the table below a heading.
fn table(text: &str, heading: &str) -> BTreeSet<(String, bool)> {
    let section = text.split(heading).nth(1).expect("the heading");
    let lines = section.lines().map(|line| line.trim_start_matches("//!").trim());
    let table =
        lines.skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let rows = table.skip(2).map(|row| {
        let mut cells = row.split('|').map(str::trim).skip(1);
        let name = cells.next().unwrap().trim_matches('`').to_owned();
        (name, cells.next().unwrap() == "yes")
    });
    rows.collect()
}

#[test]
fn both_tables_list_every_feature() {
    let features = features();
    assert!(features.contains(&("local".to_owned(), true)), "{features:?}");
    assert_eq!(table(&read("README.md"), "\n## Features"), features);
    assert_eq!(table(&read("ipc-runtime/src/lib.rs"), "# Features"), features);
}

/// Sentences that were true once.
#[test]
fn no_guide_denies_what_is_there() {
    const OUTDATED: [&str; 6] = [
        "nothing reconnects",
        "reconnects by itself. see",
        "there is no heartbeat",
        "nothing sends it by itself",
        "a new connection gets a new",
        "new with each connection",
    ];
    let guides = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let guides = fs::read_dir(guides).unwrap().map(|entry| entry.unwrap().path());
    let pages: Vec<_> = guides.collect();
    assert!(pages.len() > 10, "{pages:?}");
    for page in pages {
        let text = fs::read_to_string(&page).unwrap().to_lowercase();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for sentence in OUTDATED {
            assert!(!text.contains(sentence), "{}: {sentence}", page.display());
        }
    }
}
