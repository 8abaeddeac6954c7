//! A stream argument, which has the same type on both sides.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{
    StreamExt,
    stream::{self, BoxStream, Stream},
};

use crate::{
    error::{error_kind::ErrorKind, ipc_error::IpcError},
    message::error_object::{ErrorObject, code},
};

/// A stream as an argument of a method, such as an upload. It has the same type on both sides.
///
/// The caller makes it from a stream of its own. While the call runs, that stream is polled for
/// items as fast as the handler reads them. The handler gets a [`Stream`] of results: an `Err`
/// means that the caller's stream or the connection has failed, and is the last item.
///
/// The caller's stream is dropped when the call has ended, or when the call's future is dropped. It
/// is also dropped when the handler drops its end, and the call goes on.
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use ipc_runtime::{Backend, Frontend, IpcError, Streaming, ipc_interface};
///
/// /// Adds numbers.
/// #[ipc_interface(channel = "docs.streaming", version = "1.0.0")]
/// pub trait Adder {
///     /// Returns their sum.
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
    pub(crate) stream: BoxStream<'static, Result<T, IpcError>>,
}

impl<T: Send + 'static> Streaming<T> {
    /// Makes an argument from a stream.
    pub fn new(stream: impl Stream<Item = T> + Send + 'static) -> Self {
        Self { stream: stream.map(Ok).boxed() }
    }

    /// Makes an argument from a stream that may fail. The handler gets its first error as
    /// [`ErrorKind::Remote`](crate::ErrorKind::Remote), with the error's `Display` text as the
    /// message, and nothing after it.
    pub fn fallible<E: fmt::Display>(
        stream: impl Stream<Item = Result<T, E>> + Send + 'static,
    ) -> Self {
        let failed = |error: E| {
            let error = ErrorObject::new(code::METHOD_ERROR, error.to_string());
            IpcError::answered("$/stream", &"here".into(), ErrorKind::Remote, error)
        };
        Self { stream: stream.map(move |item| item.map_err(failed)).boxed() }
    }
}

impl<T> Streaming<T> {
    /// Returns the next item, or `None` at the end. Dropping the future loses no item.
    #[expect(clippy::should_implement_trait, reason = "named after what all streams have")]
    pub fn next(&mut self) -> impl Future<Output = Option<Result<T, IpcError>>> + Unpin {
        StreamExt::next(self)
    }
}

/// Makes an argument from items that are already there.
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
