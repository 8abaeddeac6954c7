//! What the signal of `Backend::run_until` may return.

/// What the signal of [`Backend::run_until`](crate::Backend::run_until) may return: `()`, an
/// `Option`, or a `Result` of one of these. Each has a value for a stop without the signal: `()`,
/// `None`, or `Ok` of one of these.
///
/// Map anything else to `()`:
///
/// ```no_run
/// # async fn example(backend: ipc_runtime::Backend) {
/// # async fn pressed_key() -> char { 'q' }
/// backend.run_until(async { drop(pressed_key().await) }).await;
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a backend can't run until a signal that gives `{Self}`",
    label = "the signal gives neither `()`, nor an `Option`, nor a `Result` of one of these",
    note = "`run_until` also returns when nobody can connect any more, without what the signal \
            would have given; if that isn't needed, write `async {{ drop(signal.await) }}`"
)]
pub trait StopSignal: sealed::Sealed {
    /// The value for a stop without the signal.
    #[doc(hidden)]
    fn without_signal() -> Self;
}

impl StopSignal for () {
    fn without_signal() -> Self {}
}

impl<T> StopSignal for Option<T> {
    fn without_signal() -> Self {
        None
    }
}

impl<T: StopSignal, E> StopSignal for Result<T, E> {
    fn without_signal() -> Self {
        Ok(T::without_signal())
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for () {}
    impl<T> Sealed for Option<T> {}
    impl<T, E> Sealed for Result<T, E> {}
}
