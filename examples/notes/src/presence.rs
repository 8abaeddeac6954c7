//! The app ends some seconds after its last window has gone.

use std::time::Duration;

use ipc_runtime::Backend;
use tokio::{select, time::sleep};

/// How long the last window may be gone: one that is reloaded is back by then.
const GONE: Duration = Duration::from_secs(5);

/// Waits until there was a window, and none has been there for a while. A window that was cut off,
/// and may come back to its session, is there as long as the backend waits for it.
pub(crate) async fn until_all_have_left(backend: &Backend) {
    let mut connected = backend.peer_connected().listen();
    let mut disconnected = backend.peer_disconnected().listen();
    if backend.peers().is_empty() && connected.next().await.is_none() {
        return;
    }
    loop {
        while !backend.peers().is_empty() {
            if disconnected.next().await.is_none() {
                return;
            }
        }
        select! {
            () = sleep(GONE) => return,
            _ = connected.next() => {}
        }
    }
}
