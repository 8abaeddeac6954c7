//! What breaks the layout, in words.

use std::fmt;

/// One place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// The file, from the crate's `src`.
    pub file: String,
    /// From 1; 0 where it is about the whole file.
    pub line: usize,
    /// What is wrong, why, and what to do.
    pub text: String,
}

/// The rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The file can't be told of: no room is its own, no `mod` names it.
    Place,
    /// Names are taken from the file that defines them.
    Source,
    /// Imports run downwards.
    Upwards,
    /// No two files know each other, in however many steps.
    Circle,
    /// One name, one type.
    Name,
    /// What one file hands on is named by that file alone.
    Gateway,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Place => "place",
            Self::Source => "source",
            Self::Upwards => "upwards",
            Self::Circle => "circle",
            Self::Name => "name",
            Self::Gateway => "gateway",
        })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, file, line, text } = self;
        match line {
            0 => write!(f, "{file}: [{rule}] {text}"),
            line => write!(f, "{file}:{line}: [{rule}] {text}"),
        }
    }
}
