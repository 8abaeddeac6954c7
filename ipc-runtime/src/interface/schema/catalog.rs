//! The named types that some nodes reach, and copies of shapes with references to them.

use std::collections::HashMap;

use crate::{
    interface::schema::{cursor::Cursor, text::ShapeText, type_origin::TypeOrigin},
    shape::{
        integers::Integers,
        node::{Member, Node, NodeKind},
        nodes::{Element, ForeignType, Shape},
        scalar::{Integer, TextFormat},
    },
};

/// How many nodes one type may have that no named type divides: an alias of a tuple of an alias of
/// a tuple doubles with each.
const MAX_NODES: usize = 1 << 16;

/// The named types that some nodes reach, in this order, and which of them are the same.
///
/// A generic type may be in memory more than once, so that addresses don't tell.
pub(super) struct Catalog {
    types: Vec<&'static Node>,
    places: HashMap<*const Node, usize>,
    /// For each type, the number of those that are the same.
    classes: Vec<usize>,
}

impl Catalog {
    pub(super) fn of(roots: impl IntoIterator<Item = &'static Node>) -> Self {
        let (types, places, classes) = (Vec::new(), HashMap::new(), Vec::new());
        let mut catalog = Self { types, places, classes };
        for node in roots {
            catalog.collect(node, &mut { MAX_NODES });
        }
        catalog.tell_apart();
        catalog
    }

    fn collect(&mut self, node: &'static Node, left: &mut usize) {
        let Some(fewer) = left.checked_sub(1) else { return };
        *left = fewer;
        match node.kind {
            NodeKind::Named => {
                if !self.places.contains_key(&std::ptr::from_ref(node)) {
                    self.places.insert(node, self.types.len());
                    self.types.push(node);
                    if let [own, ..] = node.members {
                        self.collect(own.part, &mut { MAX_NODES });
                    }
                }
            }
            NodeKind::Link => self.collect(node.linked(), left),
            _ => node.members.iter().for_each(|member| self.collect(member.part, left)),
        }
    }

    /// Types are the same until something tells them apart: their names, then their shapes with the
    /// numbers of the types within, until no more are told apart by that.
    fn tell_apart(&mut self) {
        let keys = self.types.iter().map(|one| {
            let chosen = TypeOrigin::chosen_name(one).unwrap_or_default();
            format!("{}::{} {chosen}", module(one), one.text)
        });
        let mut count;
        (self.classes, count) = numbers(keys);
        loop {
            let keys = self.types.iter().zip(&self.classes).map(|(one, class)| {
                let name = |named: &Node| match self.class(named) {
                    Some(class) => class.to_string(),
                    None => format!("{}::{}", module(named), named.text),
                };
                let mut key = class.to_string();
                for member in one.members {
                    let shape = Copy::new(&name).member(member);
                    key = format!("{key} {} {:?}", ShapeText(&shape), asked(&shape));
                }
                key
            });
            let (classes, told_apart) = numbers(keys);
            self.classes = classes;
            if told_apart == count {
                return;
            }
            count = told_apart;
        }
    }

    fn class(&self, named: &Node) -> Option<usize> {
        let place = self.places.get(&std::ptr::from_ref(named))?;
        self.classes.get(*place).copied()
    }

    /// The unique name of a type, of these for each class.
    pub(super) fn name<'n>(&self, named: &Node, names: &'n [String]) -> Option<&'n str> {
        names.get(self.class(named)?).map(|name| &**name)
    }

    /// One type of each class, in the order of the classes.
    pub(super) fn firsts(&self) -> impl Iterator<Item = &'static Node> + '_ {
        let mut next = 0;
        self.types.iter().zip(&self.classes).filter_map(move |(named, class)| {
            let is_first = *class == next;
            next += usize::from(is_first);
            is_first.then_some(*named)
        })
    }
}

/// The number of each key, in the order in which they first come; and how many there are.
fn numbers(keys: impl Iterator<Item = String>) -> (Vec<usize>, usize) {
    let mut known = HashMap::new();
    let numbers = keys.map(|key| {
        let next = known.len();
        *known.entry(key).or_insert(next)
    });
    (numbers.collect(), known.len())
}

/// The module that defines a type.
pub(super) fn module(named: &Node) -> &'static str {
    named.members.first().map_or("", |own| own.word)
}

/// What the integers in a shape are asked to be, which its text doesn't tell.
fn asked(shape: &Shape) -> Vec<Option<Integers>> {
    let mut asked = Vec::new();
    shape.visit(&mut |part| {
        if let Shape::Integer(integer) = part {
            asked.push(integer.asked);
        }
    });
    asked
}

/// Makes shapes of nodes, with references to what is named.
pub(super) struct Copy<'a> {
    pub(super) name: &'a dyn Fn(&Node) -> String,
    /// How many nodes it may still have.
    left: usize,
    /// What the integers of 64 bits are asked to be where it is.
    integers: Option<Integers>,
}

impl<'a> Copy<'a> {
    /// Calls what is named by these names.
    pub(super) fn new(name: &'a dyn Fn(&Node) -> String) -> Self {
        Self { name, left: MAX_NODES, integers: None }
    }

    /// Makes at most so many nodes.
    pub(super) fn with_nodes(self, left: usize) -> Self {
        Self { left, ..self }
    }

    /// Asks for these integers, unless a part of the shape asks for others.
    pub(super) fn with_integers(self, integers: Option<Integers>) -> Self {
        Self { integers, ..self }
    }

    pub(super) fn shape(&mut self, node: &'static Node) -> Shape {
        let Some(left) = self.left.checked_sub(1) else {
            return Shape::Unknown("too_large".to_owned());
        };
        self.left = left;
        match node.kind {
            NodeKind::Unit | NodeKind::Nothing => Shape::Unit,
            NodeKind::Bool => Shape::Bool,
            NodeKind::Char => Shape::Char,
            NodeKind::Bytes => Shape::Bytes,
            NodeKind::Any => Shape::Any,
            NodeKind::Integer => {
                let asked = self.integers;
                Shape::Integer(Integer { asked, ..Integer::of_number(node.number) })
            }
            NodeKind::Float => Shape::Float(u8::try_from(node.number).unwrap_or(u8::MAX)),
            NodeKind::Text => Shape::Text(TextFormat::of_number(node.number)),
            NodeKind::Literal => Shape::Literal(node.text.to_owned()),
            NodeKind::Named => Shape::Reference((self.name)(node)),
            NodeKind::Link => self.shape(node.linked()),
            NodeKind::Option => Shape::Option(self.part(node, 0)),
            NodeKind::Sequence => Shape::Sequence(self.part(node, 0)),
            NodeKind::Set => Shape::Set(self.part(node, 0)),
            NodeKind::Newtype => Shape::Newtype(self.part(node, 0)),
            NodeKind::Array => Shape::Array(self.part(node, 0), node.number),
            NodeKind::Map => Shape::Map(self.part(node, 0), self.part(node, 1)),
            NodeKind::Asymmetric => {
                Shape::Asymmetric { sent: self.part(node, 0), received: self.part(node, 1) }
            }
            NodeKind::Tuple => {
                let elements = node.members.iter().map(|member| Element {
                    shape: self.member(member),
                    has_default: member.is(Member::DEFAULT),
                });
                Shape::Tuple(elements.collect())
            }
            NodeKind::Constant => Shape::Foreign(ForeignType {
                name: node.constant_value().to_string(),
                ..ForeignType::default()
            }),
            NodeKind::Foreign => self.foreign(node),
            NodeKind::Struct => self.structure(node),
            NodeKind::Enum => self.enumeration(node),
        }
    }

    fn part(&mut self, node: &'static Node, at: usize) -> Box<Shape> {
        node.members.get(at).map_or(Shape::Unit, |member| self.member(member)).into()
    }

    /// The shape of a part, which may ask for other integers.
    fn member(&mut self, member: &Member) -> Shape {
        let outer = self.integers;
        self.integers = member.integers().or(outer);
        let shape = self.shape(member.part);
        self.integers = outer;
        shape
    }

    fn foreign(&mut self, node: &'static Node) -> Shape {
        let mut of = ForeignType { name: node.text.to_owned(), ..ForeignType::default() };
        let mut arguments = Vec::new();
        for member in node.members {
            if member.is(Member::WITH) {
                of.with = Some(member.word.to_owned());
            } else if member.is(Member::FORMAT) {
                of.format = (!member.word.is_empty()).then_some(member.word.to_owned());
            } else {
                arguments.push(self.shape(member.part));
            }
        }
        of.arguments = arguments;
        Shape::Foreign(of)
    }

    fn structure(&mut self, node: &'static Node) -> Shape {
        let fields = node.members.iter().filter_map(|member| {
            let mut field = Cursor::constant_field(member.word, self.member(member)).ok()?;
            field.has_default = member.is(Member::DEFAULT);
            field.is_flattened = member.is(Member::FLATTENED);
            field.is_ignored = member.is(Member::IGNORED);
            field.docs = *member.docs;
            Some(field)
        });
        let fields = fields.collect::<Vec<_>>();
        match Cursor::new(node.text, 1).structure() {
            Ok(of) => of.with(fields),
            Err(_) => Shape::Unknown(node.text.to_owned()),
        }
    }

    fn enumeration(&mut self, node: &'static Node) -> Shape {
        let variants = node.members.iter().filter_map(|member| {
            let content = match member.part.kind {
                NodeKind::Nothing => None,
                _ => Some(self.member(member)),
            };
            let mut variant = Cursor::constant_variant(member.word, content).ok()?;
            variant.docs = *member.docs;
            Some(variant)
        });
        let variants = variants.collect::<Vec<_>>();
        match Cursor::new(node.text, 1).enumeration() {
            Ok(of) => of.with(variants),
            Err(_) => Shape::Unknown(node.text.to_owned()),
        }
    }
}
