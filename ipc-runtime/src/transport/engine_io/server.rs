//! The Engine.IO sessions of one backend.

use std::{
    collections::HashMap,
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::watch;

use crate::{
    support::{lock::Lock, random::secret},
    transport::engine_io::{
        config::EngineConfig,
        opening::SessionOpening,
        packet::Packet,
        session::{EngineSession, SessionEnd},
    },
};

/// The Engine.IO sessions of one backend.
pub(crate) struct EngineServer {
    config: Arc<EngineConfig>,
    sessions: Lock<HashMap<Box<str>, Arc<EngineSession>>>,
    /// How many HTTP connections our own listeners serve.
    http_connections: AtomicUsize,
    stopped: watch::Sender<bool>,
}

impl fmt::Debug for EngineServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineServer").field("config", &self.config).finish_non_exhaustive()
    }
}

impl EngineServer {
    pub(crate) fn new(config: EngineConfig) -> Arc<Self> {
        Arc::new(Self {
            config: Arc::new(config),
            sessions: Lock::default(),
            http_connections: AtomicUsize::new(0),
            stopped: watch::Sender::new(false),
        })
    }

    pub(crate) fn config(&self) -> &Arc<EngineConfig> {
        &self.config
    }

    /// Ends all sessions and HTTP connections. There are no new ones.
    pub(crate) fn stop(&self) {
        self.stopped.send_replace(true);
        let sessions: Vec<_> = self.sessions.lock().values().cloned().collect();
        sessions.iter().for_each(|session| session.finish(SessionEnd::Lost));
    }

    pub(super) fn is_stopped(&self) -> bool {
        *self.stopped.borrow()
    }

    /// Waits until the server is stopped.
    pub(super) async fn until_stopped(&self) {
        // The sender is this server's, which is there.
        let _ = self.stopped.subscribe().wait_for(|stopped| *stopped).await;
    }

    /// Makes a session. Fails if the operating system has no randomness.
    pub(super) fn begin(&self, opening: SessionOpening) -> io::Result<Arc<EngineSession>> {
        let id = secret()?;
        let session = EngineSession::new(id.clone(), opening);
        self.sessions.lock().insert(id, session.clone());
        // `stop` may have looked just before.
        if self.is_stopped() {
            session.finish(SessionEnd::Lost);
        }
        Ok(session)
    }

    pub(super) fn session(&self, id: &str) -> Option<Arc<EngineSession>> {
        self.sessions.lock().get(id).filter(|session| !session.is_over_for_good()).cloned()
    }

    pub(super) fn forget(&self, session: &EngineSession) {
        self.sessions.lock().remove(&session.id);
    }

    /// How many sessions there are.
    #[cfg(test)]
    pub(super) fn session_count(&self) -> usize {
        self.sessions.lock().len()
    }

    /// The packet that tells a client of its session.
    pub(super) fn open_packet(&self, session: &EngineSession, is_on_web_socket: bool) -> Packet {
        let config = &self.config;
        let upgrades = if config.web_socket && !is_on_web_socket { r#""websocket""# } else { "" };
        Packet::Open(format!(
            r#"{{"sid":"{}","upgrades":[{upgrades}],"pingInterval":{},"pingTimeout":{},"maxPayload":{}}}"#,
            session.id,
            config.ping_interval.as_millis(),
            config.ping_timeout.as_millis(),
            config.max_payload,
        ))
    }

    /// Takes a place among the HTTP connections of our own listeners.
    pub(super) fn http_place(self: &Arc<Self>) -> Option<HttpPlace> {
        let place = HttpPlace(self.clone());
        let open = self.http_connections.fetch_add(1, Ordering::Relaxed);
        (open < self.config.max_http_connections).then_some(place)
    }
}

/// A place among the HTTP connections, which is free again when this is dropped.
pub(super) struct HttpPlace(Arc<EngineServer>);

impl Drop for HttpPlace {
    fn drop(&mut self) {
        self.0.http_connections.fetch_sub(1, Ordering::Relaxed);
    }
}
