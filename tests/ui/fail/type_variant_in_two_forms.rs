use ipc_runtime::ipc_type;

mod text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(to: S) -> Result<S::Ok, S::Error> {
        "text".serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<(), D::Error> {
        String::deserialize(from).map(drop)
    }
}

#[ipc_type]
enum Change {
    #[serde(with = "text")]
    Both,
    #[serde(serialize_with = "text::serialize")]
    Sent,
}

fn main() {}
