//! Structs without tags and without flattened fields.

use schemars::JsonSchema;

use crate::sample::{Sample, fixture};

fn seven() -> u8 {
    7
}

fn is_small(number: &u32) -> bool {
    *number < 50
}

fn strict() -> ContainerDefaultByPath {
    ContainerDefaultByPath { a: 1, b: None }
}

impl Default for ContainerDefault {
    fn default() -> Self {
        Self { a: 1, b: String::new(), c: true }
    }
}

impl Default for TupleDefault {
    fn default() -> Self {
        Self(1, true, String::new())
    }
}

// Outside of the macro: serde's derive mixes its hygiene with that of the path.
#[ipc_runtime::ipc_type]
#[derive(JsonSchema)]
#[serde(default = "strict")]
pub(crate) struct ContainerDefaultByPath {
    a: u8,
    b: Option<u8>,
}

impl Sample for ContainerDefaultByPath {
    fn sample(random: &mut crate::sample::Random) -> Self {
        Self { a: u8::sample(random), b: Option::sample(random) }
    }
}

fixture! {
    #[derive(JsonSchema)] struct Plain { name: String, size: u64, is_there: Option<bool> }
    #[derive(JsonSchema)] struct Empty {}
    #[derive(JsonSchema)] struct Unit;
    #[derive(JsonSchema)] struct EmptyTuple();
    #[derive(JsonSchema)] struct Newtype(u16);
    #[derive(JsonSchema)] struct OptionNewtype(Option<u8>);
    #[derive(JsonSchema)] struct Pair(u8, String);
    #[derive(JsonSchema)] struct Holder { newtype: Newtype, option: OptionNewtype, pair: Pair, unit: Unit, empty: Empty }

    #[derive(JsonSchema)] struct Renamed {
        #[serde(rename = "Name")] name: String,
        #[serde(rename(serialize = "out", deserialize = "in"))] way: u8,
        #[serde(rename(deserialize = "read_only"))] one: u8,
        r#type: bool,
    }
    #[derive(JsonSchema)] struct Aliased {
        #[serde(alias = "first", alias = "1st")] one: u8,
        #[serde(rename = "TWO", alias = "two")] two: Option<u8>,
    }
    #[serde(rename_all = "lowercase")] #[derive(JsonSchema)] struct Lowercase { some_field: u8 }
    #[serde(rename_all = "UPPERCASE")] #[derive(JsonSchema)] struct Uppercase { some_field: u8 }
    #[serde(rename_all = "PascalCase")] #[derive(JsonSchema)] struct PascalCase { some_field: u8, f2: u8 }
    #[serde(rename_all = "camelCase")] #[derive(JsonSchema)] struct CamelCase { some_field: u8, other_field_2: u8 }
    #[serde(rename_all = "snake_case")] #[derive(JsonSchema)] struct SnakeCase { some_field: u8 }
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")] #[derive(JsonSchema)] struct Screaming { some_field: u8 }
    #[serde(rename_all = "kebab-case")] #[derive(JsonSchema)] struct Kebab { some_field: u8, #[serde(rename = "kept_it")] kept: u8 }
    #[serde(rename_all = "SCREAMING-KEBAB-CASE")] #[derive(JsonSchema)] struct ScreamingKebab { some_field: u8 }
    #[serde(rename_all(serialize = "camelCase", deserialize = "kebab-case"))]
    #[derive(JsonSchema)] struct BothWays { some_field: u8, #[serde(alias = "other")] other_field: Option<u8> }

    #[derive(JsonSchema)] struct FieldDefaults {
        #[serde(default)] a: u8,
        #[serde(default = "seven")] b: u8,
        #[serde(default)] c: Option<u8>,
        d: Option<u8>,
        e: u8,
    }
    #[serde(default)] #[derive(JsonSchema)] struct ContainerDefault { a: u8, b: String, c: bool }
    type ContainerDefaultByPath;
    #[serde(default)] #[derive(JsonSchema)] struct TupleDefault(u8, bool, String);
    #[derive(JsonSchema)] struct TupleFieldDefaults(u8, #[serde(default)] bool, #[serde(default = "seven")] u8);
    #[derive(JsonSchema)] struct DefaultInNewtype(#[serde(default)] u8);

    #[derive(JsonSchema)] struct Skipping {
        #[serde(skip)] never: u8,
        #[serde(skip_serializing)] only_read: u8,
        #[serde(skip_serializing)] only_read_option: Option<u8>,
        #[serde(skip_deserializing)] only_sent: u8,
        #[serde(skip_serializing_if = "Option::is_none")] maybe: Option<u8>,
        #[serde(skip_serializing_if = "is_small")] often: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")] list: Vec<u8>,
    }
    #[derive(JsonSchema)] struct SkippingTuple(u8, #[serde(skip)] u8, bool);
    #[derive(JsonSchema)] struct SkippingPair(u8, #[serde(skip)] u8);
    #[derive(JsonSchema)] struct OnlySkipped { #[serde(skip)] never: u8 }
    #[serde(deny_unknown_fields)] #[derive(JsonSchema)] struct OnlySkippedStrict { #[serde(skip)] never: u8 }

    #[serde(deny_unknown_fields)] #[derive(JsonSchema)] struct Strict { #[serde(alias = "z")] a: u8, b: Option<u8> }
    #[serde(deny_unknown_fields)] #[derive(JsonSchema)] struct StrictSkipping {
        a: u8,
        #[serde(skip_deserializing)] only_sent: u8,
        #[serde(skip)] never: u8,
    }
    #[serde(deny_unknown_fields)] #[derive(JsonSchema)] struct StrictEmpty {}

    #[serde(tag = "type")] #[derive(JsonSchema)] struct Tagged { a: u8 }
    #[serde(tag = "type", rename = "Else")] #[derive(JsonSchema)] struct TaggedRenamed { a: u8 }
    #[serde(tag = "type", rename(serialize = "Out", deserialize = "In"))] #[derive(JsonSchema)] struct TaggedWays { a: u8 }
    #[serde(tag = "type", deny_unknown_fields)] #[derive(JsonSchema)] struct TaggedStrict { a: u8 }
    #[serde(tag = "type", default)] #[derive(Default)] #[derive(JsonSchema)] struct TaggedDefault { a: u8, b: u8 }
    #[derive(JsonSchema)] struct TaggedHolder { tagged: Tagged, list: Vec<TaggedRenamed> }

    #[serde(transparent)] #[derive(JsonSchema)] struct TransparentField { inner: u16 }
    #[serde(transparent)] #[derive(JsonSchema)] struct TransparentTuple(Option<u8>);
    #[serde(transparent)] #[derive(JsonSchema)] struct TransparentOption { inner: Option<String> }
    #[serde(transparent)] #[derive(JsonSchema)] struct TransparentSkip { inner: u8, #[serde(skip)] rest: u8 }
    #[serde(transparent)] #[derive(JsonSchema)] struct TransparentPhantom { inner: Pair, phantom: std::marker::PhantomData<u8> }
    #[derive(JsonSchema)] struct TransparentHolder {
        one: TransparentField,
        two: TransparentTuple,
        three: TransparentOption,
        four: Option<TransparentField>,
    }

    #[derive(JsonSchema)] struct List { value: u8, next: Option<Box<List>> }
    #[derive(JsonSchema)] struct Tree { value: u8, children: Vec<Tree> }
    #[derive(JsonSchema)] struct Names { by_name: std::collections::BTreeMap<String, Names> }
    #[derive(JsonSchema)] struct Marked { #[ipc(recursive)] next: Option<Box<Marked>>, #[ipc(recursive)] rest: Vec<Marked> }
    #[derive(JsonSchema)] struct MutualOne { #[ipc(recursive)] other: Option<Box<MutualTwo>>, value: u8 }
    #[derive(JsonSchema)] struct MutualTwo { other: Vec<MutualOne> }
    #[derive(JsonSchema)] struct Selfish { next: Option<Box<Self>> }
    #[derive(JsonSchema)] struct RecursiveNewtype(Vec<RecursiveNewtype>);
    #[serde(expecting = "something else")] #[derive(JsonSchema)] struct Expecting { a: u8 }
}
