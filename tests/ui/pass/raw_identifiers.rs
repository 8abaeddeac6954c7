use ipc_runtime::{Client, interface::Schema, ipc_interface, ipc_type, shape::Shape};

#[ipc_type]
struct Entry {
    r#type: String,
    r#async: bool,
}

#[ipc_type]
enum r#Match {
    r#Loop { r#in: u8 },
}

#[ipc_type]
struct r#Box {
    children: Vec<Self>,
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
    let mut names = Vec::new();
    let schema = Schema::of(FilesClient::INTERFACE);
    for one in schema.types() {
        names.push(&*one.name);
        match &one.shape {
            Shape::Struct(of) => names.extend(of.fields.iter().map(|field| field.name.shown())),
            Shape::Enum(of) => names.extend(of.variants.iter().map(|one| one.name.shown())),
            _ => {}
        }
    }
    schema.visit(&mut |shape| {
        if let Shape::Struct(of) = shape {
            names.extend(of.fields.iter().map(|field| field.name.shown()));
        }
    });
    assert_eq!(names, ["Entry", "type", "async", "Match", "Loop", "type", "async", "in"]);
}
