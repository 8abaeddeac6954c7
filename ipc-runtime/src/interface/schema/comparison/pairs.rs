//! What belongs together of two lists.

use std::collections::HashMap;

use crate::{
    interface::schema::{
        comparison::Comparison,
        digests::{Digests, accepted},
    },
    shape::{hash::text, name::WireName},
};

/// What belongs together of two lists whose order doesn't count: places in ours and in theirs.
///
/// It knows the lists by numbers alone, since all of its code would be compiled once more for each
/// type of element and each type of key.
pub(super) struct Pairs {
    /// In the order of ours; at last what only the others have.
    found: Vec<PlacePair>,
    /// Which of theirs belong to none of ours so far.
    left: Vec<bool>,
}

/// A place in each list; `None` where only the other side has it.
pub(super) type PlacePair = (Option<usize>, Option<usize>);

/// For each element of a list what it is found by, if it may be found by that.
type Keys = [Option<u64>];

impl Pairs {
    pub(super) fn new(ours: usize, theirs: usize) -> Self {
        let found = (0..ours).map(|at| (Some(at), None)).collect();
        Self { found, left: vec![true; theirs] }
    }

    /// Pairs what is left and has the same key, one after another.
    pub(super) fn find(&mut self, ours: &Keys, theirs: &Keys) {
        let mut first: HashMap<u64, usize> = HashMap::new();
        let mut next = vec![None; theirs.len()];
        for (at, key) in theirs.iter().enumerate().rev() {
            if let (Some(key), Some(true), Some(next)) = (key, self.left.get(at), next.get_mut(at))
            {
                *next = first.insert(*key, at);
            }
        }
        for ((_, their), key) in self.found.iter_mut().zip(ours) {
            let (None, Some(key)) = (*their, key) else { continue };
            let Some(at) = first.remove(key) else { continue };
            if let Some(next) = next.get(at).copied().flatten() {
                first.insert(*key, next);
            }
            if let Some(left) = self.left.get_mut(at) {
                *left = false;
            }
            *their = Some(at);
        }
    }

    /// Pairs what was renamed and is read under the earlier name.
    pub(super) fn find_by_alias(
        &mut self,
        ours: &[Option<&WireName>],
        theirs: &[Option<&WireName>],
    ) {
        let mut by_name: HashMap<u64, usize> = HashMap::new();
        for (at, name) in theirs.iter().enumerate().rev() {
            if let (Some(name), Some(true)) = (name, self.left.get(at)) {
                for one in all(name) {
                    by_name.insert(text(one), at);
                }
            }
        }
        for ((_, their), name) in self.found.iter_mut().zip(ours) {
            let (None, Some(name)) = (*their, name) else { continue };
            for one in all(name) {
                let Some(at) = by_name.get(&text(one)) else { continue };
                if let Some(left @ true) = self.left.get_mut(*at) {
                    *left = false;
                    *their = Some(*at);
                    break;
                }
            }
        }
    }

    /// Returns everything.
    pub(super) fn finish(mut self) -> Vec<PlacePair> {
        for (at, is_left) in self.left.iter().enumerate() {
            if *is_left {
                self.found.push((None, Some(at)));
            }
        }
        self.found
    }
}

/// All names under which something is sent or read.
fn all(name: &WireName) -> Vec<&str> {
    let mut all = accepted(name);
    if let Some(sent) = &name.sent {
        all.insert(0, sent);
    }
    all
}

impl<'a> Comparison<'a> {
    /// Pairs what is left and has the same key.
    pub(super) fn find<T>(
        &self,
        pairs: &mut Pairs,
        (ours, theirs): (&[&'a T], &[&'a T]),
        key: &dyn Fn(&Digests<'a>, &'a T) -> Option<u64>,
    ) {
        let ours: Vec<_> = ours.iter().map(|one| key(&self.ours, one)).collect();
        let theirs: Vec<_> = theirs.iter().map(|one| key(&self.theirs, one)).collect();
        pairs.find(&ours, &theirs);
    }
}

#[cfg(test)]
mod tests {
    use super::Pairs;

    #[test]
    fn equal_keys_are_paired_in_order_and_the_rest_comes_last() {
        let mut pairs = Pairs::new(3, 4);
        pairs.find(&[Some(7), None, Some(7)], &[Some(1), Some(7), Some(7), Some(7)]);
        pairs.find(&[Some(2), Some(1), None], &[Some(1), Some(2), None, None]);
        let found = [(Some(0), Some(1)), (Some(1), Some(0)), (Some(2), Some(2)), (None, Some(3))];
        assert_eq!(pairs.finish(), found);
    }
}
