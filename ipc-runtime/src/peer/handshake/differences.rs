//! The differences between two versions of an interface, by name.

use std::collections::BTreeMap;

use crate::{
    interface::fingerprint::shapes::TypeShapes,
    peer::handshake::hello::DescribedMethod,
    version_mismatch::{MethodDifference, TypeDifference},
};

pub(crate) fn methods(
    ours: &BTreeMap<String, DescribedMethod<'_>>,
    theirs: &BTreeMap<String, DescribedMethod<'_>>,
) -> Vec<MethodDifference> {
    let signature = |method: &DescribedMethod<'_>| method.signature.clone().into_owned();
    differences(ours, theirs, |ours, theirs| ours.fingerprint.conflicts_with(theirs.fingerprint))
        .map(|(name, ours, theirs)| MethodDifference {
            name: name.to_owned(),
            ours: ours.map(signature),
            theirs: theirs.map(signature),
        })
        .collect()
}

pub(crate) fn types(ours: &TypeShapes, theirs: &TypeShapes) -> Vec<TypeDifference> {
    differences(ours.by_name(), theirs.by_name(), |ours, theirs| ours != theirs)
        .map(|(name, ours, theirs)| TypeDifference {
            name: name.to_owned(),
            ours: ours.cloned(),
            theirs: theirs.cloned(),
        })
        .collect()
}

/// Returns what only one side has, or both have in different forms.
fn differences<'a, T>(
    ours: &'a BTreeMap<String, T>,
    theirs: &'a BTreeMap<String, T>,
    differ: impl Fn(&T, &T) -> bool,
) -> impl Iterator<Item = (&'a str, Option<&'a T>, Option<&'a T>)> {
    let known = ours.iter().map(|(name, our)| (&**name, Some(our), theirs.get(name)));
    let new = theirs.iter().filter(|(name, _)| !ours.contains_key(*name));
    let new = new.map(|(name, their)| (&**name, None, Some(their)));
    known.chain(new).filter(move |(_, our, their)| match (our, their) {
        (Some(our), Some(their)) => differ(our, their),
        _ => true,
    })
}
