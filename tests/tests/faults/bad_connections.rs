//! Connections that are slow, stuck or damaged: nothing hangs, nothing panics, and nothing is left
//! over.

use std::time::Duration;

use ipc_runtime::{Backend, Frontend, Limits};
use ipc_tests::{
    alone,
    conversation::{Parties, limits_without_timers},
    eventually,
    fault::{Direction, Ending, Faulty, Plan},
    trial::{self, TrialSide},
};
use tokio::time::timeout;

/// How many bytes a conversation has, of each direction.
fn lengths() -> [u64; 2] {
    let whole =
        trial::try_in_memory(TrialSide::Frontend, Plan::harmless(), limits_without_timers());
    trial::paused_runtime().block_on(whole).unwrap().1.lengths()
}

#[test]
fn a_connection_that_carries_one_byte_at_a_time_carries_everything() {
    for side in [TrialSide::Frontend, TrialSide::Backend] {
        for piece in 1..=8 {
            let plan = Plan::harmless().in_pieces(piece);
            let whole = trial::try_in_memory(side, plan, limits_without_timers());
            let tally = trial::paused_runtime().block_on(whole).unwrap().0.unwrap();
            assert!(tally.has_not_run == 0 && tally.streams_ended == 0, "{tally:?}");
        }
    }
}

#[test]
fn a_connection_that_is_slow_carries_everything() {
    for direction in Direction::BOTH {
        let plan = Plan::harmless().in_pieces(100).delayed(direction, Duration::from_millis(50));
        let whole = trial::try_in_memory(TrialSide::Frontend, plan, limits_without_timers());
        let tally = trial::paused_runtime().block_on(whole).unwrap().0.unwrap();
        assert!(tally.has_not_run == 0 && tally.streams_ended == 0, "{tally:?}");
    }
}

#[test]
fn a_half_close_at_any_byte_ends_the_connection() {
    if !alone!(a_half_close_at_any_byte_ends_the_connection) {
        return;
    }
    let before = trial::panic_count();
    for (direction, length) in Direction::BOTH.into_iter().zip(lengths()) {
        let one_of = trial::every_nth(31, 1);
        let count = length.div_ceil(one_of);
        let sum = trial::try_all(TrialSide::Frontend, &limits_without_timers(), count, |number| {
            Plan::harmless().ends(direction, number * one_of, Ending::HalfClose)
        });
        println!("half-close, {direction:?}: {sum}");
        assert!(sum.struck > 0);
    }
    assert_eq!(trial::panic_count(), before);
}

/// With what makes up for silence.
fn attentive() -> Limits {
    let mut limits = Limits::default();
    limits.heartbeat = Some(Duration::from_secs(2));
    limits
}

#[test]
fn a_connection_that_stalls_at_any_byte_is_given_up() {
    if !alone!(a_connection_that_stalls_at_any_byte_is_given_up) {
        return;
    }
    let before = trial::panic_count();
    for (direction, length) in Direction::BOTH.into_iter().zip(lengths()) {
        let one_of = trial::every_nth(31, 1);
        let count = length.div_ceil(one_of);
        let sum = trial::try_all(TrialSide::Frontend, &attentive(), count, |number| {
            Plan::harmless().ends(direction, number * one_of, Ending::Stall)
        });
        println!("stall, {direction:?}: {sum}");
        assert!(sum.struck > 0);
    }
    assert_eq!(trial::panic_count(), before);
}

/// What is said may mean something else now, so that only the rest can be seen to hold.
async fn damaged(plan: Plan) -> bool {
    let parties = Parties::new(Backend::builder().limits(attentive()));
    let builder = parties.frontend(Frontend::builder().limits(attentive())).unwrap();
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    parties.backend.accept(theirs);
    let mut ended = true;
    if let Ok(frontend) = builder.over(Faulty::new(ours, plan)).await {
        // A stream has no deadline, and what was to come by it may be lost without a trace.
        let conversation = timeout(Duration::from_secs(3_600), parties.converse(&frontend));
        ended = conversation.await.is_ok();
        let usage = frontend.clone();
        frontend.close().await;
        drop(frontend);
        eventually("nothing is left of the frontend", || usage.usage().is_zero()).await;
    }
    eventually("nothing is left", || {
        parties.backend.usage().is_zero() && parties.book.alive() + parties.window.alive() == 0
    })
    .await;
    // Whoever comes next is served as ever.
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    parties.backend.accept(theirs);
    let frontend = Frontend::over(ours).await.unwrap();
    let ledger: ipc_tests::LedgerClient = frontend.open().await.unwrap();
    assert_eq!(ledger.now(1).await.unwrap(), 1);
    ended
}

#[test]
fn damaged_bytes_do_no_harm_beyond_their_connection() {
    if !alone!(damaged_bytes_do_no_harm_beyond_their_connection) {
        return;
    }
    let (before, lengths) = (trial::panic_count(), lengths());
    let trials = if trial::is_full_run() { 10_000 } else { 300 };
    let waited = trial::on_all_threads(trials, |seeds| {
        let (runtime, mut waited) = (trial::paused_runtime(), 0);
        for seed in seeds {
            let plan = Plan::damaged_at_random(seed, lengths);
            let ended = runtime.block_on(async {
                let ended = timeout(Duration::from_secs(24 * 3_600), damaged(plan)).await;
                trial::no_task_is_left().await;
                ended.unwrap_or_else(|_| panic!("seed {seed} hangs"))
            });
            waited += u64::from(!ended);
        }
        waited
    });
    let by_stream: u64 = waited.into_iter().sum();
    println!("damage: {trials} trials, {by_stream} of them with a stream that waited for ever");
    assert_eq!(trial::panic_count(), before);
}
