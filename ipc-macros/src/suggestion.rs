//! "Did you mean …?"

/// Returns the candidate that was probably meant: the closest one, if it is few edits away in
/// proportion to the length.
pub(crate) fn closest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(&written.to_lowercase(), candidate), candidate))
        .filter(|(edits, candidate)| *edits <= written.len().max(candidate.len()).div_ceil(3))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, in which a swap of neighbours is one edit.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut edits = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                edits = edits.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = edits;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::closest;

    const KNOWN: [&str; 4] = ["notification", "name", "timeout", "no_cancel"];

    #[test]
    fn typos_are_recognised_and_other_words_are_not() {
        assert_eq!(closest("notificaton", KNOWN), Some("notification"));
        assert_eq!(closest("time_out", KNOWN), Some("timeout"));
        assert_eq!(closest("nmae", KNOWN), Some("name"));
        assert_eq!(closest("Name", KNOWN), Some("name"));
        assert_eq!(closest("retry", KNOWN), None);
        assert_eq!(closest("x", KNOWN), None);
    }
}
