//! What version 1 of the algorithm yields, frozen, and what it must not depend on.
//!
//! If a constant here fails, peers of two releases would refuse each other. Don't change the
//! constants: give the new algorithm a new [`Fingerprint::VERSION`].

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    rc::Rc,
    sync::Arc,
};

use super::*;
use crate::interface::fingerprint::{ipc_type::IpcType, shapes::TypeShapes};
use crate::ipc_interface;
use crate::ipc_type;

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
        Newtype::FINGERPRINT
    }};
}

#[test]
fn texts_and_nodes_are_frozen() {
    // Test vectors of FNV-1a.
    assert_eq!(text(""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(text("foobar"), 0x8594_4171_f739_67e8);
    assert_eq!(ordered("seq", &[text("u8")]), 0x3908_5b45_5417_40b2);
    assert_eq!(unordered("struct", &[text("a"), text("b")]), 0x7bd8_ae6a_38b6_21c6);
    assert_eq!(foreign("Uuid", &[]), 0xc418_a82e_ad15_c6b6);
}

#[test]
fn types_are_frozen() {
    assert_eq!(<HashMap<String, Option<(u8, [i64; 4])>>>::FINGERPRINT, 0x250e_3c17_43e9_7034);
    assert_eq!(File::FINGERPRINT, 0x23a5_485e_be16_8545);
    assert_eq!(Change::FINGERPRINT, 0x6ac9_4e74_508b_8f79);
    assert_eq!(Tree::FINGERPRINT, 0x9086_314a_f78f_0f73);
    assert_eq!(<Page<File>>::FINGERPRINT, 0x984f_f58c_9475_446e);
    assert_eq!(of!(Bag<File>), 0xe7b1_a398_fd4a_397d);
}

#[test]
fn owned_and_borrowed_forms_are_one() {
    assert_eq!(<str>::FINGERPRINT, String::FINGERPRINT);
    assert_eq!(<[u8]>::FINGERPRINT, <Vec<u8>>::FINGERPRINT);
    assert_eq!(<VecDeque<u8>>::FINGERPRINT, <Vec<u8>>::FINGERPRINT);
    assert_eq!(<Cow<'_, [u8]>>::FINGERPRINT, <Vec<u8>>::FINGERPRINT);
    assert_eq!(<Box<Rc<Arc<&u8>>>>::FINGERPRINT, u8::FINGERPRINT);
    assert_eq!(<HashSet<u8>>::FINGERPRINT, <BTreeSet<u8>>::FINGERPRINT);
    assert_eq!(<HashMap<u8, u8>>::FINGERPRINT, <BTreeMap<u8, u8>>::FINGERPRINT);
    assert_ne!(<HashSet<u8>>::FINGERPRINT, <Vec<u8>>::FINGERPRINT);
    assert_ne!(<[u8; 2]>::FINGERPRINT, <[u8; 3]>::FINGERPRINT);
}

#[test]
fn foreign_types_count_by_name_and_their_arguments_by_fingerprint() {
    assert_eq!(of!(Foreign), foreign("Foreign", &[]));
    assert_eq!(of!(Bag<File>), foreign("Bag", &[File::FINGERPRINT]));
    assert_eq!(of!(Option<Foreign>), ordered("option", &[of!(Foreign)]));
    assert_eq!(of!(Box<[Foreign]>), of!(Vec<Foreign>));
    assert_eq!(of!((Foreign, u8)), ordered("tuple", &[of!(Foreign), u8::FINGERPRINT]));
}

#[test]
fn names_of_types_and_order_of_fields_do_not_count() {
    #[ipc_type(crate = "crate")]
    struct Renamed {
        size: u64,
        name: Box<str>,
    }
    assert_eq!(Renamed::FINGERPRINT, File::FINGERPRINT);
    assert_eq!(of!(File), File::FINGERPRINT, "a newtype isn't seen on the wire");
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
        File::FINGERPRINT,
        Added::FINGERPRINT,
        Retyped::FINGERPRINT,
        Attributed::FINGERPRINT,
        Strict::FINGERPRINT,
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

            (One::FINGERPRINT, Other::FINGERPRINT)
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
    assert_eq!(Together::FINGERPRINT, Apart::FINGERPRINT);
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
    assert_eq!(golden.fingerprint.to_string(), "1:59aa7663373665ff");
    assert_eq!(SameClient::INTERFACE.fingerprint, golden.fingerprint);

    let changed = ChangedClient::INTERFACE;
    assert_ne!(changed.fingerprint, golden.fingerprint);
    let same = |at: usize| changed.methods[at].fingerprint == golden.methods[at].fingerprint;
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
        interface.methods.iter().map(|method| method.fingerprint)
    };
    let golden = GoldenClient::INTERFACE;
    let frozen: Vec<_> = of(golden).map(|fingerprint| fingerprint.to_string()).collect();
    let expected = [
        "1:2bb7880200fcf792",
        "1:b3077a7b1de9c199",
        "1:1e2fefd26910288e",
        "1:8881330546297783",
        "1:8df12b87a3eb7577",
    ];
    assert_eq!(frozen, expected);
    assert!(of(SameClient::INTERFACE).eq(of(golden)));
    for changed in [ChangedClient::INTERFACE, ChangedAgainClient::INTERFACE] {
        for (method, changed) in golden.methods.iter().zip(changed.methods) {
            assert_ne!(method.fingerprint, changed.fingerprint, "{}", changed.signature);
        }
    }
    let types = golden.types();
    let names: Vec<_> = types.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Change", "File", "Page"]);
    assert_eq!(
        golden.methods[0].signature,
        "subscription watch(dir: &str) -> Result<impl Stream<Item = Change>, String>"
    );
}

#[test]
fn shapes_are_described_for_people() {
    use crate::peer::client::caller::Client;

    let golden = interfaces::GoldenClient::INTERFACE;
    let types = golden.types();
    let types: Vec<_> = types.iter().collect();
    assert_eq!(types, [("File", "struct { name: String, size: u64 }")]);
    let signatures = golden.methods.iter().map(|method| method.signature);
    let expected = [
        "list(dir: &str) -> Result<Vec<File>, String>",
        "ping() -> u32",
        "notification log(line: String)",
    ];
    assert!(signatures.eq(expected));

    let mut shapes = TypeShapes::default();
    Change::describe(&mut shapes);
    Tree::describe(&mut shapes);
    let shapes: Vec<_> = shapes.iter().collect();
    let change = "#[serde(rename_all = \"camelCase\")] enum { Removed, Renamed(String, String), \
                  Grown { by: u64 } }";
    let tree = "struct { value: u8, children: Vec<Tree> }";
    assert_eq!(shapes, [("Change", change), ("Tree", tree)]);
}

#[test]
fn fingerprints_are_written_and_read() {
    let fingerprint = Fingerprint::new(0xab);
    assert_eq!(fingerprint.to_string(), "1:00000000000000ab");
    assert_eq!("1:00000000000000ab".parse(), Ok(fingerprint));
    let json = serde_json::to_string(&fingerprint).unwrap();
    assert_eq!(json, "\"1:00000000000000ab\"");
    assert_eq!(serde_json::from_str::<Fingerprint>(&json).unwrap(), fingerprint);
    for bad in
        ["", "1", "1:", ":00000000000000ab", "1:ab", "+1:00000000000000ab", "1:+0000000000000ab"]
    {
        assert_eq!(bad.parse::<Fingerprint>(), Err(ParseFingerprintError), "{bad}");
    }
}
