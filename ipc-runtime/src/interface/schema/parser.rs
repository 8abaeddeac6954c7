//! The parser of a schema's text.

use std::{collections::HashMap, str::FromStr};

use crate::{
    interface::{
        MethodKind,
        schema::{
            Schema, SchemaArgument, SchemaMethod, SchemaType,
            cursor::{Cursor, plain_length, reference_length, word_length},
            members::TypeLines,
            parse_error::ParseSchemaError,
            type_origin::TypeOrigin,
        },
    },
    shape::{name::Docs, nodes::Shape},
};

impl FromStr for Schema {
    type Err = ParseSchemaError;

    fn from_str(text: &str) -> Result<Self, ParseSchemaError> {
        schema(text)
    }
}

fn schema(text: &str) -> Result<Schema, ParseSchemaError> {
    if text.len() > Schema::MAX_TEXT {
        let reason = format!("more than {} bytes of text", Schema::MAX_TEXT);
        return Err(ParseSchemaError::new(1, 1, reason));
    }
    let mut parser = Parser::default();
    for (at, line) in text.lines().enumerate() {
        let mut cursor = Cursor::new(line, at + 1);
        if !cursor.is_at_end() {
            parser.line(&mut cursor)?;
            parser.unknown.append(cursor.unknown());
        }
    }
    let Some((channel, version)) = parser.channel.take() else {
        return Err(ParseSchemaError::new(1, 1, "there is no line `channel`"));
    };
    let types = std::mem::take(&mut parser.types).into_iter();
    let types = types.map(|(name, members)| {
        let (shape, origin) = (members.shape(), TypeOrigin::default());
        SchemaType { name, shape, docs: Docs::NONE, origin }
    });
    let Parser { methods, places, unknown, .. } = parser;
    Ok(Schema { channel, version, methods, types: types.collect(), places, unknown })
}

#[derive(Default)]
struct Parser {
    channel: Option<(String, String)>,
    methods: Vec<SchemaMethod>,
    types: Vec<(String, TypeLines)>,
    places: HashMap<String, usize>,
    unknown: Vec<String>,
}

impl Parser {
    fn line(&mut self, cursor: &mut Cursor<'_>) -> Result<(), ParseSchemaError> {
        let line = cursor.rest().trim_end();
        if cursor.keyword("channel") {
            if self.channel.is_some() {
                return Err(cursor.error("a second line `channel`"));
            }
            let channel = cursor.name(word_length, "the channel")?;
            self.channel = Some((channel, cursor.name(word_length, "the version")?));
        } else if cursor.keyword("method") {
            let kind = match cursor.take(plain_length(cursor.rest())) {
                "request" => MethodKind::Request,
                "notification" => MethodKind::Notification,
                "subscription" => MethodKind::Subscription,
                "" => return Err(cursor.error("the kind of the method is missing here")),
                _ => {
                    cursor.skip(line);
                    return Ok(());
                }
            };
            let method = method(cursor, kind)?;
            self.methods.push(method);
        } else if cursor.keyword("type") {
            return self.named(cursor, line);
        } else if plain_length(line) > 0 {
            cursor.skip(line);
            return Ok(());
        } else {
            return Err(cursor.error("a line begins with a word"));
        }
        cursor.words()?;
        if cursor.is_at_end() { Ok(()) } else { Err(cursor.error("this doesn't belong here")) }
    }

    fn named(&mut self, cursor: &mut Cursor<'_>, line: &str) -> Result<(), ParseSchemaError> {
        let name = cursor.name(reference_length, "the type's name")?;
        if cursor.sign(".") {
            let Some(place) = self.places.get(&name).copied() else {
                return Err(cursor.error("no line before this one says what the type is"));
            };
            let is_enum = match self.types.get(place) {
                Some((_, TypeLines::Struct(_))) => false,
                Some((_, TypeLines::Enum(_))) => true,
                Some((_, TypeLines::Whole(Shape::Unknown(_)))) => {
                    cursor.skip(line);
                    return Ok(());
                }
                _ => return Err(cursor.error("the type has neither fields nor variants")),
            };
            if is_enum {
                let variant = cursor.variant(0)?;
                if let Some((_, TypeLines::Enum(of))) = self.types.get_mut(place) {
                    of.variants.push(variant);
                }
            } else {
                let field = cursor.field(0)?;
                if let Some((_, TypeLines::Struct(of))) = self.types.get_mut(place) {
                    of.fields.push(field);
                }
            }
        } else {
            let members = if cursor.sign("=") {
                TypeLines::Whole(cursor.shape(0)?)
            } else if cursor.keyword("struct") {
                TypeLines::Struct(cursor.structure()?)
            } else if cursor.keyword("enum") {
                TypeLines::Enum(cursor.enumeration()?)
            } else if plain_length(cursor.rest()) > 0 {
                let from = cursor.position();
                cursor.take(plain_length(cursor.rest()));
                TypeLines::Whole(Shape::Unknown(cursor.with_groups(from)?))
            } else {
                return Err(cursor.error("what the type is, is missing here"));
            };
            cursor.words()?;
            if self.places.insert(name.clone(), self.types.len()).is_some() {
                return Err(cursor.error("the type is there already"));
            }
            self.types.push((name, members));
        }
        if cursor.is_at_end() { Ok(()) } else { Err(cursor.error("this doesn't belong here")) }
    }
}

fn method(cursor: &mut Cursor<'_>, kind: MethodKind) -> Result<SchemaMethod, ParseSchemaError> {
    let name = cursor.name(plain_length, "the method's name")?;
    cursor.expect("(")?;
    let mut arguments = Vec::new();
    while !cursor.sign(")") {
        if !arguments.is_empty() {
            cursor.expect(",")?;
        }
        let name = cursor.name(plain_length, "an argument's name")?;
        cursor.expect(":")?;
        let is_stream = cursor.keyword("stream");
        let shape = cursor.shape(0)?;
        cursor.words()?;
        arguments.push(SchemaArgument { name, shape, is_stream });
    }
    let mut method = SchemaMethod {
        name,
        aliases: Vec::new(),
        kind,
        idempotent: false,
        arguments,
        value: Shape::Unit,
        error: None,
        item: None,
        item_error: None,
        progress: None,
    };
    loop {
        if cursor.sign("->") {
            method.value = cursor.shape(0)?;
        } else if cursor.sign("!") {
            method.error = Some(cursor.shape(0)?);
        } else if cursor.keyword("each") {
            method.item = Some(cursor.shape(0)?);
        } else if cursor.keyword("ends") {
            method.item_error = Some(cursor.shape(0)?);
        } else if cursor.keyword("progress") {
            method.progress = Some(cursor.shape(0)?);
        } else if cursor.keyword("idempotent") {
            method.idempotent = true;
        } else if cursor.keyword("alias") {
            method.aliases.push(cursor.quoted()?);
        } else if !cursor.word()? {
            return Ok(method);
        }
    }
}
