//! What version 2 of the algorithm yields, frozen, and what it must not depend on.
//!
//! If a constant here fails, peers of two releases would refuse each other. Don't change the
//! constants: give the new algorithm a new [`Fingerprint::VERSION`].

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    rc::Rc,
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use crate::{
    ipc_interface, ipc_type,
    shape::{
        fingerprint::{Fingerprint, ParseFingerprintError},
        hash::{ordered, text},
        ipc_type::IpcType,
        lock_hash::LockHash,
    },
};

#[ipc_type(crate = "crate")]
struct File {
    name: String,
    size: u64,
}

#[ipc_type(crate = "crate")]
#[serde(rename_all = "camelCase")]
enum Change {
    Removed,
    Renamed(String, String),
    Grown { by: u64 },
}

#[ipc_type(crate = "crate")]
struct Tree {
    value: u8,
    children: Vec<Tree>,
}

#[ipc_type(crate = "crate")]
struct Page<T> {
    items: Vec<T>,
}

/// A bit of everything.
#[allow(clippy::large_enum_variant, reason = "no value is made")]
#[ipc_type(crate = "crate")]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "UPPERCASE")]
enum Everything {
    #[serde(alias = "none")]
    Nothing,
    Some {
        #[serde(default, alias = "x", skip_serializing_if = "Vec::is_empty")]
        listed: Vec<std::num::NonZeroU8>,
        #[serde(rename(serialize = "out", deserialize = "in"))]
        path: std::path::PathBuf,
        #[serde(flatten)]
        file: File,
        #[serde(with = "elsewhere")]
        converted: u64,
        since: std::time::SystemTime,
        #[serde(skip)]
        skipped: u8,
        foreign: Foreign,
        #[ipc(as = "String")]
        told: Foreign,
        range: std::ops::Range<f32>,
        letter: char,
        any: serde_json::Value,
        bytes: crate::Bytes,
        set: BTreeSet<i128>,
        address: std::net::SocketAddr,
    },
    #[serde(other)]
    Other,
}

/// What nothing else has here.
#[ipc_type(crate = "crate")]
#[serde(tag = "t", content = "c", deny_unknown_fields)]
enum Rest {
    Unit,
    Optional(Option<u8>),
    Pair(u8, #[serde(default)] [bool; 3]),
    Named {
        #[serde(rename = "a-b", alias = "a b")]
        quoted: Result<f64, ()>,
        #[serde(flatten, skip_serializing_if = "Option::is_none")]
        flattened: Option<Extra>,
        converted: OneWay,
        other: Container<{ 3 + 4 }>,
    },
    #[serde(untagged)]
    Tagged(Tagged),
}

#[ipc_type(crate = "crate")]
#[serde(tag = "kind")]
struct Tagged {
    a: std::ops::Bound<i16>,
}

#[ipc_type(crate = "crate")]
struct Extra {
    b: u8,
}

#[ipc_type(crate = "crate")]
#[serde(from = "u8")]
struct OneWay {
    c: std::net::Ipv6Addr,
}

impl From<u8> for OneWay {
    fn from(_: u8) -> Self {
        Self { c: std::net::Ipv6Addr::LOCALHOST }
    }
}

/// Known only by its name and its argument.
#[derive(Serialize, Deserialize)]
struct Container<const N: usize>;

mod elsewhere {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u64, to: S) -> Result<S::Ok, S::Error> {
        value.to_string().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Known only by its name.
#[derive(Serialize, Deserialize)]
struct Foreign;

/// A container from another crate.
#[derive(Serialize, Deserialize)]
struct Bag<T>(Vec<T>);

/// The fingerprint of a field's type.
macro_rules! of {
    ($ty:ty) => {{
        #[ipc_type(crate = "crate")]
        struct Newtype($ty);
        Newtype::fingerprint()
    }};
}

#[test]
fn texts_and_nodes_are_frozen() {
    // Test vectors of FNV-1a.
    assert_eq!(text(""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(text("foobar"), 0x8594_4171_f739_67e8);
    assert_eq!(ordered(text("seq"), &[text("u8"), 1]), 0xd48b55e5da506f5a);
}

#[test]
fn types_are_frozen() {
    fn of<T: IpcType>() -> [String; 2] {
        [T::fingerprint().to_string(), LockHash::of::<T>().to_string()]
    }
    let frozen = [
        of::<HashMap<String, Option<(u8, [i64; 4])>>>(),
        of::<File>(),
        of::<Change>(),
        of::<Tree>(),
        of::<Page<File>>(),
        of::<Page<Tree>>(),
        of::<Everything>(),
        of::<Rest>(),
    ];
    assert_eq!(
        frozen,
        [
            ["2:ad8682af43fcbd98", "L1:ad8682af43fcbd98"],
            ["2:99fcd702ff5d38dd", "L1:99fcd702ff5d38dd"],
            ["2:45d4d51414c2dbac", "L1:45d4d51414c2dbac"],
            ["2:4f153e69b1e44fe8", "L1:d6b0ce818ceae014"],
            ["2:564b032c64c515e4", "L1:564b032c64c515e4"],
            ["2:942d427e9b29b7f8", "L1:4492d17e98efdacf"],
            ["2:c236ea8cfc8ea52d", "L1:c236ea8cfc8ea52d"],
            ["2:d4f4df164e5e5721", "L1:d4f4df164e5e5721"]
        ]
    );
}

#[test]
fn owned_and_borrowed_forms_are_one() {
    assert_eq!(<str>::fingerprint(), String::fingerprint());
    assert_eq!(<[u8]>::fingerprint(), <Vec<u8>>::fingerprint());
    assert_eq!(<VecDeque<u8>>::fingerprint(), <Vec<u8>>::fingerprint());
    assert_eq!(<Cow<'_, [u8]>>::fingerprint(), <Vec<u8>>::fingerprint());
    assert_eq!(<Box<Rc<Arc<&u8>>>>::fingerprint(), u8::fingerprint());
    assert_eq!(<HashSet<u8>>::fingerprint(), <BTreeSet<u8>>::fingerprint());
    assert_eq!(<HashMap<u8, u8>>::fingerprint(), <BTreeMap<u8, u8>>::fingerprint());
    assert_ne!(<HashSet<u8>>::fingerprint(), <Vec<u8>>::fingerprint());
    assert_ne!(<[u8; 2]>::fingerprint(), <[u8; 3]>::fingerprint());
}

#[test]
fn foreign_types_count_by_name_and_their_arguments_by_shape() {
    #[derive(Serialize, Deserialize)]
    struct Other;
    #[ipc_type(crate = "crate")]
    struct Grown {
        name: String,
        size: u64,
        mode: u32,
    }
    assert_ne!(of!(Foreign), of!(Other));
    assert_ne!(of!(Bag<File>), of!(Bag<Grown>));
    assert_ne!(of!(Bag<File>), of!(Bag<Foreign>));
    assert_eq!(of!(Box<[Foreign]>), of!(Vec<Foreign>));
    assert_ne!(of!((Foreign, u8)), of!((u8, Foreign)));
    assert_ne!(of!(Option<Foreign>), of!(Foreign));
}

#[test]
fn names_of_types_and_order_of_fields_do_not_count() {
    #[ipc_type(crate = "crate")]
    struct Renamed {
        size: u64,
        name: Box<str>,
    }
    assert_eq!(Renamed::fingerprint(), File::fingerprint());
    assert_eq!(of!(File), File::fingerprint(), "a newtype isn't seen on the wire");
}

#[test]
fn everything_on_the_wire_counts() {
    #[ipc_type(crate = "crate")]
    struct Added {
        name: String,
        size: u64,
        mode: u32,
    }
    #[ipc_type(crate = "crate")]
    struct Retyped {
        name: String,
        size: u32,
    }
    #[ipc_type(crate = "crate")]
    struct Attributed {
        #[serde(rename = "n")]
        name: String,
        size: u64,
    }
    #[ipc_type(crate = "crate")]
    #[serde(deny_unknown_fields)]
    struct Strict {
        name: String,
        size: u64,
    }
    let all = [
        File::fingerprint(),
        Added::fingerprint(),
        Retyped::fingerprint(),
        Attributed::fingerprint(),
        Strict::fingerprint(),
    ];
    for (at, one) in all.iter().enumerate() {
        assert!(!all[..at].contains(one), "{at}");
    }
}

#[test]
fn variants_may_change_places_unless_they_are_tried_in_order() {
    macro_rules! pair {
        ($($attribute:tt)*) => {{
            #[ipc_type(crate = "crate")]
            $($attribute)*
            enum One { A(u8), B(String) }

            #[ipc_type(crate = "crate")]
            $($attribute)*
            enum Other { B(String), A(u8) }

            (One::fingerprint(), Other::fingerprint())
        }};
    }
    let (one, other) = pair!();
    assert_eq!(one, other);
    let (one, other) = pair!(#[serde(untagged)]);
    assert_ne!(one, other);
}

#[test]
fn layout_of_attributes_does_not_count() {
    #[ipc_type(crate = "crate")]
    #[serde(tag = "t", content = "c")]
    enum Together {
        A(u8),
    }
    #[ipc_type(crate = "crate")]
    #[serde(content = "c")]
    #[serde(tag = "t")]
    enum Apart {
        A(u8),
    }
    assert_eq!(Together::fingerprint(), Apart::fingerprint());
}

mod interfaces {
    use super::*;

    #[ipc_interface(channel = "golden", version = "1.0.0", crate = "crate")]
    pub(super) trait Golden {
        async fn list(&self, dir: &str) -> Result<Vec<File>, String>;
        fn ping(&self) -> u32;
        #[ipc(notification)]
        fn log(&self, line: String);
    }

    /// The same on the wire.
    #[ipc_interface(channel = "other", version = "2.0.0", crate = "crate")]
    pub(super) trait Same {
        #[ipc(notification)]
        async fn log(&self, line: &str);
        /// Documented.
        #[ipc(name = "ping", blocking, timeout = "1s")]
        fn renamed(
            &self,
            #[ipc(context)] call: &crate::peer::incoming::context::CallContext,
        ) -> u32;
        async fn list(&self, #[ipc(name = "dir")] path: String) -> Result<Vec<File>, String>;
    }

    #[ipc_interface(channel = "golden", version = "1.0.0", crate = "crate")]
    pub(super) trait Changed {
        async fn list(&self, path: &str) -> Result<Vec<File>, String>;
        fn ping(&self) -> u32;
        fn log(&self, line: String);
    }
}

#[test]
fn interfaces_are_frozen() {
    use crate::peer::client::caller::Client;
    use interfaces::{ChangedClient, GoldenClient, SameClient};

    let golden = GoldenClient::INTERFACE;
    assert_eq!(golden.fingerprint().to_string(), "2:f0a55cbf1ce6999e");
    assert_eq!(SameClient::INTERFACE.fingerprint(), golden.fingerprint());

    let changed = ChangedClient::INTERFACE;
    assert_ne!(changed.fingerprint(), golden.fingerprint());
    let same = |at: usize| changed.methods[at].fingerprint() == golden.methods[at].fingerprint();
    assert_eq!([same(0), same(1), same(2)], [false, true, false], "argument name, none, kind");
}

mod subscriptions {
    use super::*;
    use crate::Stream;
    use crate::peer::{incoming::context::CallContext, streams::streaming::Streaming};

    #[ipc_interface(channel = "golden", version = "1.0.0", crate = "crate")]
    pub(super) trait Golden {
        #[ipc(subscription)]
        async fn watch(&self, dir: &str) -> Result<impl Stream<Item = Change>, String>;
        #[ipc(subscription)]
        fn ticks(&self) -> impl Stream<Item = u64>;
        #[ipc(subscription)]
        async fn tail(&self) -> impl Stream<Item = Result<u64, String>>;
        async fn upload(&self, files: Streaming<File>) -> u64;
        async fn index(&self, #[ipc(context)] call: &CallContext<Page<File>>) -> u64;
    }

    /// The same on the wire.
    #[ipc_interface(channel = "other", version = "2.0.0", crate = "crate")]
    pub(super) trait Same {
        #[ipc(subscription, timeout = "1s")]
        fn watch(
            &self,
            dir: String,
            #[ipc(context)] call: &CallContext,
        ) -> Result<impl Stream<Item = Change> + Send, Box<str>>;
        #[ipc(subscription)]
        async fn ticks(&self) -> impl Stream<Item = u64>;
        #[ipc(subscription)]
        fn tail(&self) -> impl Stream<Item = Result<u64, String>>;
        fn upload(&self, files: Streaming<File>) -> u64;
        fn index(&self, #[ipc(context)] context: &CallContext<Page<File>>) -> u64;
    }

    /// Each method is changed.
    #[ipc_interface(channel = "golden", version = "1.0.0", crate = "crate")]
    pub(super) trait Changed {
        #[ipc(subscription)]
        async fn watch(&self, dir: &str) -> Result<impl Stream<Item = Change>, u8>;
        async fn ticks(&self) -> u64;
        #[ipc(subscription)]
        async fn tail(&self) -> impl Stream<Item = Result<u64, u8>>;
        async fn upload(&self, files: Streaming<Change>) -> u64;
        async fn index(&self, #[ipc(context)] call: &CallContext<File>) -> u64;
    }

    /// Each method is changed in another way.
    #[ipc_interface(channel = "golden", version = "1.0.0", crate = "crate")]
    pub(super) trait ChangedAgain {
        #[ipc(subscription)]
        async fn watch(&self, dir: &str) -> impl Stream<Item = Change>;
        #[ipc(subscription)]
        async fn ticks(&self) -> impl Stream<Item = u32>;
        #[ipc(subscription)]
        async fn tail(&self) -> impl Stream<Item = u64>;
        async fn upload(&self, files: Vec<File>) -> u64;
        async fn index(&self, #[ipc(context)] call: &CallContext) -> u64;
    }
}

#[test]
fn subscriptions_are_frozen() {
    use crate::peer::client::caller::Client;
    use subscriptions::{ChangedAgainClient, ChangedClient, GoldenClient, SameClient};

    let of = |interface: &'static crate::interface::InterfaceInfo| {
        interface.methods.iter().map(|method| method.fingerprint())
    };
    let golden = GoldenClient::INTERFACE;
    let frozen: Vec<_> = of(golden).map(|fingerprint| fingerprint.to_string()).collect();
    let expected = [
        "2:532be65694ad3ddb",
        "2:8ea7cd9cee89b1ca",
        "2:1c90a932040abbac",
        "2:b4e546516d47cfd2",
        "2:ce2a0e65f2ecc691",
    ];
    assert_eq!(frozen, expected);
    assert!(of(SameClient::INTERFACE).eq(of(golden)));
    for changed in [ChangedClient::INTERFACE, ChangedAgainClient::INTERFACE] {
        for (method, changed) in golden.methods.iter().zip(changed.methods) {
            assert_ne!(method.fingerprint(), changed.fingerprint(), "{}", changed.signature);
        }
    }
    assert_eq!(
        golden.methods[0].signature,
        "subscription watch(dir: &str) -> Result<impl Stream<Item = Change>, String>"
    );
}

#[test]
fn fingerprints_are_written_and_read() {
    let fingerprint = Fingerprint::new(0xab);
    assert_eq!(fingerprint.to_string(), "2:00000000000000ab");
    assert_eq!("2:00000000000000ab".parse(), Ok(fingerprint));
    let json = serde_json::to_string(&fingerprint).unwrap();
    assert_eq!(json, "\"2:00000000000000ab\"");
    assert_eq!(serde_json::from_str::<Fingerprint>(&json).unwrap(), fingerprint);
    for bad in
        ["", "2", "2:", ":00000000000000ab", "2:ab", "+2:00000000000000ab", "2:+0000000000000ab"]
    {
        assert_eq!(bad.parse::<Fingerprint>(), Err(ParseFingerprintError), "{bad}");
    }
}
