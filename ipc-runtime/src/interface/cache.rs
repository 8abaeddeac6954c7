//! What is computed of an interface once, when somebody first asks for it.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use crate::shape::fingerprint::Fingerprint;

/// What is computed of an interface once, when somebody first asks for it. Generated code has one
/// for each interface.
#[doc(hidden)]
#[derive(Debug)]
pub struct InterfaceCache {
    pub(crate) fingerprints: OnceLock<Arc<Fingerprints>>,
    pub(crate) description: OnceLock<Arc<Description>>,
}

impl InterfaceCache {
    #[allow(clippy::new_without_default, reason = "called by generated code, in a static")]
    pub const fn new() -> Self {
        Self { fingerprints: OnceLock::new(), description: OnceLock::new() }
    }
}

/// The fingerprints of an interface.
#[derive(Debug)]
pub(crate) struct Fingerprints {
    pub(crate) interface: Fingerprint,
    /// Those of the methods, in the order of the trait.
    pub(crate) methods: Vec<Fingerprint>,
}

/// What is told of an interface when versions don't fit.
#[derive(Debug)]
pub(crate) struct Description {
    /// The text of its schema.
    pub(crate) shapes: String,
    /// A short text of each type.
    pub(crate) types: BTreeMap<String, String>,
}
