//! What a subscription's source reports beside its items: lag, positions, gaps.
//!
//! The item type has no room for these, and adaptors (`map`, `filter`, `chain`, …) would lose them.
//! So they take another way: while the runtime polls a subscription's handler or stream, it opens a
//! [`scope`], and an event's listener that is made or polled inside of it reports to that scope. A
//! scope lasts as long as the poll: a listener that is polled by a task of its own reports to
//! nobody.

use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

/// A position in the items of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// Random for each source. 53 bits, so that JavaScript can hold it.
    pub epoch: u64,
    /// Counts the source's items from 1.
    pub seq: u64,
}

/// What was reported in the scopes of one subscription.
///
/// The runtime sets `resume` before the first scope. It takes what it has passed on out of
/// `lagged`, `position` and `gap`.
// `Copy`, and without a destructor, so that the thread-local is there even while a thread ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Notes {
    /// The last item that a returning subscriber has seen. Set until a source goes on from there,
    /// or an item comes from elsewhere.
    pub resume: Option<Position>,
    /// How many items were dropped.
    pub lagged: u64,
    /// The position of the item that a source returned last; `None` if `mixed`.
    pub position: Option<Position>,
    /// Something is missing that can't be counted.
    pub gap: bool,
    /// No single position stands for what was seen, because items came from two sources or out of
    /// order. No position is reported any more.
    pub mixed: bool,
    /// Like `position`, but never taken by the runtime. Shows mixing.
    pub last: Option<Position>,
}

thread_local! {
    static NOTES: RefCell<Option<Notes>> = const { RefCell::new(None) };
    /// The tasks to wake when the innermost scope ends.
    static AFTERWARDS: RefCell<Vec<Waker>> = const { RefCell::new(Vec::new()) };
}

/// Calls `poll` in a scope, which collects reports in `notes`. The innermost scope gets the
/// reports.
pub(crate) fn scope<R>(notes: &mut Notes, poll: impl FnOnce() -> R) -> R {
    /// Restores everything, even if the poll panics.
    struct Restore<'a> {
        notes: &'a mut Notes,
        outer: Option<Notes>,
        /// How many tasks are left for the outer scopes to wake.
        waiting: usize,
    }

    impl Drop for Restore<'_> {
        fn drop(&mut self) {
            if let Some(told) = NOTES.replace(self.outer) {
                *self.notes = told;
            }
            // One by one, because a waker is the app's code.
            while let Some(waker) = pop_waiting(self.waiting) {
                waker.wake();
            }
        }
    }

    let outer = NOTES.replace(Some(*notes));
    let waiting = AFTERWARDS.try_with(|waiting| waiting.borrow().len()).unwrap_or_default();
    let _restore = Restore { notes, outer, waiting };
    poll()
}

/// Wakes a task when the current scope ends, or at once outside of a scope. A task that waits for
/// room in a source finds more of it after the scope has taken all that it takes.
pub(crate) fn wake_afterwards(waker: Waker) {
    if NOTES.with_borrow(Option::is_none) {
        return waker.wake();
    }
    let mut waker = Some(waker);
    // The thread may be about to end.
    let _ = AFTERWARDS.try_with(|waiting| waiting.borrow_mut().extend(waker.take()));
    if let Some(waker) = waker {
        waker.wake();
    }
}

fn pop_waiting(outer: usize) -> Option<Waker> {
    let pop = |waiting: &RefCell<Vec<Waker>>| {
        let mut waiting = waiting.borrow_mut();
        if waiting.len() > outer { waiting.pop() } else { None }
    };
    AFTERWARDS.try_with(pop).ok().flatten()
}

/// A future that is polled in a scope of its own.
pub(crate) struct Scoped<F> {
    pub(crate) notes: Notes,
    pub(crate) future: F,
}

impl<F: Future + Unpin> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Self { notes, future } = &mut *self;
        scope(notes, || Pin::new(future).poll(cx))
    }
}

/// What was reported so far in the current scope.
pub(crate) fn told() -> Option<Notes> {
    NOTES.with_borrow(|notes| *notes)
}

/// Where a source of this epoch goes on for a returning subscriber. Returned once: the next source
/// starts as for a new subscriber. A subscriber that comes from another epoch has a gap.
pub(crate) fn resume_from(epoch: u64) -> Option<u64> {
    let mut seq = None;
    tell(|notes| match notes.resume {
        Some(seen) if seen.epoch == epoch => {
            notes.resume = None;
            seq = Some(seen.seq);
        }
        // Left in place, because the source that it belongs to may be made later.
        Some(_) => notes.gap = true,
        None => {}
    });
    seq
}

/// Reports dropped items. Returns whether there was a scope to report to.
pub(crate) fn lagged(count: u64) -> bool {
    tell(|notes| notes.lagged = notes.lagged.saturating_add(count))
}

/// Reports the position of the item that is being returned. Returns whether there was a scope to
/// report to.
pub(crate) fn delivered(position: Position) -> bool {
    tell(|notes| {
        notes.resume = None;
        // A sequence that doesn't grow shows that there are two listeners of one source.
        notes.mixed |=
            notes.last.is_some_and(|last| last.epoch != position.epoch || last.seq >= position.seq);
        notes.last = Some(position);
        notes.position = notes.last.filter(|_| !notes.mixed);
    })
}

/// Reports that something is missing, and it isn't known how much. Returns whether there was a
/// scope to report to.
pub(crate) fn gap() -> bool {
    tell(|notes| notes.gap = true)
}

fn tell(what: impl FnOnce(&mut Notes)) -> bool {
    within(what).is_some()
}

/// Lets the owner of the current scope look at what was reported so far, and take out what it has
/// passed on. `look` must not open a scope or report to one.
pub(crate) fn within<R>(look: impl FnOnce(&mut Notes) -> R) -> Option<R> {
    NOTES.with_borrow_mut(|notes| notes.as_mut().map(look))
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::Wake,
    };

    use super::*;

    fn at(epoch: u64, seq: u64) -> Position {
        Position { epoch, seq }
    }

    #[test]
    fn source_outside_of_a_scope_tells_nobody() {
        assert!(!lagged(1) && !delivered(at(1, 1)) && !gap());
        assert_eq!(resume_from(1), None);
    }

    #[test]
    fn source_tells_the_scope_it_is_polled_in() {
        let mut notes = Notes::default();
        let given = scope(&mut notes, || {
            assert!(lagged(2) && lagged(3) && delivered(at(7, 6)) && delivered(at(7, 7)));
            "given"
        });
        assert_eq!(given, "given");
        let told = (notes.lagged, notes.position, notes.gap, notes.mixed);
        assert_eq!(told, (5, Some(at(7, 7)), false, false));
        assert!(!gap(), "the scope has ended");
        scope(&mut notes, || assert!(gap()));
        assert!(notes.gap);
    }

    #[test]
    fn source_scopes_nest_and_the_innermost_is_told() {
        let (mut outer, mut inner) = (Notes::default(), Notes::default());
        scope(&mut outer, || {
            lagged(1);
            scope(&mut inner, || lagged(10));
            lagged(2);
        });
        assert_eq!((outer.lagged, inner.lagged), (3, 10));
    }

    #[test]
    fn source_scope_ends_when_its_poll_panics() {
        let (mut outer, mut inner) = (Notes::default(), Notes::default());
        scope(&mut outer, || {
            let poll = || {
                scope(&mut inner, || {
                    lagged(1);
                    panic!("on purpose");
                })
            };
            assert!(catch_unwind(AssertUnwindSafe(poll)).is_err());
            lagged(2);
        });
        assert_eq!((outer.lagged, inner.lagged), (2, 1));
        assert!(!gap());
    }

    #[test]
    fn source_wakes_when_the_scope_ends_and_outside_of_one_at_once() {
        struct Count(AtomicUsize);
        impl Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let woken = || count.0.load(Ordering::Relaxed);
        let waker = || Waker::from(Arc::clone(&count));
        wake_afterwards(waker());
        assert_eq!(woken(), 1);
        let (mut outer, mut inner) = (Notes::default(), Notes::default());
        scope(&mut outer, || {
            wake_afterwards(waker());
            scope(&mut inner, || {
                wake_afterwards(waker());
                wake_afterwards(waker());
                assert_eq!(woken(), 1);
            });
            assert_eq!(woken(), 3);
            let panics = || {
                scope(&mut inner, || {
                    wake_afterwards(waker());
                    panic!("on purpose");
                })
            };
            assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
            assert_eq!(woken(), 4);
        });
        assert_eq!(woken(), 5);
    }

    #[test]
    fn source_mixes_when_two_epochs_or_an_older_item_are_seen() {
        for second in [at(2, 9), at(1, 5), at(1, 4)] {
            let mut notes = Notes::default();
            scope(&mut notes, || delivered(at(1, 5)));
            assert_eq!(notes.position.take(), Some(at(1, 5)));
            scope(&mut notes, || delivered(second));
            assert!(notes.mixed, "{second:?}");
            scope(&mut notes, || delivered(at(3, 100)));
            assert_eq!(notes.position, None, "{second:?}");
        }
    }

    #[test]
    fn source_resumes_once_and_another_epoch_is_a_gap() {
        let mut notes = Notes { resume: Some(at(1, 5)), ..Notes::default() };
        scope(&mut notes, || {
            assert_eq!(resume_from(1), Some(5));
            assert_eq!(resume_from(1), None);
        });
        assert!(!notes.gap);

        let mut notes = Notes { resume: Some(at(1, 5)), ..Notes::default() };
        scope(&mut notes, || assert_eq!(resume_from(2), None));
        assert!(notes.gap && notes.resume.is_some());
        scope(&mut notes, || delivered(at(2, 1)));
        assert_eq!(notes.resume, None);
    }
}
