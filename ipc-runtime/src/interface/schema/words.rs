//! The words of shapes.

use crate::shape::{
    nodes::Shape,
    scalar::{Integer, TextFormat},
};

/// A word that a shape begins with which has parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShapeWord {
    Option,
    Sequence,
    Set,
    Newtype,
    Map,
    Asymmetric,
    Nonzero,
    Array,
    Tuple,
    Literal,
    Foreign,
    Struct,
    Enum,
}

impl ShapeWord {
    /// The only place that says which there are: the parser takes these, and what a later release
    /// may have written is anything else.
    pub(super) fn new(word: &str) -> Option<Self> {
        Some(match word {
            "option" => Self::Option,
            "seq" => Self::Sequence,
            "set" => Self::Set,
            "newtype" => Self::Newtype,
            "map" => Self::Map,
            "asymmetric" => Self::Asymmetric,
            "nonzero" => Self::Nonzero,
            "array" => Self::Array,
            "tuple" => Self::Tuple,
            "literal" => Self::Literal,
            "foreign" => Self::Foreign,
            "struct" => Self::Struct,
            "enum" => Self::Enum,
            _ => return None,
        })
    }
}

/// Whether this is a word that a shape may begin with.
pub(super) fn is_shape_word(word: &str) -> bool {
    ShapeWord::new(word).is_some() || scalar(word).is_some()
}

/// The shape that is written as one word.
pub(super) fn scalar(word: &str) -> Option<Shape> {
    let format = TextFormat::ALL.into_iter().find(|(known, _)| *known == word);
    if let Some((_, format)) = format {
        return Some(Shape::Text(format));
    }
    Some(match word {
        "unit" => Shape::Unit,
        "bool" => Shape::Bool,
        "char" => Shape::Char,
        "bytes" => Shape::Bytes,
        "any" => Shape::Any,
        _ => {
            let digits = word.get(1..)?;
            if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let bits = digits.parse().ok()?;
            match word.get(..1)? {
                "u" => Shape::Integer(Integer::new(false, bits, true)),
                "i" => Shape::Integer(Integer::new(true, bits, true)),
                "f" => Shape::Float(bits),
                _ => return None,
            }
        }
    })
}
