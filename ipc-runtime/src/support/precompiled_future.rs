//! Futures whose code apps don't compile.

use futures_util::future::BoxFuture;

/// A future whose code is compiled once, with this crate.
///
/// The code of an async function is compiled where it is awaited: in each app, each time that the
/// app is built. So the async functions that apps call only hand over to a function that returns
/// this. The name says why such a future is boxed, which nothing else would.
pub(crate) type PrecompiledFuture<'a, T> = BoxFuture<'a, T>;
