//! Futures that apps don't compile.

use futures_util::future::BoxFuture;

/// A future whose code is compiled with this crate, once.
///
/// What an async function does is compiled where it is awaited: in each app, whenever that is built.
/// So the async functions that apps call only hand over to one that gives this. Its name tells why
/// such a future is boxed, which nothing else would.
pub(crate) type PrecompiledFuture<'a, T> = BoxFuture<'a, T>;
