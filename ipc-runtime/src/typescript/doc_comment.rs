//! Docs as TSDoc.

use crate::shape::name::Docs;

/// The lines of a comment without its signs; empty if there is nothing to say.
fn lines(docs: Docs, more: Option<&str>) -> Vec<String> {
    let text = docs.text.trim_end();
    // The one space that stands behind `///`.
    let own = text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    let mut lines: Vec<String> = own.map(escaped).collect();
    let first = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    lines.drain(..first);
    lines.extend(more.map(escaped));
    if let Some(note) = docs.deprecated {
        let note: Vec<&str> = note.split_whitespace().collect();
        lines.push(escaped(&note.join(" ")).trim_start().to_owned());
        if let Some(last) = lines.last_mut() {
            *last = format!("@deprecated {last}").trim_end().to_owned();
        }
    }
    lines
}

/// A line that neither ends the comment nor begins a tag.
fn escaped(line: &str) -> String {
    let line = line.replace("*/", "*\\/");
    let is_tag = line.trim_start().starts_with('@');
    if is_tag { line.replacen('@', "\\@", 1) } else { line }
}

/// A comment above something, each line indented by this much.
pub(super) fn above(docs: Docs, more: Option<&str>, indent: &str) -> String {
    match &*lines(docs, more) {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let mut text = format!("{indent}/**\n");
            for line in lines {
                text.push_str(format!("{indent} * {line}").trim_end());
                text.push('\n');
            }
            text.push_str(&format!("{indent} */\n"));
            text
        }
    }
}

/// A comment in a line, before something.
pub(super) fn inline(docs: Docs, more: Option<&str>) -> String {
    let lines = lines(docs, more);
    let words: Vec<&str> =
        lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    if words.is_empty() { String::new() } else { format!("/** {} */ ", words.join(" ")) }
}

/// Whether there is nothing to say.
pub(super) fn is_empty(docs: Docs) -> bool {
    lines(docs, None).is_empty()
}
