//! Where chains of names end.

/// What is behind a name.
#[derive(Clone, Copy)]
pub(super) enum ChainLink {
    /// Another name: its number.
    Next(usize),
    /// Something else.
    End,
    /// Nothing that is known.
    Lost,
}

/// At which link each of the chains that begin with these links ends: `None` for one that is lost
/// or leads into a circle.
///
/// Each link is followed once, however many chains lead through it: a peer may send a chain as long
/// as its text, and refer to it as often.
pub(super) fn ends(links: &[ChainLink]) -> Vec<Option<usize>> {
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
                        ChainLink::End => break Some(at),
                        ChainLink::Lost => break None,
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
        use ChainLink::{End, Lost, Next};
        let links = [Next(2), End, Next(1), Next(4), Next(3), Next(4), Lost, Next(6)];
        assert_eq!(ends(&links), [Some(1), Some(1), Some(1), None, None, None, None, None]);
        assert_eq!(ends(&[Next(0), Next(9)]), [None, None]);
    }
}
