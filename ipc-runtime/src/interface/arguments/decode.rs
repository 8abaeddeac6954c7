//! Decodes `params` to arguments.

use std::{fmt, marker::PhantomData};

use serde::{
    de::{
        self, Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess,
        SeqAccess, Visitor,
    },
    forward_to_deserialize_any,
};

use crate::interface::{
    ArgumentInfo,
    arguments::{ArgumentError, ArgumentErrorKind},
};

/// A list of arguments to be received: `(A, (B, ()))`.
pub trait DecodeArguments: Sized {
    /// How many arguments there are.
    const LEN: usize;

    /// The arguments found so far, since by name they may come in any order.
    type Slots: Default;

    /// Takes the arguments by position. Optional ones at the end may be left out.
    #[doc(hidden)]
    fn by_position<'de, S: SeqAccess<'de>>(
        sequence: &mut S,
        at: &mut ArgumentProgress,
    ) -> Result<Self, S::Error>;

    /// Takes the value of the argument at this position.
    #[doc(hidden)]
    fn by_name<'de, M: MapAccess<'de>>(
        slots: &mut Self::Slots,
        place: usize,
        map: &mut M,
        at: &mut ArgumentProgress,
    ) -> Result<(), M::Error>;

    /// Takes the arguments that were found by name. Optional ones may be missing.
    #[doc(hidden)]
    fn from_slots<E: de::Error>(slots: Self::Slots, at: &mut ArgumentProgress) -> Result<Self, E>;

    /// Takes the whole of `params` as the first argument.
    #[doc(hidden)]
    fn from_whole<'de, D: Deserializer<'de>>(
        deserializer: D,
        at: &mut ArgumentProgress,
    ) -> Result<Self, D::Error>;
}

impl DecodeArguments for () {
    const LEN: usize = 0;

    type Slots = ();

    fn by_position<'de, S: SeqAccess<'de>>(
        _: &mut S,
        at: &mut ArgumentProgress,
    ) -> Result<(), S::Error> {
        at.step = ArgumentStep::Around;
        Ok(())
    }

    fn by_name<'de, M: MapAccess<'de>>(
        (): &mut (),
        _: usize,
        map: &mut M,
        _: &mut ArgumentProgress,
    ) -> Result<(), M::Error> {
        map.next_value::<IgnoredAny>().map(drop)
    }

    fn from_slots<E: de::Error>((): (), _: &mut ArgumentProgress) -> Result<(), E> {
        Ok(())
    }

    fn from_whole<'de, D: Deserializer<'de>>(
        deserializer: D,
        _: &mut ArgumentProgress,
    ) -> Result<(), D::Error> {
        IgnoredAny::deserialize(deserializer).map(drop)
    }
}

impl<A: DeserializeOwned, R: DecodeArguments> DecodeArguments for (A, R) {
    const LEN: usize = 1 + R::LEN;

    type Slots = (Option<A>, R::Slots);

    #[inline]
    fn by_position<'de, S: SeqAccess<'de>>(
        sequence: &mut S,
        at: &mut ArgumentProgress,
    ) -> Result<Self, S::Error> {
        at.step = ArgumentStep::Value;
        let first = match sequence.next_element()? {
            Some(first) => first,
            None => left_out(at)?,
        };
        at.place += 1;
        Ok((first, R::by_position(sequence, at)?))
    }

    fn by_name<'de, M: MapAccess<'de>>(
        slots: &mut Self::Slots,
        place: usize,
        map: &mut M,
        at: &mut ArgumentProgress,
    ) -> Result<(), M::Error> {
        if place > 0 {
            return R::by_name(&mut slots.1, place - 1, map, at);
        }
        if slots.0.is_some() {
            at.step = ArgumentStep::Twice;
            return Err(de::Error::custom("given twice"));
        }
        slots.0 = Some(map.next_value()?);
        Ok(())
    }

    fn from_slots<E: de::Error>(slots: Self::Slots, at: &mut ArgumentProgress) -> Result<Self, E> {
        let first = match slots.0 {
            Some(first) => first,
            None => left_out(at)?,
        };
        at.place += 1;
        Ok((first, R::from_slots(slots.1, at)?))
    }

    fn from_whole<'de, D: Deserializer<'de>>(
        deserializer: D,
        at: &mut ArgumentProgress,
    ) -> Result<Self, D::Error> {
        at.step = ArgumentStep::Value;
        let first = A::deserialize(deserializer)?;
        at.place += 1;
        Ok((first, R::from_slots(R::Slots::default(), at)?))
    }
}

/// How far decoding has come. This turns serde's error into one that names the argument.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, Default)]
pub struct ArgumentProgress {
    place: usize,
    pub(crate) step: ArgumentStep,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum ArgumentStep {
    /// Outside of any argument.
    #[default]
    Around,
    /// In the value of the argument at this position.
    Value,
    /// At an argument that was left out.
    LeftOut,
    /// At an argument that came by name for the second time.
    Twice,
    /// After the last argument: there are this many positions.
    TooMany(usize),
}

// Out of line, because it is instantiated for each type and rarely called.
#[cold]
fn left_out<'de, T: Deserialize<'de>, E: de::Error>(at: &mut ArgumentProgress) -> Result<T, E> {
    at.step = ArgumentStep::LeftOut;
    T::deserialize(LeftOut(PhantomData))
}

/// Deserializes an argument that was left out: as `None` or `()` if its type allows that, else as
/// an error.
struct LeftOut<E>(PhantomData<E>);

impl<'de, E: de::Error> Deserializer<'de> for LeftOut<E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, E> {
        Err(E::custom("left out"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// `params` in any self-describing format, by position or by name.
pub(crate) struct Params<'a, A> {
    pub(crate) names: &'static [ArgumentInfo],
    pub(crate) at: &'a mut ArgumentProgress,
    pub(crate) list: PhantomData<fn() -> A>,
}

impl<'de, A: DecodeArguments> Visitor<'de> for Params<'_, A> {
    type Value = A;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or an object")
    }

    fn visit_unit<E: de::Error>(self) -> Result<A, E> {
        A::from_slots(A::Slots::default(), self.at)
    }

    fn visit_none<E: de::Error>(self) -> Result<A, E> {
        self.visit_unit()
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut sequence: S) -> Result<A, S::Error> {
        let arguments = A::by_position(&mut sequence, self.at)?;
        if sequence.next_element::<IgnoredAny>()?.is_some() {
            let mut positions = A::LEN + 1;
            while sequence.next_element::<IgnoredAny>()?.is_some() {
                positions += 1;
            }
            self.at.step = ArgumentStep::TooMany(positions);
            return Err(de::Error::custom("too many"));
        }
        Ok(arguments)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<A, M::Error> {
        let mut slots = A::Slots::default();
        while let Some(place) = map.next_key_seed(ParamKey { names: self.names })? {
            match place {
                Some(place) => {
                    *self.at = ArgumentProgress { place, step: ArgumentStep::Value };
                    A::by_name(&mut slots, place, &mut map, self.at)?;
                    self.at.step = ArgumentStep::Around;
                }
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        self.at.place = 0;
        A::from_slots(slots, self.at)
    }
}

/// A key of `params`: the position of the argument with that name, if there is one.
struct ParamKey {
    names: &'static [ArgumentInfo],
}

impl<'de> DeserializeSeed<'de> for ParamKey {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for ParamKey {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an argument")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.names.iter().position(|argument| argument.name == key))
    }
}

/// Whether an object is the only argument itself. It isn't if its only key is the argument's name.
pub(crate) fn keys_are_of_an_argument<'de, D: Deserializer<'de>>(
    deserializer: D,
    names: &'static [ArgumentInfo],
) -> bool {
    struct Keys {
        names: &'static [ArgumentInfo],
    }

    impl<'de> Visitor<'de> for Keys {
        type Value = bool;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<bool, M::Error> {
            let (mut known, mut keys) = (false, 0);
            while let Some(place) = map.next_key_seed(ParamKey { names: self.names })? {
                map.next_value::<IgnoredAny>()?;
                known |= place.is_some();
                keys += 1;
            }
            Ok(!(known && keys == 1))
        }
    }

    deserializer.deserialize_map(Keys { names }).unwrap_or(true)
}

#[cold]
pub(crate) fn explain(
    problem: &dyn fmt::Display,
    at: ArgumentProgress,
    len: usize,
    names: &'static [ArgumentInfo],
) -> ArgumentError {
    use ArgumentErrorKind::{Invalid, Missing, TooMany};

    match at.step {
        ArgumentStep::Around => ArgumentError::of_params(Invalid, problem),
        ArgumentStep::Value => {
            ArgumentError::of_argument(Invalid, at.place, names, format_args!(": {problem}"))
        }
        ArgumentStep::Twice => {
            ArgumentError::of_argument(Invalid, at.place, names, " is given twice")
        }
        ArgumentStep::LeftOut => {
            ArgumentError::of_argument(Missing, at.place, names, " is missing")
        }
        ArgumentStep::TooMany(positions) => {
            let listed: Vec<_> = names.iter().map(|name| format!("`{}`", name.name)).collect();
            let given =
                if positions == 1 { "1 was given" } else { &*format!("{positions} were given") };
            let problem = match len {
                0 => format!("the method takes no arguments, but {given}"),
                1 => format!("the method takes 1 argument ({}), but {given}", listed.join(", ")),
                _ => {
                    format!("the method takes {len} arguments ({}), but {given}", listed.join(", "))
                }
            };
            ArgumentError::of_params(TooMany, problem)
        }
    }
}
