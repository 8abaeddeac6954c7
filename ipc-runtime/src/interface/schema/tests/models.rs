//! Random interfaces.

use proptest::prelude::*;

use crate::shape::{
    name::{Docs, WireName},
    nodes::{Element, Enum, Field, ForeignType, Shape, Struct, Tagging, Variant},
    scalar::{Integer, TextFormat},
};

/// How many types an interface has. They mention each other, and themselves.
pub(super) const TYPES: usize = 4;

/// The shapes of an interface's types, in which types are references by number.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) types: Vec<Shape>,
    pub(super) names: [usize; TYPES],
    pub(super) argument: Shape,
    pub(super) idempotent: bool,
}

fn scalar() -> impl Strategy<Value = Shape> {
    prop_oneof![
        4 => (0..TYPES).prop_map(|at| Shape::Reference(at.to_string())),
        1 => Just(Shape::Unit),
        1 => Just(Shape::Bool),
        1 => Just(Shape::Char),
        1 => Just(Shape::Bytes),
        1 => Just(Shape::Any),
        2 => (any::<bool>(), prop_oneof![Just(8), Just(64)], any::<bool>())
            .prop_map(|(signed, bits, zero)| Shape::Integer(Integer::new(signed, bits, zero))),
        1 => prop_oneof![Just(32), Just(64)].prop_map(Shape::Float),
        1 => (0..TextFormat::ALL.len()).prop_map(|at| Shape::Text(TextFormat::ALL[at].1)),
        1 => "[a-c\"é ]{0,2}".prop_map(Shape::Literal),
    ]
}

/// The same name in both directions.
pub(super) fn both(name: &str) -> WireName {
    WireName { sent: Some(name.to_owned()), received: Some(name.to_owned()), aliases: Vec::new() }
}

fn name(at: usize) -> impl Strategy<Value = WireName> {
    let plain = format!("f{at}");
    (0..10_u8, "[a\\-\"é\n\\\\ ]{0,3}").prop_map(move |(kind, text)| {
        let mut name = both(&plain);
        let odd = format!("{plain}{text}");
        match kind {
            0 => name.sent = None,
            1 => (name.received, name.aliases) = (None, Vec::new()),
            2 => name.received = Some(odd),
            3 => name.aliases = vec![odd],
            4 => (name.sent, name.received) = (Some(odd.clone()), Some(odd)),
            _ => {}
        }
        name
    })
}

fn fields(inner: impl Strategy<Value = Shape> + Clone + 'static) -> BoxedStrategy<Shape> {
    let field = move |at: usize| {
        let flags = (0..6_u8, 0..6_u8, 0..8_u8);
        (name(at), inner.clone(), flags).prop_map(|(name, shape, (default, omitted, flat))| Field {
            name,
            shape,
            has_default: default == 0,
            may_be_omitted: omitted == 0,
            is_flattened: flat == 0,
            is_ignored: false,
            docs: Docs::NONE,
        })
    };
    let fields = (field(0), field(1), field(2), 0..4_usize, any::<bool>());
    fields
        .prop_map(|(a, b, c, count, denies_unknown)| {
            let mut fields = vec![a, b, c];
            fields.truncate(count);
            Shape::Struct(Struct { fields, denies_unknown })
        })
        .boxed()
}

fn variants(inner: impl Strategy<Value = Shape> + Clone + 'static) -> BoxedStrategy<Shape> {
    let variant = move |at: usize| {
        let content = proptest::option::of(inner.clone());
        (name(at), content, 0..6_u8).prop_map(|(name, content, flag)| Variant {
            name,
            content,
            is_other: flag == 0,
            is_untagged: flag == 1,
            docs: Docs::NONE,
        })
    };
    let tagging = prop_oneof![
        Just(Tagging::External),
        "[ab]".prop_map(Tagging::Internal),
        "[ab]".prop_map(|tag| Tagging::Adjacent { tag, content: "c".to_owned() }),
        Just(Tagging::Untagged),
    ];
    (tagging, variant(0), variant(1), variant(2), 0..4_usize, any::<bool>())
        .prop_map(|(tagging, a, b, c, count, denies_unknown)| {
            let mut variants = vec![a, b, c];
            variants.truncate(count);
            Shape::Enum(Enum { tagging, variants, denies_unknown })
        })
        .boxed()
}

pub(super) fn shape() -> BoxedStrategy<Shape> {
    let shape = scalar().prop_recursive(3, 24, 3, |inner| {
        let held = || inner.clone().prop_map(Box::new);
        prop_oneof![
            held().prop_map(Shape::Option),
            held().prop_map(Shape::Sequence),
            held().prop_map(Shape::Set),
            held().prop_map(Shape::Newtype),
            (held(), 0..3_u64).prop_map(|(item, length)| Shape::Array(item, length)),
            (held(), held()).prop_map(|(key, value)| Shape::Map(key, value)),
            (held(), held()).prop_map(|(sent, received)| Shape::Asymmetric { sent, received }),
            proptest::collection::vec((inner.clone(), any::<bool>()), 0..3).prop_map(|all| {
                let all =
                    all.into_iter().map(|(shape, has_default)| Element { shape, has_default });
                Shape::Tuple(all.collect())
            }),
            (
                "[A-C]{1,2}",
                proptest::collection::vec(inner.clone(), 0..2),
                proptest::option::of("[a ]")
            )
                .prop_map(|(name, arguments, with)| Shape::Foreign(ForeignType {
                    name,
                    arguments: if with.is_some() { Vec::new() } else { arguments },
                    with,
                    format: None,
                })),
            fields(inner.clone()),
            variants(inner),
        ]
    });
    shape.boxed()
}

/// Structs, enums and newtypes. The last one is no newtype, and those lead to later types, so that
/// no type consists of nothing but itself.
pub(super) fn model() -> impl Strategy<Value = Model> {
    let seen = || prop_oneof![fields(shape()), variants(shape())];
    let kind = |at: usize| {
        let newtype = (at + 1..TYPES)
            .prop_map(|later| Shape::Newtype(Box::new(Shape::Reference(later.to_string()))));
        prop_oneof![4 => seen(), 1 => newtype]
    };
    (kind(0), kind(1), kind(2), seen(), shape(), any::<bool>()).prop_map(
        |(a, b, c, d, argument, idempotent)| {
            let names = std::array::from_fn(|at| at);
            Model { types: vec![a, b, c, d], names, argument, idempotent }
        },
    )
}
