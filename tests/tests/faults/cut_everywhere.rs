//! A conversation that is cut at each of its bytes, in both directions: nothing hangs, nothing runs
//! twice, nobody is told what isn't so, and nothing is left over.
//!
//! The clock of this test stands still while something can go on, and no deadline ends a call here:
//! what hangs is found at once.

use ipc_tests::{
    alone,
    conversation::limits_without_timers,
    fault::{Direction, Ending, Plan},
    trial::{self, TrialSide},
};

/// The messages in what one side wrote: a preface, then a length ahead of each.
fn messages(bytes: &[u8]) -> usize {
    let mut rest = &bytes[5..];
    let mut count = 0;
    while let Some(header) = rest.first_chunk::<4>() {
        rest = &rest[4 + u32::from_le_bytes(*header) as usize..];
        count += 1;
    }
    count
}

/// One of so many bytes is cut at.
fn cut_at_bytes(side: TrialSide, one_of: u64) {
    let whole = trial::try_in_memory(side, Plan::harmless(), limits_without_timers());
    let (tally, traffic) = trial::paused_runtime().block_on(whole).unwrap();
    let tally = tally.unwrap();
    assert!(tally.has_not_run == 0 && tally.streams_ended == 0, "{tally:?}");
    let count: usize = Direction::BOTH.map(|way| messages(&traffic.bytes(way))).iter().sum();
    assert!(count >= 100, "{count} messages");
    println!("{side:?}: {count} messages, {} calls", tally.calls);
    for (direction, length) in Direction::BOTH.into_iter().zip(traffic.lengths()) {
        let sum =
            trial::try_all(side, &limits_without_timers(), length.div_ceil(one_of), |number| {
                Plan::harmless().ends(direction, number * one_of, Ending::Cut)
            });
        println!("cut, {side:?}, {direction:?}, one of {one_of} of {length} bytes: {sum}");
        // Numbers that are drawn by chance may be a few digits shorter.
        assert!(sum.struck + 50 > length / one_of, "{} of {length} were cut", sum.struck);
    }
}

#[test]
fn a_conversation_that_is_cut_at_any_byte_ends_and_runs_nothing_twice() {
    if !alone!(a_conversation_that_is_cut_at_any_byte_ends_and_runs_nothing_twice) {
        return;
    }
    let before = trial::panic_count();
    cut_at_bytes(TrialSide::Frontend, 1);
    // The same bytes, where the backend is the one that sees an error.
    cut_at_bytes(TrialSide::Backend, trial::every_nth(64, 1));
    assert_eq!(trial::panic_count(), before);
}
