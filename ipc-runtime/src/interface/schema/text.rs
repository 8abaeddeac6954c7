//! The text of a schema.

use std::fmt::{self, Display, Formatter};

use crate::{
    interface::{
        MethodKind,
        schema::{Schema, SchemaMethod, SchemaType, cursor},
    },
    shape::{
        name::WireName,
        nodes::{Enum, Field, Shape, Struct, Tagging, Variant},
    },
};

impl Display for Schema {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "channel {} {}", Word(&self.channel), Word(&self.version))?;
        self.methods.iter().try_for_each(|one| method(f, one))?;
        self.types.iter().try_for_each(|one| named(f, one))
    }
}

/// The lines of a schema but for the first, each complete by itself: a type whose parts have an
/// order is one line.
pub(crate) fn unordered_lines(schema: &Schema) -> Vec<String> {
    let methods = schema.methods.iter().map(MethodText).map(|line| line.to_string());
    let types = schema.types.iter().map(|one| {
        let is_ordered = match &one.shape {
            Shape::Struct(of) => of.fields.iter().any(|field| field.is_flattened),
            Shape::Enum(of) => {
                of.tagging == Tagging::Untagged || of.variants.iter().any(|one| one.is_untagged)
            }
            _ => false,
        };
        match is_ordered {
            true => format!("type {} = {}\n", Reference(&one.name), ShapeText(&one.shape)),
            false => SchemaTypeText(one).to_string(),
        }
    });
    let all = methods.chain(types).collect::<String>();
    all.lines().map(str::to_owned).collect()
}

struct MethodText<'a>(&'a SchemaMethod);

impl Display for MethodText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        method(f, self.0)
    }
}

struct SchemaTypeText<'a>(&'a SchemaType);

impl Display for SchemaTypeText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        named(f, self.0)
    }
}

fn method(f: &mut Formatter<'_>, method: &SchemaMethod) -> fmt::Result {
    write!(f, "method {} {}(", kind(method.kind), WireText(&method.name))?;
    for (at, argument) in method.arguments.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        let stream = if argument.is_stream { "stream " } else { "" };
        write!(f, "{comma}{}: {stream}{}", WireText(&argument.name), ShapeText(&argument.shape))?;
    }
    f.write_str(")")?;
    if !matches!(method.value, Shape::Unit) {
        write!(f, " -> {}", ShapeText(&method.value))?;
    }
    for (word, shape) in [
        ("!", &method.error),
        ("each", &method.item),
        ("ends", &method.item_error),
        ("progress", &method.progress),
    ] {
        if let Some(shape) = shape {
            write!(f, " {word} {}", ShapeText(shape))?;
        }
    }
    f.write_str(if method.idempotent { " idempotent" } else { "" })?;
    method.aliases.iter().try_for_each(|alias| write!(f, " alias {}", Quoted(alias)))?;
    writeln!(f)
}

/// The word of a kind of method.
pub(super) fn kind(kind: MethodKind) -> &'static str {
    match kind {
        MethodKind::Request => "request",
        MethodKind::Notification => "notification",
        MethodKind::Subscription => "subscription",
    }
}

fn named(f: &mut Formatter<'_>, one: &SchemaType) -> fmt::Result {
    let name = Reference(&one.name);
    match &one.shape {
        Shape::Struct(of) => {
            writeln!(f, "type {name} struct{}", StructWords(of))?;
            of.fields.iter().try_for_each(|field| writeln!(f, "type {name}.{}", FieldText(field)))
        }
        Shape::Enum(of) => {
            writeln!(f, "type {name} enum{}", EnumWords(of))?;
            let mut variants = of.variants.iter();
            variants.try_for_each(|variant| writeln!(f, "type {name}.{}", VariantText(variant)))
        }
        shape => writeln!(f, "type {name} = {}", ShapeText(shape)),
    }
}

/// The text of a shape.
pub(super) struct ShapeText<'a>(pub(super) &'a Shape);

impl Display for ShapeText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Shape::Unit => f.write_str("unit"),
            Shape::Bool => f.write_str("bool"),
            Shape::Char => f.write_str("char"),
            Shape::Integer(of) => {
                let sign = if of.signed { 'i' } else { 'u' };
                if of.zero {
                    write!(f, "{sign}{}", of.bits)
                } else {
                    write!(f, "nonzero<{sign}{}>", of.bits)
                }
            }
            Shape::Float(bits) => write!(f, "f{bits}"),
            Shape::Text(format) => f.write_str(format.word()),
            Shape::Bytes => f.write_str("bytes"),
            Shape::Any => f.write_str("any"),
            Shape::Option(inner) => write!(f, "option<{}>", ShapeText(inner)),
            Shape::Sequence(item) => write!(f, "seq<{}>", ShapeText(item)),
            Shape::Set(item) => write!(f, "set<{}>", ShapeText(item)),
            Shape::Array(item, length) => write!(f, "array<{}, {length}>", ShapeText(item)),
            Shape::Map(key, value) => write!(f, "map<{}, {}>", ShapeText(key), ShapeText(value)),
            Shape::Tuple(elements) => {
                f.write_str("tuple<")?;
                for (at, element) in elements.iter().enumerate() {
                    let comma = if at > 0 { ", " } else { "" };
                    let default = if element.has_default { " default" } else { "" };
                    write!(f, "{comma}{}{default}", ShapeText(&element.shape))?;
                }
                f.write_str(">")
            }
            Shape::Newtype(inner) => write!(f, "newtype<{}>", ShapeText(inner)),
            Shape::Struct(of) => {
                if of.denies_unknown {
                    write!(f, "struct{} ", StructWords(of))?;
                }
                braces(f, &mut of.fields.iter().map(FieldText))
            }
            Shape::Enum(of) => {
                write!(f, "enum{} ", EnumWords(of))?;
                braces(f, &mut of.variants.iter().map(VariantText))
            }
            Shape::Foreign(of) => {
                write!(f, "foreign {}", WireText(&of.name))?;
                for (at, argument) in of.arguments.iter().enumerate() {
                    write!(f, "{}{}", if at > 0 { ", " } else { "<" }, ShapeText(argument))?;
                }
                f.write_str(if of.arguments.is_empty() { "" } else { ">" })?;
                match &of.with {
                    Some(functions) => write!(f, " with {}", Quoted(functions)),
                    None => Ok(()),
                }
            }
            Shape::Literal(value) => write!(f, "literal {}", Quoted(value)),
            Shape::Asymmetric { sent, received } => {
                write!(f, "asymmetric<{}, {}>", ShapeText(sent), ShapeText(received))
            }
            Shape::Reference(name) => Reference(name).fmt(f),
            Shape::Unknown(word) if cursor::is_unknown_shape(word) => f.write_str(word),
            Shape::Unknown(word) => write!(f, "unknown {}", Quoted(word)),
        }
    }
}

fn braces(f: &mut Formatter<'_>, parts: &mut dyn Iterator<Item = impl Display>) -> fmt::Result {
    f.write_str("{")?;
    for (at, part) in parts.enumerate() {
        write!(f, "{}{part}", if at > 0 { ", " } else { " " })?;
    }
    f.write_str(" }")
}

pub(crate) struct StructWords<'a>(pub(crate) &'a Struct);

impl Display for StructWords<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.denies_unknown { " deny_unknown" } else { "" })
    }
}

pub(crate) struct EnumWords<'a>(pub(crate) &'a Enum);

impl Display for EnumWords<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.0.tagging {
            Tagging::External => {}
            Tagging::Internal(tag) => write!(f, " tag {}", Quoted(tag))?,
            Tagging::Adjacent { tag, content } => {
                write!(f, " tag {} content {}", Quoted(tag), Quoted(content))?;
            }
            Tagging::Untagged => f.write_str(" untagged")?,
        }
        f.write_str(if self.0.denies_unknown { " deny_unknown" } else { "" })
    }
}

struct FieldText<'a>(&'a Field);

impl Display for FieldText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Field { name, shape, has_default, may_be_omitted, is_flattened, is_ignored, .. } =
            self.0;
        write!(f, "{}: {}{}", WireText(name.shown()), ShapeText(shape), NameWords(name))?;
        f.write_str(if *has_default { " default" } else { "" })?;
        f.write_str(if *may_be_omitted { " omitted" } else { "" })?;
        f.write_str(if *is_flattened { " flattened" } else { "" })?;
        f.write_str(if *is_ignored { " ignored" } else { "" })
    }
}

struct VariantText<'a>(&'a Variant);

impl Display for VariantText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Variant { name, content, is_other, is_untagged, .. } = self.0;
        WireText(name.shown()).fmt(f)?;
        if let Some(content) = content {
            write!(f, ": {}", ShapeText(content))?;
        }
        NameWords(name).fmt(f)?;
        f.write_str(if *is_other { " other" } else { "" })?;
        f.write_str(if *is_untagged { " untagged" } else { "" })
    }
}

/// What a name has besides itself.
pub(crate) struct NameWords<'a>(pub(crate) &'a WireName);

impl Display for NameWords<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (&self.0.sent, &self.0.received) {
            (Some(sent), Some(received)) if sent == received => {}
            (Some(_), Some(received)) => write!(f, " read {}", Quoted(received))?,
            (_, None) => f.write_str(" only_sent")?,
            (None, _) => f.write_str(" only_read")?,
        }
        self.0.aliases.iter().try_for_each(|alias| write!(f, " alias {}", Quoted(alias)))
    }
}

/// A name on the wire: quoted unless it is plain.
pub(crate) struct WireText<'a>(pub(crate) &'a str);

impl Display for WireText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        either(f, self.0, cursor::plain_length(self.0))
    }
}

/// A channel or a version.
struct Word<'a>(&'a str);

impl Display for Word<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        either(f, self.0, cursor::word_length(self.0))
    }
}

/// The name of a type.
struct Reference<'a>(&'a str);

impl Display for Reference<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        either(f, self.0, cursor::reference_length(self.0))
    }
}

fn either(f: &mut Formatter<'_>, text: &str, bare: usize) -> fmt::Result {
    if bare > 0 && bare == text.len() { f.write_str(text) } else { Quoted(text).fmt(f) }
}

/// A string of JSON.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let quoted = serde_json::to_string(self.0).map_err(|_| fmt::Error)?;
        f.write_str(&quoted)
    }
}
