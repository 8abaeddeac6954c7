//! Names: of types, of their forms, and of what is made of them.

use super::{declared, received};
use crate::{ipc_interface, ipc_type, shape::IpcType, typescript::Bindings};

mod files {
    use super::*;

    #[ipc_type]
    pub(super) struct Entry {
        pub(super) name: String,
    }

    #[ipc_type]
    pub(super) struct Only {
        pub(super) a: u8,
    }
}

mod store {
    use super::*;

    #[ipc_type]
    pub(super) struct Entry {
        pub(super) key: u8,
    }
}

#[ipc_type]
struct Page<T> {
    items: Vec<T>,
}

#[ipc_type]
struct Grid<const N: usize> {
    cells: [u8; 2],
}

#[ipc_interface(channel = "names.a", version = "1.0.0")]
trait Forward {
    async fn first(&self) -> Page<files::Entry>;
    async fn second(&self) -> Page<store::Entry>;
    async fn third(&self) -> Page<files::Only>;
}

#[ipc_interface(channel = "names.a", version = "1.0.0")]
trait Backward {
    async fn third(&self) -> Page<files::Only>;
    async fn second(&self) -> Page<store::Entry>;
    async fn first(&self) -> Page<files::Entry>;
}

/// The declared types by name, in the order of the alphabet.
fn types(bindings: &Bindings) -> Vec<String> {
    let text = bindings.to_string();
    let lines = text.lines().filter_map(|line| {
        let rest = line.strip_prefix("export interface ").or(line.strip_prefix("export type "))?;
        rest.split([' ', '=']).next()
    });
    let mut names: Vec<String> = lines.map(str::to_owned).collect();
    names.sort_unstable();
    names
}

#[test]
fn types_of_one_name_both_get_the_shortest_path_that_tells_them_apart() {
    let names = types(&Bindings::new().interface::<ForwardClient>());
    let expected = [
        "FilesEntry",
        "ForwardMethods",
        "Only",
        "PageOfFilesEntry",
        "PageOfOnly",
        "PageOfStoreEntry",
        "StoreEntry",
    ];
    assert_eq!(names, expected);
}

#[test]
fn reordering_methods_changes_no_name() {
    let own = |bindings| {
        let mut names = types(&bindings);
        names.retain(|name| !name.ends_with("Methods"));
        names
    };
    let forward = own(Bindings::new().interface::<ForwardClient>());
    let backward = own(Bindings::new().interface::<BackwardClient>());
    assert_eq!(forward, backward);
}

#[test]
fn generating_twice_gives_equal_bytes() {
    let text = || Bindings::new().interface::<ForwardClient>().to_string();
    assert_eq!(text(), text());
}

#[test]
fn generic_arguments_are_words() {
    assert_eq!(received::<Page<String>>(), "PageOfString");
    assert_eq!(received::<Page<Vec<Option<u64>>>>(), "PageOfVecOfOptionOfU64");
    assert_eq!(received::<Page<Page<files::Only>>>(), "PageOfPageOfOnly");
    assert_eq!(received::<Grid<3>>(), "GridOf3");
}

#[ipc_type]
struct Query {
    #[serde(default)]
    limit: u8,
}

#[ipc_type]
struct QueryInput {
    query: Query,
}

#[ipc_type]
struct WindowMethods {
    a: u8,
}

#[ipc_interface(channel = "names.window", version = "1.0.0")]
trait Window {
    async fn show(&self, input: QueryInput) -> WindowMethods;
}

#[test]
fn names_that_are_made_give_way_to_those_that_are_written() {
    let names = types(&Bindings::new().interface::<WindowClient>());
    assert_eq!(names, ["QueryInputInput", "QueryInput_", "WindowMethods", "WindowMethods_"]);
}

#[ipc_type]
struct PageOfString {
    a: u8,
}

#[test]
fn a_generic_type_gives_way_to_the_name_that_somebody_wrote() {
    let text = received::<(PageOfString, Page<String>)>();
    let (first, second) = text.split_once(", ").unwrap();
    assert_eq!(first, "[PageOfString");
    assert!(second.starts_with("PageOfString_"), "{second}");
    let other_way_round = received::<(Page<String>, PageOfString)>();
    assert!(other_way_round.ends_with(", PageOfString]"), "{other_way_round}");
}

fn one() -> impl IpcType {
    #[ipc_type]
    struct Local {
        a: u8,
    }
    Local { a: 1 }
}

fn two() -> impl IpcType {
    #[ipc_type]
    struct Local {
        b: u8,
    }
    Local { b: 2 }
}

/// The names of both types, in the order of the alphabet.
fn names_of<A: IpcType, B: IpcType>(_: A, _: B) -> Vec<String> {
    let text = received::<(A, B)>();
    let text = text.trim_matches(['[', ']']);
    let mut names: Vec<String> = text.split(", ").map(str::to_owned).collect();
    names.sort_unstable();
    names
}

#[test]
fn types_of_two_functions_are_told_apart_by_what_they_hold() {
    let names = names_of(one(), two());
    assert_eq!(names, names_of(two(), one()));
    assert!(names.iter().all(|name| name.starts_with("Local_")), "{names:?}");
    assert_ne!(names[0], names[1]);
}

#[allow(non_camel_case_types, reason = "what is to be tested")]
#[ipc_type]
struct object {
    a: u8,
}

#[allow(non_camel_case_types, reason = "what is to be tested")]
#[ipc_type]
struct r#type {
    a: u8,
}

#[ipc_type]
struct Größe {
    a: u8,
}

#[test]
fn words_of_typescript_are_no_names_of_types() {
    assert_eq!(received::<object>(), "object_");
    assert_eq!(received::<r#type>(), "type_");
    assert_eq!(received::<Größe>(), "Größe");
}

#[ipc_type]
struct Odd {
    constructor: u8,
    #[serde(rename = "__proto__")]
    proto: u64,
    #[serde(rename = "with \"quotes\"\n")]
    quoted: u8,
    #[serde(rename = "2nd")]
    second: u8,
    r#type: u8,
}

#[test]
fn odd_names_of_fields_are_quoted() {
    assert_eq!(
        declared::<Odd>(),
        r#"
export interface Odd {
  constructor: number;
  __proto__: number;
  "with \"quotes\"\n": number;
  "2nd": number;
  type: number;
}
"#
    );
}
