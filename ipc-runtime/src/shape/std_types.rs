//! The shapes of std's types, as serde writes them.
//!
//! Owned and borrowed forms have the same shape. Wrappers that serde doesn't write have that of the
//! type inside.

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
    ops::{Bound, Range, RangeFrom, RangeInclusive, RangeTo},
    path::{Path, PathBuf},
    rc::Rc,
    sync::{Arc, Mutex, RwLock},
    time::{Duration, SystemTime},
};

use serde_json::Value;

use crate::shape::{
    ipc_type::IpcType,
    name::Docs,
    node::{Member, Node, NodeKind},
    scalar::{Integer, TextFormat},
};

macro_rules! nodes {
    ($($node:expr => $($ty:ty),+;)*) => {$($(
        impl IpcType for $ty {
            const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: &'static Node = &$node;
        }
    )+)*};
}

const fn scalar(kind: NodeKind, number: u64) -> Node {
    Node::new(kind, "", &[], number)
}

nodes! {
    scalar(NodeKind::Unit, 0) => ();
    scalar(NodeKind::Bool, 0) => bool;
    scalar(NodeKind::Char, 0) => char;
    scalar(NodeKind::Any, 0) => Value;
    scalar(NodeKind::Text, TextFormat::Any as u64) => str, String;
    scalar(NodeKind::Text, TextFormat::Path as u64) => Path, PathBuf;
    scalar(NodeKind::Text, TextFormat::Ip as u64) => IpAddr;
    scalar(NodeKind::Text, TextFormat::Ipv4 as u64) => Ipv4Addr;
    scalar(NodeKind::Text, TextFormat::Ipv6 as u64) => Ipv6Addr;
    scalar(NodeKind::Text, TextFormat::SocketAddress as u64) => SocketAddr;
    scalar(NodeKind::Text, TextFormat::SocketAddressV4 as u64) => SocketAddrV4;
    scalar(NodeKind::Text, TextFormat::SocketAddressV6 as u64) => SocketAddrV6;
    scalar(NodeKind::Float, 32) => f32;
    scalar(NodeKind::Float, 64) => f64;
}

macro_rules! integers {
    ($($ty:ty, $nonzero:ty: $signed:literal $bits:literal;)*) => {$(
        nodes! {
            scalar(NodeKind::Integer, Integer::new($signed, $bits, true).number()) => $ty;
            scalar(NodeKind::Integer, Integer::new($signed, $bits, false).number()) => $nonzero;
        }
    )*};
}

integers! {
    u8, NonZeroU8: false 8;
    u16, NonZeroU16: false 16;
    u32, NonZeroU32: false 32;
    u64, NonZeroU64: false 64;
    u128, NonZeroU128: false 128;
    // A shape is the same on every machine.
    usize, NonZeroUsize: false 64;
    i8, NonZeroI8: true 8;
    i16, NonZeroI16: true 16;
    i32, NonZeroI32: true 32;
    i64, NonZeroI64: true 64;
    i128, NonZeroI128: true 128;
    isize, NonZeroIsize: true 64;
}

/// The header of a struct that refuses unknown fields, as those of std do.
const STRICT: &str = "deny_unknown";

// Each field is required, also if it is an `Option`: hence the newtype.
macro_rules! fields {
    ($($name:literal: $part:expr),*) => {
        Node::structure(STRICT, const {
            &[$(Member::new($name, BOTH, const { &Node::newtype(const { &[Member::part($part)] }) }, &Docs::NONE)),*]
        })
    };
}

const BOTH: u16 = Member::SENT | Member::RECEIVED;

nodes! {
    fields!("secs": u64::NODE, "nanos": u32::NODE) => Duration;
    fields!("secs_since_epoch": u64::NODE, "nanos_since_epoch": u32::NODE) => SystemTime;
}

impl<T: ?Sized> IpcType for PhantomData<T> {
    const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: &'static Node = <()>::NODE;
}

macro_rules! transparent {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<$($generics)*> IpcType for $ty {
            const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: &'static Node =
                T::NODE;
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
    ($([$($generics:tt)*] $ty:ty => $node:expr;)*) => {$(
        impl<$($generics)*> IpcType for $ty {
            const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: &'static Node = &$node;
        }
    )*};
}

macro_rules! parts {
    ($($part:ident)*) => {
        const { &[$(Member::part(const { &Node::link::<$part>() })),*] }
    };
}

containers! {
    [T: IpcType] [T] => Node::container(NodeKind::Sequence, parts!(T));
    [T: IpcType] Vec<T> => Node::container(NodeKind::Sequence, parts!(T));
    [T: IpcType] VecDeque<T> => Node::container(NodeKind::Sequence, parts!(T));
    [T: IpcType] LinkedList<T> => Node::container(NodeKind::Sequence, parts!(T));
    [T: IpcType] BinaryHeap<T> => Node::container(NodeKind::Sequence, parts!(T));
    [T: IpcType, S] HashSet<T, S> => Node::container(NodeKind::Set, parts!(T));
    [T: IpcType] BTreeSet<T> => Node::container(NodeKind::Set, parts!(T));
    [K: IpcType, V: IpcType, S] HashMap<K, V, S> => Node::container(NodeKind::Map, parts!(K V));
    [K: IpcType, V: IpcType] BTreeMap<K, V> => Node::container(NodeKind::Map, parts!(K V));
    [T: IpcType] Option<T> => Node::container(NodeKind::Option, parts!(T));
    [T: IpcType, E: IpcType] Result<T, E> => result(const { &variants(const { &Node::link::<T>() }, const { &Node::link::<E>() }) });
    [T: IpcType] Range<T> => fields!("start": const { &Node::link::<T>() }, "end": const { &Node::link::<T>() });
    [T: IpcType] RangeInclusive<T> => fields!("start": const { &Node::link::<T>() }, "end": const { &Node::link::<T>() });
    [T: IpcType] RangeFrom<T> => fields!("start": const { &Node::link::<T>() });
    [T: IpcType] RangeTo<T> => fields!("end": const { &Node::link::<T>() });
    [T: IpcType] Bound<T> => Node::enumeration("", const {
        &[
            Member::new("Unbounded", BOTH, const { &scalar(NodeKind::Nothing, 0) }, &Docs::NONE),
            Member::new("Included", BOTH, const { &Node::link::<T>() }, &Docs::NONE),
            Member::new("Excluded", BOTH, const { &Node::link::<T>() }, &Docs::NONE),
        ]
    }, false);
    [T: IpcType, const N: usize] [T; N] => Node::array(parts!(T), N);
}

/// The variants of a `Result`.
#[doc(hidden)]
pub const fn variants(value: &'static Node, error: &'static Node) -> [Member; 2] {
    [Member::new("Ok", BOTH, value, &Docs::NONE), Member::new("Err", BOTH, error, &Docs::NONE)]
}

/// A `Result` of these variants.
#[doc(hidden)]
pub const fn result(variants: &'static [Member]) -> Node {
    Node::enumeration("", variants, false)
}

macro_rules! tuples {
    ($($($part:ident)+;)*) => {
        containers! {
            $([$($part: IpcType),+] ($($part,)+) => Node::tuple(parts!($($part)+));)*
        }
    };
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}
