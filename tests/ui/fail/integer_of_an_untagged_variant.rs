use ipc_runtime::ipc_type;

#[ipc_type]
#[serde(untagged)]
enum Id {
    Number(#[ipc(integer = "bigint")] u64),
    Text(String),
}

#[ipc_type]
enum Size {
    Unknown,
    #[serde(untagged)]
    Known {
        #[ipc(integer = "string")]
        bytes: u64,
    },
}

fn main() {}
