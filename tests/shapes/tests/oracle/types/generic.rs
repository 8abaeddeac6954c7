//! Generic types.

use std::{collections::BTreeMap, marker::PhantomData};

use super::converted::Elsewhere;
use crate::sample::{Sample, fixture};

fixture! {
    struct Page<T> { items: Vec<T>, next: Option<u32> }
    struct Pair<A, B>(A, B);
    struct Wrapper<T>(T);
    #[serde(transparent)] struct Transparent<T> { it: T }
    struct Optional<T> { it: Option<T>, bare: T }
    enum Either<L, R> { Left(L), Right { it: R } }
    #[serde(tag = "kind")] enum Internal<T> { A(T), B { it: T } }
    #[serde(untagged)] enum Untagged<T> { A(T), B(Vec<T>) }
    struct Node<T> { value: T, children: Vec<Node<T>> }
    struct Phantom<T> { phantom: PhantomData<T>, z: u8 }
    #[serde(bound(serialize = "T: serde::Serialize", deserialize = "T: serde::de::DeserializeOwned"))]
    struct Bound<T> { it: T }
    struct Default1<T: Default> { #[serde(default)] it: T }
    struct Keyed<K: Ord> { map: BTreeMap<K, u8> }

    type Page<u8>;
    type Page<Page<String>>;
    type Pair<u8, Option<bool>>;
    type Wrapper<Option<u8>>;
    type Optional<Wrapper<u8>>;
    type Transparent<Option<u8>>;
    type Either<u8, String>;
    type Internal<Page<u8>>;
    type Untagged<u8>;
    type Node<u8>;
    type Phantom<String>;
    type Bound<u16>;
    type Default1<u8>;
    type Keyed<u64>;
    type Keyed<String>;
    struct Instances {
        page: Page<u8>,
        wrapped: Wrapper<Option<u8>>,
        transparent: Transparent<Option<u8>>,
        elsewhere: Page<Elsewhere>,
        maybe: Option<Page<Elsewhere>>,
    }
    struct Inside<T> { page: Page<T>, option: Transparent<Option<T>>, pairs: Vec<(T, u8)> }
    type Inside<u8>;
}
