//! The attributes, by the place where they stand.

/// Where an attribute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Struct,
    Enum,
    Variant,
    Field,
}

/// An attribute, as it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attribute {
    pub place: Place,
    pub text: &'static str,
}

/// Those that are for structs and for enums.
const CONTAINER: &[&str] = &[
    r#"serde(rename = "Renamed")"#,
    r#"serde(rename(serialize = "Sent", deserialize = "Read"))"#,
    r#"serde(rename_all = "camelCase")"#,
    r#"serde(rename_all(serialize = "kebab-case", deserialize = "UPPERCASE"))"#,
    "serde(deny_unknown_fields)",
    r#"serde(tag = "type")"#,
    "serde(default)",
    r#"serde(from = "Wire")"#,
    r#"serde(into = "Wire")"#,
    r#"serde(try_from = "Wire")"#,
    r#"serde(expecting = "something")"#,
];

const STRUCT: &[&str] = &[r#"serde(default = "made")"#, "serde(transparent)"];

const ENUM: &[&str] = &[
    r#"serde(rename_all_fields = "PascalCase")"#,
    r#"serde(content = "of")"#,
    r#"serde(tag = "type", content = "of")"#,
    "serde(untagged)",
];

const VARIANT: &[&str] = &[
    r#"serde(rename = "renamed")"#,
    r#"serde(rename(serialize = "sent", deserialize = "read"))"#,
    r#"serde(alias = "alias")"#,
    r#"serde(rename_all = "UPPERCASE")"#,
    "serde(skip)",
    "serde(skip_serializing)",
    "serde(skip_deserializing)",
    "serde(other)",
    "serde(untagged)",
    r#"serde(with = "same")"#,
    r#"serde(serialize_with = "same::serialize")"#,
    r#"serde(deserialize_with = "same::deserialize")"#,
];

const FIELD: &[&str] = &[
    r#"serde(rename = "renamed")"#,
    r#"serde(rename(serialize = "sent", deserialize = "read"))"#,
    r#"serde(alias = "alias")"#,
    "serde(default)",
    r#"serde(default = "made")"#,
    "serde(skip)",
    "serde(skip_serializing)",
    "serde(skip_deserializing)",
    r#"serde(skip_serializing_if = "is_default")"#,
    "serde(flatten)",
    r#"serde(with = "same")"#,
    r#"serde(serialize_with = "same::serialize")"#,
    r#"serde(deserialize_with = "same::deserialize")"#,
    r#"ipc(as = "FIELD")"#,
    "ipc(recursive)",
    "ipc(lossy)",
];

/// All attributes that may be on a struct, or on an enum, and on their parts.
pub(crate) fn of(container: Place) -> Vec<Attribute> {
    let (own, variant) = match container {
        Place::Enum => (ENUM, VARIANT),
        _ => (STRUCT, [].as_slice()),
    };
    let of = |place, texts: &'static [&'static str]| {
        texts.iter().map(move |text| Attribute { place, text })
    };
    of(container, CONTAINER)
        .chain(of(container, own))
        .chain(of(Place::Variant, variant))
        .chain(of(Place::Field, FIELD))
        .collect()
}
