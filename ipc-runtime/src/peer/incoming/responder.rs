//! Answers one request, whatever its handler does.

use std::{
    cell::RefCell,
    fmt::{self, Display},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_util::stream::Stream;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    codec::Encoding,
    message::{
        error_object::{ErrorObject, code},
        id::Id,
        response_body::ResponseBody,
    },
    peer::{
        connection::{
            Connection, answering::Unanswered, called::Called, refusals::too_many_subscriptions,
            stream_control::SubscriptionPlace,
        },
        incoming::context::{Asked, CallContext},
        session::{
            Session,
            hooks::{CallOutcome, HookedCall},
        },
        state::{batch::Recipient, inbox::Inbox},
        streams::{
            download::{self, StreamArgument},
            producer::{As, Next, Produced, Producer},
            streaming::Streaming,
        },
    },
    support::{item_notes, precompiled_future::PrecompiledFuture, rt::Instant},
};

/// How many bytes of its buffer a thread keeps between two replies.
const KEPT_BUFFER: usize = 128 * 1024;

thread_local! {
    /// Replies are serialized here, without any lock, since that runs the app's code.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Answers one request, exactly once: if it is dropped without an answer, it answers why there is
/// none.
///
/// It lives in the handler's future, so dropping that future (which is how a call is cancelled)
/// answers too.
#[doc(hidden)]
pub struct Responder {
    connection: Arc<Connection>,
    /// `None` for a notification, and after the answer.
    to: Option<Recipient>,
    called: Called,
    asked: Asked,
    /// When the call began, if a middleware waits for its outcome.
    watched: Option<Instant>,
    /// For the subscription that the call opens.
    place: Option<SubscriptionPlace>,
}

impl Responder {
    /// Creates the responder of a call; `Err` if a middleware refuses the call.
    pub(crate) fn new(
        connection: &Arc<Connection>,
        to: Option<Recipient>,
        called: Called,
        asked: Asked,
        params: Option<&[u8]>,
    ) -> Result<Self, ErrorObject> {
        let mut responder = Self {
            connection: connection.clone(),
            to: None,
            called,
            asked,
            watched: None,
            place: None,
        };
        if let Some(hooks) = connection.session().hooks() {
            hooks.incoming(&responder.hooked(to.is_none(), params))?;
            responder.watched = Some(Instant::now());
        }
        responder.to = to;
        Ok(responder)
    }

    /// Holds a place for the subscription that the call opens.
    pub(crate) fn hold(&mut self, place: Option<SubscriptionPlace>) {
        self.place = place;
    }

    /// Returns the call as middleware sees it.
    fn hooked<'a>(
        &'a self,
        is_notification: bool,
        params: Option<&'a [u8]>,
    ) -> HookedCall<'a, Session> {
        let session = self.connection.session();
        HookedCall {
            session,
            method: self.called.name(),
            info: self.called.info(),
            is_notification,
            params,
            encoding: session.encoding(),
        }
    }

    /// Reports the outcome to the middleware, if it waits for one.
    fn note(&mut self, is_notification: bool, outcome: &CallOutcome<'_>) {
        if let Some(since) = self.watched.take() {
            let elapsed = since.elapsed();
            if let Some(hooks) = self.connection.session().hooks() {
                hooks.handled(&self.hooked(is_notification, None), outcome, elapsed);
            }
        }
    }

    fn answer(&mut self, to: &Recipient, body: ResponseBody<'_>) {
        // First, so that the peer finds the place free when it has read the answer.
        drop(self.place.take());
        let queued = self.connection.answer(to, body);
        let outcome = match (&queued, body) {
            (Err(unanswered), _) => unanswered.outcome(),
            (Ok(()), ResponseBody::Result(result)) => CallOutcome::Done { bytes: result.len() },
            (Ok(()), ResponseBody::Error(error)) => CallOutcome::Error(error),
        };
        self.note(false, &outcome);
    }

    fn answer_error(&mut self, to: &Recipient, error: &ErrorObject) {
        self.answer(to, ResponseBody::Error(error));
    }

    pub(crate) fn called(&self) -> &Called {
        &self.called
    }

    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// Called by generated code: returns the context of the call.
    pub fn context<P>(&self) -> CallContext<P> {
        CallContext::new(
            &self.connection,
            self.called.clone(),
            self.asked.clone(),
            self.connection.cancellation(self.to.as_ref()),
        )
    }

    /// Called by generated code: opens the receiving end of a stream among the arguments. Returns
    /// `None` if it can't be opened, which was answered.
    pub fn open_stream<T, U, F>(
        &mut self,
        argument: StreamArgument<U>,
        given: F,
    ) -> Option<Streaming<T>>
    where
        U: DeserializeOwned + Send + 'static,
        F: Fn(U) -> T + Send + 'static,
    {
        let id = match argument {
            StreamArgument::Items(items) => {
                return Some(download::ready_made(items, given));
            }
            StreamArgument::Reference(id) => id,
        };
        // Exposed functions, whose names aren't static, take no streams.
        let Called::Method { info, .. } = self.called else { return None };
        let method = info.full_name;
        let limits = self.connection.limits();
        let inbox = Inbox::new(limits.window());
        let limit = limits.max_subscriptions;
        let opened = self.connection.with_state(|state| {
            if state.open_streams() >= limit {
                return Err(too_many_subscriptions(method, limit));
            }
            if !state.inboxes.open_stream(id, inbox.clone()) {
                let why = format!("{method}: there is a stream with the number {id} already");
                return Err(ErrorObject::new(code::INVALID_PARAMS, why));
            }
            Ok(())
        });
        match opened {
            Ok(()) => Some(download::receive(self.connection.clone(), method, id, inbox, given)),
            Err(error) => {
                if let Some(to) = self.to.take() {
                    self.answer_error(&to, &error);
                }
                None
            }
        }
    }

    /// Called by generated code: answers with a subscription's id, then sends the stream's items
    /// until the stream ends or the subscription is closed.
    pub async fn stream<S, U, F>(self, stream: S, checked: F)
    where
        S: Stream + Send,
        U: Serialize,
        F: Fn(S::Item) -> U + Send + Sync,
    {
        let encoding = self.connection.encoding();
        let called = self.called.clone();
        let method = called.name();
        let mut stream = pin!(stream);
        let mut next = |cx: &mut Context<'_>, out: &mut Vec<u8>| {
            let item = ready!(stream.as_mut().poll_next(cx));
            Poll::Ready(match item {
                Some(item) => encoded(method, encoding.encode(out, &checked(item))),
                None => None,
            })
        };
        self.produce(&mut next).await;
    }

    /// Called by generated code: does the same for a stream whose items may be errors. An error
    /// ends it.
    pub async fn try_stream<S, V, X, U, Y, F, G>(self, stream: S, value: F, error: G)
    where
        S: Stream<Item = Result<V, X>> + Send,
        U: Serialize,
        Y: Serialize + Display,
        F: Fn(V) -> U + Send + Sync,
        G: Fn(X) -> Y + Send + Sync,
    {
        let encoding = self.connection.encoding();
        let called = self.called.clone();
        let method = called.name();
        let mut stream = pin!(stream);
        let mut next = |cx: &mut Context<'_>, out: &mut Vec<u8>| {
            let item = ready!(stream.as_mut().poll_next(cx));
            Poll::Ready(match item {
                Some(Ok(item)) => encoded(method, encoding.encode(out, &value(item))),
                Some(Err(failure)) => {
                    let failure = method_error(&error(failure));
                    Some(Err(failure.unwrap_or_else(|why| unwritable(method, "error", &why))))
                }
                None => None,
            })
        };
        self.produce(&mut next).await;
    }

    fn produce(mut self, next: Next<'_>) -> PrecompiledFuture<'_, ()> {
        Box::pin(async move {
            if let Some(error) = self.unwritable_progress() {
                return self.fail(&error);
            }
            // A notification has no answer that could carry the id; dispatch drops those.
            let Some(to) = self.to.take() else { return };
            let Called::Method { asked: method, .. } = self.called else { return };
            let (window, place) = (self.asked.window(), self.place.take());
            let id = match self.connection.open_subscription(&to, method, window, place) {
                Ok(id) => id,
                Err(unanswered) => return self.note(false, &unanswered.outcome()),
            };
            self.note(false, &CallOutcome::Done { bytes: 0 });
            // What event sources have reported that the handler created before it had its stream.
            let notes = item_notes::told().unwrap_or_default();
            let connection = self.connection.clone();
            // Nothing of the request is needed any more.
            drop(self);
            let producer = Producer::new(connection, id, As::Subscription(method), notes);
            producer.run(to.batch, next).await;
        })
    }

    /// Called by generated code: answers with the method's own error instead of a subscription.
    pub fn refuse<E: Serialize + Display>(self, error: E) {
        self.result::<(), E>(Err(error));
    }

    /// Called by generated code: answers with the value that the method returned.
    pub fn value<T: Serialize>(mut self, value: T) {
        if self.to.is_none() {
            return self.note(true, &CallOutcome::Done { bytes: 0 });
        }
        if let Some(error) = self.unwritable_progress() {
            return self.fail(&error);
        }
        // Taken out, since serializing may answer another request on the way.
        let mut buffer = BUFFER.take();
        buffer.clear();
        let encoded = self.connection.encoding().encode(&mut buffer, &value);
        // Only now: serializing runs the app's code, and if that panics, the drop has to answer.
        let Some(to) = self.to.take() else { return };
        match encoded {
            Ok(()) => self.answer(&to, ResponseBody::Result(&buffer)),
            Err(why) => self.answer_error(&to, &unwritable(self.called.name(), "result", &why)),
        }
        if buffer.capacity() <= KEPT_BUFFER {
            BUFFER.set(buffer);
        }
    }

    /// Called by generated code: answers with the value that the method returned, or with its own
    /// error.
    pub fn result<T: Serialize, E: Serialize + Display>(self, result: Result<T, E>) {
        let error = match result {
            Ok(value) => return self.value(value),
            Err(error) => error,
        };
        let object = match method_error(&error) {
            Ok(object) => object,
            Err(why) => unwritable(self.called.name(), "error", &why),
        };
        self.fail(&object);
    }

    /// Answers with an error. That of a notification is logged, and reported to the middleware.
    pub(crate) fn fail(mut self, error: &ErrorObject) {
        match self.to.take() {
            Some(to) => self.answer_error(&to, error),
            None => {
                let (method, why) = (self.called.name(), &*error.message);
                tracing::debug!(method, why, "a notification has failed");
                self.note(true, &CallOutcome::Error(error));
            }
        }
    }

    /// Answers that the message isn't well-formed, which showed only when its payload was decoded.
    /// The id of that answer is null, whatever id was read, and even a notification gets it
    /// (JSON-RPC 2.0, section 5).
    pub(crate) fn not_understood(mut self, why: &str) {
        let is_notification = self.to.is_none();
        let unknown = match self.to.take() {
            Some(to) => Recipient { id: Id::Null, ..to },
            None => Recipient::unknown(None),
        };
        let error = ErrorObject::new(code::PARSE_ERROR, why);
        self.note(is_notification, &CallOutcome::Error(&error));
        self.connection.answer_beside(&unknown, ResponseBody::Error(&error));
    }

    /// Gives up without an answer: another responder answers.
    pub(crate) fn give_up(mut self) {
        (self.to, self.watched) = (None, None);
    }

    fn panicked(&self) -> ErrorObject {
        let message = format!("the handler of {} panicked", self.called.name());
        ErrorObject::new(code::INTERNAL_ERROR, message)
    }

    /// Returns the error for the call, if its handler has reported progress that can't be
    /// serialized.
    fn unwritable_progress(&self) -> Option<ErrorObject> {
        let why = self.asked.unwritable_progress()?;
        let message =
            format!("a report of progress of {} can't be serialized: {why}", self.called.name());
        Some(ErrorObject::new(code::INTERNAL_ERROR, message))
    }
}

/// Logs that something can't be serialized, and returns the error that is sent in its place.
fn unwritable(method: &str, what: &str, why: &str) -> ErrorObject {
    tracing::error!(method, what, why, "can't be serialized");
    let message = format!("the {what} of {method} can't be serialized: {why}");
    ErrorObject::new(code::INTERNAL_ERROR, message)
}

fn encoded(method: &str, result: Result<(), String>) -> Produced {
    match result {
        Ok(()) => Some(Ok(())),
        Err(why) => Some(Err(unwritable(method, "item", &why))),
    }
}

impl Unanswered {
    /// Returns the outcome that the middleware gets.
    fn outcome(&self) -> CallOutcome<'_> {
        match self {
            Self::Refused(error) => CallOutcome::Error(error),
            Self::Ended => CallOutcome::Dropped,
        }
    }
}

/// Encodes a method's own error as it is sent.
fn method_error<E: Serialize + Display>(error: &E) -> Result<ErrorObject, String> {
    let mut data = Vec::new();
    // In JSON on each connection, so that code which passes the error on finds its data in one
    // form.
    Encoding::Json.encode(&mut data, error)?;
    let text = String::from_utf8(data).map_err(|error| error.to_string())?;
    let data = RawValue::from_string(text).map_err(|error| error.to_string())?;
    let (code, message) = (code::METHOD_ERROR, error.to_string());
    Ok(ErrorObject { code, message, data: Some(data) })
}

impl Drop for Responder {
    fn drop(&mut self) {
        let Some(to) = self.to.take() else {
            // A notification, or answered already: then its outcome was reported, and `note` does
            // nothing.
            if std::thread::panicking() {
                self.note(true, &CallOutcome::Error(&self.panicked()));
            }
            return self.note(true, &CallOutcome::Dropped);
        };
        let method = self.called.name();
        let error = if std::thread::panicking() {
            self.panicked()
        } else if self.connection.is_closing() {
            // Not cancelled: the end of the connection stops the call. The peer gets that as the
            // reason, so no answer may tell it of a cancellation, whichever would be written first.
            self.note(false, &CallOutcome::Dropped);
            return self.connection.forget(&to);
        } else {
            ErrorObject::new(code::CANCELLED, format!("{method} was cancelled"))
        };
        self.answer_error(&to, &error);
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder")
            .field("method", &self.called)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}
