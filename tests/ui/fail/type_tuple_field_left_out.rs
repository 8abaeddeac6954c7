use ipc_runtime::ipc_type;

#[ipc_type]
struct Point(#[serde(skip_serializing_if = "Option::is_none")] Option<u8>, u8);

#[ipc_type]
struct Sent(u8, #[serde(skip_deserializing)] u8);

#[ipc_type]
struct Nothing(#[serde(skip)] u8);

#[ipc_type]
enum Shape {
    Point(u8, #[serde(skip_serializing_if = "Option::is_none")] Option<u8>),
    Skipped(u8, #[serde(skip)] u8),
    Empty(#[serde(skip)] u8),
}

#[ipc_type]
#[serde(tag = "type", content = "of")]
enum Tagged {
    Point(u8, #[serde(skip)] u8),
    Empty(#[serde(skip)] u8),
}

fn main() {}
