//! The texts in attributes: channels, versions, names, deadlines.

use std::time::Duration;

use syn::LitStr;

use crate::errors::Errors;

/// What is wrong with a text, and what to write instead.
pub(crate) struct Wrong {
    pub problem: String,
    pub help: String,
}

/// The deadline of a call.
#[derive(Clone, Copy)]
pub(crate) enum Timeout {
    After(Duration),
    Never,
}

/// Returns the text, and reports what is wrong with it.
pub(crate) fn checked(
    text: &LitStr,
    check: fn(&str) -> Result<(), Wrong>,
    errors: &mut Errors,
) -> String {
    if let Err(Wrong { problem, help }) = check(&text.value()) {
        errors.push(text, problem, help);
    }
    text.value()
}

fn wrong<T>(problem: impl Into<String>, help: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { problem: problem.into(), help: help.into() })
}

/// Words that can't be the name of a type in TypeScript, or had better not.
#[rustfmt::skip]
const TYPESCRIPT_WORDS: &[&str] = &[
    "any", "arguments", "as", "async", "await", "bigint", "boolean", "break", "case", "catch",
    "class", "const", "continue", "debugger", "default", "delete", "do", "else", "enum", "eval",
    "export", "extends", "false", "finally", "for", "function", "if", "implements", "import", "in",
    "infer", "instanceof", "interface", "intrinsic", "is", "keyof", "let", "module", "namespace",
    "never", "new", "null", "number", "object", "of", "package", "private", "protected", "public",
    "readonly", "return", "satisfies", "static", "string", "super", "switch", "symbol", "this",
    "throw", "true", "try", "type", "typeof", "undefined", "unique", "unknown", "using", "var",
    "void", "while", "with", "yield",
];

/// Checks the name of a type in TypeScript.
pub(crate) fn typescript_name(name: &str) -> Result<(), Wrong> {
    const HELP: &str = "write a name such as `ts = \"FileEntry\"`: letters, digits and `_`, and no \
                        digit first";
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !begins || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return wrong(format!("`{}` can't name a type in TypeScript", name.escape_debug()), HELP);
    }
    if TYPESCRIPT_WORDS.contains(&name) {
        return wrong(format!("`{name}` is a word of TypeScript's own"), HELP);
    }
    Ok(())
}

/// Checks a channel: segments of letters, digits, `_` and `-`, joined by dots.
pub(crate) fn channel(channel: &str) -> Result<(), Wrong> {
    if channel.is_empty() {
        return wrong("the channel is empty", "write a name such as `channel = \"demo.files\"`");
    }
    let first = channel.split('.').next();
    if first == Some("rpc") || channel.starts_with("$/") {
        return wrong(
            format!("the channel `{channel}` is reserved"),
            "names that start with `rpc.` or `$/` are the runtime's own: handshake, cancellation \
             and the like; choose another first segment",
        );
    }
    if channel.split('.').any(str::is_empty) {
        return wrong(
            format!("the channel `{channel}` has an empty segment"),
            "write segments joined by single dots, such as `demo.files`",
        );
    }
    match channel.chars().find(|c| !(c.is_ascii_alphanumeric() || "_-.".contains(*c))) {
        Some(bad) => wrong(
            format!("the channel `{}` holds {}", channel.escape_debug(), shown(bad)),
            "a channel is made of ASCII letters, digits, `_` and `-`, with dots between segments",
        ),
        None => Ok(()),
    }
}

/// Checks a semantic version, by the grammar of semver.org.
pub(crate) fn version(version: &str) -> Result<(), Wrong> {
    let (rest, build) = match version.split_once('+') {
        Some((rest, build)) => (rest, Some(build)),
        None => (version, None),
    };
    let (core, pre) = match rest.split_once('-') {
        Some((core, pre)) => (core, Some(pre)),
        None => (rest, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let number = |part: &str| digits(part) && (part == "0" || !part.starts_with('0'));
    let word = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let parts: Vec<_> = core.split('.').collect();
    let valid = parts.len() == 3
        && parts.iter().all(|part| number(part) && part.parse::<u64>().is_ok())
        && pre.is_none_or(|pre| pre.split('.').all(|id| word(id) && (!digits(id) || number(id))))
        && build.is_none_or(|build| build.split('.').all(word));
    if valid {
        return Ok(());
    }
    let problem = format!("`{version}` is no semantic version");
    if !parts.is_empty()
        && parts.len() < 3
        && pre.is_none()
        && parts.iter().all(|part| number(part))
    {
        let missing = ".0".repeat(3 - parts.len());
        let end = build.map(|build| format!("+{build}")).unwrap_or_default();
        return wrong(problem, format!("write all three numbers: `{core}{missing}{end}`"));
    }
    wrong(problem, "write three numbers such as `1.0.0`, without leading zeros")
}

/// Checks the path of a lock file, which is relative to the package.
pub(crate) fn lock_file(path: &str) -> Result<(), Wrong> {
    const HELP: &str = "write a path such as `lock = \"ipc.lock\"`: from the folder of \
                        `Cargo.toml`, and within it, so that the package has the file";
    let is_within = !path.is_empty()
        && !path.starts_with('/')
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && !path.contains(['\\', ':']);
    match is_within {
        true => Ok(()),
        false => wrong(format!("`{}` can't be the lock file", path.escape_debug()), HELP),
    }
}

/// Checks a method's name on the wire.
pub(crate) fn method_name(name: &str) -> Result<(), Wrong> {
    written_as_it_is("method", name)?;
    if name.contains('.') {
        return wrong(
            format!("the method's name `{name}` holds a dot"),
            "on the wire a name is looked up whole, and a channel may hold dots: with a dot in \
             it, the method could have the name of another channel's; put what stands before the \
             dot into the channel",
        );
    }
    Ok(())
}

/// Checks an argument's name on the wire.
pub(crate) fn argument_name(name: &str) -> Result<(), Wrong> {
    if name.starts_with('$') {
        return wrong(
            format!("the argument's name `{}` is reserved", name.escape_debug()),
            "names that start with `$` are the runtime's own: `{\"$stream\": 1}` stands for a \
             stream of items; choose another first letter",
        );
    }
    written_as_it_is("argument", name)
}

/// Checks that a name needs no escapes in JSON, so that it can be found in a message by its bytes.
fn written_as_it_is(of: &str, name: &str) -> Result<(), Wrong> {
    if name.is_empty() {
        return wrong(
            format!("the {of}'s name is empty"),
            "write the name that it has on the wire",
        );
    }
    match name.chars().find(|c| c.is_whitespace() || c.is_control() || "\"\\".contains(*c)) {
        Some(bad) => wrong(
            format!("the {of}'s name `{}` holds {}", name.escape_debug(), shown(bad)),
            "remove white space, control characters, quotes and backslashes: a name is written \
             as it is into JSON",
        ),
        None => Ok(()),
    }
}

fn shown(character: char) -> String {
    match character {
        ' ' => "a space".to_owned(),
        '"' => "a quote".to_owned(),
        '\\' => "a backslash".to_owned(),
        other => format!("a `{}`", other.escape_debug()),
    }
}

/// Reads a deadline: `5s`, `500ms`, `2m`, `1h` or `none`.
pub(crate) fn timeout(text: &str) -> Result<Timeout, Wrong> {
    if text == "none" {
        return Ok(Timeout::Never);
    }
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = &text[..text.len() - unit.len()];
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 0,
    };
    let duration = number.parse::<u64>().ok().and_then(|n| n.checked_mul(milliseconds));
    match duration {
        Some(1..) => Ok(Timeout::After(Duration::from_millis(duration.unwrap_or_default()))),
        Some(0) if milliseconds > 0 => wrong(
            "a deadline of zero fails every call",
            "write a longer time, or `timeout = \"none\"` for no deadline",
        ),
        _ => wrong(
            format!("`{text}` is no time"),
            "write a number and a unit: `500ms`, `5s`, `2m` or `1h`; or `none` for no deadline",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_the_grammar_of_semver() {
        for good in ["0.0.0", "1.2.3", "1.0.0-alpha.1", "1.0.0-0.3.7", "1.0.0+001", "1.2.3-x-y.9+z"]
        {
            assert!(version(good).is_ok(), "{good}");
        }
        for bad in
            ["", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "v1.2.3", "1.2.x"]
        {
            assert!(version(bad).is_err(), "{bad}");
        }
        assert_eq!(version("1.2").err().unwrap().help, "write all three numbers: `1.2.0`");
    }

    #[test]
    fn channels_are_segments_joined_by_dots() {
        for good in ["files", "demo.files", "a_b.c-d.9", "rpcs.x"] {
            assert!(channel(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "a..b", "a.", "rpc", "rpc.x", "$/x", "a b", "ä"] {
            assert!(channel(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_need_no_escapes() {
        for good in ["read", "read-dir", "größe", "a/b", "x'"] {
            assert!(method_name(good).is_ok() && argument_name(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a\"", "a\\b", "a\nb", "\u{7f}", "\u{2028}"] {
            assert!(method_name(bad).is_err() && argument_name(bad).is_err(), "{bad}");
        }
        assert!(method_name("a.b").is_err() && argument_name("a.b").is_ok());
        assert!(method_name("$a").is_ok() && argument_name("$a").is_err());
    }

    #[test]
    fn times_have_a_unit() {
        for (text, seconds) in [("5s", 5.0), ("500ms", 0.5), ("2m", 120.0), ("1h", 3600.0)] {
            match timeout(text) {
                Ok(Timeout::After(time)) => assert_eq!(time.as_secs_f64(), seconds),
                _ => panic!("{text}"),
            }
        }
        assert!(matches!(timeout("none"), Ok(Timeout::Never)));
        for bad in ["", "5", "s", "0s", "-1s", "1.5s", "5 s", "5d", "99999999999999999999s"] {
            assert!(timeout(bad).is_err(), "{bad}");
        }
    }
}
