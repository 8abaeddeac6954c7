//! The types that are compared.

#![allow(dead_code, reason = "serde alone looks at the fields")]

mod converted;
mod enums;
pub(crate) mod evolving;
mod flattened;
mod generic;
mod mixed;
mod std_types;
pub(crate) mod structs;
mod tagged;

use crate::case::Case;

/// What is within the types of some fixtures. The bindings of TypeScript are tried with others,
/// which differ from their JSON.
type Leaf = u8;

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = Case> {
    [
        converted::CASES,
        enums::CASES,
        flattened::CASES,
        generic::CASES,
        mixed::CASES,
        std_types::CASES,
        structs::CASES,
        tagged::CASES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

#[test]
fn each_shape_is_one_of_the_types_own() {
    use ipc_runtime::shape::Shape;

    assert!(all().count() > 100, "{}", all().count());
    for case in all() {
        // What isn't known would be read whatever it is, and no mistake be seen.
        let is_known = !matches!((case.schema)().shape(), Shape::Any | Shape::Foreign(_));
        assert!(is_known || (case.name)() == "serde_json::value::Value", "{}", (case.name)());
    }
}
