//! Names in TypeScript, beside those of types.

use crate::notation::type_identifier::{KEYWORDS, is_inner};

/// What TypeScript knows of each object.
const INHERITED: &[&str] = &[
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// The name of a member in a type: quoted unless it is plain.
pub(super) fn member(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { quoted(name) }
}

/// The name of a member in a constant.
fn constant_member(name: &str) -> String {
    // Without the brackets it would set the prototype.
    if name == "__proto__" { "[\"__proto__\"]".to_owned() } else { member(name) }
}

/// A member of a constant, with its value.
pub(super) fn constant_entry(name: &str, value: &str) -> String {
    // Of these TypeScript expects what each object inherits, and takes a text for any text and a
    // zero for any number.
    let is_literal = INHERITED.contains(&name) && value.starts_with(['"', '{', '0']);
    let suffix = if is_literal { " as const" } else { "" };
    format!("{}: {value}{suffix}", constant_member(name))
}

/// The label of an argument.
pub(super) fn label(name: &str) -> String {
    let mut text: String = name.chars().map(|c| if is_inner(c) { c } else { '_' }).collect();
    if text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit()) {
        text.insert(0, '_');
    }
    if KEYWORDS.contains(&&*text) {
        text.push('_');
    }
    text
}

/// A string of TypeScript.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            // Two that end a line in what reads JavaScript of old; and what nobody can see.
            '\u{2028}' | '\u{2029}' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
