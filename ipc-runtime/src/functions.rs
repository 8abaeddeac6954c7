//! Functions that are called by name, without an interface.

#[cfg(feature = "openrpc")]
mod typed;

use std::{future::Future, panic::Location, sync::Arc};

use serde::de::DeserializeOwned;

use crate::{
    backend::Backend,
    error::register_error::RegisterError,
    frontend::{Frontend, builder::FrontendBuilder},
    peer::{
        incoming::{
            context::CallContext, function::Function, function_output::FunctionOutput,
            registry::Registry,
        },
        session::Session,
    },
    registration::Registration,
};

/// Adds and removes functions: what the methods of the same names do on each side.
struct FunctionHost<'a> {
    registry: &'a Arc<Registry>,
    /// The only session that the registry is for, which may have ended already. `None` in a
    /// backend, and in a builder.
    session: Option<&'a Session>,
    /// Whether the peer is a plain JSON-RPC server.
    is_plain: bool,
}

impl FunctionHost<'_> {
    #[track_caller]
    fn expose<A, T, Fut>(
        &self,
        name: impl Into<Arc<str>>,
        function: impl Fn(A) -> Fut + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError>
    where
        A: DeserializeOwned,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput,
    {
        self.add(Function::plain(name.into(), function, Location::caller()))
    }

    #[track_caller]
    fn expose_with<A, T, Fut>(
        &self,
        name: impl Into<Arc<str>>,
        function: impl Fn(CallContext, A) -> Fut + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError>
    where
        A: DeserializeOwned,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput,
    {
        self.add(Function::whole(name.into(), function, Location::caller()))
    }

    #[track_caller]
    fn on<A: DeserializeOwned>(
        &self,
        name: impl Into<Arc<str>>,
        callback: impl Fn(&CallContext, A) + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError> {
        self.add_listener(Function::listener(name.into(), callback, Location::caller()))
    }

    fn add(&self, function: Function) -> Result<Registration, RegisterError> {
        let added = self.registry.expose(function);
        self.release_at_end();
        added
    }

    fn add_listener(&self, listener: Function) -> Result<Registration, RegisterError> {
        let added = self.registry.listen(listener, self.is_plain);
        self.release_at_end();
        added
    }

    /// If the session has ended, drops what was added: no peer can call it any more.
    fn release_at_end(&self) {
        if let Some(session) = self.session {
            session.release_again();
        }
    }

    fn remove(&self, name: &str) -> bool {
        self.registry.unexpose(name)
    }
}

/// Functions without an interface. [`Frontend::expose`](Frontend#method.expose) does the same for
/// calls of the backend.
impl Backend {
    /// Exposes a function under a name, for code that has no trait: scripts, plugins, tools. Peers
    /// call it with [`Frontend::call`], or notify it with [`Frontend::notify`]. You can remove it
    /// at any time, with [`unexpose`](Self::unexpose) or with the registration that this returns.
    ///
    /// The function returns a value or a `Result`, see [`FunctionOutput`]. An error travels as a
    /// method's own error does: with code 1, its `Display` as the message, and itself as the data.
    ///
    /// Its argument is decoded from `params`: a tuple takes them by position, a struct by name, and
    /// `()` takes none. If they don't fit, the caller gets
    /// [`ErrorKind::InvalidArguments`](crate::ErrorKind::InvalidArguments). Versions aren't
    /// compared. The app chooses the name, which may contain dots.
    ///
    /// The function runs as a method does: calls run concurrently, notifications run one after
    /// another, and a panic is the error of one call. When the caller cancels, the function's
    /// future is dropped.
    ///
    /// ```
    /// use ipc_runtime::{Backend, Frontend};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let backend = Backend::new();
    /// backend.expose("add", async |(a, b): (i64, i64)| a + b)?;
    /// backend.listen("memory:docs-expose").await?;
    ///
    /// let frontend = Frontend::connect("memory:docs-expose").await?;
    /// assert_eq!(frontend.call::<i64>("add", &(2, 3)).await?, 5);
    ///
    /// backend.unexpose("add");
    /// assert!(frontend.call::<i64>("add", &(2, 3)).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// An `async` closure that captures something is written
    /// `move |…| { let … = ….clone(); async move { … } }`, because its future may outlive a borrow
    /// of the closure.
    ///
    /// # Errors
    ///
    /// [`RegisterError::NameTaken`] when a method or function has this name already,
    /// [`RegisterError::Name`] when the name is empty or reserved (it begins with `rpc.` or `$/`).
    #[track_caller]
    pub fn expose<A, T, Fut>(
        &self,
        name: impl Into<Arc<str>>,
        function: impl Fn(A) -> Fut + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError>
    where
        A: DeserializeOwned,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput,
    {
        self.functions().expose(name, function)
    }

    /// Exposes a function that also gets the context of the call, for example to learn who calls.
    /// Otherwise it is like [`expose`](Self::expose).
    ///
    /// ```
    /// use ipc_runtime::{Backend, CallContext};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let backend = Backend::new();
    /// backend.expose_with("divide", async |call: CallContext, (a, b): (i64, i64)| {
    ///     a.checked_div(b).ok_or_else(|| format!("{} divides by zero", call.peer().id()))
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose).
    #[track_caller]
    pub fn expose_with<A, T, Fut>(
        &self,
        name: impl Into<Arc<str>>,
        function: impl Fn(CallContext, A) -> Fut + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError>
    where
        A: DeserializeOwned,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput,
    {
        self.functions().expose_with(name, function)
    }

    /// Removes an exposed function. Calls of it that are running finish. Returns `false` if there
    /// is no function with this name.
    pub fn unexpose(&self, name: &str) -> bool {
        self.functions().remove(name)
    }

    /// Calls a function for each notification of this name that a peer sends, until the
    /// registration is [removed](Registration::remove). A name may have any number of such
    /// listeners, even if a method or an exposed function has the same name. Listeners are called
    /// one after another, in the order in which they were added, and after the exposed function.
    /// They don't wait until a method has handled the notification.
    ///
    /// A listener is called where the message is read, so it has to be short. To get a stream of
    /// the notifications, let it fire an [`Emitter`](crate::event::Emitter). Arguments are decoded
    /// as for [`expose`](Self::expose). A notification whose arguments don't fit is logged and
    /// skipped.
    ///
    /// ```
    /// use ipc_runtime::{Backend, Frontend};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (heard, mut saved) = tokio::sync::mpsc::unbounded_channel();
    /// let backend = Backend::new();
    /// backend.on("saved", move |call, (path,): (String,)| {
    ///     println!("window {} saved {path}", call.peer().id());
    /// #   let _ = heard.send(path);
    /// })?;
    /// backend.listen("memory:docs-on").await?;
    ///
    /// let frontend = Frontend::connect("memory:docs-on").await?;
    /// frontend.notify("saved", &("a.txt",)).await?;
    /// # assert_eq!(saved.recv().await.as_deref(), Some("a.txt"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RegisterError::Name`] when the name is empty or reserved (it begins with `rpc.` or `$/`).
    #[track_caller]
    pub fn on<A: DeserializeOwned>(
        &self,
        name: impl Into<Arc<str>>,
        callback: impl Fn(&CallContext, A) + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError> {
        self.functions().on(name, callback)
    }

    fn functions(&self) -> FunctionHost<'_> {
        FunctionHost { registry: self.registry(), session: None, is_plain: false }
    }
}

/// Functions without an interface, which the backend calls through its [`Peer`](crate::Peer).
impl Frontend {
    /// Exposes a function to the backend, which calls it with [`Peer::call`](crate::Peer::call). It
    /// works as described for [`Backend::expose`]. The function is dropped when the connection ends
    /// for good.
    ///
    /// # Errors
    ///
    /// Those of [`Backend::expose`].
    #[track_caller]
    pub fn expose<A, T, Fut>(
        &self,
        name: impl Into<Arc<str>>,
        function: impl Fn(A) -> Fut + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError>
    where
        A: DeserializeOwned,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput,
    {
        self.functions().expose(name, function)
    }

    /// Exposes a function that also gets the context of the call; see [`Backend::expose_with`].
    ///
    /// # Errors
    ///
    /// Those of [`Backend::expose`].
    #[track_caller]
    pub fn expose_with<A, T, Fut>(
        &self,
        name: impl Into<Arc<str>>,
        function: impl Fn(CallContext, A) -> Fut + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError>
    where
        A: DeserializeOwned,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput,
    {
        self.functions().expose_with(name, function)
    }

    /// Removes an exposed function. Calls of it that are running finish. Returns `false` if there
    /// is no function with this name.
    pub fn unexpose(&self, name: &str) -> bool {
        self.functions().remove(name)
    }

    /// Calls a function with each notification of this name that the backend sends, until the
    /// registration is [removed](Registration::remove); see [`Backend::on`]. With a
    /// [plain JSON-RPC server](FrontendBuilder::plain_json_rpc), names that begin with `$/` are
    /// allowed too, except `$/cancelRequest`.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Name`] when the name is empty or reserved.
    #[track_caller]
    pub fn on<A: DeserializeOwned>(
        &self,
        name: impl Into<Arc<str>>,
        callback: impl Fn(&CallContext, A) + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError> {
        self.functions().on(name, callback)
    }

    fn functions(&self) -> FunctionHost<'_> {
        let session = self.peer().session();
        let (registry, is_plain) = (self.registry(), session.is_plain());
        FunctionHost { registry, session: Some(session), is_plain }
    }
}

/// Functions that are there before the first call of the backend.
impl FrontendBuilder {
    /// Exposes a function before there is a connection; see
    /// [`Frontend::expose`](Frontend#method.expose).
    ///
    /// # Errors
    ///
    /// Those of [`Backend::expose`].
    #[track_caller]
    pub fn expose<A, T, Fut>(
        mut self,
        name: impl Into<Arc<str>>,
        function: impl Fn(A) -> Fut + Send + Sync + 'static,
    ) -> Result<Self, RegisterError>
    where
        A: DeserializeOwned,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput,
    {
        self.functions().expose(name, function)?;
        Ok(self)
    }

    /// Exposes a function that also gets the context of the call, before there is a connection.
    ///
    /// # Errors
    ///
    /// Those of [`Backend::expose`].
    #[track_caller]
    pub fn expose_with<A, T, Fut>(
        mut self,
        name: impl Into<Arc<str>>,
        function: impl Fn(CallContext, A) -> Fut + Send + Sync + 'static,
    ) -> Result<Self, RegisterError>
    where
        A: DeserializeOwned,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput,
    {
        self.functions().expose_with(name, function)?;
        Ok(self)
    }

    /// Calls a function with each notification of this name that the backend sends, from the first
    /// one on, until the connection ends for good; see [`Backend::on`]. Names that begin with `$/`
    /// are allowed if [`plain_json_rpc`](Self::plain_json_rpc) was called before.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Name`] when the name is empty or reserved.
    #[track_caller]
    pub fn on<A: DeserializeOwned>(
        mut self,
        name: impl Into<Arc<str>>,
        callback: impl Fn(&CallContext, A) + Send + Sync + 'static,
    ) -> Result<Self, RegisterError> {
        self.functions().on(name, callback)?;
        Ok(self)
    }

    fn functions(&mut self) -> FunctionHost<'_> {
        let is_plain = self.is_plain();
        FunctionHost { registry: self.registry(), session: None, is_plain }
    }
}
