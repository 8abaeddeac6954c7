//! Engine.IO sessions without a network, for tests.

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use crate::{
    limits::Limits,
    support::lock::Lock,
    transport::engine_io::{
        config::EngineConfig,
        message::EngineMessage,
        opening::SessionOpening,
        server::EngineServer,
        session::EngineSession,
        socket::{EngineLink, EngineSocket},
    },
};

/// How many bytes may wait in each direction before the sender has to wait.
const ROOM: usize = 64 * 1024;

/// The two queues between an [`EngineSocket`] and its [`EngineClient`].
#[derive(Default)]
pub(super) struct Pipe {
    state: Lock<State>,
}

#[derive(Default)]
struct State {
    to_server: VecDeque<EngineMessage>,
    to_client: VecDeque<EngineMessage>,
    is_over: bool,
    server: Option<Waker>,
    client: Option<Waker>,
}

fn is_full(queue: &VecDeque<EngineMessage>) -> bool {
    queue.iter().map(EngineMessage::length).sum::<usize>() >= ROOM
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

impl Pipe {
    pub(super) fn poll_receive(&self, cx: &mut Context<'_>) -> Poll<Option<EngineMessage>> {
        let mut state = self.state.lock();
        wake(&mut state.client);
        if let Some(message) = state.to_server.pop_front() {
            return Poll::Ready(Some(message));
        }
        if state.is_over {
            return Poll::Ready(None);
        }
        state.server = Some(cx.waker().clone());
        Poll::Pending
    }

    pub(super) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<bool> {
        let mut state = self.state.lock();
        if state.is_over {
            return Poll::Ready(false);
        }
        if !is_full(&state.to_client) {
            return Poll::Ready(true);
        }
        state.server = Some(cx.waker().clone());
        Poll::Pending
    }

    pub(super) fn send(&self, messages: impl IntoIterator<Item = EngineMessage>) {
        let mut state = self.state.lock();
        if !state.is_over {
            state.to_client.extend(messages);
            wake(&mut state.client);
        }
    }

    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<bool> {
        let mut state = self.state.lock();
        if state.is_over {
            return Poll::Ready(false);
        }
        if state.to_client.is_empty() {
            return Poll::Ready(true);
        }
        state.server = Some(cx.waker().clone());
        Poll::Pending
    }

    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.is_over = true;
        wake(&mut state.client);
        wake(&mut state.server);
    }
}

/// The client's end. Dropping it ends the session.
pub(crate) struct EngineClient {
    pipe: Arc<Pipe>,
}

impl EngineClient {
    /// Sends a message, as soon as there is room. Returns whether the session goes on.
    pub(crate) async fn send(&self, message: impl Into<EngineMessage>) -> bool {
        let mut message = Some(message.into());
        poll_fn(|cx| {
            let mut state = self.pipe.state.lock();
            if state.is_over {
                return Poll::Ready(false);
            }
            if is_full(&state.to_server) {
                state.client = Some(cx.waker().clone());
                return Poll::Pending;
            }
            state.to_server.extend(message.take());
            wake(&mut state.server);
            Poll::Ready(true)
        })
        .await
    }

    /// The next message, or `None` when the session is over and all was received.
    pub(crate) async fn receive(&self) -> Option<EngineMessage> {
        poll_fn(|cx| {
            let mut state = self.pipe.state.lock();
            if let Some(message) = state.to_client.pop_front() {
                wake(&mut state.server);
                return Poll::Ready(Some(message));
            }
            if state.is_over {
                return Poll::Ready(None);
            }
            state.client = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Ends the session, as a client that is gone does.
    pub(crate) fn close(&self) {
        self.pipe.close();
    }
}

impl Drop for EngineClient {
    fn drop(&mut self) {
        self.close();
    }
}

impl EngineSocket {
    /// A session in memory.
    pub(crate) fn pair() -> (Self, EngineClient) {
        let pipe = Arc::<Pipe>::default();
        let opening = SessionOpening { showed_token: false, request: None };
        let session = EngineSession::new("in memory".into(), opening);
        let server = EngineServer::new(EngineConfig::new(&Limits::default()));
        let client = EngineClient { pipe: pipe.clone() };
        (Self::on(EngineLink::InMemory(pipe), session, server), client)
    }
}
