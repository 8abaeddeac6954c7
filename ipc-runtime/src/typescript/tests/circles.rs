//! Types that contain themselves, also without an object or a list between.

use std::collections::BTreeMap;

use super::{declared, plan};
use crate::ipc_type;

#[ipc_type]
struct Chain(Option<Box<Chain>>);

#[ipc_type]
struct Lists(Vec<Lists>);

#[ipc_type]
struct Maps(BTreeMap<String, Maps>);

#[test]
fn a_newtype_of_itself_is_what_else_it_may_be() {
    assert_eq!(declared::<Chain>(), "\nexport type Chain = null;\n");
    assert_eq!(plan::<Chain>(), "");
}

#[test]
fn lists_and_maps_of_themselves_have_their_own_names_in_them() {
    assert_eq!(declared::<Lists>(), "\nexport type Lists = Lists[];\n");
    assert_eq!(declared::<Maps>(), "\nexport type Maps = { [key: string]: Maps };\n");
}

#[ipc_type]
struct One(Option<Box<Two>>);

#[ipc_type]
#[serde(untagged)]
enum Two {
    Number(f64),
    One(#[ipc(recursive)] Box<One>),
    List(#[ipc(recursive)] Vec<One>),
}

#[test]
fn types_that_are_each_other_have_all_values_of_both() {
    // What is behind the untagged enum stays as it is on the wire, and so has a form of its own.
    let text = declared::<One>();
    for name in ["One", "OneRaw"] {
        let line = format!("export type {name} = number | OneRaw[] | null;");
        assert!(text.contains(&line), "{line} in {text}");
    }
    let text = declared::<Two>();
    assert!(text.contains("export type Two = number | OneRaw[] | null;"), "{text}");
}

#[ipc_type]
#[serde(tag = "kind")]
enum Tagged {
    Again(Box<Tagged>),
    Wrapped { inner: Option<Box<Tagged>>, wide: u64 },
    Leaf,
}

#[test]
fn a_tagged_variant_of_the_enum_itself_has_no_values_and_no_plan() {
    let text = declared::<Tagged>();
    let expected =
        "{ kind: \"Wrapped\"; inner: Tagged | null; wide: number } | { kind: \"Leaf\" };";
    assert!(text.contains(&format!("export type Tagged = {expected}")), "{text}");
    let expected = "const $tagged: $.Plan = { i: \"kind\", v: { Wrapped: { s: { inner: () => \
                    $tagged, wide: \"int\" } } } };\n$tagged";
    assert_eq!(plan::<Tagged>(), expected);
}

#[ipc_type]
struct Outer {
    id: u64,
    #[serde(flatten)]
    inner: Inner,
}

#[ipc_type]
#[serde(tag = "kind")]
enum Inner {
    Outer(#[ipc(recursive)] Box<Outer>),
    Leaf { size: u64 },
}

#[test]
fn what_is_flattened_into_itself_ends() {
    let text = declared::<Outer>();
    let expected = "export type Outer = { id: number } & { kind: \"Leaf\"; size: number };";
    assert!(text.contains(expected), "{text}");
    let plan = plan::<Outer>();
    assert!(!plan.contains("() =>"), "{plan}");
}
