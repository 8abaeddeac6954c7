//! Hands on what comes in: replies to our calls, requests and notifications to handlers.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{AbortHandle, AbortRegistration, Abortable},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::{
    task::{coop, spawn_blocking},
    time::Instant,
};

use super::{
    Connection, Flow, Incoming, Responder, Service,
    batch::{Batch, Recipient},
    calls::{CallId, Reply},
    connection::Phase,
    notifications::{Queued, Waiting},
};
use crate::{
    MethodInfo,
    error::{DisconnectReason, Sizes},
    handshake,
    limits::NotificationOverflow,
    message::{self, ErrorObject, Id, Invocation, Malformed, Message, Outcome, ResponseBody, code},
    registry::Table,
    transport::{CloseKind, Frame},
};

type HandlerFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Why a connection can't go on with what the peer has sent.
pub(super) struct Refusal {
    pub(super) reason: DisconnectReason,
    pub(super) kind: CloseKind,
}

impl Refusal {
    fn new(what: &str, kind: CloseKind) -> Self {
        Self { reason: DisconnectReason::Protocol(what.into()), kind }
    }
}

/// Hands on what one connection takes in. It belongs to the driver.
pub(super) struct Dispatch {
    connection: Arc<Connection>,
    table: Arc<Table>,
    table_version: u64,
    /// How many replies came in since this was asked last.
    replies: usize,
}

impl Dispatch {
    pub(super) fn new(connection: Arc<Connection>) -> Self {
        let (table_version, table) =
            (connection.registry().version(), connection.registry().table());
        Self { connection, table, table_version, replies: 0 }
    }

    /// How many replies came in since this was asked last.
    pub(super) fn take_replies(&mut self) -> usize {
        std::mem::take(&mut self.replies)
    }

    /// Hands on one frame. `Err`: the connection can't go on.
    pub(super) fn frame(&mut self, frame: Frame<'_>) -> Result<(), Refusal> {
        match frame {
            Frame::Message(bytes) if message::is_batch(bytes) => return self.batch(bytes),
            Frame::Message(bytes) => return self.message(bytes, None),
            Frame::Broken { why, fatal } => {
                self.not_understood(why);
                if fatal {
                    return Err(Refusal::new(why, CloseKind::Refused));
                }
            }
            Frame::TooLarge { prefix, size, fatal } => {
                self.too_large(prefix, size);
                if fatal {
                    let limit = self.connection.limits().message_bytes();
                    let what = format!("a message of {size} bytes came in; the limit is {limit}");
                    return Err(Refusal::new(&what, CloseKind::TooLarge));
                }
            }
        }
        Ok(())
    }

    /// Hands on the messages of a batch, in their order.
    fn batch(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let messages = match message::split_batch(bytes) {
            Ok(messages) => messages,
            Err(why) => {
                self.not_understood(&why);
                return Ok(());
            }
        };
        if messages.is_empty() {
            let error =
                ErrorObject::new(code::INVALID_REQUEST, "a batch holds at least one message");
            self.connection.answer_beside(&Recipient::unknown(None), ResponseBody::Error(&error));
            return Ok(());
        }
        let batch = Batch::new();
        // An answer can be fifty times as long as what it answers, and they are all kept.
        let limit = self.connection.max_batch_bytes();
        for message in messages {
            self.message(message, Some(&batch))?;
            if batch.size() > limit {
                let what = format!("the answers to one batch took more than {limit} bytes");
                return Err(Refusal::new(&what, CloseKind::Refused));
            }
        }
        self.connection.batch_was_read(&batch);
        Ok(())
    }

    fn message(&mut self, bytes: &[u8], batch: Option<&Arc<Batch>>) -> Result<(), Refusal> {
        match message::parse(bytes) {
            Ok(Message::Request { id, call }) => self.request(Recipient::new(id, batch), &call),
            Ok(Message::Notification(call)) => return self.notification(&call),
            Ok(Message::Response { id, outcome }) => self.reply(&id, outcome),
            Err(Malformed::Syntax(why)) => self.not_understood(&why),
            Err(Malformed::Bare { id: Id::Number(id), why })
                if self.completes(id, Reply::Malformed(why)) => {}
            Err(Malformed::Invalid { id, why } | Malformed::Bare { id, why }) => {
                let error = ErrorObject::new(code::INVALID_REQUEST, why);
                self.connection
                    .answer_beside(&Recipient::new(id, batch), ResponseBody::Error(&error));
            }
        }
        Ok(())
    }

    /// The input has ended amid a message.
    pub(super) fn truncated(&self) {
        self.not_understood("the input ended amid a message");
    }

    fn not_understood(&self, why: &str) {
        let error = ErrorObject::new(code::PARSE_ERROR, format!("not understood: {why}"));
        self.connection.answer_beside(&Recipient::unknown(None), ResponseBody::Error(&error));
    }

    fn too_large(&mut self, prefix: &[u8], size: u64) {
        let limit = self.connection.limits().message_bytes() as u64;
        match message::id_in_prefix(prefix) {
            Some((Id::Number(id), true)) => self.complete(id, Reply::TooLarge { size }),
            Some((_, true)) => self.stray(),
            request => {
                let id = request.map_or(Id::Null, |(id, _)| id);
                let error = ErrorObject::new(
                    code::REQUEST_TOO_LARGE,
                    format!("a message of {size} bytes is larger than the {limit} taken here"),
                );
                let error = error.with_data(&Sizes { limit, size });
                self.connection
                    .answer_beside(&Recipient::new(id, None), ResponseBody::Error(&error));
            }
        }
    }

    fn reply(&mut self, id: &Id, outcome: Result<Outcome<'_>, &'static str>) {
        let reply = match outcome {
            Ok(Outcome::Result(result)) => Reply::Result(result.into()),
            Ok(Outcome::Error(error)) => Reply::Error(error.into()),
            Err(why) => Reply::Malformed(why),
        };
        match id {
            Id::Number(id) => self.complete(*id, reply),
            Id::Null | Id::Verbatim(_) => self.stray(),
        }
    }

    fn complete(&mut self, id: u64, reply: Reply) {
        if !self.completes(id, reply) {
            self.stray();
        }
    }

    /// Hands a reply to the call that waits for it, if there is one.
    fn completes(&mut self, id: u64, reply: Reply) -> bool {
        let completed = self.connection.with_state(|state| {
            let id = CallId::from_wire(id).ok_or(())?;
            state.calls.complete(id, reply)
        });
        let Ok(wakers) = completed else { return false };
        self.replies += 1;
        wakers.into_iter().flatten().for_each(Waker::wake);
        true
    }

    fn stray(&self) {
        let count = self.connection.with_state(|state| {
            state.stray_replies += 1;
            state.stray_replies
        });
        tracing::debug!(peer = %self.connection.info().id, count, "a reply that nobody waits for");
    }

    fn request(&mut self, to: Recipient, call: &Invocation<'_>) {
        if call.method.starts_with("rpc.") || call.method.starts_with("$/") {
            return self.reserved_request(&to, call);
        }
        let found = match self.admit(&to, &call.method) {
            Ok(()) => self.find(&call.method),
            Err(refused) => Err(refused),
        };
        match found {
            Ok((service, index, method)) => {
                let deadline = deadline(call.extension);
                let connection = self.connection.clone();
                let responder = Responder::new(connection, Some(to.clone()), method, deadline);
                let incoming = Incoming::new(call.params, responder);
                if let Some(rest) = begin(&*service, index, incoming, method) {
                    self.spawn_request(to.id, rest);
                }
            }
            // Another request with the same id may be in flight, and goes on.
            Err(refused) => self.connection.answer_beside(&to, ResponseBody::Error(&refused)),
        }
    }

    /// Whether one more request may begin now.
    fn admit(&self, to: &Recipient, method: &str) -> Result<(), ErrorObject> {
        if self.connection.must_greet() {
            let why = format!("{method} did not run: call rpc.handshake first");
            return Err(ErrorObject::new(code::HANDSHAKE_REQUIRED, why));
        }
        let limit = self.connection.limits().max_in_flight;
        self.connection.with_state(|state| {
            if state.running.contains(&to.id) {
                let why = format!("a request with the id {} is in flight already", to.id);
                return Err(ErrorObject::new(code::INVALID_REQUEST, why));
            }
            if !matches!(state.phase, Phase::Open) {
                let why = format!("{method} did not run: this side is closing");
                return Err(ErrorObject::new(code::CLOSING, why));
            }
            if state.running.len() >= limit {
                let why = format!("{method} did not run: {limit} requests are in flight already");
                let reached = serde_json::json!({ "limit": "maxInFlight", "value": limit });
                return Err(ErrorObject::new(code::LIMIT_REACHED, why).with_data(&reached));
            }
            Ok(())
        })
    }

    fn find(
        &mut self,
        name: &str,
    ) -> Result<(Arc<dyn Service>, usize, &'static MethodInfo), ErrorObject> {
        let version = self.connection.registry().version();
        if version != self.table_version {
            self.table = self.connection.registry().table();
            self.table_version = version;
        }
        let found = self.table.method(name).and_then(|(service, index)| {
            let method = service.interface().methods.get(index)?;
            Some((service.clone(), index, method))
        });
        found.ok_or_else(|| {
            let why = match name.rsplit_once('.') {
                Some((channel, method)) => match self.table.interface(channel) {
                    Some(interface) => format!(
                        "the channel `{channel}` (version {}) has no method `{method}`",
                        interface.version
                    ),
                    None => format!("there is no channel `{channel}`"),
                },
                None => format!("`{name}` is no method: a method is called by CHANNEL.METHOD"),
            };
            ErrorObject::new(code::METHOD_NOT_FOUND, why)
        })
    }

    fn spawn_request(&self, id: Id, rest: Rest) {
        let (abort, registration) = AbortHandle::new_pair();
        let handle = rest.cancellable.then(|| abort.clone());
        let ended = self.connection.with_state(|state| {
            state.running.insert(id, handle);
            matches!(state.phase, Phase::Ended(_))
        });
        if ended && rest.cancellable {
            abort.abort();
        }
        let connection = self.connection.clone();
        let rest = Abortable::new(rest.finish(), registration);
        tokio::spawn(async move {
            // Stopped or finished, the future is dropped at the end of this statement, which
            // answers if nothing else has.
            let _ = rest.await;
            connection.note_finished();
        });
    }

    fn notification(&mut self, call: &Invocation<'_>) -> Result<(), Refusal> {
        if call.method.starts_with("rpc.") || call.method.starts_with("$/") {
            self.reserved_notification(call);
            return Ok(());
        }
        let found = if self.connection.must_greet() {
            Err(ErrorObject::new(code::HANDSHAKE_REQUIRED, "there was no handshake"))
        } else {
            self.find(&call.method)
        };
        let (service, index, method) = match found {
            Ok(found) => found,
            Err(why) => {
                let (peer, why) = (self.connection.info().id, why.message);
                tracing::debug!(%peer, why, "dropped a notification");
                return Ok(());
            }
        };
        let channel = service.interface().channel;
        let queued = self.connection.with_state(|state| match state.phase {
            Phase::Open => Some(state.notifications.offer(channel, &service, index, call.params)),
            _ => None,
        });
        match queued {
            Some(Queued::RunNow) => {
                let responder = Responder::new(self.connection.clone(), None, method, None);
                let incoming = Incoming::new(call.params, responder);
                if let Some(rest) = begin(&*service, index, incoming, method) {
                    self.spawn_notifications(channel, rest);
                }
            }
            Some(Queued::Dropped(count)) => {
                let limits = self.connection.limits();
                if limits.notification_overflow == NotificationOverflow::Close {
                    let what = format!("more notifications of {channel} than are handled in time");
                    return Err(Refusal::new(&what, CloseKind::Refused));
                }
                if count == 1 {
                    let peer = self.connection.info().id;
                    tracing::warn!(%peer, channel, "too many notifications wait: dropping the newest");
                }
            }
            Some(Queued::Waits) => {}
            // This side is closing: like a request, it is refused.
            None => tell_dropped(&self.connection, channel, 1),
        }
        Ok(())
    }

    fn spawn_notifications(&self, channel: &'static str, first: Rest) {
        let (abort, registration) = AbortHandle::new_pair();
        self.connection.with_state(|state| {
            state.notifications.started(channel, first.cancellable.then_some(abort));
        });
        let connection = self.connection.clone();
        tokio::spawn(run_notifications(connection, channel, first, registration));
    }

    fn reserved_request(&mut self, to: &Recipient, call: &Invocation<'_>) {
        let answer = match &*call.method {
            "rpc.handshake" => handshake::answer(&self.connection, call.params),
            "rpc.ping" => Ok(b"null".to_vec()),
            name => {
                let why = format!("there is no method `{name}`: rpc.* and $/* are reserved");
                Err(ErrorObject::new(code::METHOD_NOT_FOUND, why))
            }
        };
        match answer {
            Ok(result) => self.connection.answer_beside(to, ResponseBody::Result(&result)),
            Err(error) => self.connection.answer_beside(to, ResponseBody::Error(&error)),
        }
    }

    fn reserved_notification(&mut self, call: &Invocation<'_>) {
        let peer = self.connection.info().id;
        let encoding = self.connection.encoding();
        let params = call.params.unwrap_or(b"{}");
        match &*call.method {
            "$/cancelRequest" => {
                #[derive(Deserialize)]
                struct Cancel<'a> {
                    #[serde(borrow)]
                    id: &'a RawValue,
                }
                let cancel = serde_json::from_slice::<Cancel<'_>>(params).ok();
                let id = cancel.and_then(|cancel| Id::parse(cancel.id.get().as_bytes()).ok());
                let running = id.and_then(|id| {
                    self.connection.with_state(|state| state.running.abort_handle(&id))
                });
                // Unknown or answered: nothing to do.
                if let Some(running) = running {
                    running.abort();
                }
            }
            "rpc.closing" => {
                #[derive(Deserialize)]
                struct Closing {
                    reason: Option<String>,
                }
                let reason = encoding.decode::<Closing>(params).ok().and_then(|told| told.reason);
                self.connection.with_state(|state| state.farewell = reason.map(Into::into));
            }
            "rpc.dropped" => {
                let what = String::from_utf8_lossy(params);
                tracing::warn!(%peer, %what, "the other side had to drop notifications of ours");
            }
            name => tracing::debug!(%peer, name, "dropped an unknown notification"),
        }
    }
}

/// What is left of a call that didn't finish at once.
struct Rest {
    work: Work,
    method: &'static MethodInfo,
    /// Whether it may be stopped.
    cancellable: bool,
}

enum Work {
    /// Polled once.
    Begun(HandlerFuture),
    /// For a thread of its own, which it hasn't got yet.
    Blocking(Box<dyn FnOnce() + Send>),
}

/// Begins a call. Gives back what it doesn't finish at once.
fn begin(
    service: &dyn Service,
    index: usize,
    incoming: Incoming<'_>,
    method: &'static MethodInfo,
) -> Option<Rest> {
    match catch_unwind(AssertUnwindSafe(|| service.call(index, incoming))) {
        Ok(Flow::Done) => None,
        Ok(Flow::Later(mut future)) => {
            // Most handlers are done at their first poll, and need no task. The budget of the
            // driver isn't theirs: used up, it would make ready ones look pending. A wake-up in
            // between isn't lost, since spawning polls again.
            let mut context = Context::from_waker(Waker::noop());
            let polled = catch_unwind(AssertUnwindSafe(|| {
                coop::unconstrained(&mut future).poll_unpin(&mut context)
            }));
            match polled {
                Ok(Poll::Ready(())) => None,
                Ok(Poll::Pending) => {
                    let work = Work::Begun(future);
                    Some(Rest { work, method, cancellable: method.cancellable })
                }
                Err(panic) => {
                    log_panic(method, &*panic);
                    None
                }
            }
        }
        Ok(Flow::Blocking(work)) => {
            Some(Rest { work: Work::Blocking(work), method, cancellable: false })
        }
        Err(panic) => {
            log_panic(method, &*panic);
            None
        }
    }
}

impl Rest {
    /// Ends a panic where it is one call's error. The handler's own values, and with them the
    /// responder, are dropped by the unwinding, so that is answered.
    ///
    /// Blocking work gets its thread here, and may answer before this returns. So the request has
    /// to be on the list of those that run by now: the answer takes it off.
    fn finish(self) -> impl Future<Output = ()> + Send {
        let method = self.method;
        let future = match self.work {
            Work::Begun(future) => future,
            Work::Blocking(work) => spawn_blocking(move || {
                if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
                    log_panic(method, &*panic);
                }
            })
            .map(drop)
            .boxed(),
        };
        async move {
            if let Err(panic) = AssertUnwindSafe(future).catch_unwind().await {
                log_panic(method, &*panic);
            }
        }
    }
}

fn log_panic(method: &'static MethodInfo, panic: &(dyn Any + Send)) {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a value that is no text");
    tracing::error!(method = method.full_name, panic = text, "a handler panicked");
}

/// Runs what waits of one channel, beginning with the one that didn't finish at once.
async fn run_notifications(
    connection: Arc<Connection>,
    channel: &'static str,
    first: Rest,
    registration: AbortRegistration,
) {
    let mut current = Some((first, registration));
    loop {
        if let Some((rest, registration)) = current.take() {
            let _ = Abortable::new(rest.finish(), registration).await;
        }
        let (next, dropped) = connection.with_state(|state| state.notifications.finished(channel));
        if dropped > 0 {
            tell_dropped(&connection, channel, dropped);
        }
        let Some(Waiting { handler: service, method: index, params }) = next else { break };
        let Some(method) = service.interface().methods.get(index) else { continue };
        let responder = Responder::new(connection.clone(), None, method, None);
        let incoming = Incoming::new(params.as_deref(), responder);
        if let Some(rest) = begin(&*service, index, incoming, method) {
            let (abort, registration) = AbortHandle::new_pair();
            let goes_on = connection.with_state(|state| {
                let abort = rest.cancellable.then_some(abort);
                state.notifications.goes_on(channel, abort)
            });
            if goes_on || !rest.cancellable {
                current = Some((rest, registration));
            }
        }
    }
    connection.note_finished();
}

/// Tells the peer that notifications of it were dropped.
fn tell_dropped(connection: &Connection, channel: &str, count: u64) {
    let told = serde_json::json!({ "channel": channel, "n": count });
    connection.notify_peer("rpc.dropped", told.to_string().as_bytes());
}

/// When the caller gives up, if it has told.
fn deadline(extension: Option<&[u8]>) -> Option<Instant> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Extension {
        timeout_ms: Option<u64>,
    }
    let extension: Extension = serde_json::from_slice(extension?).ok()?;
    Instant::now().checked_add(Duration::from_millis(extension.timeout_ms?))
}
