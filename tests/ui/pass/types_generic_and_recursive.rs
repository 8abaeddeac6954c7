use std::collections::{BTreeMap, HashMap};

use ipc_runtime::{Bytes, interface::IpcType, ipc_interface, ipc_type};

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
    assert_ne!(<Page<u8>>::FINGERPRINT, <Page<u16>>::FINGERPRINT);
    assert_ne!(<Tree<u8>>::FINGERPRINT, <Tree<u16>>::FINGERPRINT);
    assert_ne!(Folder::FINGERPRINT, Entry::FINGERPRINT);
    let _ = (Node::default().clone(), Unit, Pair(0, Bytes::default()));
}
