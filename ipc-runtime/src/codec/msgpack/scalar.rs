//! Numbers and booleans that MessagePack may hold in a form of another kind: as text where they are
//! keys, and as bytes where they have 128 bits.

use std::fmt;

use serde::de::{Error, Expected, Unexpected, Visitor};

/// What is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    Bool,
    /// Of up to 64 bits.
    Integer,
    WideSigned,
    WideUnsigned,
    Float,
}

/// Gives a visitor the value that a text or the 16 bytes of an integer stand for.
pub(super) struct ScalarVisitor<V> {
    pub(super) visitor: V,
    pub(super) scalar: Scalar,
    pub(super) takes_text: bool,
}

macro_rules! visits {
    ($($method:ident($kind:ty))*) => {$(
        #[inline]
        fn $method<E: Error>(self, value: $kind) -> Result<V::Value, E> {
            self.visitor.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for ScalarVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    visits! {
        visit_bool(bool)
        visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64)
        visit_u8(u8) visit_u16(u16) visit_u32(u32) visit_u64(u64)
        visit_f32(f32) visit_f64(f64)
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        let Self { visitor, scalar, takes_text } = self;
        if !takes_text {
            return visitor.visit_str(text);
        }
        match (scalar, text) {
            (Scalar::Bool, "true") => return visitor.visit_bool(true),
            (Scalar::Bool, "false") => return visitor.visit_bool(false),
            (Scalar::Float, _) if begins_and_ends_as_a_number(text) => {
                if let Ok(number) = serde_json::from_str(text) {
                    return visitor.visit_f64(number);
                }
            }
            (Scalar::Integer | Scalar::WideSigned | Scalar::WideUnsigned, _)
                if is_canonical(text) =>
            {
                if let Ok(integer) = text.parse() {
                    return visitor.visit_u64(integer);
                }
                if let Ok(integer) = text.parse() {
                    return visitor.visit_i64(integer);
                }
                if let (Scalar::WideSigned, Ok(integer)) = (scalar, text.parse()) {
                    return visitor.visit_i128(integer);
                }
                if let (Scalar::WideUnsigned, Ok(integer)) = (scalar, text.parse()) {
                    return visitor.visit_u128(integer);
                }
                return Err(E::custom(format_args!(
                    "the key \"{text}\" is out of range, expected {}",
                    &visitor as &dyn Expected
                )));
            }
            _ => {}
        }
        Err(E::invalid_value(Unexpected::Str(text), &visitor))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<V::Value, E> {
        match (self.scalar, bytes.try_into()) {
            (Scalar::WideSigned, Ok(bytes)) => self.visitor.visit_i128(i128::from_be_bytes(bytes)),
            (Scalar::WideUnsigned, Ok(bytes)) => {
                self.visitor.visit_u128(u128::from_be_bytes(bytes))
            }
            _ => Err(E::invalid_type(Unexpected::Bytes(bytes), &self.visitor)),
        }
    }
}

/// Whether a text is the one form in which an integer is written.
fn is_canonical(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_zero = text == "0";
    let begins = digits.starts_with(|digit: char| matches!(digit, '1'..='9'));
    is_zero || begins && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// Whether there is no white space around a number, where JSON would take it.
fn begins_and_ends_as_a_number(text: &str) -> bool {
    let begins = text.starts_with(|sign: char| sign == '-' || sign.is_ascii_digit());
    begins && text.ends_with(|digit: char| digit.is_ascii_digit())
}
