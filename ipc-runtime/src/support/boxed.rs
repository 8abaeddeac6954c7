//! Futures that apps don't compile.

use std::{future::Future, pin::Pin};

/// A future whose code is compiled with this crate, once.
///
/// What an async function does is compiled where it is awaited: in each app, whenever that is built.
/// So the async functions that apps call only hand over to one that gives this.
pub(crate) type CompiledHere<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
