use std::collections::{BTreeMap, HashMap};

use ipc_runtime::{Bytes, ipc_interface, ipc_type, shape::IpcType};

#[ipc_type]
struct Page<T, const N: usize = 2>
where
    T: Clone,
{
    items: Vec<T>,
    rows: Vec<[u8; 4]>,
    next: Option<u64>,
}

#[ipc_type]
#[derive(Clone, Default)]
struct Node {
    children: Vec<Node>,
    parent: Option<Box<Self>>,
    named: BTreeMap<String, Node>,
}

#[ipc_type]
enum Tree<T> {
    Leaf(T),
    Branch(Box<Tree<T>>, Box<Tree<T>>),
}

#[ipc_type]
struct Folder {
    entries: Vec<Entry>,
}

#[ipc_type]
struct Entry {
    #[ipc(recursive)]
    folder: Option<Folder>,
}

trait Key {}

impl Key for Branch {}

/// Its argument has a bound that nothing but the type itself satisfies.
#[ipc_type]
#[serde(bound = "")]
struct Sorted<T: Key> {
    count: u64,
    of: std::marker::PhantomData<T>,
}

#[ipc_type]
struct Branch {
    #[ipc(recursive)]
    next: Sorted<Branch>,
    #[ipc(recursive)]
    all: Vec<Self>,
}

/// A name in capitals is a type's, unless it is in braces.
#[ipc_type]
struct ID(u64);

#[ipc_type]
#[serde(transparent)]
struct Lossy<T> {
    #[ipc(lossy)]
    of: Option<Option<T>>,
}

#[ipc_type]
struct Users {
    page: Page<String>,
    ids: Tree<ID>,
    last: Lossy<u8>,
}

#[ipc_type]
struct Unit;

#[ipc_type]
struct Pair(u8, Bytes);

#[ipc_type]
enum Never {}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn page(&self, first: Page<String>) -> Page<Node, 3>;
    async fn tree(&self, of: &Tree<u8>) -> HashMap<String, Tree<Vec<Node>>>;
    async fn folder(&self, unit: Unit, pair: Pair) -> Result<Folder, String>;
}

fn main() {
    assert_ne!(<Page<u8>>::fingerprint(), <Page<u16>>::fingerprint());
    assert_ne!(<Tree<u8>>::fingerprint(), <Tree<u16>>::fingerprint());
    assert_ne!(Folder::fingerprint(), Entry::fingerprint());
    let _ = (Node::default().clone(), Unit, Pair(0, Bytes::default()));
}
