//! What is sent.

use std::collections::BTreeMap;

use ipc_shape_tests::{encoding::Encoding, random::Random, sent::sent};

use crate::types;

#[test]
fn each_value_is_written_as_its_shape_says() {
    let mut different = BTreeMap::new();
    for case in types::all() {
        let schema = (case.schema)();
        let mut written = 0;
        for seed in 0..200 {
            for encoding in Encoding::ALL {
                // A variant that is never sent, say.
                let Ok(value) = (case.written)(&mut Random::new(seed), encoding) else { continue };
                written += 1;
                if let Err(error) = sent(&schema, &value, encoding) {
                    different.entry((case.name)()).or_insert(error);
                }
            }
        }
        assert!(written > 0, "{} is never written", (case.name)());
    }
    assert!(different.is_empty(), "{different:#?}");
}
