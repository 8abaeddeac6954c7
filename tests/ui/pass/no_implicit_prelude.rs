#![no_implicit_prelude]

#[::ipc_runtime::ipc_type]
#[derive(::std::fmt::Debug)]
enum FileError {
    NotFound(::std::string::String),
}

impl ::std::fmt::Display for FileError {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        match self {
            FileError::NotFound(name) => f.write_str(name),
        }
    }
}

#[::ipc_runtime::ipc_type]
struct Page<T> {
    items: ::std::vec::Vec<T>,
    next: ::std::option::Option<u64>,
}

#[::ipc_runtime::ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn list(
        &self,
        #[ipc(context)] context: &::ipc_runtime::CallContext,
        dir: &str,
        filter: ::std::option::Option<&str>,
    ) -> ::std::result::Result<Page<::std::string::String>, FileError>;
    fn ping(&self) -> u32;
    #[ipc(blocking)]
    fn sum(&self, of: &[u8]) -> u64;
    #[ipc(notification)]
    async fn log(&self, line: ::std::string::String);
}

struct Disk;

impl Files for Disk {
    async fn list(
        &self,
        _: &::ipc_runtime::CallContext,
        dir: &str,
        _: ::std::option::Option<&str>,
    ) -> ::std::result::Result<Page<::std::string::String>, FileError> {
        ::std::result::Result::Err(FileError::NotFound(::std::convert::From::from(dir)))
    }

    fn ping(&self) -> u32 {
        1
    }

    fn sum(&self, _: &[u8]) -> u64 {
        0
    }

    async fn log(&self, _: ::std::string::String) {}
}

fn main() {
    let _ = FilesHandler::new(Disk);
    let page = Page::<u8> { items: ::std::vec::Vec::new(), next: ::std::option::Option::None };
    let _ = (page.items, page.next);
}
