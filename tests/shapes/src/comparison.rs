//! What the shape of a type says, against what serde does.

use std::collections::BTreeSet;

use ipc_runtime::{
    interface::TypeSchema,
    shape::{IpcType, Shape, Tagging, WireName},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    accepted::reading, damage::damaged, encoding::Encoding, reading::Reading, sent::sent,
    value::Value,
};

/// How often serde and the shapes agreed, and where not.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Values that are read.
    pub read: usize,
    /// Values that are refused.
    pub refused: usize,
    /// Values of which a shape doesn't tell.
    pub untold: usize,
    /// What is different, as text.
    pub differences: BTreeSet<String>,
}

impl Comparison {
    /// Compares what the shape says of reading a value with what serde did.
    pub fn reading(
        &mut self,
        schema: &TypeSchema,
        value: &Value,
        encoding: Encoding,
        does: &Result<(), String>,
    ) {
        let says = reading(schema, value, encoding);
        match (says, does) {
            (Reading::Lax, _) => self.untold += 1,
            (Reading::Yes, Ok(())) => self.read += 1,
            (Reading::No, Err(_)) => self.refused += 1,
            _ => {
                self.differences.insert(format!(
                    "{encoding:?}: {value:?}\n    shape: {says:?}\n    serde: {does:?}"
                ));
            }
        }
    }

    /// Compares all that is said of a value and of what it may be damaged to, in JSON alone: each
    /// encoding doubles the time that a type takes to compile.
    pub fn in_json<T: IpcType + Serialize + DeserializeOwned>(&mut self, value: &T) {
        let schema = TypeSchema::of::<T>();
        let Ok(text) = serde_json::to_vec(value) else { return };
        self.written_and_damaged(&schema, &text, &|text| {
            serde_json::from_slice::<T>(text).map(drop).map_err(|error| error.to_string())
        });
    }

    fn written_and_damaged(
        &mut self,
        schema: &TypeSchema,
        text: &[u8],
        read: &dyn Fn(&[u8]) -> Result<(), String>,
    ) {
        let encoding = Encoding::Json;
        let value = match encoding.read::<Value>(text) {
            Ok(value) => value,
            Err(error) => {
                self.differences.insert(error);
                return;
            }
        };
        if let Err(error) = sent(schema, &value, encoding) {
            self.differences.insert(error);
        }
        let damaged = damaged(&value, &names(schema), true);
        for one in std::iter::once(value).chain(damaged) {
            let does = encoding.write(&one).and_then(|text| read(&text));
            self.reading(schema, &one, encoding, &does);
        }
    }
}

/// Whether serde reads the value; the error is serde's.
pub fn read<T: DeserializeOwned>(value: &Value, encoding: Encoding) -> Result<(), String> {
    encoding.read::<T>(&encoding.write(value)?).map(drop)
}

/// All names that a type and those that it reaches have.
pub fn names(schema: &TypeSchema) -> Vec<String> {
    fn add(names: &mut BTreeSet<String>, name: &WireName) {
        names.extend(name.sent.iter().chain(&name.received).map(|name| name.to_string()));
        names.extend(name.aliases.iter().map(|name| name.to_string()));
    }
    let mut names = BTreeSet::new();
    schema.visit(&mut |shape| match shape {
        Shape::Struct(of) => of.fields.iter().for_each(|field| add(&mut names, &field.name)),
        Shape::Enum(of) => {
            of.variants.iter().for_each(|variant| add(&mut names, &variant.name));
            match &of.tagging {
                Tagging::Internal(tag) => names.extend([tag.to_string()]),
                Tagging::Adjacent { tag, content } => {
                    names.extend([tag.to_string(), content.to_string()]);
                }
                _ => {}
            }
        }
        _ => {}
    });
    names.into_iter().collect()
}
