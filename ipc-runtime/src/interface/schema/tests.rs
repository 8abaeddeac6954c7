//! Schemas of real interfaces, their text, and what is told of two of them.

mod bounds;
mod edits;
mod models;
mod random;
mod told;
mod words;
mod written;

use std::collections::BTreeMap;

use crate::{
    Bytes, Client, Stream, Streaming,
    interface::{InterfaceInfo, Schema},
    ipc_interface, ipc_type,
};

mod files {
    use super::*;

    #[ipc_type]
    pub(super) struct Entry {
        pub(super) name: String,
    }
}

mod store {
    use super::*;

    #[ipc_type]
    pub(super) struct Entry {
        pub(super) key: u64,
    }
}

#[ipc_type]
#[derive(Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Query {
    #[serde(default)]
    max_depth: u8,
    #[serde(alias = "pattern", skip_serializing_if = "Option::is_none")]
    glob: Option<String>,
}

#[ipc_type]
#[derive(Debug, thiserror::Error)]
#[error("a kind")]
#[serde(tag = "kind")]
enum Kind {
    Plain,
    Moving {
        x: f32,
        to: Option<Box<Kind>>,
    },
    #[serde(other)]
    Else,
}

#[ipc_type]
struct Page<T> {
    items: Vec<T>,
    next: Option<u64>,
}

#[ipc_type]
struct Grid<const N: usize>([f64; 2]);

#[ipc_type]
#[derive(Debug, thiserror::Error)]
#[error("an id")]
struct Id(u64);

#[ipc_interface(channel = "demo.files", version = "1.2.0")]
trait Files {
    #[ipc(idempotent)]
    async fn search(&self, query: Query, ids: BTreeMap<String, Id>) -> Page<files::Entry>;
    async fn keys(&self) -> Result<Page<store::Entry>, Kind>;
    async fn grid(&self, big: Grid<3>) -> (Grid<3>, bool);
    async fn upload(&self, chunks: Streaming<Bytes>) -> u64;
    #[ipc(subscription)]
    async fn watch(&self, path: String) -> Result<impl Stream<Item = Result<Kind, Id>>, Id>;
    fn ping(&self);
}

const TEXT: &str = r#"channel demo.files 1.2.0
method request search(query: Query, ids: map<text, Id>) -> Page<files::Entry> idempotent
method request keys() -> Page<store::Entry> ! Kind
method request grid(big: Grid<3>) -> tuple<Grid<3>, bool>
method request upload(chunks: stream bytes) -> u64
method subscription watch(path: text) ! Id each Kind ends Id
method request ping()
type Query struct deny_unknown
type Query.maxDepth: u8 default
type Query.glob: option<text> alias "pattern" omitted
type Id = newtype<u64>
type Page<files::Entry> struct
type Page<files::Entry>.items: seq<files::Entry>
type Page<files::Entry>.next: option<u64>
type files::Entry struct
type files::Entry.name: text
type Page<store::Entry> struct
type Page<store::Entry>.items: seq<store::Entry>
type Page<store::Entry>.next: option<u64>
type store::Entry struct
type store::Entry.key: u64
type Kind enum tag "kind"
type Kind.Plain
type Kind.Moving: { x: f32, to: option<Kind> }
type Kind.Else other
type Grid<3> = newtype<array<f64, 2>>
"#;

#[test]
fn an_interface_has_a_text() {
    let schema = Schema::of(FilesClient::INTERFACE);
    assert_eq!(schema.to_string(), TEXT);
    assert_eq!((schema.channel(), schema.version()), ("demo.files", "1.2.0"));
    assert!(schema.get("Page<store::Entry>").is_some());
}

#[test]
fn the_text_is_parsed_to_the_same() {
    let parsed: Schema = TEXT.parse().unwrap();
    assert_eq!(parsed.to_string(), TEXT);
    assert_eq!(parsed.unknown(), [""; 0]);
    let schema = Schema::of(FilesClient::INTERFACE);
    assert_eq!(schema.compare(&parsed), []);
    assert_eq!(parsed.compare(&schema), []);
}

fn local_one() -> &'static InterfaceInfo {
    #[ipc_type]
    struct Local {
        a: u8,
    }
    #[ipc_interface(channel = "demo.local", version = "1.0.0")]
    trait Nested {
        async fn one(&self) -> Local;
        async fn two(&self) -> other::Local2;
    }
    mod other {
        pub(super) use super::local_two::Local as Local2;
    }
    NestedClient::INTERFACE
}

mod local_two {
    use crate::ipc_type;

    #[ipc_type]
    pub(super) struct Local {
        b: u8,
    }
}

#[test]
fn types_of_one_name_are_told_apart() {
    let schema = Schema::of(local_one());
    let names: Vec<_> = schema.types().iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["tests::Local", "local_two::Local"]);
}

macro_rules! local {
    ($name:ident { $($fields:tt)* }) => {{
        #[ipc_type]
        struct Same {
            $($fields)*
        }
        #[ipc_type]
        struct $name(Same);
        <$name as crate::shape::IpcType>::NODE
    }};
}

#[test]
fn types_of_one_name_and_module_get_a_number_unless_they_are_the_same() {
    #[ipc_interface(channel = "demo.same", version = "1.0.0")]
    trait Numbered {
        async fn one(&self) -> u8;
    }
    let shapes = [local!(First { a: u8 }), local!(Second { a: u16 }), local!(Third { a: u8 })];
    let mut method = NumberedClient::INTERFACE.methods[0];
    let arguments = shapes.map(|shape| crate::interface::ArgumentInfo::new("x", shape, false));
    method.arguments = Vec::leak(arguments.to_vec());
    let mut info = *NumberedClient::INTERFACE;
    info.methods = Vec::leak(vec![method]);
    let schema = Schema::of(&info);
    let names: Vec<_> = schema.types().iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["First", "Same", "Second", "Same#2", "Third"]);

    // What was computed of the copy isn't taken for the interface's own.
    assert_ne!(info.fingerprint(), NumberedClient::INTERFACE.fingerprint());
    assert_ne!(info.description().shapes, NumberedClient::INTERFACE.description().shapes);
    assert_eq!(NumberedClient::INTERFACE.fingerprints().methods.len(), 1);
}

#[test]
fn words_of_later_releases_are_skipped_and_told() {
    let text = "channel a 1.0.0 shiny\n\
        union B of \"x\"\n\
        method stream fast()\n\
        method request m(a: fancy<u8, { x: text }> urgent) -> A quick(\"1 second\") idempotent\n\
        type A struct sorted \"by name\"\n\
        type A.b: fancy default since \"1.0.0\" omitted\n\
        type C record \"y\"\n\
        type C.d: u8\n";
    let schema: Schema = text.parse().unwrap();
    assert_eq!(
        schema.unknown(),
        [
            "shiny",
            "union B of \"x\"",
            "method stream fast()",
            "urgent",
            "quick(\"1 second\")",
            "sorted \"by name\"",
            "since \"1.0.0\"",
            "type C.d: u8",
        ]
    );
    assert_eq!(
        schema.to_string(),
        "channel a 1.0.0\n\
         method request m(a: fancy<u8, { x: text }>) -> A idempotent\n\
         type A struct\n\
         type A.b: fancy default omitted\n\
         type C = record \"y\"\n"
    );
    let told: Vec<String> = schema.compare(&schema).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "what this release doesn't know: here shiny, and 7 more, there shiny, and 7 more",
            "method m, argument a: here unknown: fancy<u8, { x: text }>, there unknown: fancy<u8, \
             { x: text }>",
            "type A, field b: here unknown: fancy, there unknown: fancy",
        ]
    );
}

#[test]
fn broken_texts_are_refused_with_the_place() {
    let deep = format!("channel a 1\ntype A = {}u8{}", "option<".repeat(64), ">".repeat(64));
    let long = " ".repeat(Schema::MAX_TEXT + 1);
    for (text, place) in [
        ("", (1, 1)),
        ("channel", (1, 8)),
        ("channel a 1\nchannel a 1", (2, 9)),
        ("channel a 1\n  ?", (2, 3)),
        ("channel a 1\nmethod request m(a u8)", (2, 20)),
        ("channel a 1\nmethod request m(a: u8", (2, 23)),
        ("channel a 1\ntype A = option<u8", (2, 19)),
        ("channel a 1\ntype A = u8 }", (2, 13)),
        ("channel a 1\ntype A.b: u8", (2, 8)),
        ("channel a 1\ntype A = u8\ntype A.b: u8", (3, 8)),
        ("channel a 1\ntype A = u8\ntype A = u8", (3, 12)),
        ("channel a 1\ntype A = \"x", (2, 10)),
        ("channel a 1\ntype A = fancy<u8", (2, 15)),
        ("channel a 1\ntype A = array<u8, many>", (2, 24)),
        ("channel a 1\ntype A enum content \"c\"", (2, 24)),
        ("channel a 1\ntype A = { a: u8 only_sent only_read }", (2, 38)),
        (&deep, (2, 458)),
        (&long, (1, 1)),
    ] {
        let error = text.parse::<Schema>().unwrap_err();
        assert_eq!((error.line(), error.column()), place, "{error} in {text:.60}");
    }
}

#[test]
fn types_that_a_peer_nests_without_end_are_compared() {
    use std::fmt::Write as _;
    let chain = |last: &str| -> Schema {
        let mut text = String::from("channel a 1\nmethod request m() -> A0\n");
        for at in 0..9_000 {
            writeln!(text, "type A{at} = seq<A{}>", at + 1).unwrap();
        }
        text.push_str(&format!("type A9000 = {last}"));
        text.parse().unwrap()
    };
    assert_eq!(chain("u8").compare(&chain("u16")).len(), 1);
    assert_eq!(chain("seq<A0>").compare(&chain("seq<A0>")), []);
    let circle: Schema =
        "channel a 1\nmethod request m() -> A\ntype A = newtype<A>".parse().unwrap();
    assert_eq!(circle.compare(&circle).len(), 1, "it is told as unknown");
}
