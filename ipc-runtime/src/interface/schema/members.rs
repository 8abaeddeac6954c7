//! Fields and variants, as the parser collects them.

use crate::{
    interface::schema::{
        cursor::{Cursor, plain_length},
        parse_error::ParseSchemaError,
    },
    shape::{
        name::{Docs, WireName},
        nodes::{Enum, Field, Shape, Struct, Tagging, Variant},
    },
};

/// A type whose lines are read.
pub(super) enum TypeLines {
    Struct(Fields),
    Enum(Variants),
    /// It has neither.
    Whole(Shape),
}

#[derive(Default)]
pub(super) struct Fields {
    pub(super) fields: Vec<Field>,
    denies_unknown: bool,
}

pub(super) struct Variants {
    pub(super) variants: Vec<Variant>,
    tagging: Tagging,
    denies_unknown: bool,
}

impl Default for TypeLines {
    fn default() -> Self {
        Self::Struct(Fields::default())
    }
}

impl TypeLines {
    pub(super) fn shape(self) -> Shape {
        match self {
            Self::Struct(of) => {
                Shape::Struct(Struct { fields: of.fields, denies_unknown: of.denies_unknown })
            }
            Self::Enum(of) => Shape::Enum(Enum {
                tagging: of.tagging,
                variants: of.variants,
                denies_unknown: of.denies_unknown,
            }),
            Self::Whole(shape) => shape,
        }
    }
}

impl Fields {
    pub(super) fn with(mut self, fields: Vec<Field>) -> Shape {
        self.fields = fields;
        TypeLines::Struct(self).shape()
    }
}

impl Variants {
    pub(super) fn with(mut self, variants: Vec<Variant>) -> Shape {
        self.variants = variants;
        TypeLines::Enum(self).shape()
    }
}

/// The words that say under which names something travels.
struct ReadName {
    name: String,
    read: Option<String>,
    aliases: Vec<String>,
    only_sent: bool,
    only_read: bool,
}

impl ReadName {
    fn new(name: String) -> Self {
        let (only_sent, only_read) = (false, false);
        Self { name, read: None, aliases: Vec::new(), only_sent, only_read }
    }

    /// Takes one, if it is next.
    fn take(&mut self, cursor: &mut Cursor<'_>) -> Result<bool, ParseSchemaError> {
        if cursor.keyword("read") {
            self.read = Some(cursor.quoted()?);
        } else if cursor.keyword("alias") {
            self.aliases.push(cursor.quoted()?);
        } else if cursor.keyword("only_sent") {
            self.only_sent = true;
        } else if cursor.keyword("only_read") {
            self.only_read = true;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn name(self, cursor: &Cursor<'_>) -> Result<WireName, ParseSchemaError> {
        if self.only_sent && (self.only_read || self.read.is_some()) {
            return Err(cursor.error("what is only sent isn't read"));
        }
        let received = if self.only_sent {
            None
        } else {
            Some(self.read.unwrap_or_else(|| self.name.clone()))
        };
        let sent = if self.only_read { None } else { Some(self.name) };
        Ok(WireName { sent, received, aliases: self.aliases })
    }
}

impl Cursor<'_> {
    /// Takes the words of a struct.
    pub(super) fn structure(&mut self) -> Result<Fields, ParseSchemaError> {
        let mut of = Fields::default();
        loop {
            if self.keyword("deny_unknown") {
                of.denies_unknown = true;
            } else if !self.header_word()? {
                return Ok(of);
            }
        }
    }

    /// Takes the words of an enum.
    pub(super) fn enumeration(&mut self) -> Result<Variants, ParseSchemaError> {
        let tagging = Tagging::External;
        let mut of = Variants { variants: Vec::new(), tagging, denies_unknown: false };
        let (mut tag, mut content, mut untagged) = (None, None, false);
        loop {
            if self.keyword("deny_unknown") {
                of.denies_unknown = true;
            } else if self.keyword("tag") {
                tag = Some(self.quoted()?);
            } else if self.keyword("content") {
                content = Some(self.quoted()?);
            } else if self.keyword("untagged") {
                untagged = true;
            } else if !self.header_word()? {
                break;
            }
        }
        of.tagging = match (tag, content, untagged) {
            (None, None, false) => Tagging::External,
            (Some(tag), None, false) => Tagging::Internal(tag),
            (Some(tag), Some(content), false) => Tagging::Adjacent { tag, content },
            (None, None, true) => Tagging::Untagged,
            _ => return Err(self.error("these words don't go together")),
        };
        Ok(of)
    }

    /// Takes an unknown word, and what belongs to it unless that is the braces.
    fn header_word(&mut self) -> Result<bool, ParseSchemaError> {
        let length = plain_length(self.rest());
        if length == 0 {
            return Ok(false);
        }
        let from = self.position();
        self.take(length);
        while self.string()?.is_some() {}
        self.skip(self.since(from));
        Ok(true)
    }

    /// Takes the fields or variants in braces.
    pub(super) fn braces(
        &mut self,
        mut of: TypeLines,
        depth: usize,
    ) -> Result<Shape, ParseSchemaError> {
        self.expect("{")?;
        let mut is_first = true;
        while !self.sign("}") {
            if !is_first {
                self.expect(",")?;
            }
            is_first = false;
            match &mut of {
                TypeLines::Struct(of) => of.fields.push(self.field(depth + 1)?),
                TypeLines::Enum(of) => of.variants.push(self.variant(depth + 1)?),
                TypeLines::Whole(_) => return Err(self.error("`}` is missing here")),
            }
        }
        Ok(of.shape())
    }

    /// Takes a field.
    pub(super) fn field(&mut self, depth: usize) -> Result<Field, ParseSchemaError> {
        let name = self.name(plain_length, "a field's name")?;
        self.expect(":")?;
        let shape = self.shape(depth)?;
        self.field_words(name, shape)
    }

    /// Takes the words behind a field's shape.
    fn field_words(&mut self, name: String, shape: Shape) -> Result<Field, ParseSchemaError> {
        let mut name = ReadName::new(name);
        let (mut has_default, mut may_be_omitted) = (false, false);
        let (mut is_flattened, mut is_ignored) = (false, false);
        loop {
            if self.keyword("default") {
                has_default = true;
            } else if self.keyword("omitted") {
                may_be_omitted = true;
            } else if self.keyword("flattened") {
                is_flattened = true;
            } else if self.keyword("ignored") {
                is_ignored = true;
            } else if !name.take(self)? && !self.word()? {
                let name = name.name(self)?;
                return Ok(Field {
                    name,
                    shape,
                    has_default,
                    may_be_omitted,
                    is_flattened,
                    is_ignored,
                    docs: Docs::NONE,
                });
            }
        }
    }

    /// Takes a variant.
    pub(super) fn variant(&mut self, depth: usize) -> Result<Variant, ParseSchemaError> {
        let name = self.name(plain_length, "a variant's name")?;
        let content = if self.sign(":") { Some(self.shape(depth)?) } else { None };
        self.variant_words(name, content)
    }

    /// Takes the words behind a variant's content.
    fn variant_words(
        &mut self,
        name: String,
        content: Option<Shape>,
    ) -> Result<Variant, ParseSchemaError> {
        let mut name = ReadName::new(name);
        let (mut is_other, mut is_untagged) = (false, false);
        loop {
            if self.keyword("other") {
                is_other = true;
            } else if self.keyword("untagged") {
                is_untagged = true;
            } else if !name.take(self)? && !self.word()? {
                let name = name.name(self)?;
                return Ok(Variant { name, content, is_other, is_untagged, docs: Docs::NONE });
            }
        }
    }

    /// Reads a field as a macro has written it: its name, and what stands behind its shape.
    pub(super) fn constant_field(word: &str, shape: Shape) -> Result<Field, ParseSchemaError> {
        let mut cursor = Cursor::new(word, 1);
        let name = cursor.name(plain_length, "a field's name")?;
        cursor.field_words(name, shape)
    }

    /// Reads a variant as a macro has written it.
    pub(super) fn constant_variant(
        word: &str,
        content: Option<Shape>,
    ) -> Result<Variant, ParseSchemaError> {
        let mut cursor = Cursor::new(word, 1);
        let name = cursor.name(plain_length, "a variant's name")?;
        cursor.variant_words(name, content)
    }
}
