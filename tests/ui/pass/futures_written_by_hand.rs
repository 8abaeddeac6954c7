//! The trait's futures are `Send`; an implementation may say so in its own words.
use std::{
    future::{Future, Ready, ready},
    sync::{Arc, Mutex},
};

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn size(&self, path: &str) -> u64;
    async fn last(&self) -> Result<String, String>;
    async fn touch(&self, path: String);
}

struct Disk {
    last: Arc<Mutex<String>>,
}

impl Files for Disk {
    fn size(&self, path: &str) -> impl Future<Output = u64> + Send {
        ready(path.len() as u64)
    }

    fn last(&self) -> impl Future<Output = Result<String, String>> + Send {
        async { Ok(self.last.lock().unwrap().clone()) }
    }

    #[allow(refining_impl_trait)]
    fn touch(&self, path: String) -> Ready<()> {
        *self.last.lock().unwrap() = path;
        ready(())
    }
}

/// Calls borrow nothing: they can be spawned.
fn spawned(files: &FilesClient) {
    let path = String::from("/");
    tokio::spawn(files.size(&path));
    tokio::spawn(files.last());
}

fn main() {
    let _ = spawned;
    let _ = FilesHandler::new(Disk { last: Arc::default() });
}
