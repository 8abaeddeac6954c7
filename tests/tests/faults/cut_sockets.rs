//! Conversations over real sockets that are cut, without and with a frontend that comes back.

#![cfg(unix)]

use std::time::Duration;

use futures_util::future::join_all;
use ipc_runtime::{Backend, Frontend, Limits, Reconnect, config::CallsWhileDisconnected};
use ipc_tests::{
    TestCarrier,
    conversation::{FIRED_PER_ROUND, Notes, Parties, ROUNDS, Tally, limits_without_timers},
    fault::{Direction, Ending, Plan, Proxy, Traffic},
    in_time,
    random::Random,
    trial::{self, TrialTotals},
};
use tokio::runtime::Builder;

/// Which sockets.
#[derive(Debug, Clone, Copy)]
enum Sockets {
    Unix,
    Tcp,
}

impl Sockets {
    fn carrier(self) -> TestCarrier {
        match self {
            Self::Unix => TestCarrier::unix(),
            Self::Tcp => TestCarrier::web_socket(),
        }
    }
}

fn soon() -> Reconnect {
    let mut reconnect = Reconnect::default();
    reconnect.first_delay = Duration::from_micros(200);
    reconnect.max_delay = Duration::from_millis(2);
    reconnect.calls_while_disconnected = CallsWhileDisconnected::Wait;
    reconnect
}

/// Everything is said once, through a proxy that has its first connection go by this plan.
async fn once(
    sockets: Sockets,
    plan: Plan,
    reconnect: Option<Reconnect>,
) -> Result<(Option<Tally>, Traffic), String> {
    let parties = Parties::new(Backend::builder().limits(limits_without_timers()));
    let carrier = sockets.carrier();
    let proxy = Proxy::before(&carrier.listen(&parties.backend).await).await;
    proxy.plan(plan);
    let comes_back = reconnect.is_some();
    let mut builder =
        parties.frontend(Frontend::builder().limits(limits_without_timers())).unwrap();
    let frontend = if let Some(reconnect) = reconnect {
        builder = builder.reconnect(reconnect);
        // An attempt that fails is tried again.
        Ok(builder.connect_lazily(proxy.endpoint()).unwrap())
    } else {
        in_time(builder.connect(proxy.endpoint())).await
    };
    let tally = match frontend {
        Ok(frontend) => {
            let notes = in_time(parties.converse(&frontend)).await;
            let tally = parties.end_and_check(frontend, &notes).await?;
            if comes_back {
                came_back(&notes)?;
            }
            Some(tally)
        }
        Err(_) => None,
    };
    let traffic = proxy.traffic().swap_remove(0);
    parties.backend.stop(Duration::ZERO).await;
    Ok((tally, traffic))
}

/// What was cut is there again, with nothing lost on the way.
fn came_back(notes: &Notes) -> Result<(), String> {
    if notes.streams_ended() > 0 {
        return Err("a stream has ended with its connection".into());
    }
    match notes.news() {
        news if news == (ROUNDS * FIRED_PER_ROUND) as usize => Ok(()),
        0 if !notes.has_subscribed() => Ok(()),
        news => Err(format!("{news} items of events came")),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Cuts at one of so many bytes, of both directions, on as many threads as there are.
fn cut(sockets: Sockets, one_of: u64, reconnect: Option<Reconnect>) {
    let whole = once(sockets, Plan::harmless(), reconnect.clone());
    let (tally, traffic) = runtime().block_on(whole).unwrap();
    assert_eq!(tally.unwrap().has_not_run, 0);
    let cuts: Vec<_> = Direction::BOTH
        .into_iter()
        .zip(traffic.lengths())
        .flat_map(|(way, length)| (0..length).step_by(one_of as usize).map(move |at| (way, at)))
        .collect();
    let sums = trial::on_all_threads(cuts.len() as u64, |numbers| {
        let (runtime, mut sum) = (runtime(), TrialTotals::default());
        for number in numbers {
            let (direction, at) = cuts[number as usize];
            let plan = Plan::harmless().ends(direction, at, Ending::Cut);
            let (tally, traffic) = runtime
                .block_on(once(sockets, plan, reconnect.clone()))
                .unwrap_or_else(|why| panic!("{sockets:?}, {direction:?}, byte {at}: {why}"));
            sum.count(tally, &traffic);
        }
        sum
    });
    let sum = TrialTotals::of(&sums);
    let whether = if reconnect.is_some() { "comes back" } else { "cut" };
    println!("{whether}, {sockets:?}, one of {one_of} bytes: {sum}");
    assert!(sum.struck > 0);
}

#[test]
fn a_cut_unix_socket_runs_nothing_twice() {
    cut(Sockets::Unix, trial::every_nth(61, 5), None);
}

#[test]
fn a_cut_web_socket_runs_nothing_twice() {
    cut(Sockets::Tcp, trial::every_nth(61, 5), None);
}

#[test]
fn a_frontend_that_comes_back_over_a_unix_socket_runs_only_idempotent_methods_twice() {
    cut(Sockets::Unix, trial::every_nth(53, 1), Some(soon()));
}

#[test]
fn a_frontend_that_comes_back_over_a_web_socket_runs_only_idempotent_methods_twice() {
    cut(Sockets::Tcp, trial::every_nth(151, 5), Some(soon()));
}

/// Everything is said once, over connections of which the first ones are cut after a few bytes.
async fn again_and_again(sockets: Sockets, seed: u64) -> Result<TrialTotals, String> {
    const CUTS: u32 = 12;
    let mut parties = Parties::new(Backend::builder().limits(limits_without_timers()));
    parties.cuts = CUTS;
    let carrier = sockets.carrier();
    let proxy = Proxy::before(&carrier.listen(&parties.backend).await).await;
    let mut random = Random::new(seed);
    for _ in 0..CUTS {
        let direction = Direction::BOTH[random.below(2) as usize];
        proxy.plan(Plan::harmless().ends(direction, random.below(2_500), Ending::Cut));
    }
    let builder = parties.frontend(Frontend::builder().limits(limits_without_timers())).unwrap();
    let frontend = builder.reconnect(soon()).connect_lazily(proxy.endpoint()).unwrap();
    let notes = in_time(parties.converse(&frontend)).await;
    let tally = parties.end_and_check(frontend, &notes).await?;
    came_back(&notes)?;
    parties.backend.stop(Duration::ZERO).await;
    let struck = proxy.traffic().iter().filter(|traffic| traffic.was_struck()).count() as u64;
    Ok(TrialTotals { struck, never_connected: 0, tally })
}

#[test]
fn a_frontend_whose_connection_breaks_again_and_again_gets_to_the_end() {
    let trials = if trial::is_full_run() { 2_000 } else { 20 };
    for sockets in [Sockets::Unix, Sockets::Tcp] {
        let sums = trial::on_all_threads(trials, |seeds| {
            let (runtime, mut sum) = (runtime(), TrialTotals::default());
            for seed in seeds {
                let trial = runtime
                    .block_on(again_and_again(sockets, seed))
                    .unwrap_or_else(|why| panic!("{sockets:?}, seed {seed}: {why}"));
                sum.add(&trial);
            }
            sum
        });
        let sum = TrialTotals::of(&sums);
        println!("again and again, {sockets:?}, {trials} trials of up to 12 cuts: {sum}");
    }
}

/// The plan of the only connection, with what makes up for silence.
async fn with_heartbeat(sockets: Sockets, plan: Plan) -> Tally {
    let mut limits = Limits::default();
    limits.heartbeat = Some(Duration::from_secs(1));
    let parties = Parties::new(Backend::builder().limits(limits.clone()));
    let carrier = sockets.carrier();
    let proxy = Proxy::before(&carrier.listen(&parties.backend).await).await;
    proxy.plan(plan);
    let builder = parties.frontend(Frontend::builder().limits(limits)).unwrap();
    let frontend = in_time(builder.connect(proxy.endpoint())).await.unwrap();
    let notes = in_time(parties.converse(&frontend)).await;
    parties.end_and_check(frontend, &notes).await.unwrap()
}

#[test]
fn sockets_that_carry_a_few_bytes_at_a_time_carry_everything() {
    for sockets in [Sockets::Unix, Sockets::Tcp] {
        let tally = runtime().block_on(with_heartbeat(sockets, Plan::harmless().in_pieces(3)));
        assert!(tally.has_not_run == 0 && tally.streams_ended == 0, "{tally:?}");
    }
}

#[test]
fn sockets_that_stall_are_given_up() {
    let trials = [Sockets::Unix, Sockets::Tcp].into_iter().flat_map(|sockets| {
        Direction::BOTH.map(|direction| {
            with_heartbeat(sockets, Plan::harmless().ends(direction, 4_000, Ending::Stall))
        })
    });
    // All at once: each is a wait for a heartbeat.
    for tally in runtime().block_on(join_all(trials)) {
        assert!(tally.has_not_run > 0, "{tally:?}");
    }
}
