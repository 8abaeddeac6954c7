//! Docs as descriptions.

use crate::{
    openrpc::json_tree::{JsonMembers, JsonTree},
    shape::name::Docs,
};

/// The doc comment, in Markdown; `None` if there is none.
pub(super) fn description(docs: Docs) -> Option<String> {
    // The one space that stands behind `///`.
    let lines = docs.text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    let text = lines.collect::<Vec<_>>().join("\n");
    let mut text = text.trim_matches('\n').to_owned();
    if let Some(note) = docs.deprecated.map(str::trim).filter(|note| !note.is_empty()) {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&format!("Deprecated: {note}"));
    }
    (!text.is_empty()).then_some(text)
}

/// The members of a schema or of a method that say what its author has written.
pub(super) fn members(docs: Docs) -> JsonMembers {
    JsonMembers::new()
        .with_some("description", description(docs))
        .with_some("deprecated", docs.deprecated.map(|_| JsonTree::Bool(true)))
}
