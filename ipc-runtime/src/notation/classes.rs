//! Which texts that refer to each other say the same.

use std::collections::HashMap;

/// A text with places in it for others.
pub(crate) struct Template {
    /// What it belongs to: texts of two owners are never the same.
    pub(crate) owner: usize,
    pub(crate) text: String,
    /// The numbers of the texts in its places, in their order.
    pub(crate) parts: Vec<usize>,
}

/// The class of each text, by number. Texts are of one class until something tells them apart:
/// their own words, then the classes of their parts, until no more are told apart by that.
pub(crate) fn classes(templates: &[Template]) -> Vec<usize> {
    let mut classes: Vec<usize> = templates.iter().map(|one| one.owner).collect();
    let mut count = 0;
    loop {
        let mut known = HashMap::new();
        let next: Vec<usize> = templates
            .iter()
            .map(|one| {
                let parts = one.parts.iter().map(|part| classes.get(*part).copied());
                let key = (one.owner, &one.text, parts.collect::<Vec<_>>());
                let next = known.len();
                *known.entry(key).or_insert(next)
            })
            .collect();
        let told_apart = known.len();
        classes = next;
        if told_apart == count {
            return classes;
        }
        count = told_apart;
    }
}
