//! Functions by name whose types are known: their schemas are in OpenRPC documents.

use std::{future::Future, panic::Location, sync::Arc};

use serde::de::DeserializeOwned;

use crate::{
    backend::Backend,
    error::register_error::RegisterError,
    frontend::Frontend,
    functions::FunctionHost,
    openrpc::function_types::FunctionTypes,
    peer::incoming::{context::CallContext, function::Function, function_output::FunctionOutput},
    registration::Registration,
    shape::ipc_type::IpcType,
};

impl FunctionHost<'_> {
    #[track_caller]
    fn expose_typed<A, T, Fut>(
        &self,
        name: impl Into<Arc<str>>,
        function: impl Fn(A) -> Fut + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError>
    where
        A: DeserializeOwned + IpcType,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput + IpcType,
    {
        let function = Function::plain(name.into(), function, Location::caller());
        self.add(function.with_types(FunctionTypes::of::<A, T>()))
    }

    #[track_caller]
    fn expose_typed_with<A, T, Fut>(
        &self,
        name: impl Into<Arc<str>>,
        function: impl Fn(CallContext, A) -> Fut + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError>
    where
        A: DeserializeOwned + IpcType,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput + IpcType,
    {
        let function = Function::whole(name.into(), function, Location::caller());
        self.add(function.with_types(FunctionTypes::of::<A, T>()))
    }
}

/// Functions whose types are in the [OpenRPC document](crate::openrpc::Document), with the feature
/// `openrpc`.
impl Backend {
    /// Exposes a function as [`expose`](Self::expose) does, and keeps the types of its arguments
    /// and of what it returns: they are in the document of [`openrpc`](Self::openrpc). They are
    /// types that may stand in an interface: those of the standard library, and those with
    /// [`ipc_type`](macro@crate::ipc_type).
    ///
    /// ```
    /// use ipc_runtime::{Backend, ipc_type};
    ///
    /// #[ipc_type]
    /// struct Division {
    ///     by: u32,
    ///     of: Option<u32>,
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let backend = Backend::new();
    /// backend.expose_typed("divide", async |it: Division| {
    ///     it.of.unwrap_or(1).checked_div(it.by).ok_or("divided by zero".to_owned())
    /// })?;
    /// let document = serde_json::to_value(backend.openrpc())?;
    /// let divide = &document["methods"][0];
    /// assert_eq!(divide["paramStructure"], "by-name");
    /// assert_eq!(divide["params"][0]["schema"]["maximum"], u32::MAX);
    /// assert_eq!(divide["params"][1]["required"], false);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose).
    #[track_caller]
    pub fn expose_typed<A, T, Fut>(
        &self,
        name: impl Into<Arc<str>>,
        function: impl Fn(A) -> Fut + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError>
    where
        A: DeserializeOwned + IpcType,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput + IpcType,
    {
        self.functions().expose_typed(name, function)
    }

    /// Exposes a function as [`expose_with`](Self::expose_with) does, and keeps its types as
    /// [`expose_typed`](Self::expose_typed) does.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose).
    #[track_caller]
    pub fn expose_typed_with<A, T, Fut>(
        &self,
        name: impl Into<Arc<str>>,
        function: impl Fn(CallContext, A) -> Fut + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError>
    where
        A: DeserializeOwned + IpcType,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput + IpcType,
    {
        self.functions().expose_typed_with(name, function)
    }
}

/// Functions whose types the backend can ask for by `rpc.discover`, with the feature `openrpc`.
impl Frontend {
    /// Exposes a function as [`expose`](Self::expose) does, and keeps its types as
    /// [`Backend::expose_typed`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Backend::expose`].
    #[track_caller]
    pub fn expose_typed<A, T, Fut>(
        &self,
        name: impl Into<Arc<str>>,
        function: impl Fn(A) -> Fut + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError>
    where
        A: DeserializeOwned + IpcType,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput + IpcType,
    {
        self.functions().expose_typed(name, function)
    }

    /// Exposes a function as [`expose_with`](Self::expose_with) does, and keeps its types as
    /// [`Backend::expose_typed`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Backend::expose`].
    #[track_caller]
    pub fn expose_typed_with<A, T, Fut>(
        &self,
        name: impl Into<Arc<str>>,
        function: impl Fn(CallContext, A) -> Fut + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError>
    where
        A: DeserializeOwned + IpcType,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput + IpcType,
    {
        self.functions().expose_typed_with(name, function)
    }
}
