//! Samples of types, and the macro that makes them for the types of the fixture.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque},
    hash::Hash,
    marker::PhantomData,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6},
    num::{
        NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
        NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize, Saturating, Wrapping,
    },
    ops::{Bound, Range, RangeFrom, RangeInclusive, RangeTo},
    path::{Path, PathBuf},
    rc::Rc,
    sync::{Arc, Mutex, RwLock},
    time::{Duration, SystemTime},
};

use ipc_runtime::Bytes;
pub(crate) use ipc_shape_tests::random::Random;

/// A type that has samples.
pub(crate) trait Sample: Sized {
    fn sample(random: &mut Random) -> Self;
}

macro_rules! numbers {
    ($($ty:ident, $nonzero:ident, $source:ident;)*) => {$(
        impl Sample for $ty {
            fn sample(random: &mut Random) -> Self {
                // Of 128 bits, only those that fit 64.
                match random.below(4) {
                    0 => <$ty>::try_from(random.largest().min($source::MAX as u64)).unwrap_or(<$ty>::MAX),
                    1 => <$ty>::try_from(random.smallest().max($source::MIN as i64)).unwrap_or(<$ty>::MIN),
                    2 => 0,
                    _ => <$ty>::try_from(random.below(100)).unwrap(),
                }
            }
        }

        impl Sample for $nonzero {
            fn sample(random: &mut Random) -> Self {
                Self::new(<$ty>::sample(random)).unwrap_or(Self::MIN.max(Self::new(1).unwrap()))
            }
        }
    )*};
}

numbers! {
    u8, NonZeroU8, u64;
    u16, NonZeroU16, u64;
    u32, NonZeroU32, u64;
    u64, NonZeroU64, u64;
    u128, NonZeroU128, u64;
    usize, NonZeroUsize, u64;
    i8, NonZeroI8, i64;
    i16, NonZeroI16, i64;
    i32, NonZeroI32, i64;
    i64, NonZeroI64, i64;
    i128, NonZeroI128, i64;
    isize, NonZeroIsize, i64;
}

macro_rules! samples {
    ($([$($generics:tt)*] $ty:ty: $random:pat => $make:expr;)*) => {$(
        impl<$($generics)*> Sample for $ty {
            fn sample($random: &mut Random) -> Self {
                $make
            }
        }
    )*};
}

samples! {
    []():_ => ();
    [] bool: random => random.below(2) == 0;
    [] char: random => random.one(&['a', 'é', '7', '\0', '🦀']);
    // Never a whole number: JSON keeps `1.0` apart from `1`, and a shape doesn't.
    [] f32: random => u8::sample(random) as f32 + 0.5;
    [] f64: random => i32::sample(random) as f64 + 0.25;
    [] String: random => random.one(&["", "a", "text", "7", "é\n\"", "true"]).to_owned();
    [] Box<str>: random => String::sample(random).into();
    [] Arc<str>: random => String::sample(random).into();
    [] PathBuf: random => random.one(&["", "/etc/hosts", "a b"]).into();
    [] Box<Path>: random => PathBuf::sample(random).into();
    [] Ipv4Addr: random => Ipv4Addr::from_bits(random.number() as u32);
    [] Ipv6Addr: random => Ipv6Addr::from_bits(random.number().into());
    [] IpAddr: random => match bool::sample(random) {
        true => Ipv4Addr::sample(random).into(),
        false => Ipv6Addr::sample(random).into(),
    };
    [] SocketAddrV4: random => SocketAddrV4::new(Ipv4Addr::sample(random), u16::sample(random));
    [] SocketAddrV6: random => {
        SocketAddrV6::new(Ipv6Addr::sample(random), u16::sample(random), 0, 0)
    };
    [] SocketAddr: random => match bool::sample(random) {
        true => SocketAddrV4::sample(random).into(),
        false => SocketAddrV6::sample(random).into(),
    };
    [] Duration: random => Duration::new(u32::sample(random).into(), u8::sample(random).into());
    [] SystemTime: random => SystemTime::UNIX_EPOCH + Duration::sample(random);
    [] Bytes: random => Vec::<u8>::sample(random).into();
    [] serde_json::Value: random => match random.below(6) {
        0 => serde_json::Value::Null,
        1 => true.into(),
        2 => u64::sample(random).into(),
        3 => f64::sample(random).into(),
        4 => Vec::<String>::sample(random).into(),
        _ => serde_json::json!({ "a": u8::sample(random) }),
    };
    [] serde_json::Map<String, serde_json::Value>: random => {
        BTreeMap::<String, serde_json::Value>::sample(random).into_iter().collect()
    };
    [T: Sample] Box<T>: random => Box::new(T::sample(random));
    [T: Sample] Rc<T>: random => Rc::new(T::sample(random));
    [T: Sample] Arc<T>: random => Arc::new(T::sample(random));
    [] Cow<'static, str>: random => String::sample(random).into();
    [] Cow<'static, [u8]>: random => Vec::<u8>::sample(random).into();
    [T: Sample] Wrapping<T>: random => Wrapping(T::sample(random));
    [T: Sample] Saturating<T>: random => Saturating(T::sample(random));
    [T: Sample] Reverse<T>: random => Reverse(T::sample(random));
    [T: Sample] Cell<T>: random => Cell::new(T::sample(random));
    [T: Sample] RefCell<T>: random => RefCell::new(T::sample(random));
    [T: Sample] Mutex<T>: random => Mutex::new(T::sample(random));
    [T: Sample] RwLock<T>: random => RwLock::new(T::sample(random));
    [T] PhantomData<T>: _ => PhantomData;
    [T: Sample] Vec<T>: random => few(random);
    [T: Sample] Box<[T]>: random => few::<_, Vec<_>>(random).into();
    [T: Sample] VecDeque<T>: random => few(random);
    [T: Sample] LinkedList<T>: random => few(random);
    [T: Sample + Ord] BinaryHeap<T>: random => few(random);
    [T: Sample + Ord] BTreeSet<T>: random => few(random);
    [T: Sample + Eq + Hash] HashSet<T>: random => few(random);
    [K: Sample + Ord, V: Sample] BTreeMap<K, V>: random => few(random);
    [K: Sample + Eq + Hash, V: Sample] HashMap<K, V>: random => few(random);
    [T: Sample] Range<T>: random => T::sample(random)..T::sample(random);
    [T: Sample] RangeInclusive<T>: random => T::sample(random)..=T::sample(random);
    [T: Sample] RangeFrom<T>: random => T::sample(random)..;
    [T: Sample] RangeTo<T>: random => ..T::sample(random);
    [T: Sample] Bound<T>: random => match random.below(3) {
        0 => Bound::Unbounded,
        1 => Bound::Included(T::sample(random)),
        _ => Bound::Excluded(T::sample(random)),
    };
    [T: Sample] Option<T>: random => {
        let is_some = random.goes_on() && bool::sample(random);
        is_some.then(|| random.deeper(T::sample))
    };
    [T: Sample, E: Sample] Result<T, E>: random => match bool::sample(random) {
        true => Ok(T::sample(random)),
        false => Err(E::sample(random)),
    };
    [T: Sample, const N: usize] [T; N]: random => std::array::from_fn(|_| T::sample(random));
    [A: Sample] (A,): random => (A::sample(random),);
    [A: Sample, B: Sample] (A, B): random => (A::sample(random), B::sample(random));
    [A: Sample, B: Sample, C: Sample] (A, B, C): random => {
        (A::sample(random), B::sample(random), C::sample(random))
    };
}

/// A few samples: none where the depth is reached.
fn few<T: Sample, C: FromIterator<T>>(random: &mut Random) -> C {
    let count = if random.goes_on() { random.below(3) } else { 0 };
    (0..count).map(|_| random.deeper(T::sample)).collect()
}

/// Types with `#[ipc_type]` that have samples, and a list of them.
macro_rules! fixture {
    (@cases [$($case:tt)*]) => {
        pub(crate) const CASES: &[crate::case::Case] = &[$($case)*];
    };
    (@cases [$($case:tt)*]
        $(#[$attribute:meta])*
        struct $name:ident $(<$($parameter:ident $(: $bound:path)?),*>)? { $(
            $(#[$on_field:meta])* $field:ident: $ty:ty
        ),* $(,)? }
        $($rest:tt)*
    ) => {
        #[ipc_runtime::ipc_type]
        #[derive(Debug)]
        $(#[$attribute])*
        pub(crate) struct $name $(<$($parameter $(: $bound)?),*>)? {
            $($(#[$on_field])* pub(crate) $field: $ty,)*
        }

        impl $(<$($parameter: Sample $(+ $bound)?),*>)? Sample for $name $(<$($parameter),*>)? {
            fn sample(_random: &mut crate::sample::Random) -> Self {
                Self { $($field: <$ty>::sample(_random)),* }
            }
        }

        fixture!(@next [$($case)*] $name [$(<$($parameter)*>)?] $($rest)*);
    };
    (@cases [$($case:tt)*]
        $(#[$attribute:meta])*
        struct $name:ident $(<$($parameter:ident $(: $bound:path)?),*>)? ( $(
            $(#[$on_field:meta])* $ty:ty
        ),* $(,)? );
        $($rest:tt)*
    ) => {
        #[ipc_runtime::ipc_type]
        #[derive(Debug)]
        $(#[$attribute])*
        pub(crate) struct $name $(<$($parameter $(: $bound)?),*>)? (
            $($(#[$on_field])* pub(crate) $ty,)*
        );

        impl $(<$($parameter: Sample $(+ $bound)?),*>)? Sample for $name $(<$($parameter),*>)? {
            fn sample(_random: &mut crate::sample::Random) -> Self {
                Self($(<$ty>::sample(_random)),*)
            }
        }

        fixture!(@next [$($case)*] $name [$(<$($parameter)*>)?] $($rest)*);
    };
    (@cases [$($case:tt)*]
        $(#[$attribute:meta])*
        struct $name:ident;
        $($rest:tt)*
    ) => {
        #[ipc_runtime::ipc_type]
        #[derive(Debug)]
        $(#[$attribute])*
        pub(crate) struct $name;

        impl Sample for $name {
            fn sample(_: &mut crate::sample::Random) -> Self {
                Self
            }
        }

        fixture!(@cases [$($case)* crate::case::Case::of::<$name>(),] $($rest)*);
    };
    (@cases [$($case:tt)*]
        $(#[$attribute:meta])*
        enum $name:ident $(<$($parameter:ident $(: $bound:path)?),*>)? { $(
            $(#[$on_variant:meta])*
            $variant:ident
            $(( $($(#[$on_unnamed:meta])* $unnamed:ty),* $(,)? ))?
            $({ $($(#[$on_field:meta])* $field:ident: $ty:ty),* $(,)? })?
        ),* $(,)? }
        $($rest:tt)*
    ) => {
        #[ipc_runtime::ipc_type]
        #[derive(Debug)]
        $(#[$attribute])*
        pub(crate) enum $name $(<$($parameter $(: $bound)?),*>)? { $(
            $(#[$on_variant])*
            $variant
            $(( $($(#[$on_unnamed])* $unnamed),* ))?
            $({ $($(#[$on_field])* $field: $ty),* })?
        ),* }

        impl $(<$($parameter: Sample $(+ $bound)?),*>)? Sample for $name $(<$($parameter),*>)? {
            fn sample(random: &mut crate::sample::Random) -> Self {
                let makers: &[fn(&mut crate::sample::Random) -> Self] = &[$(
                    |_random| Self::$variant
                        $(( $(<$unnamed>::sample(_random)),* ))?
                        $({ $($field: <$ty>::sample(_random)),* })?
                ),*];
                random.one(makers)(random)
            }
        }

        fixture!(@next [$($case)*] $name [$(<$($parameter)*>)?] $($rest)*);
    };
    // A generic type is compared by its instances.
    (@next [$($case:tt)*] $name:ident [] $($rest:tt)*) => {
        fixture!(@cases [$($case)* crate::case::Case::of::<$name>(),] $($rest)*);
    };
    (@next $case:tt $name:ident $parameters:tt $($rest:tt)*) => {
        fixture!(@cases $case $($rest)*);
    };
    // Another type to compare: an instance of a generic one.
    (@cases [$($case:tt)*] type $ty:ty; $($rest:tt)*) => {
        fixture!(@cases [$($case)* crate::case::Case::of::<$ty>(),] $($rest)*);
    };
    (@cases $case:tt $($rest:tt)*) => {
        compile_error!(stringify!($($rest)*));
    };
    ($($rest:tt)*) => {
        fixture!(@cases [] $($rest)*);
    };
}

pub(crate) use fixture;
