//! The tables of features, beside the features that there are.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, fs, path::Path};

/// By its name: whether a feature is one of the default.
type Features = BTreeMap<String, bool>;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

/// What `[features]` of a manifest says, and what cargo makes of optional dependencies.
fn declared(manifest: &str) -> Features {
    let section: Vec<_> = manifest
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "[features]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .collect();
    let text = section.join(" ");
    let list = text.split_once("default = [").map_or("", |(_, rest)| rest);
    let default: Vec<_> = list
        .split(']')
        .next()
        .unwrap()
        .split(',')
        .map(|name| name.trim().trim_matches('"'))
        .collect();

    let keys = section.iter().filter_map(|line| line.split_once(" = ["));
    let mut features: Features = keys
        .map(|(name, _)| (name.to_owned(), default.contains(&name)))
        .filter(|(name, _)| name != "default")
        .collect();
    // An optional dependency that no feature names by `dep:` is a feature itself.
    let optional = manifest.lines().filter(|line| line.contains("optional = true"));
    for name in optional.map(|line| line.split(" = ").next().unwrap()) {
        if !text.contains(&format!("\"dep:{name}\"")) {
            features.insert(name.to_owned(), default.contains(&name));
        }
    }
    features
}

/// What the table below `# Features` says.
fn told(page: &str) -> Features {
    let lines = page.lines().map(|line| line.trim_start_matches("//!").trim());
    lines
        .skip_while(|line| line.trim_start_matches('#') != " Features")
        .skip_while(|line| !line.starts_with("| ---"))
        .skip(1)
        .map_while(|line| line.strip_prefix("| "))
        .map(|row| {
            let mut cells = row.split(" | ");
            let name = cells.next().unwrap().trim_matches('`').to_owned();
            let default = match cells.next() {
                Some("yes") => true,
                Some("no") => false,
                other => panic!("`{name}`: neither `yes` nor `no` as its default: {other:?}"),
            };
            (name, default)
        })
        .collect()
}

#[test]
fn the_tables_name_each_feature_and_whether_it_is_a_default() {
    let declared = declared(&read("ipc-runtime/Cargo.toml"));
    for page in ["ipc-runtime/src/lib.rs", "README.md"] {
        assert_eq!(told(&read(page)), declared, "{page} (left), ipc-runtime/Cargo.toml (right)");
    }
}

#[test]
fn what_is_declared_is_read_as_cargo_reads_it() {
    let manifest = r#"
[package]
name = "a"

[features]
default = [
    "one",
]
# two = []
one = ["dep:x"]
three = [
    "one",
]

[dependencies]
x = { version = "1", optional = true }
y = { version = "1", optional = true }
"#;
    let expected = [("one", true), ("three", false), ("y", false)];
    assert_eq!(declared(manifest), expected.map(|(name, is)| (name.to_owned(), is)).into());
}
