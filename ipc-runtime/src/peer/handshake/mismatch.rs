//! What differs where versions don't fit, and which methods fit all the same.

use std::{collections::HashSet, sync::Arc};

use crate::{
    compatibility::verdict::Compatibility,
    interface::{Compat, InterfaceInfo, schema::Schema},
    peer::handshake::{
        differences,
        hello::{Described, DescribedMethod, Exposed},
    },
    version_mismatch::VersionMismatch,
};

/// Two versions of an interface that don't fit.
pub(crate) struct Mismatch {
    pub(crate) error: VersionMismatch,
    /// The full names of our methods that can be called all the same.
    pub(crate) usable: HashSet<&'static str>,
}

impl Mismatch {
    /// Compares our interface with the other side's. `rule` is that by which they don't fit.
    pub(crate) fn new(
        interface: &'static InterfaceInfo,
        rule: Compat,
        endpoint: &Arc<str>,
        theirs: Exposed<'static>,
        described: Option<Described<'static>>,
    ) -> Self {
        let ours = Schema::of(interface);
        let shapes = described.as_ref().and_then(|described| described.shapes.as_deref());
        // Without them, or if they can't be read, what differs is told by texts.
        let theirs_read = shapes.and_then(|text| text.parse::<Schema>().ok());
        let differences = theirs_read.as_ref().map(|theirs| ours.compare(theirs));
        let differences = differences.unwrap_or_default();
        let mut usable = HashSet::new();
        let (methods, types) = match described {
            Some(described) if !described.methods.is_empty() => {
                let types = match &theirs_read {
                    Some(theirs) => differences::compared(&ours, theirs, &differences),
                    // There was no room for them.
                    None if described.types.is_empty() => Vec::new(),
                    None => differences::types(&interface.description().types, &described.types),
                };
                let our_methods = DescribedMethod::all(interface);
                if rule == Compat::Used {
                    let schemas = theirs_read.as_ref().map(|theirs| (&ours, theirs));
                    usable = usable_methods(interface, &described, schemas);
                }
                (differences::methods(&our_methods, &described.methods), types)
            }
            _ => Default::default(),
        };
        let error = VersionMismatch {
            channel: interface.channel,
            endpoint: endpoint.clone(),
            compat: rule,
            our_version: interface.version,
            our_fingerprint: interface.fingerprint(),
            their_version: theirs.version.into_owned(),
            their_fingerprint: theirs.fingerprint,
            methods,
            types,
            differences,
        };
        Self { error, usable }
    }
}

/// The full names of our methods that the other side serves so that both understand each other: the
/// same, or with changes that can be read.
fn usable_methods(
    interface: &'static InterfaceInfo,
    theirs: &Described<'_>,
    schemas: Option<(&Schema, &Schema)>,
) -> HashSet<&'static str> {
    let fingerprints = interface.fingerprints();
    let methods = interface.methods.iter().zip(&fingerprints.methods);
    let usable = methods.filter(|(method, ours)| {
        let is_same = theirs.methods.get(method.name).is_some_and(|one| one.fingerprint == **ours);
        is_same
            || schemas.is_some_and(|(ours, theirs)| {
                Compatibility::of_method(ours, theirs, method.name).is_compatible()
            })
    });
    usable.map(|(method, _)| method.full_name).collect()
}
