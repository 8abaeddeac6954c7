//! Where a file differs from what it should be.

use std::fmt::Write as _;

/// How many lines of each side are told.
const MAX_LINES: usize = 6;

/// How long a line that is told may be.
const MAX_LENGTH: usize = 160;

/// Whether both texts say the same. How lines end is a matter of the version control.
pub(super) fn is_same(left: &str, right: &str) -> bool {
    left.lines().eq(right.lines())
}

/// What stands in the file where it first differs, and what should.
pub(super) fn difference(file: &str, expected: &str) -> String {
    let [file, expected] = [file, expected].map(|text| text.lines().collect::<Vec<_>>());
    let pairs = || file.iter().zip(&expected);
    let before = pairs().take_while(|(left, right)| left == right).count();
    let shorter = file.len().min(expected.len());
    let from_end = file.iter().rev().zip(expected.iter().rev());
    let after = from_end.take(shorter - before).take_while(|(left, right)| left == right).count();
    let mut text = format!("from line {}:", before + 1);
    for (sign, lines) in [('-', &file), ('+', &expected)] {
        let changed = lines.get(before..lines.len() - after).unwrap_or_default();
        for line in changed.iter().take(MAX_LINES) {
            let line: String = line.chars().take(MAX_LENGTH).collect();
            let _ = write!(text, "\n  {sign} {line}");
        }
        if changed.len() > MAX_LINES {
            let _ = write!(text, "\n  {sign} and {} more lines", changed.len() - MAX_LINES);
        }
    }
    text
}
