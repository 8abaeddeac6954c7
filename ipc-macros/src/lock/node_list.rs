//! The nodes of released shapes, each once however many releases have it.

use std::collections::HashMap;

use super::{
    locked_node::{LockedNode, Part},
    shape_hash::{self, Known},
};

#[derive(Default)]
pub(crate) struct NodeList {
    nodes: Vec<LockedNode>,
    known: Vec<Known>,
    places: HashMap<LockedNode, usize>,
}

impl NodeList {
    /// Adds a node behind its parts, and returns its place.
    pub(crate) fn add(&mut self, node: LockedNode) -> usize {
        // What is open in one release may be closed by another type in the next.
        let is_open = node.members.iter().any(|member| matches!(member.part, Part::Open(_)));
        if let (false, Some(place)) = (is_open, self.places.get(&node)) {
            return *place;
        }
        let place = self.nodes.len();
        self.known.push(shape_hash::known(&node, &self.known));
        if !is_open {
            self.places.insert(node.clone(), place);
        }
        self.nodes.push(node);
        place
    }

    /// Says where the types are that were open.
    pub(crate) fn close(&mut self, places: &HashMap<String, usize>) {
        let members = self.nodes.iter_mut().flat_map(|node| &mut node.members);
        for member in members {
            if let Part::Open(name) = &member.part {
                member.part = Part::Node(places.get(name).copied().unwrap_or_default());
            }
        }
    }

    /// The nodes, each with what is known of it.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (&LockedNode, &Known)> {
        self.nodes.iter().zip(&self.known)
    }
}
