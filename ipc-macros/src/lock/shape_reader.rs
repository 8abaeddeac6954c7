//! Reads the shapes of a lock file's lines to nodes.

use std::collections::{HashMap, HashSet};

use super::{
    fact_cursor::{FactCursor, FactError},
    locked_node::{Kind, LockedMember, LockedNode, Part, flag},
    node_list::NodeList,
};
use crate::member_word::{MemberWord, quoted};

/// How deep shapes may be within each other.
const MAX_DEPTH: usize = 64;

/// Reads the shapes of one release.
pub(crate) struct ShapeReader<'a, 'f> {
    pub list: &'a mut NodeList,
    /// What each type's lines say, by its name.
    pub types: &'a HashMap<String, TypeFacts<'f>>,
    /// The fields that nobody heeds any more, as their lines begin.
    pub ignored: &'a HashSet<String>,
    /// The types that were read.
    pub places: HashMap<String, usize>,
    /// The types that are being read.
    pub open: HashSet<String>,
    pub depth: usize,
}

/// The lines of a type, without its name.
#[derive(Default)]
pub(crate) struct TypeFacts<'f> {
    /// What it is: `struct`, `enum tag "kind"`, `= seq<u32>`.
    pub header: &'f str,
    /// Its fields or variants.
    pub members: Vec<&'f str>,
}

impl ShapeReader<'_, '_> {
    /// The place of a type.
    fn named(&mut self, name: &str) -> Result<Part, FactError> {
        if let Some(place) = self.places.get(name) {
            return Ok(Part::Node(*place));
        }
        if self.open.contains(name) {
            return Ok(Part::Open(name.to_owned()));
        }
        let Some(facts) = self.types.get(name) else {
            return Err(format!("no line says what the type `{name}` is"));
        };
        self.open.insert(name.to_owned());
        let mut header = FactCursor::new(facts.header);
        let part = if header.sign("=") {
            self.shape(&mut header)?
        } else if header.keyword("struct") {
            let text = struct_header(&mut header);
            let fields = facts.members.iter().map(|line| {
                let mut cursor = FactCursor::new(line);
                let before = line.split(": ").next().unwrap_or_default();
                let is_ignored = self.ignored.contains(&format!("{name}.{before}"));
                let mut field = self.field(&mut cursor)?;
                if is_ignored {
                    field.flags |= flag::IGNORED;
                }
                finished(&cursor).map(|()| field)
            });
            let members = fields.collect::<Result<_, _>>()?;
            self.node(Kind::Struct, text, 0, members)
        } else if header.keyword("enum") {
            let tagging = Tagging::read(&mut header)?;
            let variants = facts.members.iter().map(|line| {
                let mut cursor = FactCursor::new(line);
                let variant = self.variant(&mut cursor, tagging.is_untagged)?;
                finished(&cursor).map(|()| variant)
            });
            let members = variants.collect::<Result<_, _>>()?;
            self.node(Kind::Enum, tagging.text, tagging.is_adjacent.into(), members)
        } else {
            return Err(header.error("what the type is"));
        };
        finished(&header)?;
        self.open.remove(name);
        let named = LockedNode {
            kind: Kind::Named,
            text: name.to_owned(),
            number: 0,
            members: vec![LockedMember::part(part)],
        };
        let place = self.list.add(named);
        self.places.insert(name.to_owned(), place);
        Ok(Part::Node(place))
    }

    pub(crate) fn shape(&mut self, cursor: &mut FactCursor<'_>) -> Result<Part, FactError> {
        self.depth += 1;
        let shape = if self.depth > MAX_DEPTH {
            Err(format!("more than {MAX_DEPTH} shapes are within each other"))
        } else {
            self.shape_within(cursor)
        };
        self.depth -= 1;
        shape
    }

    fn shape_within(&mut self, cursor: &mut FactCursor<'_>) -> Result<Part, FactError> {
        if let Some(name) = cursor.string()? {
            return self.named(&name);
        }
        if cursor.sign("{") {
            return self.braced_struct(cursor, String::new());
        }
        if let Some(name) = cursor.reference() {
            return self.named(name);
        }
        let word = cursor.word();
        Ok(match word {
            "unit" => self.scalar(Kind::Unit, 0),
            "bool" => self.scalar(Kind::Bool, 0),
            "char" => self.scalar(Kind::Char, 0),
            "bytes" => self.scalar(Kind::Bytes, 0),
            "any" => self.scalar(Kind::Any, 0),
            "option" => self.container(Kind::Option, cursor, 1)?,
            "seq" => self.container(Kind::Sequence, cursor, 1)?,
            "set" => self.container(Kind::Set, cursor, 1)?,
            "newtype" => self.container(Kind::Newtype, cursor, 1)?,
            "map" => self.container(Kind::Map, cursor, 2)?,
            "asymmetric" => self.container(Kind::Asymmetric, cursor, 2)?,
            "nonzero" => {
                cursor.expect("<")?;
                let integer = integer(cursor.word(), false);
                let integer = integer.ok_or_else(|| cursor.error("an integer"))?;
                cursor.expect(">")?;
                self.scalar(Kind::Integer, integer)
            }
            "array" => {
                cursor.expect("<")?;
                let item = self.shape(cursor)?;
                cursor.expect(",")?;
                let length = cursor.number()?;
                cursor.expect(">")?;
                self.node(Kind::Array, String::new(), length, vec![LockedMember::part(item)])
            }
            "tuple" => {
                let elements = self.elements(cursor)?;
                self.node(Kind::Tuple, String::new(), 0, elements)
            }
            "literal" => {
                let value = cursor.quoted()?;
                self.node(Kind::Literal, value, 0, Vec::new())
            }
            "foreign" => self.foreign(cursor)?,
            "struct" => {
                let header = struct_header(cursor);
                cursor.expect("{")?;
                return self.braced_struct(cursor, header);
            }
            "enum" => {
                let tagging = Tagging::read(cursor)?;
                cursor.expect("{")?;
                let mut variants = Vec::new();
                while !cursor.sign("}") {
                    if !variants.is_empty() {
                        cursor.expect(",")?;
                    }
                    variants.push(self.variant(cursor, tagging.is_untagged)?);
                }
                self.node(Kind::Enum, tagging.text, tagging.is_adjacent.into(), variants)
            }
            word => match text_format(word).map(|format| self.scalar(Kind::Text, format)) {
                Some(text) => text,
                None => match (integer(word, true), word.strip_prefix('f').map(str::parse)) {
                    (Some(integer), _) => self.scalar(Kind::Integer, integer),
                    (None, Some(Ok(bits))) => self.scalar(Kind::Float, bits),
                    _ => return Err(format!("`{word}` is no shape that this release knows")),
                },
            },
        })
    }

    fn braced_struct(
        &mut self,
        cursor: &mut FactCursor<'_>,
        header: String,
    ) -> Result<Part, FactError> {
        let mut fields = Vec::new();
        while !cursor.sign("}") {
            if !fields.is_empty() {
                cursor.expect(",")?;
            }
            fields.push(self.field(cursor)?);
        }
        Ok(self.node(Kind::Struct, header, 0, fields))
    }

    fn elements(&mut self, cursor: &mut FactCursor<'_>) -> Result<Vec<LockedMember>, FactError> {
        let mut elements = Vec::new();
        cursor.expect("<")?;
        while !cursor.sign(">") {
            if !elements.is_empty() {
                cursor.expect(",")?;
            }
            let mut element = LockedMember::part(self.shape(cursor)?);
            if cursor.keyword("default") {
                element.flags |= flag::DEFAULT;
            }
            elements.push(element);
        }
        Ok(elements)
    }

    fn foreign(&mut self, cursor: &mut FactCursor<'_>) -> Result<Part, FactError> {
        let name = cursor.name()?;
        // A constant among generic arguments.
        if let Ok(value) = name.parse::<i128>() {
            let is_wide = i64::try_from(value).is_err();
            let text = if is_wide { "wide" } else { "" };
            return Ok(self.node(Kind::Constant, text.to_owned(), value as u64, Vec::new()));
        }
        let mut members = Vec::new();
        if cursor.sign("<") {
            while !cursor.sign(">") {
                if !members.is_empty() {
                    cursor.expect(",")?;
                }
                members.push(LockedMember::part(self.shape(cursor)?));
            }
        }
        if cursor.keyword("with") {
            let (word, flags) = (cursor.quoted()?, flag::WITH);
            let part = self.scalar(Kind::Unit, 0);
            members.push(LockedMember { word, flags, part });
        }
        Ok(self.node(Kind::Foreign, name, 0, members))
    }

    fn field(&mut self, cursor: &mut FactCursor<'_>) -> Result<LockedMember, FactError> {
        let name = cursor.name()?;
        cursor.expect(":")?;
        let part = self.shape(cursor)?;
        let mut names = ReadNames::new(name);
        let mut flags = 0;
        let mut is_omitted = false;
        loop {
            if cursor.keyword("default") {
                flags |= flag::DEFAULT;
            } else if cursor.keyword("omitted") {
                is_omitted = true;
                flags |= flag::OMITTED;
            } else if cursor.keyword("flattened") {
                flags |= flag::FLATTENED;
            } else if cursor.keyword("ignored") {
                flags |= flag::IGNORED;
            } else if !names.read(cursor)? {
                break;
            }
        }
        flags |= names.flags();
        let word = names.word().with("omitted", is_omitted).text();
        Ok(LockedMember { word, flags, part })
    }

    fn variant(
        &mut self,
        cursor: &mut FactCursor<'_>,
        is_untagged: bool,
    ) -> Result<LockedMember, FactError> {
        let name = cursor.name()?;
        let part =
            if cursor.sign(":") { self.shape(cursor)? } else { self.scalar(Kind::Nothing, 0) };
        let mut names = ReadNames::new(name);
        let (mut is_other, mut has_no_tag) = (false, false);
        loop {
            if cursor.keyword("other") {
                is_other = true;
            } else if cursor.keyword("untagged") {
                has_no_tag = true;
            } else if !names.read(cursor)? {
                break;
            }
        }
        let mut flags = 0;
        if is_untagged || has_no_tag {
            flags |= flag::UNTAGGED;
        }
        flags |= names.flags();
        let word = names.word().with("other", is_other).with("untagged", has_no_tag).text();
        Ok(LockedMember { word, flags, part })
    }

    fn scalar(&mut self, kind: Kind, number: u64) -> Part {
        self.node(kind, String::new(), number, Vec::new())
    }

    fn container(
        &mut self,
        kind: Kind,
        cursor: &mut FactCursor<'_>,
        count: usize,
    ) -> Result<Part, FactError> {
        cursor.expect("<")?;
        let mut parts = Vec::new();
        for at in 0..count {
            if at > 0 {
                cursor.expect(",")?;
            }
            parts.push(LockedMember::part(self.shape(cursor)?));
        }
        cursor.expect(">")?;
        Ok(self.node(kind, String::new(), 0, parts))
    }

    fn node(&mut self, kind: Kind, text: String, number: u64, members: Vec<LockedMember>) -> Part {
        Part::Node(self.list.add(LockedNode { kind, text, number, members }))
    }
}

/// Requires that nothing is left of a line.
pub(crate) fn finished(cursor: &FactCursor<'_>) -> Result<(), FactError> {
    if cursor.is_at_end() { Ok(()) } else { Err(cursor.error("the line's end")) }
}

/// The header of a struct, as its node has it.
fn struct_header(cursor: &mut FactCursor<'_>) -> String {
    if cursor.keyword("deny_unknown") { "deny_unknown".to_owned() } else { String::new() }
}

/// How variants are told apart: the header of an enum's node.
struct Tagging {
    text: String,
    is_adjacent: bool,
    is_untagged: bool,
}

impl Tagging {
    fn read(cursor: &mut FactCursor<'_>) -> Result<Self, FactError> {
        let mut words = Vec::new();
        let (mut is_adjacent, mut is_untagged) = (false, false);
        if cursor.keyword("untagged") {
            is_untagged = true;
            words.push("untagged".to_owned());
        }
        if cursor.keyword("tag") {
            words.push(format!("tag {}", quoted(&cursor.quoted()?)));
        }
        if cursor.keyword("content") {
            is_adjacent = true;
            words.push(format!("content {}", quoted(&cursor.quoted()?)));
        }
        words.extend(cursor.keyword("deny_unknown").then(|| "deny_unknown".to_owned()));
        Ok(Self { text: words.join(" "), is_adjacent, is_untagged })
    }
}

/// The names of a field or a variant.
struct ReadNames {
    name: String,
    read: Option<String>,
    aliases: Vec<String>,
    only_sent: bool,
    only_read: bool,
}

impl ReadNames {
    fn new(name: String) -> Self {
        let (only_sent, only_read) = (false, false);
        Self { name, read: None, aliases: Vec::new(), only_sent, only_read }
    }

    /// Takes a word about names, if one is next.
    fn read(&mut self, cursor: &mut FactCursor<'_>) -> Result<bool, FactError> {
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

    fn flags(&self) -> u16 {
        let sent = if self.only_read { 0 } else { flag::SENT };
        sent | if self.only_sent { 0 } else { flag::RECEIVED }
    }

    fn word(self) -> MemberWord {
        let Self { name, read, aliases, only_sent, only_read } = self;
        let received = (!only_sent).then(|| read.unwrap_or_else(|| name.clone()));
        MemberWord::of((!only_read).then_some(name), received, aliases)
    }
}

/// The number of an integer's node: `Integer::number` of the runtime.
fn integer(word: &str, zero: bool) -> Option<u64> {
    let signed = word.starts_with('i');
    let bits: u64 = word.strip_prefix(['i', 'u'])?.parse().ok()?;
    Some(bits | u64::from(signed) << 8 | u64::from(zero) << 9)
}

/// The number of a text's format: `TextFormat` of the runtime.
fn text_format(word: &str) -> Option<u64> {
    const WORDS: [&str; 8] = [
        "text",
        "path",
        "ip",
        "ipv4",
        "ipv6",
        "socket_address",
        "socket_address_v4",
        "socket_address_v6",
    ];
    (0..).zip(WORDS).find(|(_, known)| *known == word).map(|(number, _)| number)
}
