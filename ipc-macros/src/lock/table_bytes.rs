//! The bytes of a table, as the runtime's `shape/table.rs` reads them.

use std::collections::HashMap;

use super::{locked_node::Part, node_list::NodeList};

/// The bytes of a table, and the texts that they refer to.
#[derive(Default)]
pub(crate) struct TableBytes {
    pub nodes: Vec<u8>,
    pub members: Vec<u8>,
    pub texts: Vec<String>,
    numbers: HashMap<String, u64>,
}

impl TableBytes {
    pub(crate) fn of(list: &NodeList) -> Self {
        let mut bytes = Self::default();
        let mut members = 0;
        for (node, known) in list.nodes() {
            let text = bytes.text(&node.text);
            bytes.nodes.extend([node.kind as u8, known.is_cut.into()]);
            push(&mut bytes.nodes, text, 3);
            push(&mut bytes.nodes, members, 4);
            push(&mut bytes.nodes, node.members.len() as u64, 3);
            push(&mut bytes.nodes, node.number, 8);
            push(&mut bytes.nodes, known.hash, 8);
            members += node.members.len() as u64;
            for member in &node.members {
                let word = bytes.text(&member.word);
                let part = match &member.part {
                    Part::Node(place) => *place as u64,
                    // All are closed when a release was read.
                    Part::Open(_) => 0,
                };
                push(&mut bytes.members, word, 3);
                push(&mut bytes.members, member.flags.into(), 2);
                push(&mut bytes.members, part, 4);
            }
        }
        bytes
    }

    fn text(&mut self, text: &str) -> u64 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u64;
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }
}

/// Adds a number, the least significant byte first.
fn push(bytes: &mut Vec<u8>, number: u64, length: usize) {
    bytes.extend(number.to_le_bytes().iter().take(length));
}
