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

/// Makes the connection again whenever it is lost, until the frontend is closed. It doesn't keep
/// the frontend: that is closed when nobody has it any more.
pub(super) async fn keep(session: Arc<Session>, connector: Connector, reconnect: Reconnect) {
    let _ends = EndOnDrop(Some(session.clone()));
    // A backend that dies of each connection is given as much time as one that isn't there.
    let (mut attempts, mut since) = (0, Instant::now());
    while let Some(lost) = loss(&session).await {
        if since.elapsed() >= reconnect.max_delay {
            attempts = 0;
        }
        if let Err(last) = come_back(&session, &connector, &reconnect, &mut attempts).await {
            return session.end(match lost {
                // It never was there.
                DisconnectReason::NeverConnected(_) => last.unwrap_or(lost),
                lost => lost,
            });
        }
        since = Instant::now();
    }
}

/// Makes the first connection, until that succeeds or the frontend is closed. It isn't made again.
pub(super) async fn connect(session: Arc<Session>, connector: Connector) {
    let ends = EndOnDrop(Some(session.clone()));
    if come_back(&session, &connector, &Reconnect::default(), &mut 0).await.is_ok() {
        ends.disarm();
    }
}

/// Ends a session that nobody connects any more, also when the runtime is shut down under it: whoever
/// waits for a connection is told.
struct EndOnDrop(Option<Arc<Session>>);

impl EndOnDrop {
    /// It has a connection now, which lives on by itself.
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        if let Some(session) = self.0.take() {
            // The reason that was given before is kept.
            session.end(DisconnectReason::ClosedHere);
        }
    }
}

/// Waits until the connection is lost, and gives the reason; `None`: it is closed for good.
async fn loss(session: &Session) -> Option<DisconnectReason> {
    let mut state = session.connectivity().watch();
    let lost = |state: &ConnectionState| !matches!(state, ConnectionState::Connected { .. });
    match state.wait_for(lost).await.as_deref() {
        Ok(ConnectionState::Reconnecting { reason, .. }) => Some(reason.clone()),
        // Made lazily, it isn't there yet.
        Ok(ConnectionState::Connecting) => {
            Some(DisconnectReason::NeverConnected("nobody was reached".into()))
        }
        _ => None,
    }
}

/// Tries until it succeeds. `Err`: it is given up, and why the last attempt has failed, or it was
/// closed meanwhile.
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

/// What comes of it, unless the frontend is closed before.
async fn unless_closed<F: Future>(session: &Session, future: F) -> Option<F::Output> {
    let closed = pin!(session.ended());
    match select(pin!(future), closed).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}
