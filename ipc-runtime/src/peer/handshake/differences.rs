//! The differences between two versions of an interface, by name.

use std::collections::BTreeMap;

use crate::{
    interface::schema::{
        Schema, description::MAX_SUMMARY, difference::Difference, summary::summary,
    },
    peer::handshake::hello::DescribedMethod,
    version_mismatch::{MethodDifference, TypeDifference},
};

pub(crate) fn methods(
    ours: &BTreeMap<String, DescribedMethod<'_>>,
    theirs: &BTreeMap<String, DescribedMethod<'_>>,
) -> Vec<MethodDifference> {
    let signature = |method: &DescribedMethod<'_>| method.signature.clone().into_owned();
    // A method that a side has under another name isn't missing there.
    let known = |side: &BTreeMap<String, DescribedMethod<'_>>, name: &str| {
        side.values()
            .find_map(|one| one.aliases.iter().any(|old| old == name).then(|| signature(one)))
    };
    differences(ours, theirs, |ours, theirs| ours.fingerprint.conflicts_with(theirs.fingerprint))
        // It is told once, under the older name.
        .filter(|(_, our, their)| match (our, their) {
            (Some(one), None) => !has_alias_in(one, theirs),
            (None, Some(one)) => !has_alias_in(one, ours),
            _ => true,
        })
        .map(|(name, our, their)| {
            let our = our.map(signature).or_else(|| known(ours, name));
            let their = their.map(signature).or_else(|| known(theirs, name));
            (name, our, their)
        })
        .map(|(name, ours, theirs)| MethodDifference { name: name.to_owned(), ours, theirs })
        .collect()
}

/// Whether one of the other side's methods has a name that this one had before.
fn has_alias_in(
    method: &DescribedMethod<'_>,
    other: &BTreeMap<String, DescribedMethod<'_>>,
) -> bool {
    method.aliases.iter().any(|old| other.contains_key(&**old))
}

pub(crate) fn types(
    ours: &BTreeMap<String, String>,
    theirs: &BTreeMap<String, String>,
) -> Vec<TypeDifference> {
    differences(ours, theirs, |ours, theirs| ours != theirs)
        .map(|(name, ours, theirs)| TypeDifference {
            name: name.to_owned(),
            ours: ours.cloned(),
            theirs: theirs.cloned(),
        })
        .collect()
}

/// Returns the types in which something was found to differ.
pub(crate) fn compared(
    ours: &Schema,
    theirs: &Schema,
    differences: &[Difference],
) -> Vec<TypeDifference> {
    let text =
        |schema: &Schema, name: &str| schema.get(name).map(|one| summary(&one.shape, MAX_SUMMARY));
    let mut differ: Vec<TypeDifference> = Vec::new();
    // Each pair of types is told once.
    for (our, their) in differences.iter().filter_map(|one| one.of_type.as_ref()) {
        let at = differ.partition_point(|one| one.name <= *our);
        let (name, ours, theirs) = (our.clone(), text(ours, our), text(theirs, their));
        differ.insert(at, TypeDifference { name, ours, theirs });
    }
    differ
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
