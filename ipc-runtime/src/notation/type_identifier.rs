//! Names of types, as TypeScript can have them.

/// Words that can't be a name anywhere in a module.
#[rustfmt::skip]
pub(crate) const KEYWORDS: &[&str] = &[
    "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default",
    "delete", "do", "else", "enum", "export", "extends", "false", "finally", "for", "function",
    "if", "implements", "import", "in", "instanceof", "interface", "let", "new", "null",
    "package", "private", "protected", "public", "return", "static", "super", "switch", "this",
    "throw", "true", "try", "typeof", "var", "void", "while", "with", "yield",
];

/// Words that can't be the name of a type or a constant, or had better not.
#[rustfmt::skip]
const TYPE_WORDS: &[&str] = &[
    "any", "arguments", "as", "async", "bigint", "boolean", "eval", "infer", "intrinsic", "is",
    "keyof", "module", "namespace", "never", "number", "object", "of", "readonly", "satisfies",
    "string", "symbol", "type", "undefined", "unique", "unknown", "using",
];

/// The name of a type or a constant: what can't stand in one is left out or becomes `_`.
pub(crate) fn declared(name: &str) -> String {
    let mut text: String = name
        .strip_prefix("r#")
        .unwrap_or(name)
        .chars()
        .map(|c| if is_inner(c) { c } else { '_' })
        .collect();
    if text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit()) {
        text.insert(0, '_');
    }
    if KEYWORDS.contains(&&*text) || TYPE_WORDS.contains(&&*text) {
        text.push('_');
    }
    text
}

/// Words in one, each with a capital: `files.recent_ones` becomes `FilesRecentOnes`.
pub(crate) fn camel(words: &str) -> String {
    let mut text = String::new();
    let words = words.split(|c: char| c == '_' || !is_inner(c));
    for word in words.filter(|word| !word.is_empty()) {
        let mut chars = word.chars();
        text.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        text.push_str(chars.as_str());
    }
    // Unlike a name of Rust's, a word may begin with what no name begins with.
    if text.starts_with(may_combine) {
        text.insert(0, '_');
    }
    text
}

/// Whether it may stand inside of a name, for JavaScript as for Rust: `$` is the file's own. What
/// isn't a letter for JavaScript, as `²` or `Ⓐ`, may be alphanumeric all the same.
pub(crate) fn is_inner(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() || c == '_' } else { is_letter(c) }
}

/// Whether it may be a sign that combines with the letter before it, although it is alphabetic.
/// Those that take no place of their own are escaped where they are shown; the others are all in
/// the scripts of India and South East Asia, whose letters are taken for such signs too.
fn may_combine(c: char) -> bool {
    let scripts = matches!(
        c,
        '\u{900}'..='\u{109f}'
            | '\u{1700}'..='\u{1cff}'
            | '\u{a800}'..='\u{abff}'
            | '\u{11000}'..='\u{11fff}'
            | '\u{16f00}'..='\u{16fff}'
    );
    scripts || c.escape_debug().count() > 1
}

/// Whether it is a letter beyond ASCII. Those in circles and squares are symbols.
fn is_letter(c: char) -> bool {
    let is_enclosed = matches!(c, '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}');
    c.is_alphabetic() && !is_enclosed
}
