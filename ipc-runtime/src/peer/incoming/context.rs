//! The context of a call, for its handler.

use std::{
    fmt,
    marker::PhantomData,
    pin::pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::future::select;
use serde::{Deserialize, Serialize};

use crate::{
    codec::Encoding,
    interface::MethodInfo,
    message::{encoded, extension::RawExtension, id::Id},
    peer::{
        connection::{Connection, called::Called},
        session::handle::Peer,
        state::{cancellation::Cancellation, progress_reports::NoProgress},
    },
    support::{item_notes::Position, rt::Instant},
};

/// The context of a call: what its handler can know about it.
///
/// A method gets it with an argument `#[ipc(context)] call: &CallContext`, anywhere among its
/// arguments. Clients don't have that argument.
///
/// ```
/// use ipc_runtime::{CallContext, ipc_interface};
///
/// /// Says who calls.
/// #[ipc_interface(channel = "docs.whoami", version = "1.0.0")]
/// pub trait WhoAmI {
///     /// The number of the caller's connection.
///     async fn number(&self, #[ipc(context)] call: &CallContext) -> String;
/// }
///
/// struct Backend;
///
/// impl WhoAmI for Backend {
///     async fn number(&self, call: &CallContext) -> String {
///         format!("connection {} of {}", call.peer().id(), call.peer().endpoint())
///     }
/// }
/// ```
///
/// `P` is the type of the method's progress reports, see [`progress`](Self::progress).
pub struct CallContext<P = NoProgress> {
    connection: Arc<Connection>,
    peer: Peer,
    called: Called,
    asked: Asked,
    cancellation: Arc<Cancellation>,
    progress: PhantomData<fn(P)>,
}

/// What a request asks for beside its answer. Boxed: most ask for nothing, and it is moved with
/// each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked(Option<Box<Members>>);

/// The members of a request's `ipc`.
#[derive(Debug, Clone)]
struct Members {
    deadline: Option<Instant>,
    progress: Option<Progress>,
    depth: u8,
    resume: Option<Position>,
    window: Option<u64>,
    /// The number that the caller has chosen for its subscription; `None` inside if it isn't one.
    subscription: Option<Option<u64>>,
}

/// A caller's request for reports of progress.
#[derive(Debug, Clone)]
struct Progress {
    /// The caller's token, which is sent with each report.
    token: Id,
    /// Why a report can't be serialized, of the first one that couldn't.
    unwritable: Arc<OnceLock<String>>,
}

impl Asked {
    /// Parses a request's member `ipc`. What can't be read in it is ignored.
    pub(crate) fn parse(encoding: Encoding, extension: Option<&[u8]>) -> Self {
        #[derive(Deserialize)]
        struct Resume {
            epoch: u64,
            seq: u64,
        }
        let extension =
            extension.and_then(|extension| encoded::parse_extension(encoding, extension));
        let Some(extension) = extension else {
            return Self::default();
        };
        let RawExtension { timeout_ms, progress, depth, resume, window, subscription } = extension;
        let number = |member: &[u8]| encoding.decode::<u64>(member).ok();
        Self(Some(Box::new(Members {
            deadline: timeout_ms
                .and_then(number)
                .and_then(|ms| Instant::now().checked_add(Duration::from_millis(ms))),
            // A token is an id, and at most as long as one.
            progress: progress
                .and_then(|token| encoded::id(encoding, token))
                .map(|token| Progress { token, unwritable: Arc::default() }),
            // The cast saturates. From 16 on, the depth makes no difference.
            depth: depth
                .and_then(|depth| encoding.decode::<f64>(depth).ok())
                .map_or(0, |depth| depth as u8),
            resume: resume
                .and_then(|resume| encoding.decode::<Resume>(resume).ok())
                .map(|Resume { epoch, seq }| Position { epoch, seq }),
            window: window.and_then(number),
            // JSON takes null for a member that isn't there.
            subscription: subscription.filter(|it| *it != encoding.null()).map(number),
        })))
    }

    /// Returns when the caller gives up.
    fn deadline(&self) -> Option<Instant> {
        self.0.as_ref()?.deadline
    }

    fn progress(&self) -> Option<&Progress> {
        self.0.as_ref()?.progress.as_ref()
    }

    /// Returns why a report of progress couldn't be serialized, if one couldn't. The call then
    /// fails, as it does with a result that can't be.
    pub(super) fn unwritable_progress(&self) -> Option<&str> {
        self.progress()?.unwritable.get().map(String::as_str)
    }

    /// Returns how deep the call is nested in handlers.
    pub(crate) fn depth(&self) -> u8 {
        self.0.as_ref().map_or(0, |members| members.depth)
    }

    /// Returns the position of the last item that a returning subscriber has seen.
    pub(crate) fn resume(&self) -> Option<Position> {
        self.0.as_ref()?.resume
    }

    /// Returns the number that the caller has chosen for its subscription, if it has; `None` inside
    /// if that isn't a number.
    pub(crate) fn subscription(&self) -> Option<Option<u64>> {
        self.0.as_ref()?.subscription
    }

    /// Returns how many items of a subscription may be sent ahead.
    pub(crate) fn window(&self) -> Option<u64> {
        self.0.as_ref()?.window
    }
}

impl<P> CallContext<P> {
    pub(crate) fn new(
        connection: &Arc<Connection>,
        called: Called,
        asked: Asked,
        cancellation: Arc<Cancellation>,
    ) -> Self {
        let peer = Peer::new(connection.session().clone());
        let connection = connection.clone();
        Self { connection, peer, called, asked, cancellation, progress: PhantomData }
    }

    /// Returns the caller. The handler can call it back, even while the caller waits for this call.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Returns the name of what is called: a method with its channel, or an exposed function.
    pub fn method(&self) -> &str {
        self.called.name()
    }

    /// Returns the description of the called method; `None` for an exposed function.
    pub fn method_info(&self) -> Option<&'static MethodInfo> {
        self.called.info()
    }

    /// Returns the largest message that the caller accepts, in bytes.
    pub(crate) fn peer_max_message(&self) -> usize {
        self.connection.peer_max_message()
    }

    /// Returns how much time is left until the caller gives up: zero once its deadline has passed,
    /// `None` if it has sent none. Clients of this crate send the deadline that a call or its
    /// method has, but not the one of [`Limits::call_timeout`](crate::Limits::call_timeout).
    pub fn remaining(&self) -> Option<Duration> {
        self.asked.deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

impl<P> CallContext<P> {
    /// Returns whether nobody waits for the answer any more: the caller has dropped the call or
    /// given up (`$/cancelRequest`), or the connection has ended. Answering the call doesn't make
    /// this `true`.
    ///
    /// An `async` method doesn't need this, since its future is dropped then. It is for code that
    /// goes on: methods that are `#[ipc(blocking)]` or `#[ipc(no_cancel)]`, and tasks that a method
    /// has spawned. For an open subscription it says whether the subscription was closed; for a
    /// notification, whether the connection has ended.
    ///
    /// ```
    /// # use ipc_runtime::{CallContext, ipc_interface};
    /// # /// Hashes.
    /// # #[ipc_interface(channel = "docs.cancelled", version = "1.0.0")]
    /// # pub trait Hashes { /// A sum of all.
    /// #     #[ipc(blocking)] fn sum(&self, #[ipc(context)] call: &CallContext, of: Vec<u64>) -> Option<u64>; }
    /// # struct Slowly;
    /// impl Hashes for Slowly {
    ///     fn sum(&self, call: &CallContext, of: Vec<u64>) -> Option<u64> {
    ///         let mut sum = 0;
    ///         for part in of.chunks(4096) {
    ///             if call.is_cancelled() {
    ///                 return None;
    ///             }
    ///             sum += part.iter().sum::<u64>();
    ///         }
    ///         Some(sum)
    ///     }
    /// }
    /// ```
    pub fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled() || self.connection.session().connectivity().has_ended()
    }

    /// Waits until [`is_cancelled`](Self::is_cancelled) returns `true`: at the latest until the
    /// connection ends.
    pub async fn cancelled(&self) {
        let (cancelled, closed) = (self.cancellation.cancelled(), self.peer.closed());
        select(pin!(cancelled), pin!(closed)).await;
    }
}

impl<P: Serialize> CallContext<P> {
    /// Reports to the caller how far the method has come, if the caller asked for that with
    /// [`Call::with_progress`](crate::call::Call::with_progress). The method names the type of its
    /// reports: `#[ipc(context)] call: &CallContext<Indexed>`.
    ///
    /// This never waits. A report is dropped if too many bytes wait to be written already (the next
    /// one replaces it), and if the method has returned.
    ///
    /// If a report can't be serialized (in JSON, a NaN can't), that is logged, and the call fails
    /// with [`ErrorKind::HandlerFailed`](crate::ErrorKind::HandlerFailed) when the method returns,
    /// as it does if the result can't be serialized. If the method returns an error of its own, the
    /// caller gets that error instead.
    ///
    /// ```
    /// use ipc_runtime::{Backend, CallContext, Frontend, ipc_interface, ipc_type};
    ///
    /// /// How far the index is.
    /// #[ipc_type]
    /// pub struct Indexed {
    ///     /// How many files are done.
    ///     pub files: u32,
    /// }
    ///
    /// /// Searches.
    /// #[ipc_interface(channel = "docs.progress", version = "1.0.0")]
    /// pub trait Search {
    ///     /// Indexes everything, and returns the number of files.
    ///     async fn index(&self, #[ipc(context)] call: &CallContext<Indexed>) -> u32;
    /// }
    ///
    /// struct Folder;
    ///
    /// impl Search for Folder {
    ///     async fn index(&self, call: &CallContext<Indexed>) -> u32 {
    ///         for files in 1..=3 {
    ///             call.progress(&Indexed { files });
    ///         }
    ///         3
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let backend = Backend::new();
    /// backend.register(SearchHandler::new(Folder))?;
    /// backend.listen("memory:docs-progress").await?;
    ///
    /// let frontend = Frontend::connect("memory:docs-progress").await?;
    /// let search: SearchClient = frontend.open().await?;
    /// let files = search.index().with_progress(|done| println!("{} files", done.files)).await?;
    /// assert_eq!(files, 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn progress(&self, report: &P) {
        let Some(Progress { token, unwritable }) = self.asked.progress() else { return };
        let mut value = Vec::new();
        if let Err(why) = self.connection.encoding().encode(&mut value, report) {
            let method = self.method();
            // Only the first is logged: a handler may make thousands of reports.
            if unwritable.set(why.clone()).is_ok() {
                tracing::error!(method, why, "a report of progress can't be serialized");
            }
            return;
        }
        self.connection.report_progress(token, &value);
    }
}

impl<P> Clone for CallContext<P> {
    fn clone(&self) -> Self {
        Self {
            connection: self.connection.clone(),
            peer: self.peer.clone(),
            called: self.called.clone(),
            asked: self.asked.clone(),
            cancellation: self.cancellation.clone(),
            progress: PhantomData,
        }
    }
}

impl<P> fmt::Debug for CallContext<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallContext")
            .field("method", &self.called)
            .field("peer", self.peer())
            .field("remaining", &self.remaining())
            .finish()
    }
}
