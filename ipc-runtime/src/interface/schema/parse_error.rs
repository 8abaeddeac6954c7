//! Why a text is no schema.

use std::fmt;

/// Why a text isn't a [`Schema`](crate::interface::Schema)'s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseSchemaError {
    line: usize,
    column: usize,
    reason: String,
}

impl ParseSchemaError {
    pub(super) fn new(line: usize, column: usize, reason: impl Into<String>) -> Self {
        Self { line, column, reason: reason.into() }
    }

    /// The number of the line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The number of the character in that line, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What is wrong there.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for ParseSchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.reason)
    }
}

impl std::error::Error for ParseSchemaError {}
