//! The hash of shapes that looks behind the cuts, where types contain themselves.
//!
//! Types that contain themselves make a graph with circles. What can't be told apart on the wire
//! has one hash: it doesn't matter which field of a circle is marked, how often a circle is written
//! out, nor how many copies of a generic type the compiler has made.
//!
//! 1. All nodes start alike, and are hashed with their neighbours' hashes until no two are told
//!    apart that weren't before (partition refinement). Nodes that still are alike are one. Names,
//!    newtypes and links are none of them: they would only hand on what was found a round before.
//! 2. What is left is hashed circle by circle, each after those that it leads to. Within a circle,
//!    nodes start alike again. Once all are told apart, the hashes of the last two rounds describe
//!    the whole circle: the first names each node, the second says what it holds by these names.

use std::collections::HashMap;

use crate::shape::{
    circles::circles,
    hash::{self, Value, mix, ordered, text},
    node::{Facts, Member, Node, NodeKind},
};

/// The hashes of all that is reachable from some shapes, and in which a type contains itself.
#[derive(Default)]
pub(crate) struct Hashes<'a> {
    nodes: Vec<&'a Node>,
    /// The places in `nodes`, by address. The same type may be at several.
    places: HashMap<*const Node, usize>,
    /// The nodes that each node holds.
    holds: Vec<Vec<usize>>,
    hashes: Vec<u64>,
}

impl<'a> Hashes<'a> {
    /// Computes them.
    pub(crate) fn reachable_from(roots: impl IntoIterator<Item = &'a Node>) -> Self {
        let mut all = Self::default();
        for root in roots {
            all.collect(root);
        }
        let everybody: Vec<_> = (0..all.nodes.len()).collect();
        all.hashes = vec![0; all.nodes.len()];
        all.tell_apart(&everybody);

        let Classes { classes, first_of } = Classes::of(&all.hashes);
        let leads_to: Vec<Vec<usize>> = first_of
            .iter()
            .map(|first| all.holds[*first].iter().map(|held| classes[*held]).collect())
            .collect();
        for circle in circles(&leads_to) {
            let members: Vec<_> =
                everybody.iter().copied().filter(|one| circle.contains(&classes[*one])).collect();
            let is_circle = match circle.as_slice() {
                [alone] => leads_to[*alone].contains(alone),
                _ => true,
            };
            all.hash(&members, is_circle);
        }
        all
    }

    /// Adds a node and all that it holds. Returns its place, unless nothing in it is cut.
    fn collect(&mut self, node: &'a Node) -> Option<usize> {
        let seen = seen(node);
        if !seen.facts.has(Facts::CUT) {
            return None;
        }
        if let Some(place) = self.places.get(&std::ptr::from_ref(seen)) {
            return Some(*place);
        }
        let place = self.nodes.len();
        self.nodes.push(seen);
        self.places.insert(seen, place);
        self.holds.push(Vec::new());
        // What is nothing but itself holds nothing that is seen.
        if !passes_on(seen) {
            self.holds[place] =
                seen.members.iter().filter_map(|one| self.collect(one.part)).collect();
        }
        Some(place)
    }

    /// Hashes some nodes, which start alike, until no two are told apart that weren't before.
    /// Returns the hashes before the last round.
    fn tell_apart(&mut self, some: &[usize]) -> Vec<u64> {
        for one in some {
            self.hashes[*one] = 0;
        }
        let mut told_apart = usize::from(!some.is_empty());
        // Each round tells at least one more apart, or is the last one.
        loop {
            let before: Vec<_> = some.iter().map(|one| self.hashes[*one]).collect();
            let now: Vec<_> = some.iter().map(|one| self.looks_of(self.nodes[*one])).collect();
            for (one, hash) in some.iter().zip(&now) {
                self.hashes[*one] = *hash;
            }
            let distinct = Classes::of(&now).first_of.len();
            if distinct == told_apart {
                return before;
            }
            told_apart = distinct;
        }
    }

    /// Computes the hashes of the nodes of one circle, or of one node that isn't in any. Those of
    /// all nodes that it leads to are known.
    fn hash(&mut self, members: &[usize], is_circle: bool) {
        if !is_circle {
            for one in members {
                self.hashes[*one] = self.looks_of(self.nodes[*one]);
            }
            return;
        }
        let before = self.tell_apart(members);
        let pairs = before.iter().zip(members);
        let pairs =
            pairs.map(|(named, one)| mix(ordered(text("holds"), &[*named, self.hashes[*one]])));
        let pairs: Vec<_> = pairs.collect();
        // What can't be told apart counts once, however often it is in memory.
        let once = Classes::of(&pairs).first_of.into_iter().map(|first| pairs[first]);
        let circle = once.fold(0u64, u64::wrapping_add);
        for one in members {
            self.hashes[*one] = ordered(text("circle"), &[circle, self.hashes[*one]]);
        }
    }

    /// The hash of a node that is reachable from the roots.
    pub(crate) fn of(&self, node: &Node) -> u64 {
        let seen = seen(node);
        match self.places.get(&std::ptr::from_ref(seen)) {
            Some(place) => self.hashes[*place],
            None => seen.facts.hash,
        }
    }

    /// The hash of what a node looks like, also if it has one of its own.
    fn looks_of(&self, node: &Node) -> u64 {
        if passes_on(node) {
            return hash::RECURSIVE;
        }
        let values = node
            .members
            .iter()
            .map(|one| Value { hash: self.of(one.part), may_be_missing: may_be_missing(one) });
        let values: Vec<_> = values.collect();
        hash::node(node.kind, node.text, node.members, node.number, Some(&values))
    }
}

/// What is alike.
struct Classes {
    /// The number of each one's class, in the order in which the classes come first.
    classes: Vec<usize>,
    /// The first one of each class.
    first_of: Vec<usize>,
}

impl Classes {
    fn of(labels: &[u64]) -> Self {
        let mut class_of: HashMap<u64, usize> = HashMap::new();
        let mut first_of = Vec::new();
        let classes = labels.iter().enumerate().map(|(place, label)| {
            *class_of.entry(*label).or_insert_with(|| {
                first_of.push(place);
                first_of.len() - 1
            })
        });
        Self { classes: classes.collect(), first_of }
    }
}

/// Whether a node looks like the one that it holds.
fn passes_on(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Named | NodeKind::Newtype | NodeKind::Link)
}

/// What is seen of a node on the wire: neither a name nor newtypes.
fn seen(mut node: &Node) -> &Node {
    let mut hops = 0;
    // A type without values may be nothing but itself.
    while passes_on(node) && hops < MAX_HOPS {
        hops += 1;
        node = match (node.kind, node.members) {
            (NodeKind::Link, _) => node.linked(),
            (_, [first, ..]) => first.part,
            _ => return node,
        };
    }
    node
}

/// How many names and newtypes are followed to what is seen.
const MAX_HOPS: usize = 1000;

/// Whether a member may be missing where it is read, also by what is behind a cut.
pub(crate) fn may_be_missing(member: &Member) -> bool {
    if !member.is(Member::RECEIVED) {
        return false;
    }
    if member.is(Member::DEFAULT) {
        return true;
    }
    let mut node = member.part;
    let mut hops = 0;
    // A type without values may be nothing but itself.
    while !member.is(Member::FLATTENED) && hops < MAX_HOPS {
        hops += 1;
        node = match (node.kind, node.members) {
            (NodeKind::Option, _) => return true,
            (NodeKind::Link, _) => node.linked(),
            (NodeKind::Named, [first, ..]) => first.part,
            (NodeKind::Asymmetric, [_, received]) => received.part,
            _ => return false,
        };
    }
    false
}
