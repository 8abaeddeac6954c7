//! Which changes of a type break whom: what the comparison says, and what serde does.

use std::{any::type_name, collections::BTreeMap};

use ipc_runtime::{
    compatibility::Compatibility,
    interface::TypeSchema,
    shape::{IpcType, Shape},
};
use ipc_shape_tests::{encoding::Encoding, random::Random};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    case::Case,
    sample::Sample,
    types::{self, evolving::*},
};

/// How many values are written of each type.
const VALUES: u64 = 60;

/// What the comparison says, and what comes of it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Verdict {
    /// There is no difference.
    Same,
    /// It differs, and all values are read.
    Fits,
    /// It breaks: a value isn't read.
    Breaks,
    /// It breaks, since what is said isn't heard. Each value is read.
    Unheard,
    /// It breaks by a cautious rule. These values are read.
    Cautious,
}

use Verdict::{Breaks, Cautious, Fits, Same, Unheard};

/// A type that travels.
trait Travels: IpcType + Sample + Serialize + DeserializeOwned {}

impl<T: IpcType + Sample + Serialize + DeserializeOwned> Travels for T {}

/// Whether all values that the writer writes are read, in both encodings.
fn are_read<R: Travels, W: Travels>() -> Result<(), String> {
    for encoding in Encoding::ALL {
        for seed in 0..VALUES {
            let Ok(bytes) = encoding.write(&W::sample(&mut Random::new(seed))) else { continue };
            if let Err(error) = encoding.read::<R>(&bytes) {
                return Err(format!("{encoding:?}: {error}"));
            }
        }
    }
    Ok(())
}

fn check<R: Travels, W: Travels>(found: &Compatibility, expected: Verdict) {
    let what = format!("{} reads {}: {found:#?}", type_name::<R>(), type_name::<W>());
    let read = are_read::<R, W>();
    match expected {
        Same => assert!(found.breaks.is_empty() && found.fits.is_empty(), "{what}"),
        Fits => assert!(found.breaks.is_empty() && !found.fits.is_empty(), "{what}"),
        Breaks | Unheard | Cautious => assert!(!found.breaks.is_empty(), "{what}"),
    }
    match expected {
        Breaks => assert!(read.is_err(), "serde reads all: {what}"),
        _ => assert_eq!(read, Ok(()), "{what}"),
    }
}

/// A cell of the table: from an old type to a new one, in an argument and in a result.
fn cell<Old: Travels, New: Travels>(argument: Verdict, result: Verdict) {
    let (old, new) = (TypeSchema::of::<Old>(), TypeSchema::of::<New>());
    check::<New, Old>(&Compatibility::of_argument(&new, &old), argument);
    check::<Old, New>(&Compatibility::of_result(&old, &new), result);
    let is_same = argument == Same && result == Same;
    assert_eq!(is_same, Old::fingerprint() == New::fingerprint(), "{}", type_name::<New>());
}

#[test]
fn fields() {
    cell::<Base, Added>(Breaks, Fits);
    cell::<Strict, StrictAddedOption>(Fits, Breaks);
    cell::<Base, AddedOption>(Fits, Fits);
    cell::<Base, AddedDefault>(Fits, Fits);
    cell::<Base, AddedDefaults>(Fits, Fits);
    cell::<Added, Base>(Unheard, Breaks);
    cell::<AddedOption, Base>(Unheard, Fits);
    cell::<AddedDefault, Base>(Unheard, Fits);
    cell::<StrictAddedOption, Strict>(Breaks, Fits);
    cell::<Base, Renamed>(Breaks, Breaks);
    cell::<Base, Loud>(Breaks, Breaks);
    cell::<Base, RenamedWithAlias>(Fits, Breaks);
    cell::<BaseWithAlias, RenamedWithAlias>(Fits, Fits);
    cell::<Base, BaseWithAlias>(Fits, Fits);
    cell::<BaseWithAlias, Base>(Fits, Fits);
    cell::<RenamedWithAlias, Renamed>(Fits, Fits);
    cell::<BothOfTwo, OneOfTwo>(Breaks, Breaks);
    cell::<Base, Reordered>(Same, Same);
}

#[test]
fn defaults_and_what_is_left_out() {
    cell::<Base, Defaulted>(Fits, Fits);
    cell::<Base, Optional>(Fits, Breaks);
    cell::<Defaulted, Base>(Fits, Fits);
    cell::<Optional, Base>(Breaks, Fits);
    cell::<Optional, OptionalDefaulted>(Same, Same);
    cell::<Base, Omitted>(Fits, Breaks);
    cell::<Defaulted, OmittedDefault>(Fits, Fits);
    cell::<OmittedDefault, Base>(Breaks, Fits);
    cell::<Optional, OmittedOption>(Fits, Fits);
    cell::<OmittedOption, Optional>(Fits, Fits);
    cell::<Base, Skipped>(Unheard, Breaks);
    cell::<Skipped, Base>(Breaks, Fits);
    cell::<Base, NeverSent>(Fits, Breaks);
    cell::<Base, NeverRead>(Unheard, Fits);
    cell::<Base, Strict>(Fits, Fits);
    cell::<AddedOption, Strict>(Breaks, Fits);
    cell::<Strict, Base>(Fits, Fits);
}

#[test]
fn flattened_structs_are_as_if_inline() {
    cell::<Base, Flat>(Fits, Fits);
    cell::<Flat, Base>(Fits, Fits);
    cell::<Base, FlatAdded>(Fits, Fits);
    cell::<Flat, FlatAdded>(Fits, Fits);
    // Serde's buffer keeps no such numbers, and only text as keys.
    cell::<Wide, FlatWide>(Breaks, Cautious);
    cell::<Keys, FlatKeys>(Breaks, Cautious);
    cell::<FlatMap, FlatMapAdded>(Breaks, Breaks);
}

#[test]
fn variants() {
    cell::<Choice, ChoiceAdded>(Fits, Breaks);
    cell::<ChoiceAdded, Choice>(Breaks, Fits);
    cell::<Choice, ChoiceRenamed>(Breaks, Breaks);
    cell::<Choice, ChoiceWithAlias>(Fits, Breaks);
    cell::<ChoiceKnowsBoth, ChoiceWithAlias>(Fits, Fits);
    cell::<Choice, ChoiceKnowsBoth>(Fits, Fits);
    cell::<Choice, ChoiceOfUnit>(Breaks, Cautious);
    cell::<Choice, ChoiceOfTuple>(Breaks, Breaks);
    cell::<Choice, ChoiceWide>(Fits, Breaks);
    cell::<Choice, ChoiceField>(Fits, Fits);
    cell::<Choice, ChoiceReordered>(Same, Same);
    cell::<Choice, StrictChoice>(Fits, Fits);
    cell::<InternalOther, InternalAdded>(Breaks, Fits);
    cell::<Internal, InternalOther>(Fits, Breaks);
    cell::<AdjacentOther, AdjacentUnit>(Breaks, Fits);
    cell::<AdjacentOther, AdjacentAdded>(Breaks, Breaks);
}

#[test]
fn tagging() {
    cell::<Internal, InternalKind>(Breaks, Breaks);
    cell::<Internal, Adjacent>(Breaks, Breaks);
    cell::<Adjacent, AdjacentContent>(Breaks, Breaks);
    cell::<Choice, Internal>(Breaks, Breaks);
    cell::<Untagged, UntaggedAppended>(Fits, Breaks);
    cell::<UntaggedAppended, Untagged>(Breaks, Fits);
    cell::<Untagged, UntaggedBefore>(Cautious, Breaks);
    cell::<Untagged, UntaggedWide>(Cautious, Breaks);
    cell::<Partly, PartlyAdded>(Cautious, Breaks);
    cell::<Base, TaggedStruct>(Fits, Fits);
}

#[test]
fn numbers() {
    cell::<u8, u16>(Fits, Breaks);
    cell::<u64, u32>(Breaks, Fits);
    cell::<u32, i64>(Fits, Breaks);
    cell::<u32, i32>(Breaks, Breaks);
    cell::<i8, u8>(Breaks, Breaks);
    cell::<std::num::NonZeroU8, u8>(Fits, Breaks);
    cell::<u8, std::num::NonZeroU16>(Breaks, Breaks);
    cell::<u64, u128>(Fits, Breaks);
    cell::<f32, f64>(Fits, Cautious);
    cell::<u32, f64>(Fits, Breaks);
    cell::<u16, f32>(Fits, Breaks);
    cell::<BTreeMap<u8, u8>, BTreeMap<u16, u8>>(Fits, Breaks);
    cell::<BTreeMap<u8, u8>, BTreeMap<u8, u16>>(Fits, Breaks);
    cell::<BTreeMap<u8, u8>, BTreeMap<String, u8>>(Breaks, Breaks);
}

#[test]
fn containers_and_text() {
    cell::<OfArray, OfOctets>(Fits, Breaks);
    cell::<OfOctets, OfArray>(Breaks, Fits);
    cell::<OfChar, OfText>(Fits, Breaks);
    cell::<OfPath, OfText>(Fits, Fits);
    cell::<OfText, OfPath>(Fits, Fits);
    cell::<OfSet, OfOctets>(Fits, Fits);
    cell::<OfOctets, OfSet>(Fits, Fits);
    cell::<OfBytes, OfText>(Cautious, Breaks);
    cell::<OfBytes, OfOctets>(Breaks, Breaks);
    cell::<OfNumber, OfWith>(Breaks, Breaks);
    cell::<(u8, u8), (u8, u8, u8)>(Breaks, Breaks);
    cell::<(u8, u8), (u8, u16)>(Fits, Breaks);
    cell::<std::net::Ipv4Addr, std::net::IpAddr>(Fits, Breaks);
    cell::<std::net::IpAddr, String>(Fits, Breaks);
}

#[test]
fn what_a_type_reaches_counts() {
    cell::<Outer, OuterAdded>(Fits, Fits);
    cell::<Outer, OuterBroken>(Fits, Breaks);
    cell::<Tree, TreeAdded>(Fits, Fits);
    cell::<TreeNarrow, TreeWide>(Fits, Breaks);
    cell::<Tree, TreeWide>(Breaks, Breaks);
}

#[test]
fn what_cannot_be_seen_is_no_change() {
    cell::<Base, Wrapped>(Same, Same);
    cell::<Base, Transparent>(Same, Same);
    cell::<Base, Boxed>(Same, Same);
}

/// The types of the fixture, and those in their versions.
fn all() -> impl Iterator<Item = Case> {
    types::all().chain(CASES.iter().copied())
}

/// Each type of the fixture, read as each other one.
#[test]
fn what_is_said_to_fit_is_read() {
    // Those that don't even read what they write themselves have no say. And a unit struct, which
    // looks like `()`, is an empty list in MessagePack.
    let cases: Vec<_> = all().filter(reads_itself).collect();
    let schemas: Vec<_> = cases.iter().map(|case| (case.schema)()).collect();
    let mut wrong = BTreeMap::new();
    let mut fitting = 0;
    for (writer, written) in cases.iter().zip(&schemas) {
        let values = Encoding::ALL.into_iter().flat_map(|encoding| {
            let values = (0..VALUES)
                .filter_map(move |seed| (writer.written)(&mut Random::new(seed), encoding).ok());
            values.map(move |value| (encoding, value))
        });
        let values: Vec<_> = values.collect();
        for (reader, read) in cases.iter().zip(&schemas) {
            let argument = Compatibility::of_argument(read, written);
            let result = Compatibility::of_result(read, written);
            let are_units = is_unit(read) && is_unit(written);
            if are_units || !argument.is_compatible() && !result.is_compatible() {
                continue;
            }
            fitting += 1;
            let refused = values.iter().find_map(|(encoding, value)| {
                (reader.read)(value, *encoding)
                    .err()
                    .map(|error| format!("{:.200}: {error}", format!("{value:?}")))
            });
            if let Some(refused) = refused {
                let names = format!("{} reads {}", (reader.name)(), (writer.name)());
                wrong.insert(names, refused);
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {fitting}: {wrong:#?}", wrong.len());
    // Each fits itself, and many edits fit.
    assert!(fitting > cases.len() * 3 / 2, "{fitting} of {}", cases.len());
}

/// What has another fingerprint is told to differ, and nothing else is.
#[test]
fn each_difference_is_told() {
    let cases: Vec<_> = all().map(|case| (case, (case.schema)())).collect();
    let mut untold = Vec::new();
    for (one, ours) in &cases {
        for (other, theirs) in &cases {
            // What isn't read as it is written differs from itself.
            if ours.is_asymmetric() || theirs.is_asymmetric() {
                continue;
            }
            let found =
                [Compatibility::of_argument(ours, theirs), Compatibility::of_result(ours, theirs)];
            let is_told = found.iter().any(|found| *found != Compatibility::default());
            if is_told == ((one.fingerprint)() == (other.fingerprint)()) {
                untold.push(format!("{} reads {}: {found:?}", (one.name)(), (other.name)()));
            }
        }
    }
    assert!(untold.is_empty(), "{} {untold:#?}", untold.len());
}

fn reads_itself(case: &Case) -> bool {
    Encoding::ALL.into_iter().all(|encoding| {
        (0..VALUES).all(|seed| match (case.written)(&mut Random::new(seed), encoding) {
            Ok(value) => (case.read)(&value, encoding).is_ok(),
            Err(_) => true,
        })
    })
}

fn is_unit(schema: &TypeSchema) -> bool {
    match schema.shape() {
        Shape::Unit => true,
        Shape::Reference(name) => {
            schema.get(name).is_some_and(|one| matches!(one.shape, Shape::Unit))
        }
        _ => false,
    }
}

trait IsAsymmetric {
    fn is_asymmetric(&self) -> bool;
}

impl IsAsymmetric for TypeSchema {
    fn is_asymmetric(&self) -> bool {
        let mut found = false;
        self.visit(&mut |shape| found |= matches!(shape, Shape::Asymmetric { .. }));
        found
    }
}
