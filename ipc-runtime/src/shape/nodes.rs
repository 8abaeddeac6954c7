//! The nodes of a shape. They hold each other, so they stand together.

use crate::shape::{
    name::{Docs, WireName},
    scalar::{Integer, TextFormat},
};

/// What a value of a type looks like on the wire.
///
/// Borrowed, boxed and shared forms of a type have one shape, and so have `Vec`, slices and other
/// sequences.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Shape {
    /// `()`, a unit struct: `null` in JSON.
    Unit,
    /// A `bool`.
    Bool,
    /// A `char`: text of one character.
    Char,
    /// A whole number.
    Integer(Integer),
    /// A floating-point number of this many bits.
    Float(u8),
    /// Text.
    Text(TextFormat),
    /// [`Bytes`](crate::Bytes): base64 in JSON, bytes in MessagePack.
    Bytes,
    /// A value of any form: [`serde_json::Value`].
    Any,
    /// `Option<T>`: `T`, or null.
    Option(Box<Shape>),
    /// A `Vec`, a slice, a list.
    Sequence(Box<Shape>),
    /// A `HashSet` or a `BTreeSet`: a sequence without duplicates.
    Set(Box<Shape>),
    /// `[T; N]`: a sequence of this length.
    Array(Box<Shape>, u64),
    /// A map, of keys and values. In JSON, the keys are text.
    Map(Box<Shape>, Box<Shape>),
    /// A tuple or a tuple struct: a sequence whose elements each have a type.
    Tuple(Vec<Element>),
    /// A struct of one unnamed field, which travels as that field. An `Option` in it may not be
    /// left out where the struct is a field.
    Newtype(Box<Shape>),
    /// A struct, or a variant's named fields: a map.
    Struct(Struct),
    /// An enum.
    Enum(Enum),
    /// A type of which only the name is known.
    Foreign(ForeignType),
    /// A text that is always the same: the tag of a struct.
    Literal(String),
    /// A type that is read in another form than it is written in, by serde's `into` and `from`.
    Asymmetric {
        /// What is sent.
        sent: Box<Shape>,
        /// What is read.
        received: Box<Shape>,
    },
    /// One of the types of a [`Schema`](crate::interface::Schema), by its name there.
    Reference(String),
    /// What a later version of this crate has written.
    Unknown(String),
}

impl Shape {
    /// Calls `each` with this shape and with each shape inside of it. A
    /// [`Reference`](Self::Reference) isn't followed.
    pub fn visit<'a>(&'a self, each: &mut dyn FnMut(&'a Shape)) {
        each(self);
        self.for_each_part(&mut |part| part.visit(each));
    }

    /// Calls `each` with the shapes directly inside of this one, in the order of the definition.
    pub fn for_each_part<'a>(&'a self, each: &mut dyn FnMut(&'a Shape)) {
        match self {
            Self::Option(inner)
            | Self::Sequence(inner)
            | Self::Set(inner)
            | Self::Array(inner, _)
            | Self::Newtype(inner) => each(inner),
            Self::Map(key, value) => {
                each(key);
                each(value);
            }
            Self::Tuple(elements) => elements.iter().for_each(|element| each(&element.shape)),
            Self::Struct(of) => of.fields.iter().for_each(|field| each(&field.shape)),
            Self::Enum(of) => {
                of.variants.iter().filter_map(|variant| variant.content.as_ref()).for_each(each);
            }
            Self::Foreign(foreign) => foreign.arguments.iter().for_each(each),
            Self::Asymmetric { sent, received } => {
                each(sent);
                each(received);
            }
            Self::Unit
            | Self::Bool
            | Self::Char
            | Self::Integer(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Bytes
            | Self::Any
            | Self::Literal(_)
            | Self::Reference(_)
            | Self::Unknown(_) => {}
        }
    }
}

/// Named fields.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Struct {
    /// The fields that travel in one direction at least, in the order of the definition.
    pub fields: Vec<Field>,
    /// Whether unknown fields are an error where it is read, by serde's `deny_unknown_fields`.
    pub denies_unknown: bool,
}

/// A named field.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Field {
    /// Its names on the wire.
    pub name: WireName,
    /// Its type.
    pub shape: Shape,
    /// Whether it may be missing where it is read, by serde's `default`. An `Option` may be without
    /// that: see [`Schema::may_be_missing`](crate::interface::Schema::may_be_missing).
    pub has_default: bool,
    /// Whether it may be left out where it is sent, by serde's `skip_serializing_if`.
    pub may_be_omitted: bool,
    /// Whether its own fields stand in its place, by serde's `flatten`.
    pub is_flattened: bool,
    /// Whether nobody heeds it any more, by `#[ipc(ignored)]`: so it may be removed.
    pub is_ignored: bool,
    /// What its author has written about it.
    pub docs: Docs,
}

/// One element of a tuple.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Element {
    /// Its type.
    pub shape: Shape,
    /// Whether it may be missing at the end where it is read, by serde's `default`.
    pub has_default: bool,
}

/// An enum.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Enum {
    /// How its variants are told apart.
    pub tagging: Tagging,
    /// The variants that travel in one direction at least, in the order of the definition.
    pub variants: Vec<Variant>,
    /// Whether unknown fields are an error where a variant is read, by serde's
    /// `deny_unknown_fields`.
    pub denies_unknown: bool,
}

/// How the variants of an enum are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tagging {
    /// `"Unit"`, `{"Name": content}`: what serde does without an attribute.
    External,
    /// `{"tag": "Name", …}`: serde's `tag`.
    Internal(String),
    /// `{"tag": "Name", "content": …}`: serde's `tag` and `content`.
    Adjacent {
        /// The name of the field with the variant's name.
        tag: String,
        /// The name of the field with the variant's content.
        content: String,
    },
    /// By nothing but the content: the first variant that fits. Serde's `untagged`.
    Untagged,
}

/// One variant of an enum.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Variant {
    /// Its names on the wire.
    pub name: WireName,
    /// What it holds: `None` for `A`, a tuple for `A(x, y)`, a struct for `A { x }`, and the field
    /// itself for `A(x)`.
    pub content: Option<Shape>,
    /// Whether it stands for each unknown name, by serde's `other`.
    pub is_other: bool,
    /// Whether it has no tag in an enum that is tagged.
    pub is_untagged: bool,
    /// What its author has written about it.
    pub docs: Docs,
}

/// A type of which only the name is known: one of another crate, or one that the author's own
/// functions write.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ForeignType {
    /// The name, as it was written, without its path: `Uuid`.
    pub name: String,
    /// Its generic arguments. A constant among them is a foreign type named as its value.
    pub arguments: Vec<Shape>,
    /// The functions that write or read it, as they are named by serde's `with`.
    pub with: Option<String>,
    /// What is known of it all the same, by a feature of this crate: `uuid`, `date-time`. The words
    /// are those of JSON Schema's `format` where it has one; `partial-time`, `partial-date-time`
    /// (both without a zone) and `zoned-date-time` (with the zone's name) are this crate's own.
    pub format: Option<String>,
}
