//! JSON Schema, draft 7, as the notation of types.

use serde_json::Number;

use crate::{
    notation::{
        Notation,
        map_key::MapKey,
        object_form::{ObjectForm, PropertyForm},
        type_form::TypeForm,
    },
    openrpc::{
        doc_text,
        json_tree::{JsonMembers, JsonTree},
    },
    shape::{
        name::Docs,
        nodes::ForeignType,
        scalar::{Integer, TextFormat},
    },
};

/// The digits of a number in JSON.
const NUMBER: &str = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$";

/// The notation of JSON Schema.
pub(super) struct JsonSchema<'a> {
    /// The schema that stands for the form of a type, by its name.
    pub(super) reference: &'a mut dyn FnMut(&str, TypeForm) -> JsonTree,
}

impl Notation for JsonSchema<'_> {
    type Type = JsonTree;

    fn reference(&mut self, name: &str, form: TypeForm) -> JsonTree {
        (self.reference)(name, form)
    }

    fn null(&self) -> JsonTree {
        typed("null").into()
    }

    fn boolean(&self) -> JsonTree {
        typed("boolean").into()
    }

    fn character(&self) -> JsonTree {
        character().into()
    }

    fn text(&self, format: TextFormat) -> JsonTree {
        let text = typed("string");
        let format = match format {
            TextFormat::Any | TextFormat::Path => return text.into(),
            TextFormat::Ip => {
                let either =
                    ["ipv4", "ipv6"].map(|format| JsonMembers::new().with("format", format));
                return text.with("anyOf", Vec::from(either.map(JsonTree::from))).into();
            }
            TextFormat::Ipv4 => "ipv4",
            TextFormat::Ipv6 => "ipv6",
            TextFormat::SocketAddress => "socket-address",
            TextFormat::SocketAddressV4 => "socket-address-v4",
            TextFormat::SocketAddressV6 => "socket-address-v6",
        };
        text.with("format", format).into()
    }

    fn number(&self) -> JsonTree {
        typed("number").into()
    }

    fn integer(&self, integer: Integer, _: TypeForm) -> JsonTree {
        whole_number(integer)
    }

    fn bytes(&self, _: TypeForm) -> JsonTree {
        typed("string").with("contentEncoding", "base64").into()
    }

    fn json(&self) -> JsonTree {
        anything()
    }

    fn foreign(&self, of: &ForeignType) -> JsonTree {
        let known = match &of.format {
            Some(format) => typed("string").with("format", &**format),
            None => JsonMembers::new(),
        };
        known.with("x-rust", &*of.name).into()
    }

    fn unknown(&self) -> JsonTree {
        anything()
    }

    fn literal(&self, value: &str) -> JsonTree {
        typed("string").with("const", value).into()
    }

    fn list(&self, item: JsonTree) -> JsonTree {
        typed("array").with("items", item).into()
    }

    fn array(&self, item: JsonTree, length: u64) -> JsonTree {
        typed("array").with("items", item).with("minItems", length).with("maxItems", length).into()
    }

    fn tuple(&self, items: Vec<JsonTree>, required: usize) -> JsonTree {
        let (least, most) = (required as u64, items.len() as u64);
        let tuple = typed("array");
        // A list of schemas has one at least.
        let tuple = if items.is_empty() { tuple } else { tuple.with("items", items) };
        tuple.with("minItems", least).with("maxItems", most).into()
    }

    fn map(&self, key: Option<MapKey>, value: JsonTree, form: TypeForm) -> JsonTree {
        let map = typed("object");
        if form.is_part {
            return map.into();
        }
        map.with_some("propertyNames", key.map(names)).with("additionalProperties", value).into()
    }

    fn missing_content(&self) -> Option<JsonTree> {
        Some(self.null())
    }

    fn object(&self, of: ObjectForm<JsonTree>, form: TypeForm) -> JsonTree {
        let ObjectForm { members, rest, others, is_exact } = of;
        // What others have on the same object would be refused.
        let is_whole = others.is_empty() && !form.is_part;
        let rest = match rest.is_empty() {
            false if is_whole => Some(self.union(rest)),
            true if is_whole && is_exact => Some(JsonTree::Bool(false)),
            _ => None,
        };
        let required = members.iter().filter(|member| !member.is_optional);
        let required: Vec<JsonTree> = required.map(|member| member.name.as_str().into()).collect();
        let has_members = !members.is_empty();
        let properties = members.into_iter().fold(JsonMembers::new(), |all, member| {
            let PropertyForm { name, ty, docs, .. } = member;
            all.with(&name, self.documented(ty, docs))
        });
        let own = typed("object")
            .with_some("properties", has_members.then_some(properties))
            .with_some("required", (!required.is_empty()).then_some(required))
            .with_some("additionalProperties", rest);
        let own = (has_members || others.is_empty()).then(|| own.into());
        self.intersection(own.into_iter().chain(others).collect())
    }

    fn any_object(&self) -> JsonTree {
        typed("object").into()
    }

    fn object_without(&self, names: &[&str]) -> JsonTree {
        let has = |name: &&str| {
            let required: Vec<JsonTree> = vec![(*name).into()];
            JsonMembers::new().with("required", required).into()
        };
        let any: Vec<JsonTree> = names.iter().map(has).collect();
        if any.is_empty() {
            return self.any_object();
        }
        typed("object").with("not", JsonMembers::new().with("anyOf", any)).into()
    }

    fn intersection(&self, mut parts: Vec<JsonTree>) -> JsonTree {
        match parts.pop() {
            None => self.any_object(),
            Some(only) if parts.is_empty() => only,
            Some(last) => {
                parts.push(last);
                JsonMembers::new().with("allOf", parts).into()
            }
        }
    }

    fn union(&self, parts: Vec<JsonTree>) -> JsonTree {
        let mut distinct: Vec<JsonTree> = Vec::new();
        for part in parts.into_iter().flat_map(alternatives) {
            if part == anything() {
                return part;
            }
            if part != self.never() && !distinct.contains(&part) {
                distinct.push(part);
            }
        }
        let mut merged: Vec<JsonTree> = Vec::new();
        for part in distinct {
            match (merged.last_mut().and_then(words_mut), words(&part)) {
                (Some(known), Some(words)) => known.extend(words),
                (None, Some(words)) => {
                    merged.push(typed("string").with("enum", words).into());
                }
                _ => merged.push(part),
            }
        }
        match merged.pop() {
            None => self.never(),
            Some(only) if merged.is_empty() => one_word(only),
            Some(last) => {
                merged.push(last);
                let any: Vec<JsonTree> = merged.into_iter().map(one_word).collect();
                JsonMembers::new().with("anyOf", any).into()
            }
        }
    }

    fn never(&self) -> JsonTree {
        JsonMembers::new().with("not", JsonMembers::new()).into()
    }

    fn documented(&self, ty: JsonTree, docs: Docs) -> JsonTree {
        let docs = doc_text::members(docs);
        match ty {
            ty if docs.is_empty() => ty,
            // Nothing else counts beside a `$ref`.
            JsonTree::Object(ty) if ty.get("$ref").is_some() => {
                docs.with("allOf", vec![JsonTree::from(ty)]).into()
            }
            JsonTree::Object(ty) => docs.clone().and(ty).and(docs).into(),
            ty => ty,
        }
    }
}

fn typed(name: &str) -> JsonMembers {
    JsonMembers::new().with("type", name)
}

/// The schema of any value.
pub(super) fn anything() -> JsonTree {
    JsonMembers::new().into()
}

/// Text of one character: JSON Schema counts code points.
fn character() -> JsonMembers {
    typed("string").with("minLength", 1u64).with("maxLength", 1u64)
}

/// A whole number of this range. Its bounds are exact: what has more than 64 bits ends below a
/// power of two, which a floating-point number holds.
pub(super) fn whole_number(integer: Integer) -> JsonTree {
    let Integer { signed, bits, zero, .. } = integer;
    let schema = typed("integer");
    let schema = match (signed, bits) {
        (false, 0..=64) => {
            let least = u64::from(!zero);
            schema.with("minimum", least).with("maximum", u64::MAX >> (64 - bits.clamp(1, 64)))
        }
        (true, 0..=64) => {
            let most = i64::MAX >> (64 - bits.clamp(1, 64));
            schema.with("minimum", -most - 1).with("maximum", most)
        }
        (false, _) => schema
            .with("minimum", u64::from(!zero))
            .with_some("exclusiveMaximum", power_of_two(bits)),
        (true, _) => schema
            .with_some("minimum", power_of_two(bits - 1).map(negative))
            .with_some("exclusiveMaximum", power_of_two(bits - 1)),
    };
    let sign = if signed { "" } else { "u" };
    let format = (bits >= 64).then(|| format!("{sign}int{bits}"));
    let schema = schema.with_some("format", format);
    let is_nonzero = signed && !zero;
    schema.with_some("not", is_nonzero.then(|| JsonMembers::new().with("const", 0u64))).into()
}

fn power_of_two(exponent: u8) -> Option<JsonTree> {
    Number::from_f64(2f64.powi(exponent.into())).map(JsonTree::Number)
}

fn negative(number: JsonTree) -> JsonTree {
    match &number {
        JsonTree::Number(value) => {
            let negative = value.as_f64().and_then(|value| Number::from_f64(-value));
            negative.map_or(number, JsonTree::Number)
        }
        _ => number,
    }
}

/// What the names of a map's entries are.
fn names(key: MapKey) -> JsonTree {
    let words = |words: Vec<JsonTree>| JsonMembers::new().with("enum", words);
    match key {
        MapKey::Boolean => words(vec!["true".into(), "false".into()]).into(),
        MapKey::Character => character().into(),
        MapKey::Number => JsonMembers::new().with("pattern", NUMBER).into(),
        MapKey::Integer(integer) => JsonMembers::new().with("pattern", digits(integer)).into(),
        MapKey::Names(names) if names.is_empty() => JsonTree::Bool(false),
        MapKey::Names(names) => words(names.into_iter().map(JsonTree::from).collect()).into(),
    }
}

/// The digits of an integer: no more than the largest has.
fn digits(integer: Integer) -> String {
    let bits = u32::from(integer.bits) - u32::from(integer.signed);
    let largest = u128::MAX >> (128 - bits.clamp(1, 128));
    let more = largest.ilog10();
    let sign = if integer.signed { "-?" } else { "" };
    let nonzero = format!("{sign}[1-9][0-9]{{0,{more}}}");
    if integer.zero { format!("^(0|{nonzero})$") } else { format!("^{nonzero}$") }
}

/// The parts of a union.
fn alternatives(of: JsonTree) -> Vec<JsonTree> {
    match of {
        JsonTree::Object(members) => match members.only("anyOf") {
            Some(JsonTree::List(parts)) => parts.clone(),
            _ => vec![members.into()],
        },
        other => vec![other],
    }
}

/// The texts that a schema allows, if it says nothing else.
fn words(schema: &JsonTree) -> Option<Vec<JsonTree>> {
    let JsonTree::Object(members) = schema else { return None };
    let is_all =
        |name: &str, value: &JsonTree| typed("string").with(name, value.clone()) == *members;
    match (members.get("const"), members.get("enum")) {
        (Some(word), _) if is_all("const", word) => Some(vec![word.clone()]),
        (_, Some(all @ JsonTree::List(words))) if is_all("enum", all) => Some(words.clone()),
        _ => None,
    }
}

fn words_mut(schema: &mut JsonTree) -> Option<&mut Vec<JsonTree>> {
    words(schema)?;
    match schema {
        JsonTree::Object(members) => match members.get_mut("enum") {
            Some(JsonTree::List(words)) => Some(words),
            _ => None,
        },
        _ => None,
    }
}

/// A list of one text as that text.
fn one_word(schema: JsonTree) -> JsonTree {
    match words(&schema).as_deref() {
        Some([word]) => typed("string").with("const", word.clone()).into(),
        _ => schema,
    }
}
