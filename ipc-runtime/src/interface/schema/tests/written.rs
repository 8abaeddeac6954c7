//! Shapes as the macros write them.

use std::{cell::RefCell, collections::BTreeSet};

use super::models::TYPES;
use crate::{
    interface::schema::text::{EnumWords, NameWords, ShapeText, StructWords, WireText},
    shape::{
        formats,
        name::{Docs, WireName},
        node::{Member, Node, NodeKind},
        nodes::{Shape, Tagging},
    },
};

thread_local! {
    /// The types that functions return, which can't hold anything.
    static NAMED: RefCell<Vec<&'static Node>> = const { RefCell::new(Vec::new()) };
}

fn named<const AT: usize>() -> &'static Node {
    NAMED.with_borrow(|named| named[AT])
}

const FUNCTIONS: [fn() -> &'static Node; TYPES] = [named::<0>, named::<1>, named::<2>, named::<3>];

pub(super) fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// The types of a model: later ones first, so that they may be parts, and the others by functions.
pub(super) fn written(types: &[Shape], names: [&'static str; TYPES]) -> Vec<&'static Node> {
    let mut nodes: Vec<_> =
        FUNCTIONS.iter().map(|function| leak(Node::recursive(*function))).collect();
    for at in (0..TYPES).rev() {
        let own = node(&types[at], &nodes);
        let own = Member::new("app::random", 0, own, &Docs::NONE);
        nodes[at] = leak(Node::named(names[at], Vec::leak(vec![own])));
    }
    NAMED.with_borrow_mut(|named| named.clone_from(&nodes));
    nodes
}

/// A shape in which types are references by number.
pub(super) fn node(shape: &Shape, types: &[&'static Node]) -> &'static Node {
    let scalar = |kind| Node::container(kind, &[]);
    let part = |shape: &Shape| Member::part(node(shape, types));
    let parts = |kind, shapes: &[&Shape]| {
        Node::container(kind, Vec::leak(shapes.iter().map(|one| part(one)).collect()))
    };
    leak(match shape {
        Shape::Reference(number) => return types[number.parse::<usize>().unwrap()],
        Shape::Unit => scalar(NodeKind::Unit),
        Shape::Bool => scalar(NodeKind::Bool),
        Shape::Char => scalar(NodeKind::Char),
        Shape::Bytes => scalar(NodeKind::Bytes),
        Shape::Any => scalar(NodeKind::Any),
        Shape::Integer(of) => Node::new(NodeKind::Integer, "", &[], of.number()),
        Shape::Float(bits) => Node::new(NodeKind::Float, "", &[], u64::from(*bits)),
        Shape::Text(format) => Node::new(NodeKind::Text, "", &[], *format as u64),
        Shape::Literal(text) => Node::literal(String::leak(text.clone())),
        Shape::Option(one) => parts(NodeKind::Option, &[one]),
        Shape::Sequence(one) => parts(NodeKind::Sequence, &[one]),
        Shape::Set(one) => parts(NodeKind::Set, &[one]),
        Shape::Newtype(one) => parts(NodeKind::Newtype, &[one]),
        Shape::Map(key, value) => parts(NodeKind::Map, &[key, value]),
        Shape::Asymmetric { sent, received } => {
            Node::asymmetric(Vec::leak(vec![part(sent), part(received)]))
        }
        Shape::Array(one, length) => {
            Node::array(Vec::leak(vec![part(one)]), usize::try_from(*length).unwrap())
        }
        Shape::Tuple(all) => {
            let all = all.iter().map(|one| {
                let flags =
                    Member::SENT | Member::RECEIVED | flag(one.has_default, Member::DEFAULT);
                Member::new("", flags, node(&one.shape, types), &Docs::NONE)
            });
            Node::tuple(Vec::leak(all.collect()))
        }
        Shape::Struct(of) => {
            let all = of.fields.iter().map(|one| {
                let is_omitted = one.may_be_omitted && one.name.sent.is_some();
                // Serde never uses the default of a flattened field.
                let has_default =
                    one.has_default && one.name.received.is_some() && !one.is_flattened;
                let omitted = if is_omitted { " omitted" } else { "" };
                let flags = directions(&one.name)
                    | flag(has_default, Member::DEFAULT)
                    | flag(is_omitted, Member::OMITTED)
                    | flag(one.is_flattened, Member::FLATTENED);
                member(&one.name, omitted, flags, node(&one.shape, types))
            });
            let header = StructWords(of).to_string().trim().to_owned();
            Node::structure(String::leak(header), Vec::leak(all.collect()))
        }
        Shape::Enum(of) => {
            let is_untagged = matches!(of.tagging, Tagging::Untagged);
            let all = of.variants.iter().map(|one| {
                let other = if one.is_other { " other" } else { "" };
                let untagged = if one.is_untagged { " untagged" } else { "" };
                let flags =
                    directions(&one.name) | flag(is_untagged || one.is_untagged, Member::UNTAGGED);
                let content = match &one.content {
                    Some(content) => node(content, types),
                    None => leak(scalar(NodeKind::Nothing)),
                };
                member(&one.name, &format!("{other}{untagged}"), flags, content)
            });
            let header = EnumWords(of).to_string().trim().to_owned();
            let is_adjacent = matches!(of.tagging, Tagging::Adjacent { .. });
            Node::enumeration(String::leak(header), Vec::leak(all.collect()), is_adjacent)
        }
        Shape::Foreign(of) => {
            let arguments = of.arguments.iter().map(part);
            let with = of.with.iter().map(|with| formats::with(String::leak(with.clone())));
            let members = Vec::leak(arguments.chain(with).collect());
            Node::foreign(String::leak(of.name.clone()), members)
        }
        Shape::Unknown(_) => panic!("no macro writes {}", ShapeText(shape)),
    })
}

fn flag(is_set: bool, flag: u16) -> u16 {
    if is_set { flag } else { 0 }
}

fn directions(name: &WireName) -> u16 {
    flag(name.sent.is_some(), Member::SENT) | flag(name.received.is_some(), Member::RECEIVED)
}

fn member(name: &WireName, more: &str, flags: u16, part: &'static Node) -> Member {
    // As the macro does: the same names have one word.
    let aliases = name.aliases.iter().filter(|_| name.received.is_some());
    let mut accepted: BTreeSet<_> = name.received.iter().chain(aliases).cloned().collect();
    let first = name.sent.clone().filter(|sent| accepted.contains(sent));
    let first = first.or_else(|| accepted.first().cloned());
    let received = first.and_then(|first| accepted.take(&first));
    let aliases = accepted.into_iter().collect();
    let name = &WireName { sent: name.sent.clone(), received, aliases };
    let word = format!("{}{}{more}", WireText(name.shown()), NameWords(name));
    Member::new(String::leak(word), flags, part, &Docs::NONE)
}
