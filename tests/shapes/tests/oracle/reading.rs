//! What is read.

use std::collections::{BTreeMap, BTreeSet};

use ipc_shape_tests::{
    comparison::{Comparison, names},
    damage::damaged,
    encoding::Encoding,
    random::Random,
};

use crate::types;

/// How many values are damaged for each type and encoding.
const SAMPLES: u64 = 8;

/// Says what was different, by type.
fn report(comparisons: &BTreeMap<&str, Comparison>) {
    let mut text = String::new();
    let (mut told, mut untold) = (0, 0);
    for (name, comparison) in comparisons {
        told += comparison.read + comparison.refused;
        untold += comparison.untold;
        for difference in comparison.differences.iter().take(4) {
            text += &format!("\n{name}: {difference}");
        }
    }
    assert!(text.is_empty(), "{text}");
    // The comparison would mean nothing if a shape left most of it open.
    assert!(untold * 4 < told, "{told} told, {untold} untold");
}

#[test]
fn a_written_value_is_read_where_the_shape_says_so() {
    let mut comparisons = BTreeMap::new();
    for case in types::all() {
        let schema = (case.schema)();
        let comparison: &mut Comparison = comparisons.entry((case.name)()).or_default();
        for encoding in Encoding::ALL {
            for seed in 0..200 {
                if let Ok(value) = (case.written)(&mut Random::new(seed), encoding) {
                    comparison.reading(&schema, &value, encoding, &(case.read)(&value, encoding));
                }
            }
        }
    }
    report(&comparisons);
}

#[test]
fn a_damaged_value_is_read_where_the_shape_says_so() {
    let mut comparisons = BTreeMap::new();
    // `Saturating` reads a number out of its range as the end of the range. As a type on the wire
    // it is the number, which nobody should send otherwise.
    for case in types::all().filter(|case| !(case.name)().ends_with("::Clamped")) {
        let schema = (case.schema)();
        let names = names(&schema);
        let comparison: &mut Comparison = comparisons.entry((case.name)()).or_default();
        for encoding in Encoding::ALL {
            let mut seen = BTreeSet::new();
            for seed in 0..SAMPLES {
                let Ok(value) = (case.written)(&mut Random::new(seed), encoding) else { continue };
                if !seen.insert(format!("{value:?}")) {
                    continue;
                }
                for one in damaged(&value, &names, encoding == Encoding::Json) {
                    comparison.reading(&schema, &one, encoding, &(case.read)(&one, encoding));
                }
            }
        }
    }
    report(&comparisons);
}
