//! The receiving end of a stream argument.

use std::{
    borrow::Cow,
    fmt,
    marker::PhantomData,
    ops::Range,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_util::{StreamExt, stream};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{
        DeserializeOwned, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use crate::{
    error::ipc_error::{ErrorDetail, IpcError},
    message::{error_object::ErrorObject, item_event::ItemEvent},
    peer::{
        connection::Connection,
        state::inbox::{Credit, Inbox, Reader, StreamFailure},
        streams::streaming::Streaming,
    },
    usage::{Counted, Gauge},
};

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

/// Returns the receiving end of a stream argument that was opened with this number.
pub(crate) fn receive<T, U, F>(
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

/// Makes a stream of items that came with the arguments.
pub(crate) fn ready_made<T, U, F>(items: Vec<U>, given: F) -> Streaming<T>
where
    U: Send + 'static,
    F: Fn(U) -> T + Send + 'static,
{
    Streaming { stream: stream::iter(items).map(move |item| Ok(given(item))).boxed() }
}

impl Download {
    /// For an item: where the reader has it.
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
            ItemEvent::Item((item, _)) => return Poll::Ready(Some(Ok(item))),
            // Only subscriptions report losses.
            ItemEvent::Lost(_) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            ItemEvent::End(end) => end,
        };
        self.close();
        let method = Cow::Borrowed(self.method);
        let endpoint = self.connection.info().endpoint.clone();
        Poll::Ready(match end {
            Ok(()) => None,
            Err(StreamFailure::Error(error)) => {
                Some(Err(match ErrorObject::decode(self.connection.encoding(), &error) {
                    Ok(error) => IpcError::from_object(method, &endpoint, error),
                    Err(why) => self.decode(format!("the error object: {why}")),
                }))
            }
            Err(StreamFailure::Overrun) => {
                Some(Err(IpcError::new(method, endpoint, ErrorDetail::Overrun)))
            }
            Err(StreamFailure::Broken(why)) => Some(Err(self.decode(why.to_owned()))),
            Err(StreamFailure::Disconnected(reason)) => {
                let detail = ErrorDetail::Disconnected { may_have_run: true, reason };
                Some(Err(IpcError::new(method, endpoint, detail)))
            }
        })
    }

    fn decode(&self, message: String) -> IpcError {
        let endpoint = self.connection.info().endpoint.clone();
        IpcError::new(self.method, endpoint, ErrorDetail::Decode(message))
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
