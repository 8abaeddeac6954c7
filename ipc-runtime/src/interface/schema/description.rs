//! What is told of an interface when versions don't fit.

use std::{collections::BTreeMap, sync::Arc};

use crate::interface::{
    InterfaceInfo,
    cache::Description,
    schema::{Schema, summary::summary},
};

/// How long the text of one type may be for peers that know no `shapes`.
pub(crate) const MAX_SUMMARY: usize = 1024;

impl InterfaceInfo {
    /// The texts of its types. They are made once: a peer may ask as often as it likes.
    pub(crate) fn description(&self) -> Arc<Description> {
        let compute = || {
            let schema = Schema::of(self);
            let mut types = BTreeMap::new();
            for one in schema.types() {
                types.insert(one.name.clone(), summary(&one.shape, MAX_SUMMARY));
            }
            Arc::new(Description { types, shapes: schema.to_string() })
        };
        match self.cache() {
            Some(cache) => cache.description.get_or_init(compute).clone(),
            None => compute(),
        }
    }
}
