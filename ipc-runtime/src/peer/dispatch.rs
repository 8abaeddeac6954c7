//! Hands on what comes in: replies to our calls, requests and notifications to handlers.

mod replies;
mod stranger;

use std::{cell::Cell, sync::Arc, time::Duration};

use serde_json::json;

use super::{
    Connection, Incoming, Refused, Responder, SessionResolver,
    batch::{Batch, Recipient},
    calls::Reply,
    connection::Phase,
    context::Asked,
    handlers::Handlers,
    handling,
    item_runs::ItemRuns,
    items::{self, Lost},
    nesting,
    notifications::Queued,
    payload::Payload,
    reserved,
    responder::too_many_subscriptions,
    target::Target,
};
use crate::{
    MethodKind,
    codec::{Encoding, Extent},
    error::{DisconnectReason, Sizes},
    handshake::{self, Rejection},
    limits::NotificationOverflow,
    message::{
        self, CallForm, ErrorObject, Id, Invocation, Malformed, Message, NoBatch, ResponseBody,
        code,
    },
    transport::{CloseKind, Frame},
};

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

/// What has come of a message that is known by its beginning.
enum Begun {
    Yes,
    /// It isn't let in, if it is a message.
    Refused(ErrorObject),
    /// Nothing: it is to be read as a whole.
    No,
}

/// Hands on what one connection takes in. It belongs to the driver.
pub(super) struct Dispatch {
    connection: Arc<Connection>,
    /// Who decides which session the connection belongs to, until the first message that says so.
    resolver: Option<Box<dyn SessionResolver>>,
    /// The peer is there, and calls may go to it.
    is_established: bool,
    /// The other side has yet to show a token.
    is_stranger: bool,
    /// Whether the peer may have a session that it resumes.
    may_resume: bool,
    handlers: Handlers,
    item_runs: ItemRuns,
    /// How many replies came in since this was asked last.
    replies: usize,
}

impl Dispatch {
    /// `knows_protocol`: whoever is at the other end has shown that it does.
    pub(super) fn new(
        connection: Arc<Connection>,
        resolver: Option<Box<dyn SessionResolver>>,
        knows_protocol: bool,
    ) -> Self {
        let handlers = Handlers::new(connection.clone());
        let is_established = resolver.is_none();
        let (is_stranger, may_resume) = (connection.is_stranger(), knows_protocol);
        let item_runs = ItemRuns::default();
        Self {
            handlers,
            resolver,
            is_established,
            is_stranger,
            may_resume,
            connection,
            item_runs,
            replies: 0,
        }
    }

    /// Whether the peer is there, as far as anybody else knows.
    pub(super) fn is_established(&self) -> bool {
        self.is_established
    }

    /// The peer is there, whoever it is. One that has to shake hands isn't, before it did.
    pub(super) fn establish(&mut self) {
        if self.connection.must_greet() || self.is_established {
            return;
        }
        self.is_established = true;
        if let Some(resolver) = &self.resolver {
            resolver.establish(&self.connection);
        }
    }

    /// The same, and it is settled by what the peer says which session it is.
    fn settle(&mut self) {
        self.establish();
        if self.is_established {
            self.resolver = None;
        }
    }

    fn encoding(&self) -> Encoding {
        self.connection.encoding()
    }

    /// How many replies came in since this was asked last.
    pub(super) fn take_replies(&mut self) -> usize {
        std::mem::take(&mut self.replies)
    }

    /// How many came in since they were [taken](Self::take_replies).
    pub(super) fn replies(&self) -> usize {
        self.replies
    }

    /// Hands on an item, if the frame is one of a flow that is known. `false`: it is for
    /// [`frame`](Self::frame).
    pub(super) fn item(&mut self, frame: &Frame<'_>) -> bool {
        let Frame::Message(bytes) = frame else { return false };
        let max_depth = self.connection.limits().json_depth();
        self.item_runs.take(&self.connection, bytes, max_depth)
    }

    /// What was taken of items goes to their readers.
    pub(super) fn hand_on_items(&mut self) {
        self.item_runs.hand_on(&self.connection);
    }

    /// Hands on one frame. `Err`: the connection can't go on.
    pub(super) fn frame(&mut self, frame: Frame<'_>) -> Result<(), Refusal> {
        self.hand_on_items();
        if self.is_stranger { self.stranger(frame) } else { self.peer(frame) }
    }

    fn peer(&mut self, frame: Frame<'_>) -> Result<(), Refusal> {
        match frame {
            Frame::Message(bytes) if message::is_batch(self.encoding(), bytes) => {
                return self.batch(bytes);
            }
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
                    let limit = self.max_message_bytes();
                    let what = format!("a message of {size} bytes came in; the limit is {limit}");
                    return Err(Refusal::new(&what, CloseKind::TooLarge));
                }
            }
        }
        Ok(())
    }

    /// Hands on the messages of a batch, in their order.
    fn batch(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let most = self.connection.limits().max_batch_length;
        let messages = match message::split_batch(bytes, most) {
            Ok(messages) => messages,
            Err(NoBatch::Syntax(why)) => {
                self.not_understood(&why);
                return Ok(());
            }
            Err(NoBatch::TooLong(length)) => {
                let why = format!("a batch of {length} messages: {most} are taken, so none ran");
                let reached = json!({ "limit": "maxBatchLength", "value": most });
                self.refuse(Id::Null, None, code::LIMIT_REACHED, why, &reached);
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
            if let Err(refusal) = self.message(message, Some(&batch)) {
                // What was answered so far is still told.
                self.connection.batch_was_read(&batch);
                return Err(refusal);
            }
            if batch.size() > limit {
                let what = format!("the answers to one batch took more than {limit} bytes");
                return Err(Refusal::new(&what, CloseKind::Refused));
            }
        }
        self.connection.batch_was_read(&batch);
        Ok(())
    }

    fn message(&mut self, bytes: &[u8], batch: Option<&Arc<Batch>>) -> Result<(), Refusal> {
        let max_depth = self.connection.limits().json_depth();
        let form = match batch {
            None => CallForm::read(self.encoding(), bytes, max_depth),
            Some(_) => None,
        };
        let begun = match &form {
            Some(CallForm::Request { id, call }) => self.formed_request(*id, call),
            Some(CallForm::Result { id, result }) => {
                let is_wanted =
                    self.completes(*id, Reply::Result(Payload::new(result, Extent::Rest)));
                if is_wanted { Begun::Yes } else { Begun::No }
            }
            None => Begun::No,
        };
        if matches!(begun, Begun::Yes) {
            return Ok(());
        }
        match message::parse(self.encoding(), bytes, max_depth) {
            Ok(Message::Request { id, call }) => {
                let to = Recipient::new(id, batch);
                return match (begun, form) {
                    (Begun::Refused(why), Some(form)) if form.is_request(&to.id, &call) => {
                        self.connection.answer_beside(&to, ResponseBody::Error(&why));
                        Ok(())
                    }
                    _ => self.request(to, &call),
                };
            }
            Ok(Message::Notification(call)) => return self.notification(&call),
            Ok(Message::Response { id, outcome }) => return self.reply(&id, outcome),
            Err(Malformed::Syntax(why)) => {
                if !self.waited_for(bytes) {
                    self.not_understood(&why);
                }
            }
            Err(Malformed::Bare { id: Id::Number(id), why })
                if self.completes(id, Reply::Malformed(why)) => {}
            Err(Malformed::Invalid { id, why } | Malformed::Bare { id, why }) => {
                let error = ErrorObject::new(code::INVALID_REQUEST, why);
                self.connection
                    .answer_beside(&Recipient::new(id, batch), ResponseBody::Error(&error));
            }
            Err(Malformed::TooDeep { id, is_reply: true, .. }) => {
                let why = "it is nested deeper than max_json_depth of this side allows";
                match id {
                    Some(Id::Number(id)) => self.complete(id, Reply::Malformed(why)),
                    _ => self.stray(),
                }
            }
            Err(Malformed::TooDeep { id, depth, .. }) => {
                let item = message::item_in_prefix(self.encoding(), bytes);
                let lost = Lost::too_deep(depth);
                if item.is_some_and(|item| items::lost(&self.connection, &item, lost)) {
                    return Ok(());
                }
                let most = self.connection.limits().json_depth();
                let why = format!("a message is nested {depth} levels deep: {most} are taken");
                let data = json!({ "limit": "maxJsonDepth", "value": most, "depth": depth });
                self.refuse(id.unwrap_or(Id::Null), batch, code::INVALID_REQUEST, why, &data);
            }
        }
        Ok(())
    }

    fn refuse(
        &self,
        id: Id,
        batch: Option<&Arc<Batch>>,
        code: i64,
        why: String,
        data: &serde_json::Value,
    ) {
        let error = ErrorObject::new(code, why).with_data(data);
        self.connection.answer_beside(&Recipient::new(id, batch), ResponseBody::Error(&error));
    }

    /// A message that has begun doesn't go on. Gives what is said of it.
    pub(super) fn stalled(&self, time: Duration) -> DisconnectReason {
        let why = format!("a message that had begun to come in did not go on within {time:?}");
        let value = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let reached = json!({ "limit": "frameTimeout", "value": value });
        self.refuse(Id::Null, None, code::LIMIT_REACHED, why.clone(), &reached);
        DisconnectReason::Protocol(why.into())
    }

    /// The input has ended amid a message.
    pub(super) fn truncated(&self) {
        self.not_understood("the input ended amid a message");
    }

    fn not_understood(&self, why: &str) {
        let error = ErrorObject::new(code::PARSE_ERROR, format!("not understood: {why}"));
        self.connection.answer_beside(&Recipient::unknown(None), ResponseBody::Error(&error));
    }

    /// A message can't be read to its end. Tells whoever waits for it, as far as its beginning says
    /// who that is; `false`: nobody.
    fn waited_for(&mut self, bytes: &[u8]) -> bool {
        let item = message::item_in_prefix(self.encoding(), bytes);
        if let Some(item) = item {
            return items::lost(&self.connection, &item, Lost::broken(bytes.len()));
        }
        match message::id_in_prefix(self.encoding(), bytes) {
            Some((Id::Number(id), true)) => {
                self.completes(id, Reply::Malformed("it can't be read to its end"))
            }
            _ => false,
        }
    }

    fn too_large(&mut self, prefix: &[u8], size: u64) {
        let limit = self.max_message_bytes() as u64;
        let item = message::item_in_prefix(self.encoding(), prefix);
        let lost = Lost::too_large(size);
        if item.is_some_and(|item| items::lost(&self.connection, &item, lost)) {
            return;
        }
        match message::id_in_prefix(self.encoding(), prefix) {
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

    fn request(&mut self, to: Recipient, call: &Invocation<'_>) -> Result<(), Refusal> {
        // What is said by a handshake belongs to who it is.
        if &*call.method == "rpc.handshake" {
            return self.shake_hands(&to, call.params);
        }
        self.settle();
        if message::is_reserved(&call.method) {
            self.reserved_request(&to, call);
            return Ok(());
        }
        self.app_request(&to, call);
        Ok(())
    }

    /// Begins a request whose params are what is left of its message. Unless that is a message, nothing
    /// comes of it.
    fn formed_request(&mut self, id: u64, call: &Invocation<'_>) -> Begun {
        // Whoever sees the params as they came is to see one value.
        let is_watched = !self.connection.session().hooks().is_empty();
        let is_settled = self.is_established && self.resolver.is_none();
        if is_watched || !is_settled || message::is_reserved(&call.method) {
            return Begun::No;
        }
        let misread = Cell::new(false);
        let to = Recipient::new(Id::Number(id), None);
        match self.begin_request(&to, call, Some(&misread)) {
            Ok(true) if !misread.get() => Begun::Yes,
            Ok(_) => Begun::No,
            Err(refused) => Begun::Refused(refused),
        }
    }

    fn app_request(&mut self, to: &Recipient, call: &Invocation<'_>) {
        if let Err(refused) = self.begin_request(to, call, None) {
            // Another request with the same id may be in flight, and goes on.
            self.connection.answer_beside(to, ResponseBody::Error(&refused));
        }
    }

    /// Begins a request; `Err`: it isn't let in. `misread`: see [`Incoming::of_rest`]; then no handler
    /// is made for it, and `false` says that one had to be.
    fn begin_request(
        &mut self,
        to: &Recipient,
        call: &Invocation<'_>,
        misread: Option<&Cell<bool>>,
    ) -> Result<bool, ErrorObject> {
        let asked = Asked::parse(self.encoding(), call.extension);
        let (depth, resume) = (asked.depth(), asked.resume());
        self.admit(to, &call.method, depth)?;
        let target = match misread {
            None => self.handlers.find(&call.method)?,
            Some(_) => match self.handlers.find_made(&call.method)? {
                Some(target) => target,
                None => return Ok(false),
            },
        };
        let called = target.called();
        if called.kind() == MethodKind::Subscription {
            self.admit_subscription(called.name())?;
        }
        let responder =
            Responder::new(&self.connection, Some(to.clone()), called, asked, call.params)?;
        let incoming = match misread {
            None => Incoming::new(call.params, responder),
            Some(misread) => Incoming::of_rest(call.params, responder, misread),
        };
        if let Some(rest) = handling::begin(&target, incoming, depth, resume) {
            handling::spawn_request(&self.connection, to.id.clone(), rest);
        }
        Ok(true)
    }

    /// Whether one more request may begin now.
    fn admit(&self, to: &Recipient, method: &str, depth: u8) -> Result<(), ErrorObject> {
        if self.connection.must_greet() {
            let why = format!("{method} did not run: call rpc.handshake first");
            return Err(ErrorObject::new(code::HANDSHAKE_REQUIRED, why));
        }
        let limits = self.connection.limits();
        let limit = nesting::places(limits.max_in_flight, depth);
        let total = limits.max_in_flight_total;
        let in_all = self.connection.session().gauges().requests();
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
                let reached = json!({ "limit": "maxInFlight", "value": limit });
                return Err(ErrorObject::new(code::LIMIT_REACHED, why).with_data(&reached));
            }
            if in_all >= total {
                let why = format!("{method} did not run: {total} requests are in flight in all");
                let reached = json!({ "limit": "maxInFlightTotal", "value": total });
                return Err(ErrorObject::new(code::LIMIT_REACHED, why).with_data(&reached));
            }
            Ok(())
        })
    }

    /// Whether the peer may open one more subscription.
    fn admit_subscription(&self, method: &str) -> Result<(), ErrorObject> {
        let limit = self.connection.limits().max_subscriptions;
        let open = self
            .connection
            .with_state(|state| state.flows.subscription_count() + state.inboxes.stream_count());
        if open < limit { Ok(()) } else { Err(too_many_subscriptions(method, limit)) }
    }

    fn notification(&mut self, call: &Invocation<'_>) -> Result<(), Refusal> {
        self.settle();
        if &*call.method == "$/stream" {
            let params = call.params.unwrap_or(self.encoding().empty_map());
            if let Some(of) = items::stream_item(&self.connection, params) {
                self.item_runs.parsed(&self.connection, &call.method, of);
            }
            return Ok(());
        }
        if message::is_reserved(&call.method) {
            reserved::notification(&self.connection, call);
            return Ok(());
        }
        // Also where both sides expose the channel.
        if self.connection.with_state(|state| state.inboxes.expects(&call.method)) {
            let empty = self.encoding().empty_map();
            if let Some(of) = items::item(&self.connection, call.params.unwrap_or(empty)) {
                self.item_runs.parsed(&self.connection, &call.method, of);
            }
            return Ok(());
        }
        if self.connection.must_greet() {
            self.unheard("there was no handshake");
            return Ok(());
        }
        let listeners = self.handlers.listeners(&call.method);
        match self.handlers.find(&call.method) {
            Ok(target) => self.notify(&target, call)?,
            Err(why) if listeners.is_empty() => self.unheard(&why.message),
            Err(_) => {}
        }
        for listener in listeners {
            self.notify(&Target::Function(listener), call)?;
        }
        Ok(())
    }

    fn unheard(&self, why: &str) {
        let peer = self.connection.info().id;
        tracing::debug!(%peer, why = reserved::told(why), "dropped a notification");
    }

    fn notify(&mut self, target: &Target, call: &Invocation<'_>) -> Result<(), Refusal> {
        if target.called().kind() == MethodKind::Subscription {
            // An item of one that was unsubscribed meanwhile, or a request without an id.
            return Ok(());
        }
        let channel = target.channel();
        let queued = self.connection.with_state(|state| match state.phase {
            Phase::Open => Some(state.notifications.offer(&channel, target, call.params)),
            _ => None,
        });
        match queued {
            Some(Queued::RunNow) => {
                let Some(responder) = handling::notified(&self.connection, target, call.params)
                else {
                    return Ok(());
                };
                let incoming = Incoming::new(call.params, responder);
                if let Some(rest) = handling::begin(target, incoming, 0, None) {
                    handling::spawn_notifications(&self.connection, channel, rest);
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
                    tracing::warn!(%peer, %channel, "too many notifications wait: dropping the newest");
                }
            }
            Some(Queued::Waits) => {}
            // This side is closing: like a request, it is refused.
            None => handling::tell_dropped(&self.connection, &channel, 1),
        }
        Ok(())
    }

    fn reserved_request(&self, to: &Recipient, call: &Invocation<'_>) {
        let answer = match &*call.method {
            "rpc.ping" => Ok(self.encoding().null().to_vec()),
            "rpc.unsubscribe" => reserved::unsubscribe(&self.connection, call.params),
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

    fn shake_hands(&mut self, to: &Recipient, params: Option<&[u8]>) -> Result<(), Refusal> {
        let resolver = self.resolver.as_deref().filter(|_| self.may_resume);
        let (error, reason) = match handshake::answer(&self.connection, params, resolver) {
            Ok((answer, opened)) => {
                self.connection.answer_beside(to, ResponseBody::Result(&answer));
                // Only now: a request of ours that came ahead of the answer would be read without
                // what that tells. And ahead of all that the peer may say next.
                self.settle();
                self.handlers.opened(&opened);
                return Ok(());
            }
            Err(Rejection::Error(error)) if self.is_stranger => {
                // There is one attempt.
                let why = "it did not show the token";
                (error, DisconnectReason::Unauthorized(why.into()))
            }
            Err(Rejection::Error(error)) => {
                self.connection.answer_beside(to, ResponseBody::Error(&error));
                return Ok(());
            }
            Err(Rejection::Refused(Refused::Superseded)) => {
                let why = "rpc.handshake: a later attempt of this session has come in before";
                (ErrorObject::new(code::INVALID_REQUEST, why), DisconnectReason::Replaced)
            }
            Err(Rejection::Refused(Refused::Closed)) => {
                self.connection.refuse_for_good();
                let why = "rpc.handshake: this session was closed";
                (ErrorObject::new(code::CLOSING, why), DisconnectReason::ClosedHere)
            }
        };
        self.connection.answer_beside(to, ResponseBody::Error(&error));
        let kind = match reason {
            DisconnectReason::Unauthorized(_) => CloseKind::Refused,
            _ => CloseKind::Normal,
        };
        Err(Refusal { reason, kind })
    }

    /// The connection has ended: handlers that were made for it go.
    pub(super) fn release(&mut self) {
        self.handlers.release();
    }
}
