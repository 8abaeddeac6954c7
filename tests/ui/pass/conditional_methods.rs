use ipc_runtime::{Client, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[cfg(any())]
    async fn never(&self, no: SuchType) -> Nowhere;
    async fn size(&self, path: &str) -> u64;
    // Alternatives: one Rust name, and one name on the wire.
    #[cfg(unix)]
    async fn owner(&self, path: &str) -> u32;
    #[cfg(not(unix))]
    async fn owner(&self, path: &str) -> String;
    #[cfg(any())]
    #[ipc(name = "size")]
    async fn size_of(&self, path: &str) -> u32;
    #[cfg(all())]
    #[ipc(notification)]
    async fn log(&self, line: &str);
}

struct Disk;

impl Files for Disk {
    async fn size(&self, path: &str) -> u64 {
        path.len() as u64
    }

    #[cfg(unix)]
    async fn owner(&self, _: &str) -> u32 {
        0
    }

    #[cfg(not(unix))]
    async fn owner(&self, _: &str) -> String {
        String::new()
    }

    async fn log(&self, _: &str) {}
}

#[cfg(any())]
#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Unbuilt {
    async fn never(&self, no: SuchType);
}

fn main() {
    let _ = FilesHandler::new(Disk);
    let names: Vec<_> = FilesClient::INTERFACE.methods.iter().map(|method| method.name).collect();
    assert_eq!(names, ["size", "owner", "log"]);
}
