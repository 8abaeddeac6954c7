//! Streams among the arguments of a call.

pub(crate) mod delivery;
pub(crate) mod fast_path;
pub(crate) mod producer;
pub(crate) mod subscription;

use std::{
    borrow::Cow,
    fmt,
    marker::PhantomData,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_util::{
    StreamExt,
    future::{AbortHandle, AbortRegistration, Abortable},
    stream::{self, BoxStream, Stream},
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{
        DeserializeOwned, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
    ser::SerializeMap,
};

use crate::{
    codec::Encoding,
    error::IpcError,
    message::error_object::{ErrorObject, code},
    peer::{
        connection::Connection,
        state::{
            flows::{FlowId, FlowKind, Flows},
            inbox::{Credit, End, Inbox, Reader, Taken},
            item_buffer::Entry,
        },
        streams::producer::{As, Produced, Producer},
    },
    support::item_notes::Notes,
    usage::{Counted, Gauge},
};

/// A stream as an argument of a method: an upload, say. The same type on both sides.
///
/// The caller makes it of a stream of its own, which is asked for items while the call runs, as
/// fast as the handler takes them. The handler gets it as a [`Stream`] of results: an `Err` is the
/// failure of the caller's stream or of the connection, and its end.
///
/// When the call's future is dropped, so is the caller's stream; when the handler drops its end, too,
/// and the call goes on.
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use ipc_runtime::{Backend, Frontend, IpcError, Streaming, ipc_interface};
///
/// /// Adds numbers.
/// #[ipc_interface(channel = "docs.streaming", version = "1.0.0")]
/// pub trait Adder {
///     /// The sum of all of them.
///     async fn sum(&self, numbers: Streaming<i64>) -> i64;
/// }
///
/// struct Pocket;
///
/// impl Adder for Pocket {
///     async fn sum(&self, mut numbers: Streaming<i64>) -> i64 {
///         let mut sum = 0;
///         while let Some(Ok(number)) = numbers.next().await {
///             sum += number;
///         }
///         sum
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let backend = Backend::new();
/// backend.register(AdderHandler::new(Pocket))?;
/// backend.listen("memory:docs-streaming").await?;
///
/// let frontend = Frontend::connect("memory:docs-streaming").await?;
/// let adder: AdderClient = frontend.open().await?;
/// assert_eq!(adder.sum(Streaming::new(stream::iter(1..=100))).await?, 5050);
/// # Ok(())
/// # }
/// ```
pub struct Streaming<T> {
    stream: BoxStream<'static, Result<T, IpcError>>,
}

impl<T: Send + 'static> Streaming<T> {
    /// To be sent.
    pub fn new(stream: impl Stream<Item = T> + Send + 'static) -> Self {
        Self { stream: stream.map(Ok).boxed() }
    }

    /// To be sent, of a stream that may fail. The handler gets its first error as
    /// [`IpcError::Remote`], with the error's `Display` as the message, and nothing after it.
    pub fn fallible<E: fmt::Display>(
        stream: impl Stream<Item = Result<T, E>> + Send + 'static,
    ) -> Self {
        let failed = |error: E| IpcError::Remote {
            method: Cow::Borrowed("$/stream"),
            endpoint: "here".into(),
            error: Box::new(ErrorObject::new(code::METHOD_ERROR, error.to_string())),
        };
        Self { stream: stream.map(move |item| item.map_err(failed)).boxed() }
    }
}

impl<T> Streaming<T> {
    /// The next item; `None` at the end. Dropping the future loses none.
    #[expect(clippy::should_implement_trait, reason = "named after what all streams have")]
    pub fn next(&mut self) -> impl Future<Output = Option<Result<T, IpcError>>> + Unpin {
        StreamExt::next(self)
    }
}

/// To be sent, of what is there already.
impl<T: Send + 'static> From<Vec<T>> for Streaming<T> {
    fn from(items: Vec<T>) -> Self {
        Self::new(stream::iter(items))
    }
}

impl<T> Stream for Streaming<T> {
    type Item = Result<T, IpcError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.as_mut().poll_next(cx)
    }
}

impl<T> fmt::Debug for Streaming<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streaming").finish_non_exhaustive()
    }
}

/// The streams among the arguments of one call, on their way out.
#[doc(hidden)]
#[derive(Default)]
pub struct Streams(Vec<Upload>);

struct Upload {
    id: FlowId,
    source: Box<dyn Source>,
    abort: AbortHandle,
    registration: AbortRegistration,
}

/// A stream without its types.
pub(super) trait Source: Send {
    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        encoding: Encoding,
        out: &mut Vec<u8>,
    ) -> Poll<Produced>;
}

struct Checked<T, F> {
    stream: Streaming<T>,
    checked: F,
}

impl<T, U: Serialize, F: Fn(T) -> U + Send> Source for Checked<T, F> {
    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        encoding: Encoding,
        out: &mut Vec<u8>,
    ) -> Poll<Produced> {
        Poll::Ready(match ready!(self.stream.poll_next_unpin(cx)) {
            None => Produced::End,
            Some(Ok(item)) => match encoding.encode(out, &(self.checked)(item)) {
                Ok(()) => Produced::Item,
                Err(why) => {
                    tracing::error!(why, "an item of a stream argument can't be serialized");
                    let message = format!("an item can't be serialized: {why}");
                    Produced::Failed(ErrorObject::new(code::INTERNAL_ERROR, message))
                }
            },
            Some(Err(IpcError::Remote { error, .. })) => Produced::Failed(*error),
            Some(Err(error)) => {
                Produced::Failed(ErrorObject::new(code::METHOD_ERROR, error.to_string()))
            }
        })
    }
}

impl Streams {
    /// Called by generated code.
    pub fn new() -> Self {
        Self::default()
    }

    /// Called by generated code. Gives what stands in its place among the arguments.
    pub fn add<T, U, F>(&mut self, stream: Streaming<T>, checked: F) -> StreamReference
    where
        T: Send + 'static,
        U: Serialize,
        F: Fn(T) -> U + Send + 'static,
    {
        let id = FlowId::next();
        let (abort, registration) = AbortHandle::new_pair();
        self.0.push(Upload {
            id,
            source: Box::new(Checked { stream, checked }),
            abort,
            registration,
        });
        StreamReference(id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The request is queued: the other side may say from now on what it takes of them.
    /// Gives what stops them.
    pub(super) fn open(&self, flows: &mut Flows) -> Vec<AbortHandle> {
        let opened = self.0.iter().map(|upload| {
            flows.open(upload.id, FlowKind::Argument, Some(upload.abort.clone()));
            upload.abort.clone()
        });
        opened.collect()
    }

    /// The request was sent: the streams begin to flow.
    pub(super) fn start(self, connection: &Arc<Connection>) -> Uploads {
        let uploads = self.0.into_iter().map(|upload| {
            let Upload { id, mut source, abort, registration } = upload;
            let encoding = connection.encoding();
            let notes = Notes::default();
            let producer = Producer::new(connection.clone(), id, As::Argument, notes);
            let pump = async move {
                let mut next =
                    |cx: &mut Context<'_>, out: &mut Vec<u8>| source.poll_next(cx, encoding, out);
                producer.run(None, &mut next).await;
            };
            // The call may be awaited on a thread that belongs to no runtime.
            connection.session().spawn(Abortable::new(pump, registration));
            abort
        });
        Uploads(uploads.collect())
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|upload| upload.id)).finish()
    }
}

/// Streams that flow; they are stopped when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Uploads(Vec<AbortHandle>);

impl Uploads {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0.drain(..).for_each(|upload| upload.abort());
    }
}

impl Drop for Uploads {
    fn drop(&mut self) {
        self.clear();
    }
}

/// What stands in the place of a stream among the arguments.
#[doc(hidden)]
#[derive(Debug)]
pub struct StreamReference(FlowId);

impl Serialize for StreamReference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("$stream", &self.0.0)?;
        map.end()
    }
}

/// What a stream argument is decoded to: its number, or the items themselves.
#[doc(hidden)]
#[derive(Debug)]
pub enum StreamArgument<T> {
    Reference(u64),
    Items(Vec<T>),
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for StreamArgument<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ArgumentVisitor(PhantomData))
    }
}

struct ArgumentVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for ArgumentVisitor<T> {
    type Value = StreamArgument<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stream ({\"$stream\": n}) or an array of items")
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
        #[derive(Deserialize)]
        struct Reference {
            #[serde(rename = "$stream")]
            stream: u64,
        }
        let reference = Reference::deserialize(MapAccessDeserializer::new(map))?;
        Ok(StreamArgument::Reference(reference.stream))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, sequence: S) -> Result<Self::Value, S::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(sequence)).map(StreamArgument::Items)
    }
}

/// The params of an `rpc.credit` for a stream argument.
#[derive(Serialize)]
struct StreamCredit {
    stream: u64,
    n: u64,
    bytes: u64,
}

/// The receiving end of a stream argument.
struct Download {
    connection: Arc<Connection>,
    method: &'static str,
    id: u64,
    reader: Reader,
    over: bool,
    #[expect(dead_code, reason = "held for its drop")]
    counted: Counted,
}

/// The receiving end of a stream argument, which was opened under this number.
pub(super) fn receive<T, U, F>(
    connection: Arc<Connection>,
    method: &'static str,
    id: u64,
    inbox: Arc<Inbox>,
    given: F,
) -> Streaming<T>
where
    U: DeserializeOwned,
    F: Fn(U) -> T + Send + 'static,
{
    let counted = connection.session().gauges().count(Gauge::IncomingStreams);
    let reader = Reader::new(inbox);
    let mut download = Download { connection, method, id, reader, over: false, counted };
    let stream = stream::poll_fn(move |cx| {
        let item = ready!(download.poll(cx));
        Poll::Ready(item.map(|item| {
            let decoded = download.connection.encoding().decode(download.reader.item(item?));
            decoded.map(&given).map_err(|why| download.finish(format!("an item: {why}")))
        }))
    });
    Streaming { stream: stream.boxed() }
}

/// The items came with the arguments.
pub(super) fn ready_made<T, U, F>(items: Vec<U>, given: F) -> Streaming<T>
where
    U: Send + 'static,
    F: Fn(U) -> T + Send + 'static,
{
    Streaming { stream: stream::iter(items).map(move |item| Ok(given(item))).boxed() }
}

impl Download {
    /// Of an item, where the reader has it.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Range<usize>, IpcError>>> {
        if self.over {
            return Poll::Ready(None);
        }
        let (taken, credit) = ready!(self.reader.poll(cx));
        if let Some(credit) = credit {
            let Credit { items: n, bytes } = credit;
            self.connection.give_credit(&StreamCredit { stream: self.id, n, bytes });
        }
        let end = match taken {
            Taken::Entry(Entry::Item(item, _)) => return Poll::Ready(Some(Ok(item))),
            // Only subscriptions are told of these.
            Taken::Entry(Entry::Lagged(_) | Entry::Gap) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Taken::End(end) => end,
        };
        self.close();
        let method = Cow::Borrowed(self.method);
        let endpoint = self.connection.info().endpoint.clone();
        Poll::Ready(match end {
            End::Done => None,
            End::Error(error) => {
                Some(Err(match ErrorObject::decode(self.connection.encoding(), &error) {
                    Ok(error) => IpcError::from_object(method, &endpoint, error),
                    Err(why) => self.decode(format!("the error object: {why}")),
                }))
            }
            End::Overrun => Some(Err(IpcError::Overrun { method, endpoint })),
            End::Broken(why) => Some(Err(self.decode(why.to_owned()))),
            End::Disconnected(reason) => {
                let may_have_run = true;
                Some(Err(IpcError::Disconnected { method, endpoint, may_have_run, reason }))
            }
        })
    }

    fn decode(&self, message: String) -> IpcError {
        let (method, endpoint) =
            (Cow::Borrowed(self.method), self.connection.info().endpoint.clone());
        IpcError::Decode { method, endpoint, message }
    }

    fn finish(&mut self, message: String) -> IpcError {
        self.close();
        self.decode(message)
    }

    fn close(&mut self) {
        if !std::mem::replace(&mut self.over, true) {
            self.connection.close_stream(self.id, self.reader.inbox());
        }
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        self.close();
    }
}
