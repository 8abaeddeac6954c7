//! Dispatches what comes in: replies to our calls, requests and notifications to handlers.

pub(crate) mod batches;
pub(crate) mod begun;
pub(crate) mod fatal_input;
pub(crate) mod notifications;
pub(crate) mod open_batch;
pub(crate) mod replies;
pub(crate) mod requests;
pub(crate) mod unauthenticated;

use std::{sync::Arc, time::Duration};

use serde_json::json;

use crate::{
    codec::{Encoding, extent::Extent},
    error::disconnect_reason::DisconnectReason,
    message::{
        Malformed, Message, batch,
        call_form::CallForm,
        encoded, envelope,
        error_object::{ErrorObject, Sizes, code},
        id::Id,
        response_body::ResponseBody,
    },
    peer::{
        connection::Connection,
        incoming::{
            dispatch::{begun::Begun, fatal_input::FatalInput, open_batch::OpenBatch},
            handler_lookup::Handlers,
            registry::Registry,
        },
        session::resolver::SessionResolver,
        state::{
            batch::{Batch, Recipient},
            call_reply::Reply,
            raw_result::Payload,
        },
        streams::{
            delivery::{self, Lost},
            fast_path::ItemRuns,
        },
    },
    support::warnings::warn_rarely,
    transport::carrier::{CloseKind, Frame},
};

/// Dispatches what one connection takes in. Owned by the driver.
pub(crate) struct Dispatch {
    connection: Arc<Connection>,
    /// Decides which session the connection belongs to; `None` once a message has decided that.
    resolver: Option<Box<dyn SessionResolver>>,
    /// The peer is established: others know of it, and calls may go to it.
    is_established: bool,
    /// The other side has yet to send the token.
    is_stranger: bool,
    /// Whether the peer may come back to a session.
    may_resume: bool,
    handlers: Handlers,
    item_runs: ItemRuns,
    /// The batch whose messages are being dispatched.
    batch: Option<OpenBatch>,
    /// How many replies have come in since they were last taken.
    replies: usize,
}

impl Dispatch {
    /// `knows_protocol`: the other side has shown that it knows this project's protocol.
    pub(crate) fn new(
        connection: Arc<Connection>,
        registry: Arc<Registry>,
        resolver: Option<Box<dyn SessionResolver>>,
        knows_protocol: bool,
    ) -> Self {
        let handlers = Handlers::new(connection.clone(), registry);
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
            batch: None,
            replies: 0,
        }
    }

    /// Returns whether the peer is established: others know of it, and calls may go to it.
    pub(crate) fn is_established(&self) -> bool {
        self.is_established
    }

    /// Establishes the peer, whichever session it has. Does nothing while a required handshake is
    /// missing.
    pub(crate) fn establish(&mut self) {
        if self.connection.must_greet() || self.is_established {
            return;
        }
        self.is_established = true;
        if let Some(resolver) = &self.resolver {
            resolver.establish(&self.connection);
        }
    }

    /// Establishes the peer, whose message has decided which session it has.
    fn settle(&mut self) {
        self.establish();
        if self.is_established {
            self.resolver = None;
        }
    }

    fn encoding(&self) -> Encoding {
        self.connection.encoding()
    }

    /// Returns how many replies have come in since the last call of this.
    pub(crate) fn take_replies(&mut self) -> usize {
        std::mem::take(&mut self.replies)
    }

    /// Returns how many replies have come in since they were [taken](Self::take_replies).
    pub(crate) fn replies(&self) -> usize {
        self.replies
    }

    /// Dispatches the frame if it is an item of a known flow. Returns `false` if it is one for
    /// [`frame`](Self::frame).
    pub(crate) fn item(&mut self, frame: &Frame<'_>) -> bool {
        let Frame::Message(bytes) = frame else { return false };
        let max_depth = self.connection.limits().json_depth();
        self.item_runs.take(&self.connection, bytes, max_depth)
    }

    /// Passes the items that were gathered to their readers.
    pub(crate) fn hand_on_items(&mut self) {
        self.item_runs.hand_on(&self.connection);
    }

    /// Dispatches one frame. `Err`: the connection can't go on.
    pub(crate) fn frame(&mut self, frame: Frame<'_>) -> Result<(), FatalInput> {
        self.hand_on_items();
        if self.is_stranger { self.stranger(frame) } else { self.peer(frame) }
    }

    fn peer(&mut self, frame: Frame<'_>) -> Result<(), FatalInput> {
        match frame {
            Frame::Message(bytes) if batch::is_batch(self.encoding(), bytes) => {
                self.begin_batch(bytes);
            }
            Frame::Message(bytes) => return self.message(bytes, None),
            Frame::Broken { why, fatal } => {
                self.not_understood(why);
                if fatal {
                    return Err(FatalInput::new(why, CloseKind::Refused));
                }
            }
            Frame::TooLarge { prefix, size, fatal } => {
                self.too_large(prefix, size);
                if fatal {
                    let limit = self.max_message_bytes();
                    let what = format!("a message of {size} bytes came in; the limit is {limit}");
                    return Err(FatalInput::new(&what, CloseKind::TooLarge));
                }
            }
        }
        Ok(())
    }

    fn message(&mut self, bytes: &[u8], batch: Option<&Arc<Batch>>) -> Result<(), FatalInput> {
        let max_depth = self.connection.limits().json_depth();
        let form = match batch {
            None => encoded::call_form(self.encoding(), bytes, max_depth),
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
        match envelope::parse(self.encoding(), bytes, max_depth) {
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
            Err(Malformed::Invalid { id: Id::Null, why })
                if self.connection.session().is_plain() =>
            {
                self.not_understood(why);
            }
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
                let item = envelope::item_in_prefix(self.encoding(), bytes);
                let lost = Lost::too_deep(depth);
                if item.is_some_and(|item| delivery::lost(&self.connection, &item, lost)) {
                    return Ok(());
                }
                let most = self.connection.limits().json_depth();
                let why = format!(
                    "a message is nested deeper than is taken here: depth {depth}, limit {most}"
                );
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

    /// Answers a message that has begun to come in and stalls. Returns why the connection ends.
    pub(crate) fn stalled(&self, time: Duration) -> DisconnectReason {
        let why = format!("a message that had begun to come in did not go on within {time:?}");
        let value = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let reached = json!({ "limit": "frameTimeout", "value": value });
        self.refuse(Id::Null, None, code::LIMIT_REACHED, why.clone(), &reached);
        DisconnectReason::Protocol(why.into())
    }

    /// Answers a message that the end of the input has cut off.
    pub(crate) fn truncated(&self) {
        self.not_understood("the input ended in the middle of a message");
    }

    fn not_understood(&self, why: &str) {
        if self.connection.session().is_plain() {
            // A server that prints other text between its messages expects no answer.
            let peer = self.connection.info().id;
            let warnings = self.connection.session().warnings();
            warn_rarely!(
                warnings, NoMessage, %peer, why,
                "the JSON-RPC server has sent what is no message"
            );
            return;
        }
        let error = ErrorObject::new(code::PARSE_ERROR, format!("not understood: {why}"));
        self.connection.answer_beside(&Recipient::unknown(None), ResponseBody::Error(&error));
    }

    /// Reports a message that can't be read to its end to the call or the subscription that waits
    /// for it, if its beginning says which one that is. Returns `false` if there is none.
    fn waited_for(&mut self, bytes: &[u8]) -> bool {
        let item = envelope::item_in_prefix(self.encoding(), bytes);
        if let Some(item) = item {
            return delivery::lost(&self.connection, &item, Lost::broken(bytes.len()));
        }
        match envelope::id_in_prefix(self.encoding(), bytes) {
            Some((Id::Number(id), true)) => {
                self.completes(id, Reply::Malformed("it can't be read to its end"))
            }
            _ => false,
        }
    }

    fn too_large(&mut self, prefix: &[u8], size: u64) {
        let limit = self.max_message_bytes() as u64;
        let item = envelope::item_in_prefix(self.encoding(), prefix);
        let lost = Lost::too_large(size);
        if item.is_some_and(|item| delivery::lost(&self.connection, &item, lost)) {
            return;
        }
        match envelope::id_in_prefix(self.encoding(), prefix) {
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

    /// Called when the connection has ended: drops the handlers that were created for its peer.
    pub(crate) fn release(&mut self) {
        self.handlers.release();
    }
}
