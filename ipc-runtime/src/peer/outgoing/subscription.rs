//! Subscriptions: streams of items that the other side produces.

use std::{
    borrow::Cow,
    fmt,
    future::Future,
    marker::PhantomData,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::stream::{FusedStream, Stream, StreamExt};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{
        call_error::{CallError, Failure, failure},
        disconnect_reason::DisconnectReason,
        error_kind::ErrorKind,
        ipc_error::{ErrorDetail, IpcError},
    },
    interface::{InterfaceInfo, Timeout},
    message::{
        error_object::{ErrorObject, code},
        id::Id,
        item_event::{ItemEvent, Loss},
    },
    peer::{
        connection::Connection,
        outgoing::raw_call::RawCall,
        session::link::Link,
        state::{
            inbox::{Credit, Inbox, Reader, StreamFailure},
            item_buffer::ItemPosition,
        },
        streams::uploads::Uploads,
    },
    support::item_notes::Position,
    usage::{Counted, Gauge},
};

/// A call that opens a subscription. Awaiting it returns a [`Subscription`].
///
/// Its deadline, cancelling and a lost connection work as for a [`Call`](crate::call::Call), but
/// apply only to the opening. If it is dropped after the other side has opened the subscription,
/// the subscription is closed again.
#[must_use = "a subscription is opened when this is awaited or polled"]
pub struct SubscriptionCall<T, E, S = IpcError> {
    raw: RawCall,
    inbox: Arc<Inbox>,
    reopens: bool,
    items: PhantomData<fn() -> Subscription<T, S>>,
    error: PhantomData<fn() -> E>,
}

impl<T, E, S> SubscriptionCall<T, E, S> {
    pub(crate) fn new(mut raw: RawCall) -> Self {
        let inbox = Inbox::new(raw.link().session().limits().window());
        raw.set_inbox(inbox.clone());
        Self { raw, inbox, reopens: true, items: PhantomData, error: PhantomData }
    }

    /// Sets how many items the other side may send ahead of the reader: at least 1, at most
    /// [`Limits::subscription_window`](crate::Limits::subscription_window), which is also the
    /// default.
    ///
    /// Items that were sent ahead are read first, however old they are. A reader that falls behind
    /// gets the lag ([`ErrorKind::Lagged`](crate::ErrorKind::Lagged)) only after them. By default,
    /// a reader that takes 2 ms for each item of an event that fires every millisecond reads items
    /// that are 5 seconds old. With a window of 16 and the 256 values that
    /// [`Event::listen`](crate::event::Event::listen) keeps, they are 0.3 seconds old. If only the
    /// newest value matters, as with [`Event::listen_latest`](crate::event::Event::listen_latest),
    /// use a window of 1. A backend that isn't written with this crate doesn't know the window.
    pub fn window(mut self, items: u32) -> Self {
        let items = u64::from(items).clamp(1, self.raw.link().session().limits().window().items);
        self.raw.set_window(items);
        self.inbox.set_window(items);
        self
    }

    /// Makes the subscription end with its connection, even if the frontend
    /// [reconnects](crate::FrontendBuilder::reconnect). Use this for streams in which no item may
    /// be missing and which can't go on where they stopped.
    pub fn ends_with_connection(mut self) -> Self {
        self.reopens = false;
        self
    }

    /// Sets the deadline of the opening, counted from its first poll.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.raw.set_timeout(Timeout::After(timeout));
        self
    }

    /// Removes the deadline of the opening: it may take as long as it likes.
    pub fn no_timeout(mut self) -> Self {
        self.raw.set_timeout(Timeout::Never);
        self
    }
}

impl<T, E: Failure, S> Future for SubscriptionCall<T, E, S> {
    type Output = Result<Subscription<T, S>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let reply = match ready!(this.raw.poll_reply(cx)) {
            Ok(reply) => reply,
            Err(error) => return Poll::Ready(Err(error.into())),
        };
        let encoding = this.raw.link().session().encoding();
        let result = this.raw.decode_answer::<E>(reply);
        Poll::Ready(result.and_then(|id| match id.subscription(encoding) {
            Some(id) => Ok(Subscription { raw: this.open(id), types: PhantomData }),
            None => {
                let what = "a subscription is answered by a number or a string";
                Err(this.raw.decode(what.to_owned()).into())
            }
        }))
    }
}

impl<T, E, S> SubscriptionCall<T, E, S> {
    fn open(&mut self, id: Id) -> RawSubscription {
        let uploads = self.raw.take_uploads();
        let again = self.reopens
            && uploads.is_empty()
            && self.raw.link().session().connectivity().comes_back();
        let again = again.then(|| Again {
            params: self.raw.params().to_vec(),
            window: self.raw.window(),
            used: self.raw.used(),
            position: None,
            opening: None,
        });
        RawSubscription {
            again,
            link: self.raw.link().clone(),
            connection: self.raw.settled().cloned(),
            method: self.raw.method().clone(),
            id,
            reader: Reader::new(self.inbox.clone()),
            uploads,
            over: false,
            counted: self.raw.link().session().gauges().count(Gauge::IncomingStreams),
        }
    }
}

impl<T, E, S> fmt::Debug for SubscriptionCall<T, E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionCall")
            .field("method", self.raw.method())
            .finish_non_exhaustive()
    }
}

/// The items of a subscription, as a [`Stream`].
///
/// An item is an `Ok`. An `Err` says what happened to the others:
///
/// - [`ErrorKind::Lagged`](crate::ErrorKind::Lagged): this many items were dropped, because they
///   weren't read fast enough. [`ErrorKind::Gap`](crate::ErrorKind::Gap): some items were lost, and
///   their number isn't known. The stream goes on after both.
/// - Any other error ends the stream: the stream's own error
///   ([`CallError::Method`](crate::CallError)),
///   [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected) when the connection ends,
///   [`ErrorKind::Decode`](crate::ErrorKind::Decode) when an item doesn't match the interface.
///   After the error, as at the stream's regular end, comes `None`.
///
/// **Backpressure.** The other side sends at most
/// [`Limits::subscription_window`](crate::Limits::subscription_window) items ahead, and then waits
/// for the reader.
///
/// **If the connection is lost** and the frontend [reconnects](crate::FrontendBuilder::reconnect),
/// the subscription is opened again when it is polled, unless it has stream arguments or
/// [`ends_with_connection`](SubscriptionCall::ends_with_connection). If it can't go on after the
/// last item, the next item is a `Gap`.
///
/// **Dropping it unsubscribes**: the other side drops the stream that the items come from. Like a
/// client, a subscription keeps a frontend's connection open.
#[must_use = "a subscription ends when it is dropped"]
pub struct Subscription<T, E = IpcError> {
    raw: RawSubscription,
    types: PhantomData<fn() -> Result<T, E>>,
}

struct RawSubscription {
    link: Link,
    connection: Option<Arc<Connection>>,
    method: Cow<'static, str>,
    id: Id,
    reader: Reader,
    /// The stream arguments. They flow until the subscription ends.
    uploads: Uploads,
    over: bool,
    /// What the subscription is reopened with after its connection was lost.
    again: Option<Again>,
    #[expect(dead_code, reason = "held for its drop")]
    counted: Counted,
}

/// What a subscription is reopened with.
struct Again {
    params: Vec<u8>,
    window: Option<u64>,
    /// The interface of which only those methods are called that fit.
    used: Option<&'static InterfaceInfo>,
    /// The position of the item that was read last.
    position: Option<Position>,
    /// The call that reopens it, and the inbox for the items that follow.
    opening: Option<(Box<RawCall>, Arc<Inbox>)>,
}

/// The next item, without its type: where the [reader](Reader::item) has it, or an error of the
/// stream or the runtime.
type NextItem = Option<Result<Range<usize>, CallError<ErrorObject>>>;

impl<T: DeserializeOwned, E: Failure> Subscription<T, E> {
    /// Returns the next item, or `None` at the end. Dropping the future loses no item.
    #[expect(clippy::should_implement_trait, reason = "named after what all streams have")]
    pub fn next(&mut self) -> impl Future<Output = Option<Result<T, E>>> + Unpin {
        StreamExt::next(self)
    }
}

impl<T, E> Subscription<T, E> {
    /// Returns the name of the method that was subscribed to, including its channel.
    pub fn method(&self) -> &str {
        &self.raw.method
    }
}

impl<T: DeserializeOwned, E: Failure> Stream for Subscription<T, E> {
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let raw = &mut self.raw;
        Poll::Ready(match ready!(raw.poll(cx)) {
            Some(Ok(item)) => {
                let decoded = raw.link.session().encoding().decode(raw.reader.item(item));
                Some(decoded.map_err(|why| raw.finish(format!("an item: {why}")).into()))
            }
            Some(Err(CallError::Ipc(error))) => Some(Err(error.into())),
            Some(Err(CallError::Method(error))) => {
                let as_ipc = |error: ErrorObject, unreadable: Option<String>| {
                    let endpoint = &raw.link.session().info().endpoint;
                    let failed = IpcError::from_object(raw.method.clone(), endpoint, error);
                    // Also of one that couldn't be opened again: it was open before.
                    failed.unreadable(unreadable).ran_before(true)
                };
                Some(Err(failure(error, as_ipc)))
            }
            None => None,
        })
    }
}

impl<T: DeserializeOwned, E: Failure> FusedStream for Subscription<T, E> {
    fn is_terminated(&self) -> bool {
        self.raw.over
    }
}

/// The params of an `rpc.credit` for a subscription.
#[derive(Serialize)]
struct SubscriptionCredit<'a> {
    subscription: &'a Id,
    n: u64,
    bytes: u64,
}

impl RawSubscription {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<NextItem> {
        if self.over {
            return Poll::Ready(None);
        }
        if let Some(step) = ready!(self.poll_again(cx)) {
            return Poll::Ready(step);
        }
        let (taken, credit) = ready!(self.reader.poll(cx));
        if let (Some(credit), Some(connection)) = (credit, &self.connection) {
            let Credit { items: n, bytes } = credit;
            connection.give_credit(&SubscriptionCredit { subscription: &self.id, n, bytes });
        }
        let end = match taken {
            ItemEvent::Item((item, place)) => {
                self.note_place(place);
                return Poll::Ready(Some(Ok(item)));
            }
            ItemEvent::Lost(loss) => return Poll::Ready(Some(Err(self.lost(loss).into()))),
            ItemEvent::End(end) => end,
        };
        if self.opens_again(&end) {
            return self.poll(cx);
        }
        self.close();
        Poll::Ready(match end {
            Ok(()) => None,
            Err(StreamFailure::Error(error)) => {
                match ErrorObject::decode(self.link.session().encoding(), &error) {
                    // The other side announces the end of the connection.
                    Ok(ErrorObject { code: code::CLOSING, message, .. }) => {
                        let reason = DisconnectReason::ClosedByPeer(Some(message.into()));
                        Some(Err(self.disconnected(reason).into()))
                    }
                    Ok(error) => Some(Err(CallError::Method(error))),
                    Err(why) => Some(Err(self.decode(format!("the error object: {why}")).into())),
                }
            }
            Err(StreamFailure::Overrun) => Some(Err(self.failed(ErrorDetail::Overrun).into())),
            Err(StreamFailure::Broken(why)) => Some(Err(self.decode(why.to_owned()).into())),
            Err(StreamFailure::Disconnected(reason)) => Some(Err(self.disconnected(reason).into())),
        })
    }

    fn lost(&self, loss: Loss) -> IpcError {
        self.failed(match loss {
            Loss::Lagged(count) => ErrorDetail::Lagged(count),
            Loss::Gap => ErrorDetail::Gap,
        })
    }

    /// Remembers how far was read, so that a reopened subscription can go on there.
    fn note_place(&mut self, place: Option<ItemPosition>) {
        let Some(again) = &mut self.again else { return };
        again.position = place.and_then(|(epoch, seq)| {
            let epoch = epoch.or(again.position.map(|position| position.epoch))?;
            Some(Position { epoch, seq })
        });
    }

    /// Whether the subscription goes on after this end, on the next connection. If so, makes the
    /// call that reopens it.
    fn opens_again(&mut self, end: &Result<(), StreamFailure>) -> bool {
        let session = self.link.session();
        let Some(again) = &mut self.again else { return false };
        let lost = match end {
            Err(StreamFailure::Disconnected(_)) => true,
            // The other side announces the end of the connection.
            Err(StreamFailure::Error(error)) => {
                ErrorObject::says_closing(session.encoding(), error)
            }
            _ => false,
        };
        if !lost || !session.connectivity().comes_back() {
            return false;
        }
        let inbox = Inbox::new(session.limits().window());
        let mut call =
            RawCall::new(self.link.clone(), self.method.clone(), again.params.clone(), None);
        call.set_timeout(Timeout::Never);
        call.set_reopening();
        if let Some(interface) = again.used {
            call.set_used(interface);
        }
        call.set_inbox(inbox.clone());
        call.set_resume(again.position);
        if let Some(items) = again.window {
            call.set_window(items);
            inbox.set_window(items);
        }
        again.opening = Some((Box::new(call), inbox));
        true
    }

    /// Polls the call that reopens the subscription, if there is one. `None`: the subscription is
    /// open.
    fn poll_again(&mut self, cx: &mut Context<'_>) -> Poll<Option<NextItem>> {
        let Some(again) = &mut self.again else { return Poll::Ready(None) };
        let Some((call, inbox)) = &mut again.opening else { return Poll::Ready(None) };
        let answer = ready!(call.poll_reply(cx));
        let (connection, inbox) = (call.settled().cloned(), inbox.clone());
        again.opening = None;
        let id = match answer {
            Ok(Ok(id)) => id,
            // There won't be another connection.
            Ok(Err(error)) if error.code == code::CLOSING => {
                self.over = true;
                let reason = DisconnectReason::ClosedByPeer(Some(error.message.into()));
                return Poll::Ready(Some(Some(Err(self.disconnected(reason).into()))));
            }
            Ok(Err(error)) => {
                self.over = true;
                return Poll::Ready(Some(Some(Err(CallError::Method(error)))));
            }
            Err(error) => {
                self.over = true;
                return Poll::Ready(Some(Some(Err(error.into()))));
            }
        };
        let encoding = self.link.session().encoding();
        let Some(id) = id.subscription(encoding) else {
            self.over = true;
            let what = "a subscription is answered by a number or a string";
            return Poll::Ready(Some(Some(Err(self.decode(what.to_owned()).into()))));
        };
        (self.id, self.connection, self.reader) = (id, connection, Reader::new(inbox));
        let knows_where = self.again.as_ref().is_some_and(|again| again.position.is_some());
        if knows_where {
            // If something is missing, the other side reports it.
            return Poll::Ready(None);
        }
        Poll::Ready(Some(Some(Err(self.failed(ErrorDetail::Gap).into()))))
    }

    fn disconnected(&self, reason: DisconnectReason) -> IpcError {
        // The reason why there is no other connection is more useful than why this one has ended.
        let why = self.link.session().unavailable(self.method.clone());
        if matches!(why.kind(), ErrorKind::VersionMismatch | ErrorKind::ProtocolMismatch) {
            return why;
        }
        self.failed(ErrorDetail::Disconnected { may_have_run: true, reason })
    }

    fn decode(&self, message: String) -> IpcError {
        self.failed(ErrorDetail::Decode(message))
    }

    fn failed(&self, detail: ErrorDetail) -> IpcError {
        let endpoint = self.link.session().info().endpoint.clone();
        IpcError::new(self.method.clone(), endpoint, detail)
    }

    /// Ends the subscription at an item that can't be decoded.
    fn finish(&mut self, message: String) -> IpcError {
        self.close();
        self.decode(message)
    }

    fn close(&mut self) {
        if !std::mem::replace(&mut self.over, true) {
            if let Some(connection) = &self.connection {
                connection.unsubscribe(&self.id, self.reader.inbox());
            }
            self.uploads.clear();
        }
    }
}

impl Drop for RawSubscription {
    fn drop(&mut self) {
        self.close();
    }
}

impl<T, E> fmt::Debug for Subscription<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("method", &self.raw.method)
            .field("id", &self.raw.id)
            .field("over", &self.raw.over)
            .finish_non_exhaustive()
    }
}
