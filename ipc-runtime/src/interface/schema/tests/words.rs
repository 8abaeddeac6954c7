//! Each kind of shape has a word that the parser knows.

use crate::{
    interface::{
        Schema,
        schema::{cursor::is_unknown_shape, text::ShapeText},
    },
    shape::nodes::Shape,
};

/// Texts of each kind of shape, and how many kinds there are.
const SHAPES: [&str; 22] = [
    "unit",
    "bool",
    "char",
    "u8",
    "nonzero<i128>",
    "f32",
    "text",
    "socket_address_v6",
    "bytes",
    "any",
    "option<u8>",
    "seq<u8>",
    "set<u8>",
    "array<u8, 3>",
    "map<text, u8>",
    "tuple<u8, u8 default>",
    "newtype<u8>",
    "struct deny_unknown { a: u8 }",
    "enum { A, B: u8 }",
    "foreign Uuid<u8> with \"m\"",
    "literal \"x\"",
    "asymmetric<u8, u16>",
];

/// The number of a kind: whoever adds one, adds a text above.
fn kind(shape: &Shape) -> usize {
    match shape {
        Shape::Unit => 0,
        Shape::Bool => 1,
        Shape::Char => 2,
        Shape::Integer(_) => 3,
        Shape::Float(_) => 4,
        Shape::Text(_) => 5,
        Shape::Bytes => 6,
        Shape::Any => 7,
        Shape::Option(_) => 8,
        Shape::Sequence(_) => 9,
        Shape::Set(_) => 10,
        Shape::Array(..) => 11,
        Shape::Map(..) => 12,
        Shape::Tuple(_) => 13,
        Shape::Newtype(_) => 14,
        Shape::Struct(_) => 15,
        Shape::Enum(_) => 16,
        Shape::Foreign(_) => 17,
        Shape::Literal(_) => 18,
        Shape::Asymmetric { .. } => 19,
        // They have no words.
        Shape::Reference(_) | Shape::Unknown(_) => 20,
    }
}

#[test]
fn the_words_of_all_shapes_are_known() {
    let mut kinds = Vec::new();
    for text in SHAPES {
        let schema: Schema = format!("channel a 1\ntype A = option<{text}>").parse().unwrap();
        let Shape::Option(shape) = &schema.types()[0].shape else { panic!("{schema}") };
        assert_eq!(ShapeText(shape).to_string(), text);
        assert!(!is_unknown_shape(text), "{text} is taken for a word of a later release");
        let word = text.split(['<', ' ']).next().unwrap();
        assert!(!is_unknown_shape(word), "{word} is taken for a word of a later release");
        kinds.push(kind(shape));
    }
    kinds.dedup();
    assert_eq!(kinds, Vec::from_iter(0..20), "a kind has no text here");
}
