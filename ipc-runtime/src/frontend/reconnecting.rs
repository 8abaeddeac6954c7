//! Keeps a frontend connected.

use std::{future::Future, pin::pin, sync::Arc};

use futures_util::future::{Either, select};

use crate::{
    error::disconnect_reason::DisconnectReason,
    frontend::connector::{Connector, final_reason, greet},
    peer::session::{Session, state::ConnectionState},
    reconnect::Reconnect,
    support::rt::{Instant, sleep},
};

/// Reconnects whenever the connection is lost, until the frontend is closed or gives up. This
/// doesn't keep the frontend open: it is closed when all of its clones, clients and calls are
/// dropped.
pub(super) fn keep(
    session: Arc<Session>,
    connector: Connector,
    reconnect: Reconnect,
) -> impl Future<Output = ()> + Send {
    // Not inside of the future: a runtime that shuts down may drop it before its first poll.
    let ends = EndOnDrop(Some(session.clone()));
    async move {
        let _ends = ends;
        come_back_whenever_lost(&session, &connector, &reconnect).await;
    }
}

async fn come_back_whenever_lost(
    session: &Arc<Session>,
    connector: &Connector,
    reconnect: &Reconnect,
) {
    // If a backend dies at each connection, the delays grow as if it weren't there.
    let (mut attempts, mut since) = (0, Instant::now());
    while let Some(lost) = loss(session).await {
        if since.elapsed() >= reconnect.max_delay {
            attempts = 0;
        }
        if let Err(last) = come_back(session, connector, reconnect, &mut attempts).await {
            return session.end(match lost {
                // There never was a connection.
                DisconnectReason::NeverConnected(_) => last.unwrap_or(lost),
                lost => lost,
            });
        }
        since = Instant::now();
    }
}

/// Makes the first connection: tries until it succeeds or the frontend is closed. It doesn't
/// reconnect later.
pub(super) fn connect(
    session: Arc<Session>,
    connector: Connector,
) -> impl Future<Output = ()> + Send {
    let ends = EndOnDrop(Some(session.clone()));
    async move {
        if come_back(&session, &connector, &Reconnect::default(), &mut 0).await.is_ok() {
            ends.disarm();
        }
    }
}

/// Ends a session when nothing connects it any more, also when the runtime shuts down: callers that
/// wait for a connection then get an error.
struct EndOnDrop(Option<Arc<Session>>);

impl EndOnDrop {
    /// The session has a connection now, which goes on by itself.
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        if let Some(session) = self.0.take() {
            // If the session has ended already, its first reason is kept.
            session.end(DisconnectReason::ClosedHere);
        }
    }
}

/// Waits until the connection is lost, and returns the reason; `None` if it is closed for good.
async fn loss(session: &Session) -> Option<DisconnectReason> {
    let mut state = session.connectivity().watch();
    let lost = |state: &ConnectionState| !matches!(state, ConnectionState::Connected { .. });
    match state.wait_for(lost).await.as_deref() {
        Ok(ConnectionState::Reconnecting { reason, .. }) => Some(reason.clone()),
        // Made lazily, the connection isn't there yet.
        Ok(ConnectionState::Connecting) => {
            Some(DisconnectReason::NeverConnected("nobody was reached".into()))
        }
        _ => None,
    }
}

/// Tries until it succeeds. `Err`: it has given up, with the reason why the last attempt failed, or
/// `None` if there was no attempt or the frontend was closed meanwhile.
async fn come_back(
    session: &Arc<Session>,
    connector: &Connector,
    reconnect: &Reconnect,
    attempts: &mut u32,
) -> Result<(), Option<DisconnectReason>> {
    let is_first = matches!(session.connectivity().state(), ConnectionState::Connecting);
    let mut last = None;
    while reconnect.goes_on(*attempts) {
        *attempts += 1;
        if !(is_first && *attempts == 1)
            && unless_closed(session, sleep(reconnect.delay(*attempts))).await.is_none()
        {
            return Err(None);
        }
        let is_last = !reconnect.goes_on(*attempts);
        let attempt = async {
            let connected = connector.connect().await?;
            greet(session, &connector.registry, connected, is_last).await
        };
        let Some(outcome) = unless_closed(session, attempt).await else { return Err(None) };
        let error = match outcome {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if session.connectivity().has_ended() {
            return Err(None);
        }
        let endpoint = &session.info().endpoint;
        if last.is_none() {
            tracing::warn!(%endpoint, attempts, %error, "can't connect; trying on");
        } else {
            tracing::debug!(%endpoint, attempts, %error, "can't connect");
        }
        if let Some(final_reason) = final_reason(&error) {
            session.end(final_reason);
            return Err(None);
        }
        let reason = DisconnectReason::NeverConnected(error.to_string().into());
        session.connectivity().failed_again(reason.clone());
        last = Some(reason);
    }
    Err(last)
}

/// Returns the output of the future, or `None` if the frontend is closed first.
async fn unless_closed<F: Future>(session: &Session, future: F) -> Option<F::Output> {
    let closed = pin!(session.ended());
    match select(pin!(future), closed).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}
