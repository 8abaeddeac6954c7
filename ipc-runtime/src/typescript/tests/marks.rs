//! What `#[ipc(…)]` says for bindings alone: the names of types, and what integers are.

use std::collections::HashMap;

use super::{declared, plan, received, sent};
use crate::{
    ipc_interface, ipc_type,
    peer::{client::caller::Client, incoming::context::CallContext},
    shape::IpcType,
    typescript::{Bindings, Integers},
};

#[ipc_type]
struct Marked {
    size: u64,
    #[ipc(integer = "bigint")]
    inode: u64,
    #[ipc(integer = "string")]
    ids: Vec<Option<i64>>,
    #[ipc(integer = "bigint")]
    by_key: HashMap<u64, (usize, u32)>,
    #[ipc(integer = "bigint", as = "u64")]
    since: std::time::SystemTime,
    inner: Unmarked,
}

#[ipc_type]
struct Unmarked {
    size: u64,
}

#[ipc_type]
struct Plain {
    size: u64,
    inode: u64,
    ids: Vec<Option<i64>>,
    by_key: HashMap<u64, (usize, u32)>,
    #[ipc(as = "u64")]
    since: std::time::SystemTime,
    inner: Unmarked,
}

#[test]
fn integers_of_a_field_are_what_it_asks_for() {
    let expected = "
export interface Marked {
  size: number;
  inode: bigint;
  ids: (string | null)[];
  by_key: { [key: string]: [bigint, number] };
  since: bigint;
  inner: Unmarked;
}

export interface Unmarked {
  size: number;
}
";
    assert_eq!(declared::<Marked>(), expected);
    let expected = "const $unmarked: $.Plan = { s: { size: \"int\" } };
const $marked: $.Plan = { s: { size: \"int\", inode: \"big\", ids: { a: \"str\" }, by_key: { m: { t: \
                    [\"big\"] } }, since: \"big\", inner: $unmarked } };
$marked";
    assert_eq!(plan::<Marked>(), expected);
}

#[test]
fn a_field_may_ask_for_other_integers_than_the_file() {
    #[ipc_type]
    struct Number {
        #[ipc(integer = "number")]
        here: u64,
        there: u64,
    }
    let bindings = Bindings::new().function::<(), Number>("it").integers(Integers::BigInt);
    let text = bindings.to_string();
    assert!(text.contains("{\n  here: number;\n  there: bigint;\n}"), "{text}");
}

#[test]
fn marks_count_in_no_fingerprint() {
    assert_eq!(Marked::fingerprint(), Plain::fingerprint());
    assert_eq!(
        NumbersClient::INTERFACE.fingerprint(),
        UnmarkedNumbersClient::INTERFACE.fingerprint()
    );
    assert_eq!(Named::fingerprint(), Unmarked::fingerprint());
}

#[test]
fn unnamed_fields_ask_too() {
    #[ipc_type]
    struct Newtype(#[ipc(integer = "bigint")] u64);
    #[ipc_type]
    struct Pair(u64, #[ipc(integer = "string")] Option<u64>);
    #[ipc_type]
    #[serde(transparent)]
    struct Transparent {
        #[ipc(integer = "bigint")]
        only: Vec<u64>,
    }
    #[ipc_type]
    enum Variants {
        One(#[ipc(integer = "bigint")] u64),
        Two {
            #[ipc(integer = "bigint")]
            id: u64,
            size: u64,
        },
        Three(u64, #[ipc(integer = "bigint")] u64),
    }
    let text = declared::<(Newtype, Pair, Transparent, Variants)>();
    for line in [
        "export type Newtype = bigint;",
        "export type Pair = [number, string | null];",
        "export type Transparent = bigint[];",
        "  | { One: bigint }\n  | { Two: { id: bigint; size: number } }\n  | { Three: [number, bigint] }",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn a_generic_type_asks_for_what_its_parameter_holds() {
    #[ipc_type]
    struct Page<T> {
        #[ipc(integer = "bigint")]
        items: Vec<T>,
    }
    let text = declared::<(Page<u64>, Page<String>, Page<Unmarked>)>();
    assert!(text.contains("PageOfU64 {\n  items: bigint[];"), "{text}");
    assert!(text.contains("PageOfString {\n  items: string[];"), "{text}");
    assert!(text.contains("PageOfUnmarked {\n  items: Unmarked[];"), "{text}");
}

#[test]
fn types_that_differ_by_marks_alone_are_two() {
    fn one() -> String {
        #[ipc_type]
        struct Local {
            #[ipc(integer = "bigint")]
            id: u64,
        }
        received::<Local>()
    }
    fn both() -> String {
        #[ipc_type]
        struct Local {
            id: u64,
        }
        mod other {
            #[crate::ipc_type(crate = "crate")]
            pub(super) struct Local {
                #[ipc(integer = "bigint")]
                id: u64,
            }
        }
        declared::<(Local, other::Local)>()
    }
    assert_eq!(one(), "Local");
    let text = both();
    assert!(text.contains("id: bigint") && text.contains("id: number"), "{text}");
}

#[ipc_interface(channel = "marks", version = "1.0.0")]
trait Numbers {
    #[ipc(integer = "bigint")]
    async fn find(
        &self,
        #[ipc(integer = "string")] id: u64,
        size: u64,
        #[ipc(context)] call: &CallContext<u64>,
    ) -> Result<Vec<u64>, u64>;
    #[ipc(subscription, integer = "string")]
    async fn ids(&self) -> impl crate::Stream<Item = u64>;
    async fn plain(&self, id: u64) -> u64;
}

#[ipc_interface(channel = "marks", version = "1.0.0")]
trait UnmarkedNumbers {
    async fn find(
        &self,
        id: u64,
        size: u64,
        #[ipc(context)] call: &CallContext<u64>,
    ) -> Result<Vec<u64>, u64>;
    #[ipc(subscription)]
    async fn ids(&self) -> impl crate::Stream<Item = u64>;
    async fn plain(&self, id: u64) -> u64;
}

#[test]
fn arguments_and_methods_ask_for_integers() {
    let text = Bindings::new().interface::<NumbersClient>().to_string();
    for line in [
        "  find: $.Request<[id: string, size: number], bigint[], bigint, bigint>;",
        "  ids: $.Subscribe<[], string>;",
        "  plain: $.Request<[id: number], number>;",
        "a: [\"str\", \"int\"], r: { a: \"big\" }, e: \"big\", p: \"big\"",
        "k: $.subscribing, r: \"str\"",
        "a: [\"int\"], r: \"int\"",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

/// It has another name there.
#[ipc_type]
#[ipc(ts = "SizeInBytes")]
struct Named {
    size: u64,
}

#[ipc_type]
#[ipc(ts = "Chapter")]
struct Page<T> {
    item: T,
}

#[test]
fn a_type_has_the_name_that_was_chosen_for_it() {
    assert_eq!(received::<Named>(), "SizeInBytes");
    assert_eq!(received::<Page<Named>>(), "ChapterOfSizeInBytes");
    assert_eq!(sent::<Page<u8>>(), "ChapterOfU8");
    assert!(declared::<Named>().contains("/** It has another name there. */"));
}

mod others {
    use super::*;

    #[ipc_type]
    pub(super) struct SizeInBytes {
        bytes: u8,
    }

    #[ipc_type]
    #[ipc(ts = "SizeInBytes")]
    pub(super) struct Alike {
        bytes: bool,
    }
}

#[test]
fn a_chosen_name_gives_way_to_none_that_is_written() {
    let text = declared::<(others::SizeInBytes, Named)>();
    assert!(text.contains("export interface SizeInBytes {\n  size: number;"), "{text}");
    assert!(text.contains("export interface OthersSizeInBytes {\n  bytes: number;"), "{text}");
    let turned = declared::<(Named, others::SizeInBytes)>();
    assert!(turned.contains("export interface OthersSizeInBytes {"), "{turned}");
}

#[test]
fn two_that_chose_one_name_both_get_their_path() {
    let text = declared::<(others::Alike, Named)>();
    assert!(text.contains("export interface OthersSizeInBytes {\n  bytes: boolean;"), "{text}");
    assert!(text.contains("export interface MarksSizeInBytes {\n  size: number;"), "{text}");
}
