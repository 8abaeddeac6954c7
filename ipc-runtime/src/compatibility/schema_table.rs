//! A schema as a table: what is compared when the program runs.

use std::collections::HashMap;

use crate::{
    compatibility::table_method::{TableArgument, TableMethod},
    interface::{
        MethodKind,
        schema::{
            Schema, SchemaMethod, SchemaType,
            text::{EnumWords, NameWords, StructWords, WireText},
        },
    },
    shape::{
        node::{Member, NodeKind},
        nodes::{Enum, Field, Shape, Struct, Tagging, Variant},
        table::{NewMember, ShapeTable, TableBytes},
    },
};

/// The nodes of a schema, and its methods.
#[derive(Default)]
pub(crate) struct SchemaTable<'s> {
    bytes: TableBytes,
    methods: Vec<OwnedMethod<'s>>,
    /// The node of each type, by its name.
    places: HashMap<&'s str, u32>,
}

struct OwnedMethod<'s> {
    name: &'s str,
    aliases: Vec<&'s str>,
    kind: MethodKind,
    is_idempotent: bool,
    arguments: Vec<TableArgument<'s>>,
    value: u32,
    others: [Option<u32>; 4],
}

const BOTH: u16 = Member::SENT | Member::RECEIVED;

impl<'s> SchemaTable<'s> {
    pub(crate) fn of(schema: &'s Schema) -> Self {
        let mut table = Self::of_types(&schema.types);
        for method in &schema.methods {
            table.method(method);
        }
        table
    }

    /// That of some types, and none of methods.
    pub(crate) fn of_types(types: &'s [SchemaType]) -> Self {
        let mut table = Self::default();
        // Each type has its place before any is looked into: they may contain each other.
        for one in types {
            let place = table.node(NodeKind::Named, one.name.clone(), 0, Vec::new());
            table.places.entry(&one.name).or_insert(place);
        }
        for (place, one) in (0..).zip(types) {
            let part = table.shape(&one.shape);
            table.bytes.set_members(place, &[part_only(part)]);
        }
        table
    }

    /// Calls a function with the table and its methods.
    pub(crate) fn with<T>(&self, f: impl FnOnce(&ShapeTable<'_>, &[TableMethod<'_>]) -> T) -> T {
        let methods = self.methods.iter().map(|one| {
            let OwnedMethod { name, aliases, kind, is_idempotent, arguments, value, others } = one;
            TableMethod::new(name, aliases, *kind, *is_idempotent, arguments, *value, *others)
        });
        let methods: Vec<_> = methods.collect();
        self.bytes.with(|table| f(table, &methods))
    }

    fn method(&mut self, method: &'s SchemaMethod) {
        let arguments = method.arguments.iter();
        let arguments = arguments
            .map(|one| TableArgument::new(&one.name, one.is_stream, self.shape(&one.shape)))
            .collect();
        let value = self.shape(&method.value);
        let others = [&method.error, &method.item, &method.item_error, &method.progress]
            .map(|shape| shape.as_ref().map(|shape| self.shape(shape)));
        self.methods.push(OwnedMethod {
            name: &method.name,
            aliases: method.aliases.iter().map(|alias| &**alias).collect(),
            kind: method.kind,
            is_idempotent: method.idempotent,
            arguments,
            value,
            others,
        });
    }

    /// Adds a shape, and returns its place.
    pub(crate) fn shape(&mut self, shape: &Shape) -> u32 {
        match shape {
            Shape::Unit => self.scalar(NodeKind::Unit, 0),
            Shape::Bool => self.scalar(NodeKind::Bool, 0),
            Shape::Char => self.scalar(NodeKind::Char, 0),
            Shape::Integer(integer) => self.scalar(NodeKind::Integer, integer.number()),
            Shape::Float(bits) => self.scalar(NodeKind::Float, u64::from(*bits)),
            Shape::Text(format) => self.scalar(NodeKind::Text, *format as u64),
            Shape::Bytes => self.scalar(NodeKind::Bytes, 0),
            Shape::Any => self.scalar(NodeKind::Any, 0),
            Shape::Option(inner) => self.container(NodeKind::Option, &[inner]),
            Shape::Sequence(item) => self.container(NodeKind::Sequence, &[item]),
            Shape::Set(item) => self.container(NodeKind::Set, &[item]),
            Shape::Newtype(inner) => self.container(NodeKind::Newtype, &[inner]),
            Shape::Map(key, value) => self.container(NodeKind::Map, &[key, value]),
            Shape::Asymmetric { sent, received } => {
                self.container(NodeKind::Asymmetric, &[sent, received])
            }
            Shape::Array(item, length) => {
                let item = part_only(self.shape(item));
                self.node(NodeKind::Array, String::new(), *length, vec![item])
            }
            Shape::Tuple(elements) => {
                let elements = elements.iter().map(|element| NewMember {
                    flags: BOTH | flag(Member::DEFAULT, element.has_default),
                    ..part_only(self.shape(&element.shape))
                });
                let elements = elements.collect();
                self.node(NodeKind::Tuple, String::new(), 0, elements)
            }
            Shape::Struct(of) => self.structure(of),
            Shape::Enum(of) => self.enumeration(of),
            Shape::Foreign(of) => {
                let mut parts = Vec::new();
                if let Some(with) = &of.with {
                    let part = self.scalar(NodeKind::Unit, 0);
                    parts.push(NewMember { word: with.clone(), flags: Member::WITH, part });
                }
                for argument in &of.arguments {
                    parts.push(part_only(self.shape(argument)));
                }
                // What functions write has their name, whatever the type is called.
                let name = if of.with.is_some() { String::new() } else { of.name.clone() };
                self.node(NodeKind::Foreign, name, 0, parts)
            }
            Shape::Literal(value) => self.node(NodeKind::Literal, value.clone(), 0, Vec::new()),
            Shape::Reference(name) => match self.places.get(&**name) {
                Some(place) => *place,
                None => self.node(NodeKind::Foreign, format!("unknown {name}"), 0, Vec::new()),
            },
            Shape::Unknown(word) => {
                self.node(NodeKind::Foreign, format!("unknown {word}"), 0, Vec::new())
            }
        }
    }

    fn structure(&mut self, of: &Struct) -> u32 {
        let fields = of.fields.iter().map(|field| self.field(field)).collect();
        let header = StructWords(of).to_string().trim_start().to_owned();
        self.node(NodeKind::Struct, header, 0, fields)
    }

    fn field(&mut self, field: &Field) -> NewMember {
        let Field { name, shape, has_default, may_be_omitted, is_flattened, is_ignored, .. } =
            field;
        let omitted = if *may_be_omitted { " omitted" } else { "" };
        let flags = flag(Member::SENT, name.sent.is_some())
            | flag(Member::RECEIVED, name.received.is_some())
            | flag(Member::DEFAULT, *has_default)
            | flag(Member::OMITTED, *may_be_omitted)
            | flag(Member::FLATTENED, *is_flattened)
            | flag(Member::IGNORED, *is_ignored);
        let word = format!("{}{}{omitted}", WireText(name.shown()), NameWords(name));
        NewMember { word, flags, part: self.shape(shape) }
    }

    fn enumeration(&mut self, of: &Enum) -> u32 {
        let is_untagged = matches!(of.tagging, Tagging::Untagged);
        let variants = of.variants.iter().map(|one| self.variant(one, is_untagged)).collect();
        let is_adjacent = matches!(of.tagging, Tagging::Adjacent { .. });
        let header = EnumWords(of).to_string().trim_start().to_owned();
        self.node(NodeKind::Enum, header, is_adjacent.into(), variants)
    }

    fn variant(&mut self, variant: &Variant, is_untagged: bool) -> NewMember {
        let Variant { name, content, is_other, is_untagged: is_without_tag, .. } = variant;
        let flags = flag(Member::SENT, name.sent.is_some())
            | flag(Member::RECEIVED, name.received.is_some())
            | flag(Member::UNTAGGED, is_untagged || *is_without_tag);
        let other = if *is_other { " other" } else { "" };
        let word = format!("{}{}{other}", WireText(name.shown()), NameWords(name));
        let part = match content {
            Some(content) => self.shape(content),
            None => self.scalar(NodeKind::Nothing, 0),
        };
        NewMember { word, flags, part }
    }

    fn scalar(&mut self, kind: NodeKind, number: u64) -> u32 {
        self.node(kind, String::new(), number, Vec::new())
    }

    fn container(&mut self, kind: NodeKind, parts: &[&Shape]) -> u32 {
        let parts = parts.iter().map(|part| part_only(self.shape(part))).collect();
        self.node(kind, String::new(), 0, parts)
    }

    fn node(&mut self, kind: NodeKind, text: String, number: u64, members: Vec<NewMember>) -> u32 {
        self.bytes.push(kind, text, number, &members)
    }
}

/// A part without a name.
fn part_only(part: u32) -> NewMember {
    NewMember { word: String::new(), flags: BOTH, part }
}

fn flag(flag: u16, is_set: bool) -> u16 {
    if is_set { flag } else { 0 }
}
