//! What the fingerprint of a type and of an interface counts, and what it doesn't.

#![allow(dead_code, reason = "no value of these types is made")]

use ipc_runtime::{
    CallContext, Client, Stream, Streaming,
    interface::{Fingerprint, InterfaceInfo, TypeSchema},
    ipc_interface, ipc_type,
    shape::{IpcType, Shape},
};
use serde::{Deserialize, Serialize};

/// The fingerprint of a type that is written here.
macro_rules! of {
    ($(#[$attribute:meta])* struct $($item:tt)*) => {{
        #[ipc_type]
        $(#[$attribute])*
        struct Of $($item)*
        Of::fingerprint()
    }};
    ($(#[$attribute:meta])* enum $($item:tt)*) => {{
        #[ipc_type]
        $(#[$attribute])*
        enum Of $($item)*
        Of::fingerprint()
    }};
}

/// The fingerprint of a field of this type.
macro_rules! field {
    ($ty:ty) => {
        of!(struct { field: $ty })
    };
}

fn all_differ(all: &[Fingerprint]) {
    for (at, one) in all.iter().enumerate() {
        assert!(!all[..at].contains(one), "number {at} equals an earlier one");
    }
}

#[test]
fn names_types_and_attributes_that_travel_count() {
    all_differ(&[
        of!(struct { limit: u32 }),
        of!(struct { limit: u64 }),
        of!(struct { limit: i32 }),
        of!(struct { limit: f32 }),
        of!(struct { limit: std::num::NonZeroU32 }),
        of!(struct { bound: u32 }),
        of!(struct { #[serde(rename(serialize = "bound"))] limit: u32 }),
        of!(struct { #[serde(rename(deserialize = "bound"))] limit: u32 }),
        of!(struct { #[serde(alias = "bound")] limit: u32 }),
        of!(struct { #[serde(default)] limit: u32 }),
        of!(struct { #[serde(default, skip_serializing_if = "is_zero")] limit: u32 }),
        of!(struct { #[serde(skip_serializing)] limit: u32 }),
        of!(struct { #[serde(skip_deserializing)] limit: u32 }),
        of!(struct { #[serde(with = "as_text")] limit: u32 }),
        of!(#[serde(deny_unknown_fields)] struct { limit: u32 }),
        of!(#[serde(tag = "type")] struct { limit: u32 }),
        of!(struct { limit: u32, more: u32 }),
        of!(struct { limit: Option<u32> }),
        of!(struct { limit: Vec<u32> }),
        of!(struct { limit: [u32; 2] }),
        of!(struct { limit: [u32; 3] }),
        of!(struct { limit: std::collections::BTreeSet<u32> }),
        of!(struct { limit: std::path::PathBuf }),
        of!(struct { limit: String }),
        of!(struct { limit: char }),
        of!(struct { limit: ipc_runtime::Bytes }),
        of!(struct { limit: serde_json::Value }),
        of!(struct { limit: std::time::Duration }),
        of!(struct (u32, String);),
        of!(struct (String, u32);),
        of!(struct;),
        of!(struct {}),
    ]);
    all_differ(&[
        of!(enum { A(u32), B { x: u8 }, C }),
        of!(enum { A(u32), B { x: u8 }, D }),
        of!(enum { A(u32), B { x: u8 }, C() }),
        of!(enum { A(u32), B { x: u8 }, #[serde(alias = "c")] C }),
        of!(enum { A(u32), B { x: u8 }, C, D }),
        of!(enum { A(u32, u32), B { x: u8 }, C }),
        of!(enum { A(u32), B { x: u16 }, C }),
        of!(#[serde(tag = "t")] enum { A(Named), B { x: u8 }, C }),
        of!(#[serde(tag = "t")] enum { A(Named), B { x: u8 }, #[serde(other)] C }),
        of!(#[serde(tag = "u")] enum { A(Named), B { x: u8 }, C }),
        of!(#[serde(tag = "t", content = "c")] enum { A(Named), B { x: u8 }, C }),
        of!(#[serde(tag = "t", content = "d")] enum { A(Named), B { x: u8 }, C }),
        of!(#[serde(tag = "t", content = "c", deny_unknown_fields)]
            enum { A(Named), B { x: u8 }, C }),
        of!(#[serde(untagged)] enum { A(u32), B { x: u8 } }),
        of!(#[serde(untagged)] enum { B { x: u8 }, A(u32) }),
        of!(enum { A(u32), #[serde(untagged)] B { x: u8 } }),
    ]);
}

#[ipc_type]
struct Named {
    name: String,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

mod as_text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(number: &u32, to: S) -> Result<S::Ok, S::Error> {
        number.to_string().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[test]
fn what_does_not_travel_does_not_count() {
    let plain = of!(struct { limit: u32, name: String });
    let same = [
        of!(struct { name: String, limit: u32 }),
        of!(struct { /** Documented. */ limit: u32, #[allow(unused)] name: Box<str> }),
        of!(struct { limit: u32, name: String, #[serde(skip)] cache: u8 }),
        of!(struct { limit: u32, name: std::borrow::Cow<'static, str> }),
        of!(#[serde(rename = "Other", bound = "")] struct { limit: u32, name: String }),
        of!(#[serde(rename_all = "lowercase")] struct { limit: u32, name: String }),
        of!(#[serde(rename_all = "UPPERCASE")] struct {
            #[serde(rename = "limit")] x: u32,
            #[serde(rename = "name")] y: String,
        }),
        of!(#[derive(Debug)] struct { limit: u32, name: String }),
        of!(#[cfg_attr(all(), serde(rename_all = "lowercase"))] struct {
            limit: u32,
            name: String,
            #[cfg(any())] gone: u8,
        }),
        of!(struct (Inner);),
        of!(#[serde(transparent)] struct { inner: Inner }),
    ];
    for (at, one) in same.iter().enumerate() {
        assert_eq!(*one, plain, "number {at}");
    }
    let tagged = of!(#[serde(tag = "t")] enum { A(Named), B { x: u8 } });
    assert_eq!(tagged, of!(#[serde(tag = "t")] enum { B { x: u8 }, A(Named) }));
    assert_eq!(
        tagged,
        of!(#[serde(tag = "t")] enum { B { x: u8 }, #[serde(skip)] Gone, A(Named) })
    );
    assert_eq!(field!(usize), field!(u64), "the same on every machine");
}

#[ipc_type]
#[derive(Clone)]
struct Inner {
    limit: u32,
    name: String,
}

impl From<Inner> for Converted {
    fn from(inner: Inner) -> Self {
        Self { own: inner.limit }
    }
}

impl From<Converted> for Inner {
    fn from(converted: Converted) -> Self {
        Self { limit: converted.own, name: String::new() }
    }
}

#[ipc_type]
#[serde(from = "Inner", into = "Inner")]
#[derive(Clone)]
struct Converted {
    own: u32,
}

#[test]
fn a_type_that_is_converted_counts_as_what_travels() {
    assert_eq!(Converted::fingerprint(), Inner::fingerprint());

    #[ipc_type]
    #[serde(into = "Inner")]
    #[derive(Clone)]
    struct OnlySent {
        own: u32,
    }
    impl From<OnlySent> for Inner {
        fn from(value: OnlySent) -> Self {
            Self { limit: value.own, name: String::new() }
        }
    }
    assert_ne!(OnlySent::fingerprint(), Inner::fingerprint());
    assert_ne!(OnlySent::fingerprint(), of!(struct { own: u32 }));
}

mod with_aliases {
    use super::*;

    pub(super) type Limit = u32;
    pub(super) type Listed<T> = Vec<T>;
    pub(super) const ROWS: usize = 3;

    #[ipc_type]
    pub(super) struct Robot {
        limit: Limit,
        rows: [u8; ROWS],
        names: Listed<String>,
        next: Option<Listed<Limit>>,
    }
}

#[test]
fn an_alias_a_constant_and_a_generic_alias_count_by_what_they_mean() {
    let written_out = of!(struct {
        limit: u32,
        rows: [u8; 3],
        names: Vec<String>,
        next: Option<Vec<u32>>,
    });
    assert_eq!(with_aliases::Robot::fingerprint(), written_out);
}

mod recursive {
    use super::*;

    macro_rules! folders {
        ($module:ident: $($entry:tt)*) => {
            pub(super) mod $module {
                use super::*;

                #[ipc_type]
                pub(crate) struct Folder {
                    entries: Vec<Entry>,
                }

                #[ipc_type]
                struct Entry {
                    $($entry)*
                }
            }
        };
    }

    folders!(one: #[ipc(recursive)] folder: Option<Folder>, size: u64);
    folders!(other_size: #[ipc(recursive)] folder: Option<Folder>, size: u32);
    folders!(boxed: size: u64, #[ipc(recursive)] folder: Option<Box<Folder>>);

    pub(super) mod marked_elsewhere {
        use super::*;

        #[ipc_type]
        pub(crate) struct Folder {
            #[ipc(recursive)]
            entries: Vec<Entry>,
        }

        #[ipc_type]
        struct Entry {
            size: u64,
            folder: Option<Folder>,
        }
    }

    /// The circle, written out once before it closes.
    pub(super) mod written_out {
        use super::*;

        #[ipc_type]
        pub(crate) struct Folder {
            entries: Vec<First>,
        }

        #[ipc_type]
        struct First {
            size: u64,
            folder: Option<Again>,
        }

        #[ipc_type]
        struct Again {
            entries: Vec<Entry>,
        }

        #[ipc_type]
        struct Entry {
            #[ipc(recursive)]
            folder: Option<Folder>,
            size: u64,
        }
    }

    /// The circle, with a way into it that looks like it.
    pub(super) mod led_to {
        use super::*;

        #[ipc_type]
        pub(crate) struct Folder {
            entries: Vec<Entry>,
        }

        #[ipc_type]
        struct Entry {
            folder: Option<one::Folder>,
            size: u64,
        }
    }

    pub(super) mod far_away {
        use super::*;

        #[ipc_type]
        pub(crate) struct Holder {
            #[ipc(recursive)]
            behind: Vec<other_size::Folder>,
        }

        #[ipc_type]
        pub(crate) struct OtherHolder {
            #[ipc(recursive)]
            behind: Vec<one::Folder>,
        }
    }
}

#[test]
fn what_is_behind_a_recursive_field_counts() {
    use recursive::{boxed, far_away, led_to, marked_elsewhere, one, other_size, written_out};

    let folder = one::Folder::fingerprint();
    assert_ne!(folder, other_size::Folder::fingerprint());
    assert_ne!(far_away::Holder::fingerprint(), far_away::OtherHolder::fingerprint());
    // Which field is marked isn't seen on the wire, nor how often a circle is written out.
    assert_eq!(folder, boxed::Folder::fingerprint());
    assert_eq!(folder, marked_elsewhere::Folder::fingerprint());
    assert_eq!(folder, written_out::Folder::fingerprint());
    assert_eq!(folder, led_to::Folder::fingerprint());
}

#[test]
fn a_type_that_contains_itself_counts_what_is_beside() {
    #[ipc_type]
    struct Tree {
        value: u8,
        children: Vec<Tree>,
    }
    #[ipc_type]
    struct Other {
        children: Vec<Self>,
        value: u8,
    }
    #[ipc_type]
    struct Wider {
        value: u16,
        children: Vec<Wider>,
    }
    #[ipc_type]
    struct Holder {
        value: u8,
        children: Vec<Wider>,
    }
    assert_eq!(Tree::fingerprint(), Other::fingerprint());
    assert_ne!(Tree::fingerprint(), Wider::fingerprint());
    assert_ne!(Tree::fingerprint(), Holder::fingerprint());
}

#[test]
fn a_circle_that_leads_into_its_like_is_one_with_it() {
    #[ipc_type]
    struct Tree {
        left: Option<Box<Tree>>,
        right: Option<Box<Tree>>,
    }
    #[ipc_type]
    struct Other {
        left: Option<Box<Other>>,
        right: Option<Box<Tree>>,
    }
    #[ipc_type]
    struct Wider {
        left: Option<Box<Wider>>,
        right: Option<Box<Wider>>,
        more: Option<Box<Tree>>,
    }
    assert_eq!(Tree::fingerprint(), Other::fingerprint());
    assert_ne!(Tree::fingerprint(), Wider::fingerprint());
    assert_ne!(field!(Tree), field!(Wider));
}

/// Of another crate, as far as the macros know.
#[derive(Clone, Serialize, Deserialize)]
struct Uuid;

mod generic {
    use super::*;

    #[ipc_type]
    pub(super) struct Page<T> {
        items: Vec<T>,
        next: Option<u32>,
    }

    #[ipc_type]
    pub(super) struct Wider<T> {
        items: Vec<T>,
        next: Option<u64>,
    }

    #[ipc_type]
    pub(super) struct Book<T> {
        page: Page<T>,
    }

    #[ipc_type]
    pub(super) struct WiderBook<T> {
        page: Wider<T>,
    }
}

#[test]
fn a_generic_type_counts_though_nothing_is_known_of_its_argument() {
    use generic::{Book, Page, Wider, WiderBook};

    assert_ne!(field!(Page<Uuid>), field!(Wider<Uuid>));
    assert_ne!(field!(Book<Uuid>), field!(WiderBook<Uuid>));
    assert_ne!(field!(Vec<Option<Page<Uuid>>>), field!(Vec<Option<Wider<Uuid>>>));
    // As the same type, written out.
    #[ipc_type]
    struct WrittenOut {
        items: Vec<Uuid>,
        next: Option<u32>,
    }
    assert_eq!(field!(Page<Uuid>), field!(WrittenOut));
}

#[test]
fn arguments_of_which_nothing_is_known_keep_their_places() {
    #[ipc_type]
    struct Pair<A, B> {
        a: A,
        b: B,
        next: Option<Box<Pair<B, A>>>,
    }
    #[ipc_type]
    struct Row<A, B> {
        a: A,
        b: B,
        next: Option<Box<Row<A, B>>>,
    }
    #[ipc_type]
    struct Own<A, B> {
        a: A,
        b: B,
        next: Option<Box<Self>>,
    }
    assert_ne!(field!(Pair<Uuid, u8>), field!(Row<Uuid, u8>));
    assert_ne!(field!(Pair<String, u8>), field!(Row<String, u8>));
    assert_eq!(field!(Own<Uuid, u8>), field!(Row<Uuid, u8>));
    assert_eq!(field!(Own<String, u8>), field!(Row<String, u8>));
}

#[test]
fn a_generic_type_within_a_generic_type_counts() {
    use generic::{Page, Wider};

    #[ipc_type]
    struct Book<T> {
        pages: Page<Option<Vec<T>>>,
    }
    #[ipc_type]
    struct WiderBook<T> {
        pages: Wider<Option<Vec<T>>>,
    }
    #[ipc_type]
    struct Two<T> {
        pages: Page<(T, Uuid)>,
    }
    #[ipc_type]
    struct WiderTwo<T> {
        pages: Wider<(T, Uuid)>,
    }
    assert_ne!(field!(Book<Uuid>), field!(WiderBook<Uuid>));
    assert_ne!(field!(Two<u8>), field!(WiderTwo<u8>));
    assert_ne!(field!(Two<Uuid>), field!(WiderTwo<Uuid>));
}

#[test]
fn a_type_may_name_itself_by_self_anywhere() {
    #[ipc_type]
    struct Grid {
        cells: [u8; Self::CELLS],
        next: Vec<Self>,
    }
    impl Grid {
        const CELLS: usize = 9;
    }
    #[ipc_type]
    struct WrittenOut {
        cells: [u8; 9],
        next: Vec<WrittenOut>,
    }
    assert_eq!(Grid::fingerprint(), WrittenOut::fingerprint());
}

#[test]
fn a_foreign_type_counts_by_its_name_or_as_what_it_is_said_to_be() {
    assert_ne!(field!(Uuid), field!(String));
    assert_eq!(of!(struct { #[ipc(as = "String")] field: Uuid }), field!(String));
    assert_eq!(
        of!(struct { #[ipc(as = "String")] #[serde(with = "as_text")] field: u32 }),
        field!(String)
    );
    assert_ne!(field!(std::collections::HashMap<String, Uuid>), field!(Uuid));
}

mod interfaces {
    use super::*;

    /// All that doesn't travel differs from `Same`.
    #[ipc_interface(channel = "demo.one", version = "1.0.0")]
    pub(super) trait One {
        async fn list(&self, dir: &str) -> Result<Vec<Inner>, String>;
        #[ipc(timeout = "5s", no_cancel)]
        async fn slow(&self, call: Inner, #[ipc(context)] context: &CallContext<u32>);
        #[ipc(notification)]
        async fn log(&self, line: &str);
        #[ipc(subscription)]
        async fn watch(&self) -> Result<impl Stream<Item = Result<u8, String>>, u8>;
    }

    #[ipc_interface(channel = "demo.same", version = "2.0.0")]
    pub(super) trait Same {
        #[ipc(subscription)]
        fn watch(&self) -> Result<impl Stream<Item = Result<u8, Box<str>>>, u8>;
        /// Documented.
        #[deprecated]
        #[ipc(blocking, name = "slow")]
        fn renamed(&self, #[ipc(context)] context: &CallContext<u32>, call: Inner);
        #[ipc(notification)]
        fn log(&self, line: String);
        fn list(&self, dir: String) -> Result<Vec<Converted>, String>;
    }

    macro_rules! one_method {
        ($($module:ident: $(#[$attribute:meta])* $name:ident($($argument:tt)*) $(-> $output:ty)?;)*) => {
            $(mod $module {
                use super::*;

                #[ipc_interface(channel = "demo.one", version = "1.0.0")]
                pub(super) trait One {
                    $(#[$attribute])*
                    async fn $name(&self, $($argument)*) $(-> $output)?;
                }
            })*

            pub(super) fn all_methods() -> Vec<(&'static str, &'static InterfaceInfo)> {
                vec![$((stringify!($module), $module::OneClient::INTERFACE)),*]
            }
        };
    }

    one_method! {
        plain: run();
        named: walk();
        notified: #[ipc(notification)] run();
        repeated: #[ipc(idempotent)] run();
        with_an_argument: run(x: u8);
        with_another_name: run(y: u8);
        with_another_type: run(x: u16);
        with_two: run(x: u8, y: u8);
        with_two_turned: run(y: u8, x: u8);
        with_a_stream: run(x: Streaming<u8>);
        with_a_list: run(x: Vec<u8>);
        with_a_result: run() -> u8;
        with_an_error: run() -> Result<(), String>;
        with_both: run() -> Result<u8, String>;
        with_another_error: run() -> Result<u8, u8>;
        with_progress: run(#[ipc(context)] call: &CallContext<u8>);
        subscribed: #[ipc(subscription)] run() -> impl Stream<Item = u8>;
        subscribed_to_others: #[ipc(subscription)] run() -> impl Stream<Item = u16>;
        subscribed_with_an_end: #[ipc(subscription)] run() -> impl Stream<Item = Result<u8, u8>>;
        subscribed_or_not: #[ipc(subscription)] run() -> Result<impl Stream<Item = u8>, u8>;
    }
}

#[test]
fn order_of_methods_and_what_is_in_rust_alone_does_not_count() {
    use interfaces::{OneClient, SameClient};

    assert_eq!(OneClient::INTERFACE.fingerprint(), SameClient::INTERFACE.fingerprint());
    assert_eq!(OneClient::INTERFACE.lock_hash(), SameClient::INTERFACE.lock_hash());
}

#[test]
fn kinds_names_arguments_and_all_that_comes_back_count() {
    let all = interfaces::all_methods();
    for (at, (name, one)) in all.iter().enumerate() {
        for (other, earlier) in &all[..at] {
            assert_ne!(one.fingerprint(), earlier.fingerprint(), "{name} and {other}");
            assert_ne!(one.lock_hash(), earlier.lock_hash(), "{name} and {other}");
        }
    }
}

#[test]
fn names_of_fields_are_those_on_the_wire() {
    #[ipc_type]
    #[serde(rename_all = "camelCase")]
    struct Robot {
        top_speed: u32,
        #[serde(rename = "id")]
        number: u8,
        #[serde(skip)]
        cache: u8,
    }
    let schema = TypeSchema::of::<Robot>();
    let Shape::Reference(name) = schema.shape() else { panic!("{schema:?}") };
    assert_eq!(name, "Robot");
    let Shape::Struct(of) = &schema.get(name).unwrap().shape else { panic!("{schema:?}") };
    let names: Vec<_> = of.fields.iter().map(|field| field.name.shown()).collect();
    assert_eq!(names, ["topSpeed", "id"]);
}

/// Nothing is known of these but their names.
#[derive(Serialize, Deserialize)]
struct Matrix<T, const ROWS: usize, const COLUMNS: usize>(Vec<T>);

#[test]
fn constants_among_generic_arguments_count() {
    const ROWS: usize = 3;
    let square = field!(Matrix<f64, 3, 3>);
    assert_ne!(square, field!(Matrix<f64, 3, 4>));
    assert_ne!(square, field!(Matrix<f64, 4, 3>));
    assert_eq!(square, field!(Matrix<f64, { ROWS }, 3>));
    assert_eq!(square, field!(Matrix<f64, 3, { ROWS }>));

    // A type with a shape has it, whatever the constants are.
    #[ipc_type]
    struct Grid<T, const N: usize> {
        cells: Vec<T>,
    }
    #[ipc_type]
    struct Board<const N: usize> {
        grid: Grid<u8, N>,
        matrix: Matrix<u8, N, 1>,
    }
    #[ipc_type]
    struct Held {
        board: Board<{ ROWS }>,
        grid: Grid<u8, { ROWS }>,
    }
    assert_eq!(<Grid<u8, 3>>::fingerprint(), <Grid<u8, 4>>::fingerprint());
    assert_ne!(<Board<3>>::fingerprint(), <Board<4>>::fingerprint());
    let schema = TypeSchema::of::<Held>();
    let names: Vec<_> = schema.types().iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["Held", "Board<3>", "Grid<u8, 3>"]);
}

#[test]
fn what_a_parameter_names_counts() {
    trait Source {
        type Item;
    }
    #[ipc_type]
    #[serde(bound = "T::Item: Serialize + serde::de::DeserializeOwned")]
    struct Batch<T: Source> {
        items: Vec<T::Item>,
    }
    struct Numbers;
    struct Words;
    impl Source for Numbers {
        type Item = u8;
    }
    impl Source for Words {
        type Item = String;
    }
    ipc_runtime::impl_ipc_type!(Numbers as ());
    ipc_runtime::impl_ipc_type!(Words as ());
    assert_ne!(<Batch<Numbers>>::fingerprint(), <Batch<Words>>::fingerprint());
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Email(String);

#[test]
fn an_argument_may_say_what_it_looks_like() {
    mod told {
        use super::*;
        #[ipc_interface(channel = "test.told", version = "1.0.0")]
        pub(super) trait Told {
            async fn find(&self, #[ipc(as = "String")] email: Email) -> u8;
        }
    }
    mod plain {
        use super::*;
        #[ipc_interface(channel = "test.told", version = "1.0.0")]
        pub(super) trait Told {
            async fn find(&self, email: String) -> u8;
        }
    }
    mod untold {
        use super::*;
        #[ipc_interface(channel = "test.told", version = "1.0.0")]
        pub(super) trait Told {
            async fn find(&self, email: Email) -> u8;
        }
    }
    let plain = plain::ToldClient::INTERFACE.fingerprint();
    assert_eq!(told::ToldClient::INTERFACE.fingerprint(), plain);
    assert_ne!(untold::ToldClient::INTERFACE.fingerprint(), plain);
}

/// A type that only passes another one on isn't seen, wherever it stands in a circle.
#[test]
fn newtypes_in_a_circle_do_not_count() {
    #[ipc_type]
    struct Plain {
        next: Option<Box<Plain>>,
    }
    #[ipc_type]
    struct Node {
        next: Option<Box<Wrapper>>,
    }
    #[ipc_type]
    struct Wrapper(#[ipc(recursive)] Box<Node>);
    assert_eq!(Node::fingerprint(), Plain::fingerprint());
    assert_eq!(Wrapper::fingerprint(), Plain::fingerprint());

    #[ipc_type]
    struct Tree {
        children: Vec<Tree>,
        version: u8,
    }
    #[ipc_type]
    #[serde(from = "Wire", into = "Wire")]
    #[derive(Clone)]
    struct Folder {
        children: Vec<Folder>,
    }
    #[ipc_type]
    #[derive(Clone)]
    struct Wire {
        #[ipc(recursive)]
        children: Vec<Folder>,
        version: u8,
    }
    impl From<Wire> for Folder {
        fn from(wire: Wire) -> Self {
            Self { children: wire.children }
        }
    }
    impl From<Folder> for Wire {
        fn from(folder: Folder) -> Self {
            Self { children: folder.children, version: 1 }
        }
    }
    assert_eq!(Folder::fingerprint(), Tree::fingerprint());
    assert_eq!(Wire::fingerprint(), Tree::fingerprint());

    // What a newtype holds may be a container.
    #[ipc_type]
    struct Row {
        cells: Vec<Row>,
    }
    #[ipc_type]
    struct Table {
        cells: Cells,
    }
    #[ipc_type]
    struct Cells(#[ipc(recursive)] Vec<Table>);
    assert_eq!(Table::fingerprint(), Row::fingerprint());
    assert_eq!(Cells::fingerprint(), <Vec<Row>>::fingerprint());

    // It has no values, and still it is told in a bounded time.
    #[ipc_type]
    struct Nothing(#[ipc(recursive)] Box<Nothing>);
    assert_ne!(Nothing::fingerprint(), Plain::fingerprint());
}

#[test]
fn what_checks_a_value_is_not_seen() {
    #[ipc_type]
    #[serde(try_from = "u8")]
    struct Percent(u8);
    impl TryFrom<u8> for Percent {
        type Error = String;
        fn try_from(value: u8) -> Result<Self, String> {
            if value <= 100 { Ok(Self(value)) } else { Err(format!("{value} %")) }
        }
    }
    assert_eq!(Percent::fingerprint(), u8::fingerprint());
    assert_eq!(of!(struct { a: Percent }), of!(struct { a: u8 }));
}

#[test]
fn a_flattened_field_that_may_be_left_out_counts() {
    #[ipc_type]
    #[derive(Default)]
    struct Inner {
        x: u8,
    }
    impl Inner {
        fn is_zero(&self) -> bool {
            self.x == 0
        }
    }
    assert_ne!(
        of!(struct { #[serde(flatten)] a: Inner }),
        of!(struct { #[serde(flatten, skip_serializing_if = "Inner::is_zero")] a: Inner })
    );
}

#[test]
fn names_count_as_a_set() {
    assert_eq!(
        of!(struct { #[serde(alias = "b")] x: u8 }),
        of!(struct { #[serde(rename(serialize = "x", deserialize = "b"), alias = "x")] y: u8 })
    );
    assert_eq!(
        of!(struct { #[serde(rename(serialize = "c", deserialize = "a"), alias = "b")] x: u8 }),
        of!(struct { #[serde(rename(serialize = "c", deserialize = "b"), alias = "a")] x: u8 })
    );
    assert_ne!(
        of!(struct { #[serde(alias = "b")] x: u8 }),
        of!(struct { #[serde(rename(serialize = "x", deserialize = "b"))] x: u8 })
    );
}

#[test]
fn what_functions_write_is_no_type_of_their_name() {
    mod codec {
        use serde::{Deserialize, Deserializer, Serializer};
        pub(super) fn serialize<S: Serializer>(value: &u8, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_u8(*value)
        }
        pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
            u8::deserialize(from)
        }
    }
    let functions = of!(struct { #[serde(with = "codec")] a: u8 });
    let named = {
        #[derive(Serialize, Deserialize)]
        #[allow(non_camel_case_types, reason = "named as the functions are")]
        struct codec(u8);
        of!(struct { a: codec })
    };
    assert_ne!(functions, named);
}

#[test]
fn a_generic_type_may_name_itself_with_some_of_its_arguments() {
    #[ipc_type]
    struct Marked<T> {
        #[ipc(recursive)]
        next: Option<Box<Marked<T>>>,
        value: T,
    }
    #[ipc_type]
    struct Tree<T, M = ()> {
        value: T,
        meta: M,
        children: Vec<Tree<T>>,
    }
    #[ipc_type]
    struct Sized<T, const N: usize> {
        value: T,
        next: Option<Box<Sized<T, N>>>,
    }
    #[ipc_type]
    struct Other<U, const M: usize> {
        value: U,
        next: Option<Box<Other<U, M>>>,
    }
    assert_ne!(<Marked<u8>>::fingerprint(), <Marked<u16>>::fingerprint());
    assert_ne!(<Tree<u8>>::fingerprint(), <Tree<u16>>::fingerprint());
    // Of their argument nothing is known but its name.
    assert_eq!(field!(Sized<Email, 3>), field!(Other<Email, 3>));
    assert_eq!(field!(Marked<Email>), of!(struct { field: Link }));
    #[ipc_type]
    struct Link {
        next: Option<Box<Link>>,
        value: Email,
    }
}
