//! The task that keeps a replica up to date.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use crate::{
    error::{
        error_kind::ErrorKind,
        ipc_error::{ErrorDetail, IpcError},
    },
    message::error_object::{ErrorObject, code},
    peer::{client::caller::Client, outgoing::subscription::Subscription},
    store::{
        contents::Contents,
        staging::{self, CompleteLook, Staged},
        wire::LookPart,
    },
};

use super::wire::WireClient;

/// The subscription that keeps a replica up to date.
const WATCH: &str = "ipc.store.watch";

/// The error of a replica if the backend ends its subscription.
pub(super) fn over(endpoint: &Arc<str>) -> IpcError {
    let error = ErrorObject::new(code::CANCELLED, "the store is not served any more");
    IpcError::from_object(Cow::Borrowed(WATCH), endpoint, error)
}

/// Applies what the backend sends to a replica's contents.
pub(super) struct Mirror {
    batches: Subscription<LookPart>,
    client: WireClient,
    /// How many connections there had been when the values of the current subscription began to
    /// arrive.
    connection: u64,
    contents: Arc<Contents>,
    /// The parts of a look that isn't complete yet.
    staged: Staged,
    endpoint: Arc<str>,
    ended: Arc<OnceLock<IpcError>>,
}

impl Mirror {
    pub(super) fn new(
        batches: Subscription<LookPart>,
        client: WireClient,
        contents: Arc<Contents>,
        ended: Arc<OnceLock<IpcError>>,
    ) -> Self {
        let session = client.caller().session();
        let connection = session.connectivity().connections();
        let endpoint = session.info().endpoint.clone();
        let staged = Staged::new(staging::MAX_BYTES);
        Self { batches, client, connection, contents, staged, endpoint, ended }
    }

    /// Receives the next look, and applies all of it at once.
    pub(super) async fn look(&mut self) -> Result<(), IpcError> {
        loop {
            let batch = match self.batches.next().await {
                Some(Ok(batch)) => batch,
                // The frontend has reconnected to its backend: what follows is everything.
                Some(Err(error))
                    if error.kind() == ErrorKind::Gap
                        && self.client.caller().session().connectivity().connections()
                            > self.connection =>
                {
                    self.staged = Staged::new(staging::MAX_BYTES);
                    self.connection = self.client.caller().session().connectivity().connections();
                    continue;
                }
                Some(Err(error)) => return Err(error),
                None => return Err(over(&self.endpoint)),
            };
            let staged = self.staged.add(batch).map_err(|error| {
                let detail = ErrorDetail::Decode(error.to_string());
                IpcError::new(WATCH, self.endpoint.clone(), detail)
            })?;
            if let Some(CompleteLook { reset, seen, entries }) = staged {
                self.contents.apply(self.connection, reset, seen, entries);
                return Ok(());
            }
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            if let Err(error) = self.look().await {
                tracing::debug!(%error, "a replica of a store has ended");
                // Set before the drop of `self` wakes those who wait for the end.
                let _ = self.ended.set(error);
                return;
            }
        }
    }
}

/// Closes the replica, also if the task is dropped because its runtime ends.
impl Drop for Mirror {
    fn drop(&mut self) {
        self.contents.close();
    }
}
