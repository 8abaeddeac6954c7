use ipc_runtime::{Client, ipc_interface, ipc_type};

#[ipc_type]
struct Entry {
    r#type: String,
    r#async: bool,
}

#[ipc_type]
enum r#Match {
    r#Loop { r#in: u8 },
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait r#Files {
    async fn r#type(&self, r#match: &str, r#in: Option<&str>) -> Entry;
    async fn r#loop(&self) -> r#Match;
}

struct Disk;

impl Files for Disk {
    async fn r#type(&self, r#match: &str, _: Option<&str>) -> Entry {
        Entry { r#type: r#match.to_owned(), r#async: true }
    }

    async fn r#loop(&self) -> r#Match {
        r#Match::r#Loop { r#in: 1 }
    }
}

fn main() {
    let _ = FilesHandler::new(Disk);
    let [method, _] = FilesClient::INTERFACE.methods else { panic!() };
    assert_eq!(method.full_name, "demo.files.type");
    let names: Vec<_> = method.arguments.iter().map(|argument| argument.name).collect();
    assert_eq!(names, ["match", "in"]);
    let shapes = FilesClient::INTERFACE.types();
    assert_eq!(shapes.get("Entry"), Some("struct { type: String, async: bool }"));
    assert_eq!(shapes.get("Match"), Some("enum { Loop { in: u8 } }"));
}
