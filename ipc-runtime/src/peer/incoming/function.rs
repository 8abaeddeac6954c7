//! A function that is called by its name, as the registry keeps it.

use std::{
    future::Future,
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::de::DeserializeOwned;

#[cfg(feature = "openrpc")]
use crate::openrpc::function_types::FunctionTypes;
use crate::{
    peer::incoming::{
        context::CallContext,
        function_output::FunctionOutput,
        responder::Responder,
        service::{Flow, Incoming},
    },
    support::{app_value::AppValue, ids::next_id},
};

/// A function that was exposed, or that listens to notifications.
pub(crate) struct Function {
    /// Unique in this process.
    id: u64,
    name: Arc<str>,
    run: AppValue<Run>,
    /// Set when it is removed: stops the calls of notifications that still wait.
    silenced: AtomicBool,
    /// Where the app's source registers it.
    place: &'static Location<'static>,
    /// What it takes and gives, if that is known.
    #[cfg(feature = "openrpc")]
    types: Option<FunctionTypes>,
}

pub(crate) type Run = Box<dyn Fn(Incoming<'_>) -> Flow + Send + Sync>;

impl Function {
    pub(super) fn new(name: Arc<str>, run: Run, place: &'static Location<'static>) -> Self {
        let (run, silenced) = (AppValue::new(run), AtomicBool::new(false));
        Self {
            id: next_id(),
            name,
            run,
            silenced,
            place,
            #[cfg(feature = "openrpc")]
            types: None,
        }
    }

    /// Tells what it takes and gives.
    #[cfg(feature = "openrpc")]
    pub(crate) fn with_types(self, types: FunctionTypes) -> Self {
        Self { types: Some(types), ..self }
    }

    #[cfg(feature = "openrpc")]
    pub(super) fn types(&self) -> Option<FunctionTypes> {
        self.types
    }

    /// Creates a function that answers with the future of `run`.
    fn later<A, Fut>(
        name: Arc<str>,
        run: impl Fn(Responder, A) -> Fut + Send + Sync + 'static,
        place: &'static Location<'static>,
    ) -> Self
    where
        A: DeserializeOwned,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let run = move |incoming: Incoming<'_>| match incoming.decode_whole::<A>() {
            Some((arguments, responder)) => Flow::later(run(responder, arguments)),
            None => Flow::Done,
        };
        Self::new(name, Box::new(run), place)
    }

    pub(crate) fn plain<A, T, Fut>(
        name: Arc<str>,
        function: impl Fn(A) -> Fut + Send + Sync + 'static,
        place: &'static Location<'static>,
    ) -> Self
    where
        A: DeserializeOwned,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput,
    {
        let run = move |responder: Responder, arguments| {
            let result = function(arguments);
            async move { result.await.answer(responder) }
        };
        Self::later(name, run, place)
    }

    pub(crate) fn whole<A, T, Fut>(
        name: Arc<str>,
        function: impl Fn(CallContext, A) -> Fut + Send + Sync + 'static,
        place: &'static Location<'static>,
    ) -> Self
    where
        A: DeserializeOwned,
        Fut: Future<Output = T> + Send + 'static,
        T: FunctionOutput,
    {
        let run = move |responder: Responder, arguments| {
            let result = function(responder.context(), arguments);
            async move { result.await.answer(responder) }
        };
        Self::later(name, run, place)
    }

    pub(crate) fn listener<A: DeserializeOwned>(
        name: Arc<str>,
        callback: impl Fn(&CallContext, A) + Send + Sync + 'static,
        place: &'static Location<'static>,
    ) -> Self {
        let run = move |incoming: Incoming<'_>| {
            if let Some((arguments, responder)) = incoming.decode_whole::<A>() {
                callback(&responder.context(), arguments);
                responder.value(());
            }
            Flow::Done
        };
        Self::new(name, Box::new(run), place)
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn place(&self) -> &'static Location<'static> {
        self.place
    }

    /// Stops further calls, even for notifications that have come in already.
    pub(crate) fn silence(&self) {
        self.silenced.store(true, Ordering::Release);
    }

    /// Begins a call of the function.
    pub(crate) fn call(&self, incoming: Incoming<'_>) -> Flow {
        match self.run.get() {
            Some(run) if !self.silenced.load(Ordering::Acquire) => run(incoming),
            _ => Flow::Done,
        }
    }
}
