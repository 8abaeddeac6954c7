//! The backend's side of one window.

use std::sync::{Mutex, MutexGuard, PoisonError};

use example_stage::say;
use ipc_runtime::{Backend, CallContext};

use crate::interface::Workbench;

/// Who a window is: kept with its peer, where whoever has the peer finds it.
pub(crate) struct Identity {
    pub(crate) title: String,
    pub(crate) project: String,
}

/// The workbench of one window: made for its connection, and dropped with it.
pub(crate) struct WindowWorkbench {
    backend: Backend,
    files: Mutex<Vec<String>>,
}

impl WindowWorkbench {
    pub(crate) fn new(backend: Backend) -> Self {
        Self { backend, files: Mutex::default() }
    }

    fn open_files(&self) -> MutexGuard<'_, Vec<String>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workbench for WindowWorkbench {
    fn introduce(&self, call: &CallContext, title: &str, project: &str) {
        let (peer, title, project) = (call.peer(), title.to_owned(), project.to_owned());
        say(format_args!("window {} is \"{title}\", and works on {project}", peer.id()));
        self.backend.group(&*project).join(peer);
        peer.insert(Identity { title, project });
    }

    fn open(&self, file: String) -> usize {
        let mut files = self.open_files();
        files.push(file);
        files.len()
    }

    fn files(&self) -> Vec<String> {
        self.open_files().clone()
    }
}
