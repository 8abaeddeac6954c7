use ipc_runtime::{ipc_interface, ipc_type};

type Maybe<T> = Option<T>;

#[ipc_type]
struct Patch {
    name: Option<Option<String>>,
    size: Maybe<Maybe<u64>>,
    done: Option<()>,
    #[ipc(lossy)]
    meant: Option<Option<u8>>,
    #[serde(with = "patched")]
    converted: Option<Option<u16>>,
    data: Option<serde_json::Value>,
}

mod patched {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(value: &Option<Option<u16>>, to: S) -> Result<S::Ok, S::Error> {
        value.unwrap_or(None).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Option<u16>>, D::Error> {
        Option::deserialize(from).map(Some)
    }
}

#[ipc_type]
struct Page<T> {
    next: Option<T>,
}

#[ipc_type]
struct Book {
    plain: Page<u8>,
    hidden: Vec<Page<Option<u8>>>,
}

#[ipc_type]
struct Folder {
    #[ipc(recursive)]
    parent: Option<Option<Box<Folder>>>,
    #[ipc(recursive, lossy)]
    root: Option<Option<Box<Folder>>>,
}

#[ipc_interface(channel = "demo.patches", version = "1.0.0")]
trait Patches {
    async fn apply(&self, unit: Option<()>, #[ipc(lossy)] meant: Option<Option<i8>>);
    async fn last(&self) -> Option<Option<i16>>;
    #[ipc(lossy)]
    async fn first(&self) -> Option<Option<i32>>;
}

fn main() {}
