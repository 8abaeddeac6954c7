//! Where chains of names end.

/// What is behind a name.
pub(super) enum ChainLink<T> {
    /// Another name: its number.
    Next(usize),
    /// Something else, if there is anything.
    End(Option<T>),
}

/// Where each of the chains that begin with these links ends: `None` for one that doesn't.
///
/// Each link is followed once, however many chains lead through it: a peer may send a chain as long
/// as its text, and refer to it as often.
pub(super) fn ends<T: Copy>(links: &[ChainLink<T>]) -> Vec<Option<T>> {
    let mut ends = vec![None; links.len()];
    let mut is_seen = vec![false; links.len()];
    let mut path = Vec::new();
    for start in 0..links.len() {
        let mut at = start;
        let end = loop {
            match (is_seen.get_mut(at), links.get(at)) {
                (Some(is_seen), Some(link)) if !*is_seen => {
                    *is_seen = true;
                    path.push(at);
                    match link {
                        ChainLink::Next(next) => at = *next,
                        ChainLink::End(end) => break *end,
                    }
                }
                // One that is on this path has no end yet, and will have none: it's a circle.
                _ => break ends.get(at).copied().flatten(),
            }
        };
        for at in path.drain(..) {
            if let Some(of) = ends.get_mut(at) {
                *of = end;
            }
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::{ChainLink, ends};

    #[test]
    fn chains_end_where_they_lead() {
        use ChainLink::{End, Next};
        let links = [Next(2), End(Some('a')), Next(1), Next(4), Next(3), Next(4), End(None)];
        let expected = [Some('a'), Some('a'), Some('a'), None, None, None, None];
        assert_eq!(ends(&links), expected);
        assert_eq!(ends(&[Next::<char>(0), Next(9)]), [None, None]);
    }
}
