//! The fingerprints of std's types.
//!
//! Owned and borrowed forms have the same fingerprint. Wrappers that serde doesn't write have that
//! of the type inside.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque},
    marker::PhantomData,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6},
    num::{
        NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
        NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize, Saturating, Wrapping,
    },
    ops::{Range, RangeFrom, RangeInclusive, RangeTo},
    path::{Path, PathBuf},
    rc::Rc,
    sync::{Arc, Mutex, RwLock},
    time::{Duration, SystemTime},
};

use crate::interface::fingerprint::{ipc_type::IpcType, ordered, shapes::TypeShapes, text};

macro_rules! named {
    ($($name:literal: $($ty:ty),+;)*) => {$($(
        impl IpcType for $ty {
            const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: u64 = text($name);
        }
    )+)*};
}

named! {
    "unit": ();
    "bool": bool;
    "char": char;
    "string": str, String;
    "path": Path, PathBuf;
    "u8": u8; "u16": u16; "u32": u32; "u64": u64; "u128": u128; "usize": usize;
    "i8": i8; "i16": i16; "i32": i32; "i64": i64; "i128": i128; "isize": isize;
    "f32": f32; "f64": f64;
    "nonzero u8": NonZeroU8; "nonzero u16": NonZeroU16; "nonzero u32": NonZeroU32;
    "nonzero u64": NonZeroU64; "nonzero u128": NonZeroU128; "nonzero usize": NonZeroUsize;
    "nonzero i8": NonZeroI8; "nonzero i16": NonZeroI16; "nonzero i32": NonZeroI32;
    "nonzero i64": NonZeroI64; "nonzero i128": NonZeroI128; "nonzero isize": NonZeroIsize;
    "duration": Duration;
    "system time": SystemTime;
    "ip": IpAddr; "ipv4": Ipv4Addr; "ipv6": Ipv6Addr;
    "socket address": SocketAddr; "socket address v4": SocketAddrV4;
    "socket address v6": SocketAddrV6;
}

impl<T: ?Sized> IpcType for PhantomData<T> {
    const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: u64 = text("unit");
}

macro_rules! transparent {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<$($generics)*> IpcType for $ty {
            const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: u64 = T::FINGERPRINT;

            fn describe(shapes: &mut TypeShapes) {
                T::describe(shapes);
            }
        }
    )*};
}

transparent! {
    [T: IpcType + ?Sized] &T;
    [T: IpcType + ?Sized] Box<T>;
    [T: IpcType + ?Sized] Rc<T>;
    [T: IpcType + ?Sized] Arc<T>;
    [T: IpcType + ToOwned + ?Sized] Cow<'_, T>;
    [T: IpcType] Wrapping<T>;
    [T: IpcType] Saturating<T>;
    [T: IpcType] Reverse<T>;
    [T: IpcType] Cell<T>;
    [T: IpcType + ?Sized] RefCell<T>;
    [T: IpcType + ?Sized] Mutex<T>;
    [T: IpcType + ?Sized] RwLock<T>;
}

macro_rules! containers {
    ($($tag:literal: [$($generics:tt)*] $ty:ty, $($part:ident)+;)*) => {$(
        impl<$($generics)*> IpcType for $ty {
            const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: u64 =
                ordered($tag, &[$($part::FINGERPRINT),+]);

            fn describe(shapes: &mut TypeShapes) {
                $($part::describe(shapes);)+
            }
        }
    )*};
}

containers! {
    "seq": [T: IpcType] [T], T;
    "seq": [T: IpcType] Vec<T>, T;
    "seq": [T: IpcType] VecDeque<T>, T;
    "seq": [T: IpcType] LinkedList<T>, T;
    "seq": [T: IpcType] BinaryHeap<T>, T;
    "set": [T: IpcType, S] HashSet<T, S>, T;
    "set": [T: IpcType] BTreeSet<T>, T;
    "map": [K: IpcType, V: IpcType, S] HashMap<K, V, S>, K V;
    "map": [K: IpcType, V: IpcType] BTreeMap<K, V>, K V;
    "option": [T: IpcType] Option<T>, T;
    "result": [T: IpcType, E: IpcType] Result<T, E>, T E;
    "range": [T: IpcType] Range<T>, T;
    "range inclusive": [T: IpcType] RangeInclusive<T>, T;
    "range from": [T: IpcType] RangeFrom<T>, T;
    "range to": [T: IpcType] RangeTo<T>, T;
    "tuple": [A: IpcType] (A,), A;
    "tuple": [A: IpcType, B: IpcType] (A, B), A B;
    "tuple": [A: IpcType, B: IpcType, C: IpcType] (A, B, C), A B C;
    "tuple": [A: IpcType, B: IpcType, C: IpcType, D: IpcType] (A, B, C, D), A B C D;
    "tuple": [A: IpcType, B: IpcType, C: IpcType, D: IpcType, E: IpcType] (A, B, C, D, E),
        A B C D E;
    "tuple": [A: IpcType, B: IpcType, C: IpcType, D: IpcType, E: IpcType, F: IpcType]
        (A, B, C, D, E, F), A B C D E F;
    "tuple": [A: IpcType, B: IpcType, C: IpcType, D: IpcType, E: IpcType, F: IpcType, G: IpcType]
        (A, B, C, D, E, F, G), A B C D E F G;
    "tuple": [A: IpcType, B: IpcType, C: IpcType, D: IpcType, E: IpcType, F: IpcType, G: IpcType,
        H: IpcType] (A, B, C, D, E, F, G, H), A B C D E F G H;
    "tuple": [A: IpcType, B: IpcType, C: IpcType, D: IpcType, E: IpcType, F: IpcType, G: IpcType,
        H: IpcType, I: IpcType] (A, B, C, D, E, F, G, H, I), A B C D E F G H I;
    "tuple": [A: IpcType, B: IpcType, C: IpcType, D: IpcType, E: IpcType, F: IpcType, G: IpcType,
        H: IpcType, I: IpcType, J: IpcType] (A, B, C, D, E, F, G, H, I, J), A B C D E F G H I J;
    "tuple": [A: IpcType, B: IpcType, C: IpcType, D: IpcType, E: IpcType, F: IpcType, G: IpcType,
        H: IpcType, I: IpcType, J: IpcType, K: IpcType] (A, B, C, D, E, F, G, H, I, J, K),
        A B C D E F G H I J K;
    "tuple": [A: IpcType, B: IpcType, C: IpcType, D: IpcType, E: IpcType, F: IpcType, G: IpcType,
        H: IpcType, I: IpcType, J: IpcType, K: IpcType, L: IpcType]
        (A, B, C, D, E, F, G, H, I, J, K, L), A B C D E F G H I J K L;
}

impl<T: IpcType, const N: usize> IpcType for [T; N] {
    const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: u64 =
        ordered("array", &[T::FINGERPRINT, N as u64]);

    fn describe(shapes: &mut TypeShapes) {
        T::describe(shapes);
    }
}
