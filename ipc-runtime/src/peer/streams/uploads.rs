//! The stream arguments of our calls.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_util::{
    StreamExt,
    future::{AbortHandle, AbortRegistration, Abortable},
};
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{
    codec::Encoding,
    error::error_kind::ErrorKind,
    message::error_object::{ErrorObject, code},
    peer::{
        connection::Connection,
        state::flows::{FlowId, FlowKind, Flows},
        streams::{
            producer::{As, Produced, Producer},
            streaming::Streaming,
        },
    },
    support::item_notes::Notes,
};

/// The stream arguments of one call, until it is sent.
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
trait Source: Send {
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
            None => None,
            Some(Ok(item)) => match encoding.encode(out, &(self.checked)(item)) {
                Ok(()) => Some(Ok(())),
                Err(why) => {
                    tracing::error!(why, "an item of a stream argument can't be serialized");
                    let message = format!("an item can't be serialized: {why}");
                    Some(Err(ErrorObject::new(code::INTERNAL_ERROR, message)))
                }
            },
            Some(Err(error)) => Some(Err(match error.error_object() {
                Some(sent)
                    if matches!(error.kind(), ErrorKind::Remote | ErrorKind::LimitReached) =>
                {
                    sent.clone()
                }
                _ => ErrorObject::new(code::METHOD_ERROR, error.to_string()),
            })),
        })
    }
}

impl Streams {
    /// Called by generated code.
    pub fn new() -> Self {
        Self::default()
    }

    /// Called by generated code. Returns what stands for the stream among the arguments.
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

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The request is queued: the other side may give credit for the streams from now on. Returns
    /// what stops them.
    pub(crate) fn open(&self, flows: &mut Flows) -> Vec<AbortHandle> {
        let opened = self.0.iter().map(|upload| {
            flows.open(upload.id, FlowKind::Argument, Some(upload.abort.clone()));
            upload.abort.clone()
        });
        opened.collect()
    }

    /// The request was sent: starts the streams.
    pub(crate) fn start(self, connection: &Arc<Connection>) -> Uploads {
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
            // The call may be awaited on a thread without a runtime.
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

/// Stream arguments that flow. Dropping this stops them.
#[derive(Debug, Default)]
pub(crate) struct Uploads(Vec<AbortHandle>);

impl Uploads {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.0.drain(..).for_each(|upload| upload.abort());
    }
}

impl Drop for Uploads {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Stands for a stream among the arguments.
#[doc(hidden)]
#[derive(Debug)]
pub struct StreamReference(FlowId);

impl Serialize for StreamReference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("$stream", &self.0.on_wire())?;
        map.end()
    }
}
