//! Where calls go.

use std::sync::Arc;

use crate::peer::session::Session;

/// The session that calls go to. A frontend's links keep the connection open: it is closed when the
/// last of them is dropped. The links of a [`Peer`](crate::Peer) don't.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    session: Arc<Session>,
    #[expect(dead_code, reason = "held for its drop")]
    keeps_open: Option<Arc<CloseOnDrop>>,
}

#[derive(Debug)]
struct CloseOnDrop(Arc<Session>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.dismiss();
        if let Some(hooks) = self.0.hooks() {
            hooks.retire();
        }
    }
}

impl Link {
    /// A link that keeps the connection open.
    pub(crate) fn owning(session: Arc<Session>) -> Self {
        let keeps_open = Some(Arc::new(CloseOnDrop(session.clone())));
        Self { session, keeps_open }
    }

    /// A link that doesn't keep the connection open.
    pub(crate) fn to(session: Arc<Session>) -> Self {
        Self { session, keeps_open: None }
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }
}
