use ipc_runtime::Client;

fn main() {
    use ipc_runtime::{ipc_interface, ipc_type};

    #[ipc_type]
    struct Info {
        name: String,
    }

    #[ipc_interface(channel = "demo.files", version = "1.0.0")]
    trait Files {
        async fn stat(&self, path: &str) -> Info;
    }

    struct Disk;

    impl Files for Disk {
        async fn stat(&self, path: &str) -> Info {
            Info { name: path.to_owned() }
        }
    }

    let _ = FilesHandler::new(Disk);
    assert_eq!(FilesClient::INTERFACE.channel, "demo.files");
}
