//! A type for each row of the guide's table of what types become in TypeScript.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use ipc_runtime::Bytes;
use serde_json::Value;

use crate::sample::{Sample, fixture};

/// What travels has this form where nothing is known of it.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Foreign(u8);

impl Sample for Foreign {
    fn sample(random: &mut crate::sample::Random) -> Self {
        Self(u8::sample(random))
    }
}

mod files {
    use crate::sample::{Sample, fixture};

    fixture! {
        struct Entry { name: String }
    }
}

mod store {
    use crate::sample::{Sample, fixture};

    fixture! {
        struct Entry { id: u64 }
    }
}

fixture! {
    /// Scalars, each as itself.
    struct Scalars {
        flag: bool, letter: char, text: String, path: PathBuf, address: IpAddr,
        byte: u8, small: i32, size: u64, offset: i64, count: usize, wide: u128, ratio: f64, half: f32,
        nothing: (),
    }
    /// Integers, as they ask for.
    struct Asked {
        #[ipc(integer = "number", as = "u64")] number: u32,
        #[ipc(integer = "bigint")] inode: u64,
        #[ipc(integer = "string")] ids: Vec<Option<i64>>,
    }
    /// Options, defaults and what is left out.
    struct Optional {
        limit: Option<u32>,
        #[serde(default)] page: u64,
        #[serde(skip_serializing_if = "Vec::is_empty", default)] marks: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")] note: Option<String>,
    }
    struct Lists { list: Vec<u64>, set: BTreeSet<String>, array: [i64; 3], long: [u8; 20], pair: (u64, bool), one: (f64,) }
    struct Maps { by_name: HashMap<String, u64>, by_number: BTreeMap<u64, Bytes>, nested: BTreeMap<String, Vec<Optional>> }
    struct UnitStruct;
    struct Newtype(u64);
    struct Binary { bytes: Bytes, numbers: Vec<u8> }
    struct Times { duration: Duration, time: SystemTime }
    struct Any { value: Value }
    struct Unknown { foreign: Foreign, #[ipc(as = "u8")] known: Foreign }
    /// Where a value came from.
    #[serde(rename_all = "camelCase")]
    enum External {
        Unit,
        /// With docs of its own.
        NewType(u64),
        Tuple(u64, String),
        Struct {
            /// In bytes.
            size: u64,
            part: Option<Newtype>,
        },
    }
    #[serde(tag = "kind")] enum Internal { Unit, New(Binary), Struct { size: u64 } }
    #[serde(tag = "t", content = "c")] enum Adjacent { New(u64), Unit, Maybe(Option<u64>), Struct { bytes: Bytes } }
    #[serde(untagged)] enum Untagged { Number(u64), Text(String), Parts(Vec<Untagged>), Struct { bytes: Bytes } }
    #[serde(tag = "kind")] enum InternalMaps { Data(BTreeMap<String, Bytes>), Scores(BTreeMap<String, f64>), Counts { own: u64, #[serde(flatten)] rest: BTreeMap<String, u64> } }
    enum Mixed { Exact(u64), #[serde(untagged)] Rough(u32), #[serde(untagged)] Share(f64) }
    struct Part { mark: i64, text: Option<String> }
    struct Flattened { id: u64, #[serde(flatten)] part: Part, #[serde(flatten)] kind: Internal }
    struct FlattenedMap { id: String, #[serde(flatten)] rest: BTreeMap<String, bool> }
    struct Tree { id: u64, children: Vec<Tree>, parent: Option<Box<Tree>> }
    struct Chain(Option<Box<Chain>>);
    struct Clashing { file: files::Entry, item: store::Entry }
    struct Page<T> { items: Vec<T>, next: Option<u64> }
    type Page<files::Entry>;
    type Page<u64>;
    #[ipc(ts = "Chosen")] struct Named { id: u64 }
    /// A comment that ends */ early.
    struct Odd { #[serde(rename = "__proto__")] proto: u64, #[serde(rename = "with-dash")] dash: u64, constructor: u64, then: u64 }
    struct OddMap { constructor: u32, #[serde(flatten)] rest: BTreeMap<String, u64> }
}
