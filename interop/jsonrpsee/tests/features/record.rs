//! What a test has found, for the tables in docs/interop.md.

use std::{
    fs::{OpenOptions, create_dir_all},
    io::Write,
    path::PathBuf,
};

use serde_json::{Value, json};

/// The client's own API does it.
pub fn yes(feature: &str) {
    record(json!({ "client": "jsonrpsee", "feature": feature, "cell": "yes" }));
}

/// The app has to help.
pub fn by_hand(feature: &str, why: &str) {
    record(json!({ "client": "jsonrpsee", "feature": feature, "cell": "by hand", "why": why }));
}

/// It can't.
pub fn no(feature: &str, why: &str) {
    record(json!({ "client": "jsonrpsee", "feature": feature, "cell": "–", "why": why }));
}

fn record(cell: Value) {
    let folder = std::env::var_os("INTEROP_CELLS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/interop/cells"))
    });
    create_dir_all(&folder).unwrap();
    let path = folder.join("jsonrpsee.jsonl");
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    // In one piece: tests run side by side.
    file.write_all(format!("{cell}\n").as_bytes()).unwrap();
}
