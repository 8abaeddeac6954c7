//! Functions that are called by their names alone, without an interface.

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

/// Where functions are added: what each side's methods of the same names do.
struct FunctionHost<'a> {
    registry: &'a Arc<Registry>,
    /// The one session that the registry is for, where it is there already and may end meanwhile.
    session: Option<&'a Session>,
    /// The peer is a plain JSON-RPC server.
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

    /// What was added goes at once where nobody will ask for it any more.
    fn release_at_end(&self) {
        if let Some(session) = self.session {
            session.release_again();
        }
    }

    fn remove(&self, name: &str) -> bool {
        self.registry.unexpose(name)
    }
}

/// Functions without an interface. See also [`Frontend::expose`](Frontend#method.expose), which is
/// the same for the backend's calls.
impl Backend {
    /// Exposes a function by a name, for code that has no trait: scripts, plugins, tools. Peers call
    /// it by [`Frontend::call`], or notify it by [`Frontend::notify`]. It can be taken back at any
    /// time.
    ///
    /// It gives a value or a `Result`, see [`FunctionOutput`]; an error travels as a method's own
    /// does: code 1, its `Display` as the message, itself as the data.
    ///
    /// Its argument is what `params` holds: a tuple takes them by position, a struct by name, `()`
    /// takes none. Nobody compares versions; arguments of other types than these fail with
    /// [`ErrorKind::InvalidArguments`](crate::ErrorKind::InvalidArguments). The name is one of the
    /// app's choice, dots and all.
    ///
    /// It runs as a method does: calls run concurrently, notifications one after another, a panic
    /// is one call's error, and when its caller cancels, its future is dropped.
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
    /// An `async` closure that captures something is written `move |…| { let … = ….clone(); async
    /// move { … } }`: its future may outlive a borrow of the closure.
    ///
    /// # Errors
    ///
    /// [`RegisterError::NameTaken`] when there is a method or function with this name,
    /// [`RegisterError::Name`] when no function can have it.
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

    /// Exposes a function that wants to know who calls; else as [`expose`](Self::expose).
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
    /// As of [`expose`](Self::expose).
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

    /// Takes an exposed function back. `false`: there is none with this name. Calls that run run on.
    pub fn unexpose(&self, name: &str) -> bool {
        self.functions().remove(name)
    }

    /// Calls a function with each notification of this name that a peer sends, until the
    /// registration is [removed](Registration::remove). There may be any number for one name, also beside a method or an exposed function.
    /// They are called one after another, in the order in which they were added, and behind an
    /// exposed function; a method's notifications wait for each other, but not these for them.
    ///
    /// It is called where the message is read: it has to be short. For a stream of what comes in,
    /// let it fire an [`Emitter`](crate::event::Emitter). Arguments are taken as by
    /// [`expose`](Self::expose); a notification with others is logged and passed over.
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
    /// [`RegisterError::Name`] when no notification of an app can have this name.
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

/// Functions without an interface, for the backend's calls through its [`Peer`](crate::Peer).
impl Frontend {
    /// Exposes a function to the backend, which calls it by [`Peer::call`](crate::Peer::call). All
    /// that is said of [`Backend::expose`] holds for it. It is gone when the connection ends for
    /// good.
    ///
    /// # Errors
    ///
    /// As of [`Backend::expose`].
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

    /// Exposes a function that wants to know more of the call; see
    /// [`Backend::expose_with`].
    ///
    /// # Errors
    ///
    /// As of [`Backend::expose`].
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

    /// Takes an exposed function back. `false`: there is none with this name. Calls that run run on.
    pub fn unexpose(&self, name: &str) -> bool {
        self.functions().remove(name)
    }

    /// Calls a function with each notification of this name that the backend sends, until the
    /// registration is [removed](Registration::remove); see [`Backend::on`]. Of a [plain JSON-RPC
    /// server](FrontendBuilder::plain_json_rpc), names that begin with `$/` are heard too, but for
    /// `$/cancelRequest`.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Name`] when no notification of an app can have this name.
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

/// Functions that the backend finds from its first call on.
impl FrontendBuilder {
    /// Exposes a function before there is a connection; see [`Frontend::expose`](Frontend#method.expose).
    ///
    /// # Errors
    ///
    /// As of [`Backend::expose`].
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

    /// Exposes a function that wants to know more of the call, before there is a connection.
    ///
    /// # Errors
    ///
    /// As of [`Backend::expose`].
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

    /// Calls a function with each notification of this name that the backend sends, as long as the
    /// connection is there, and from its first one on; see [`Backend::on`]. Names that begin with
    /// `$/` are heard where [`plain_json_rpc`](Self::plain_json_rpc) was called before.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Name`] when no notification of an app can have this name.
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
