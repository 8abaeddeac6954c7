//! The backend's side of one window.

use std::sync::{Mutex, MutexGuard, PoisonError};

use example_stage::say;
use ipc_runtime::{CallContext, Peer, WeakBackend};

use crate::interface::Workbench;

/// What a window works on. It is kept with the window's peer, so any code with the peer finds it.
pub(crate) struct Project(pub(crate) String);

/// What a window calls itself. A client that doesn't say goes by its connection's number.
pub(crate) fn name_of(peer: &Peer) -> String {
    peer.name().map_or_else(|| format!("client {}", peer.id()), |name| name.to_string())
}

/// The workbench of one window: made for its connection, and dropped with it.
pub(crate) struct WindowWorkbench {
    backend: WeakBackend,
    files: Mutex<Vec<String>>,
}

impl WindowWorkbench {
    pub(crate) fn new(backend: WeakBackend) -> Self {
        Self { backend, files: Mutex::default() }
    }

    fn open_files(&self) -> MutexGuard<'_, Vec<String>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workbench for WindowWorkbench {
    fn work_on(&self, call: &CallContext, project: &str) {
        let peer = call.peer();
        say(format_args!("window {} is {}, and works on {project}", peer.id(), name_of(peer)));
        if let Some(backend) = self.backend.upgrade() {
            backend.group(project).join(peer);
        }
        peer.extensions().insert(Project(project.to_owned()));
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
