//! schemars reads serde's attributes too, on its own: what it says of a struct is what the shape
//! says. It doesn't know the tag of a struct, so that those with one aren't compared.

use std::collections::BTreeSet;

use ipc_runtime::{
    interface::TypeSchema,
    shape::{Field, IpcType, Shape, Struct},
};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use crate::types::structs;

/// The fields that are known and those that are required, and whether others are refused.
#[derive(Debug, PartialEq)]
struct Fields {
    known: BTreeSet<String>,
    required: BTreeSet<String>,
    denies_unknown: bool,
}

impl Fields {
    /// A shape has the names under which a field is read as a set, and a schema one of them.
    fn named_as(mut self, of: &Struct) -> Self {
        for names in [&mut self.known, &mut self.required] {
            *names = names
                .iter()
                .map(|name| {
                    let field = of.fields.iter().find(|field| field.name.is_read_as(name));
                    field.and_then(|field| field.name.received.clone()).unwrap_or(name.clone())
                })
                .collect();
        }
        self
    }
}

/// The names of the fields for which this holds.
fn names<'a>(
    of: &'a Struct,
    name: impl Fn(&'a Field) -> Option<&'a str>,
    counts: impl Fn(&'a Field) -> bool,
) -> BTreeSet<String> {
    let counting = of.fields.iter().filter(|field| counts(field));
    counting.filter_map(name).map(str::to_owned).collect()
}

fn sent(of: &Struct) -> Fields {
    Fields {
        known: names(of, |field| field.name.sent.as_deref(), |_| true),
        required: names(of, |field| field.name.sent.as_deref(), |field| !field.may_be_omitted),
        denies_unknown: of.denies_unknown,
    }
}

fn received(of: &Struct, types: &TypeSchema) -> Fields {
    Fields {
        known: names(of, |field| field.name.received.as_deref(), |_| true),
        required: names(
            of,
            |field| field.name.received.as_deref(),
            |field| !types.may_be_missing(field),
        ),
        denies_unknown: of.denies_unknown,
    }
}

fn schema<T: JsonSchema>(settings: SchemaSettings) -> Fields {
    let schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    let properties = schema["properties"].as_object();
    let required = schema["required"].as_array();
    Fields {
        known: properties.into_iter().flatten().map(|(name, _)| name.clone()).collect(),
        required: required
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        denies_unknown: schema["additionalProperties"] == false,
    }
}

/// The struct that a type is.
fn structure(schema: &TypeSchema) -> Option<&Struct> {
    let Shape::Reference(name) = schema.shape() else { return None };
    match &schema.get(name)?.shape {
        Shape::Struct(of) => Some(of),
        _ => None,
    }
}

fn compare<T: JsonSchema + IpcType>(name: &str, different: &mut Vec<String>) {
    // A transparent one is what it holds.
    let types = TypeSchema::of::<T>();
    let Some(of) = structure(&types) else { return };
    let settings = SchemaSettings::draft2020_12;
    let pairs = [
        ("sent", sent(of), schema::<T>(settings().for_serialize())),
        ("received", received(of, &types), schema::<T>(settings().for_deserialize()).named_as(of)),
    ];
    for (direction, says, schema) in pairs {
        if says != schema {
            different.push(format!("{name} {direction}:\n  shape: {says:?}\n  schema: {schema:?}"));
        }
    }
}

macro_rules! compare_all {
    ($($name:ident)*) => {{
        let mut different = Vec::new();
        $(compare::<structs::$name>(stringify!($name), &mut different);)*
        different
    }};
}

#[test]
fn a_schema_has_the_fields_of_the_shape() {
    let different = compare_all! {
        Plain Empty Holder Renamed Aliased Lowercase Uppercase PascalCase CamelCase SnakeCase
        Screaming Kebab ScreamingKebab BothWays FieldDefaults ContainerDefault Skipping
        OnlySkipped OnlySkippedStrict Strict StrictSkipping StrictEmpty
        TaggedHolder TransparentField TransparentOption
        TransparentSkip TransparentPhantom TransparentHolder List Tree Names Marked MutualOne
        MutualTwo Selfish Expecting ContainerDefaultByPath
    };
    assert!(different.is_empty(), "{}", different.join("\n"));
}
