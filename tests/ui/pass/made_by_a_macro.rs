use ipc_runtime::{Client, ipc_interface, ipc_type};

macro_rules! interface {
    ($name:ident, $channel:literal, $info:ident { $field:ident: $field_ty:ty } => {
        $($method:ident($($argument:ident: $ty:ty),*) -> $result:ty;)*
    }) => {
        #[ipc_type]
        struct $info {
            $field: $field_ty,
        }

        #[ipc_interface(channel = $channel, version = "1.0.0")]
        trait $name {
            $(async fn $method(&self, $($argument: $ty),*) -> $result;)*
        }
    };
}

interface!(Files, "demo.files", Info { name: Option<Vec<String>> } => {
    list(dir: &str, depth: Option<&u8>) -> Result<Vec<Info>, String>;
    stat(path: &str) -> Info;
    copy(from: String, to: (u8, String)) -> ();
});

struct Disk;

impl Files for Disk {
    async fn list(&self, dir: &str, _: Option<&u8>) -> Result<Vec<Info>, String> {
        Ok(vec![Info { name: Some(vec![dir.to_owned()]) }])
    }

    async fn stat(&self, _: &str) -> Info {
        Info { name: None }
    }

    async fn copy(&self, _: String, _: (u8, String)) {}
}

fn main() {
    let _ = FilesHandler::new(Disk);
    let method = &FilesClient::INTERFACE.methods[0];
    assert_eq!(
        method.signature,
        "list(dir: &str, depth: Option<&u8>) -> Result<Vec<Info>, String>"
    );
}
