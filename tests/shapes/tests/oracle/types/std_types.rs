//! The types of std that have shapes.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque},
    marker::PhantomData,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6},
    num::*,
    ops::{Bound, Range, RangeFrom, RangeInclusive, RangeTo},
    path::{Path, PathBuf},
    sync::{Mutex, RwLock},
    time::{Duration, SystemTime},
};

use ipc_runtime::Bytes;

use crate::sample::{Sample, fixture};

fixture! {
    struct Scalars { unit: (), bool: bool, char: char, any: serde_json::Value, text: String, f32: f32, f64: f64, bytes: Bytes }
    struct Unsigned { a: u8, b: u16, c: u32, d: u64, e: u128, f: usize }
    struct Signed { a: i8, b: i16, c: i32, d: i64, e: i128, f: isize }
    struct NonZeroUnsigned { a: NonZeroU8, b: NonZeroU16, c: NonZeroU32, d: NonZeroU64, e: NonZeroU128, f: NonZeroUsize }
    struct NonZeroSigned { a: NonZeroI8, b: NonZeroI16, c: NonZeroI32, d: NonZeroI64, e: NonZeroI128, f: NonZeroIsize }
    struct Written { a: NonZero<u8>, b: Option<NonZero<i64>> }
    struct Texts { a: PathBuf, b: Box<Path>, c: Box<str>, d: Cow<'static, str> }
    struct Addresses { a: IpAddr, b: Ipv4Addr, c: Ipv6Addr, d: SocketAddr, e: SocketAddrV4, f: SocketAddrV6 }
    struct Times { a: Duration, b: SystemTime, c: Option<Duration> }
    struct Wrappers { a: Box<u8>, b: Wrapping<u8>, d: Reverse<u8>, e: Cell<u8>, f: RefCell<u8>, g: Mutex<u8>, h: RwLock<u8> }
    struct Clamped { a: Saturating<u8> }
    struct WrappedOptions { a: Box<Option<u8>>, b: Mutex<Option<u8>>, c: Reverse<Option<u8>>, d: Cell<Option<u8>>, e: RefCell<Option<u8>>, f: RwLock<Option<u8>> }
    struct Phantoms { a: PhantomData<u8>, b: PhantomData<Option<String>> }
    struct Lists { a: Vec<u8>, b: Box<[u8]>, c: VecDeque<u8>, d: LinkedList<u8>, e: BinaryHeap<u8>, f: Cow<'static, [u8]> }
    struct Sets { a: BTreeSet<u8>, b: HashSet<String>, c: BTreeSet<Option<u8>> }
    struct Maps { a: BTreeMap<String, u8>, b: HashMap<String, u8>, c: BTreeMap<u64, u8>, d: BTreeMap<char, u8>, e: BTreeMap<bool, u8>, f: BTreeMap<i8, u8>, g: BTreeMap<NonZeroU8, ()> }
    struct Arrays { a: [u8; 0], b: [u8; 1], c: [[bool; 2]; 2], d: [String; 3] }
    struct Tuples { a: (u8,), b: (u8, bool), c: (u8, (String, Option<u8>), [u8; 2]) }
    struct Ranges { a: Range<u8>, b: RangeInclusive<i64>, c: RangeFrom<f32>, d: RangeTo<u8>, e: Bound<u8> }
    struct OptionRange { a: Range<Option<u8>>, b: RangeFrom<Option<u8>> }
    struct Results { a: Result<u8, String>, b: Result<(), Option<u8>> }
    type u8;
    type ();
    type Option<u8>;
    type Vec<Option<String>>;
    type BTreeMap<u8, BTreeMap<bool, u8>>;
    type Result<u8, ()>;
    type (u8, bool);
    type [u8; 2];
    type Duration;
    type Range<u8>;
    type Bound<String>;
    type u128;
    type serde_json::Value;
    type SystemTime;
    type PhantomData<u8>;
}
