//! A serializer around MessagePack's that gives values the meaning that they have in JSON.
//!
//! It tells types that the format is human-readable, so that an address is written as text, for
//! example. Where serde buffers a value first (`flatten`, tagged and untagged enums), types are
//! always read in their human-readable form: a compact form could be written, but never read.
//! [`NATIVE`] is the exception, for bytes.
//!
//! It also counts. MessagePack writes the length of a sequence before its elements, so a
//! `Serialize` with a wrong length would break the message around it.

use std::fmt::Display;

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::codec::bytes::NATIVE;

pub(super) struct Packed<S>(pub(super) S);

/// A value whose content is serialized through [`Packed`] too.
struct PackedValue<'a, T: ?Sized>(&'a T);

impl<T: Serialize + ?Sized> Serialize for PackedValue<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(Packed(serializer))
    }
}

/// A sequence, a map or a struct, with the number of values that its `Serialize` has announced, if
/// any.
pub(super) struct CountedElements<S> {
    inner: S,
    said: Option<usize>,
    written: usize,
}

impl<S> CountedElements<S> {
    fn new(inner: S, said: Option<usize>) -> Self {
        Self { inner, said, written: 0 }
    }

    #[inline]
    fn checked<E: Error>(self) -> Result<S, E> {
        match self.said {
            Some(said) if said != self.written => Err(miscounted(said, self.written)),
            _ => Ok(self.inner),
        }
    }
}

#[cold]
fn miscounted<E: Error>(said: usize, written: usize) -> E {
    E::custom(format_args!(
        "its `Serialize` told a wrong number of values for a sequence, map or struct: {said}, and wrote {written}"
    ))
}

impl<S: Serializer> Serializer for Packed<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = CountedElements<S::SerializeSeq>;
    type SerializeTuple = CountedElements<S::SerializeTuple>;
    type SerializeTupleStruct = CountedElements<S::SerializeTupleStruct>;
    type SerializeTupleVariant = CountedElements<S::SerializeTupleVariant>;
    type SerializeMap = CountedElements<S::SerializeMap>;
    type SerializeStruct = CountedElements<S::SerializeStruct>;
    type SerializeStructVariant = CountedElements<S::SerializeStructVariant>;

    passed_on! {
        serialize_bool(value: bool);
        serialize_i8(value: i8);
        serialize_i16(value: i16);
        serialize_i32(value: i32);
        serialize_i64(value: i64);
        serialize_i128(value: i128);
        serialize_u8(value: u8);
        serialize_u16(value: u16);
        serialize_u32(value: u32);
        serialize_u64(value: u64);
        serialize_u128(value: u128);
        serialize_f32(value: f32);
        serialize_f64(value: f64);
        serialize_char(value: char);
        serialize_str(value: &str);
        serialize_bytes(value: &[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str);
    }

    /// Writes a unit, as in JSON.
    fn serialize_unit_struct(self, _: &'static str) -> Result<S::Ok, S::Error> {
        self.0.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.0.serialize_some(&PackedValue(value))
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        if name == NATIVE { value.serialize(self.0) } else { value.serialize(self) }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.0.serialize_newtype_variant(name, index, variant, &PackedValue(value))
    }

    #[inline]
    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.0.serialize_seq(length).map(|inner| CountedElements::new(inner, length))
    }

    #[inline]
    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.0.serialize_tuple(length).map(|inner| CountedElements::new(inner, Some(length)))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        let inner = self.0.serialize_tuple_struct(name, length)?;
        Ok(CountedElements::new(inner, Some(length)))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        let inner = self.0.serialize_tuple_variant(name, index, variant, length)?;
        Ok(CountedElements::new(inner, Some(length)))
    }

    #[inline]
    fn serialize_map(self, length: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        // Keys count as well.
        let values = length.map(|length| length.saturating_mul(2));
        self.0.serialize_map(length).map(|inner| CountedElements::new(inner, values))
    }

    #[inline]
    fn serialize_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        self.0.serialize_struct(name, length).map(|inner| CountedElements::new(inner, Some(length)))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        let inner = self.0.serialize_struct_variant(name, index, variant, length)?;
        Ok(CountedElements::new(inner, Some(length)))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.0.collect_str(value)
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        true
    }
}

macro_rules! elements {
    ($($kind:ident::$method:ident),*) => {$(
        impl<S: $kind> $kind for CountedElements<S> {
            type Ok = S::Ok;
            type Error = S::Error;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
                self.written += 1;
                self.inner.$method(&PackedValue(value))
            }

            #[inline]
            fn end(self) -> Result<S::Ok, S::Error> {
                self.checked().and_then(S::end)
            }
        }
    )*};
}

impl<S: SerializeMap> SerializeMap for CountedElements<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.written += 1;
        self.inner.serialize_key(&PackedValue(key))
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.written += 1;
        self.inner.serialize_value(&PackedValue(value))
    }

    #[inline]
    fn end(self) -> Result<S::Ok, S::Error> {
        self.checked().and_then(S::end)
    }
}

macro_rules! named_fields {
    ($($kind:ident),*) => {$(
        impl<S: $kind> $kind for CountedElements<S> {
            type Ok = S::Ok;
            type Error = S::Error;

            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), S::Error> {
                self.written += 1;
                self.inner.serialize_field(name, &PackedValue(value))
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), S::Error> {
                self.inner.skip_field(name)
            }

            #[inline]
            fn end(self) -> Result<S::Ok, S::Error> {
                self.checked().and_then(S::end)
            }
        }
    )*};
}

elements!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);
named_fields!(SerializeStruct, SerializeStructVariant);
