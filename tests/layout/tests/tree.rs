//! The crates of this tree.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use ipc_layout::{check::check, source::Sources, table::CRATES};

#[test]
fn the_crates_keep_their_layouts() {
    for layout in CRATES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(layout.source);
        let violations = check(&Sources::read(&folder).unwrap(), layout).unwrap().violations;
        let lines: Vec<_> =
            violations.iter().map(|violation| format!("{}/{violation}", layout.source)).collect();
        assert!(lines.is_empty(), "{}", lines.join("\n"));
    }
}
