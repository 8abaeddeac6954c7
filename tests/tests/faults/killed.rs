//! Processes that are killed and frozen during everything.

#![cfg(unix)]

use std::{collections::HashMap, time::Duration};

use futures_util::future::join_all;
use ipc_runtime::{
    Backend, ErrorKind, Frontend, Limits, Reconnect, Subscription, error::DisconnectReason,
    peer::ConnectionState,
};
use ipc_tests::{
    Fate, LedgerHandler, RunLog, Scratch, TestCarrier, alone,
    diary::{DiaryClient, Tick, Traces},
    eventually, in_time,
    memory::resident_kib,
    process::Process,
    trial,
};
use tokio::sync::watch;

const BINARY: &str = env!("CARGO_BIN_EXE_ipc-test-diary");

/// Calls that are under way when the backend is killed.
const CALLS: u32 = 1_000;
const SUBSCRIPTIONS: usize = 20;

/// How often it is killed.
fn kills() -> u32 {
    if trial::is_full_run() { 50 } else { 3 }
}

/// A backend that can be killed and started again.
struct Frail {
    endpoint: String,
    process: Process,
    traces: Traces,
    _place: TestCarrier,
    directory: Scratch,
}

impl Frail {
    async fn new(carrier: TestCarrier) -> Self {
        let directory = Scratch::new();
        let file = directory.join("diary");
        let (process, endpoint) = start(&carrier.endpoint, &directory).await;
        Self { endpoint, process, traces: Traces::new(file), _place: carrier, directory }
    }

    async fn kill(&mut self) {
        self.process.kill().await;
    }

    async fn start(&mut self) {
        self.process = start(&self.endpoint, &self.directory).await.0;
    }
}

async fn start(endpoint: &str, directory: &Scratch) -> (Process, String) {
    let file = directory.join("diary");
    let mut process = Process::start(BINARY, ["serve", endpoint, file.to_str().unwrap()]);
    let ready = process.line().await;
    let endpoint = ready.strip_prefix("ready ").unwrap_or_else(|| panic!("{ready}")).to_owned();
    (process, endpoint)
}

fn soon() -> Reconnect {
    let mut reconnect = Reconnect::default();
    (reconnect.first_delay, reconnect.max_delay) =
        (Duration::from_millis(1), Duration::from_millis(20));
    reconnect
}

/// Reads on, and tells of how many processes it has seen items. Between two of them a gap is told,
/// and of each nothing is missing in between.
async fn watch_ticks(mut ticks: Subscription<Tick>, seen: watch::Sender<u32>) -> u32 {
    let (mut last, mut gaps): (Option<Tick>, u32) = (None, 0);
    while let Some(tick) = ticks.next().await {
        match tick {
            Ok(tick) => {
                match last {
                    Some(before) if before.process == tick.process => {
                        assert_eq!(tick.number, before.number + 1, "nothing is lost or doubled");
                    }
                    Some(_) => panic!("another process, and no gap was told"),
                    None => seen.send_modify(|seen| *seen += 1),
                }
                last = Some(tick);
            }
            Err(error) if error.kind() == ErrorKind::Gap => (last, gaps) = (None, gaps + 1),
            Err(error) if error.kind() == ErrorKind::Disconnected => {
                assert!(error.to_string().contains("this side closed"), "{error}");
            }
            Err(error) => panic!("{error}"),
        }
    }
    gaps
}

async fn killed_during_everything(carrier: TestCarrier) {
    let mut backend = Frail::new(carrier).await;
    let builder = Frontend::builder().reconnect(soon());
    let frontend = builder.connect(&backend.endpoint).await.unwrap();
    let diary: DiaryClient = frontend.open().await.unwrap();
    let mut watchers = Vec::new();
    for _ in 0..SUBSCRIPTIONS {
        let (seen, sees) = watch::channel(0);
        let ticks = diary.ticks().await.unwrap();
        watchers.push((tokio::spawn(watch_ticks(ticks, seen)), sees));
    }
    let (mut fates, mut next) = (HashMap::new(), 0_u32);
    for kill in 1..=kills() {
        for (_, sees) in &mut watchers {
            in_time(sees.wait_for(|seen| *seen >= kill)).await.unwrap();
        }
        // One of ten may run twice, and is made again by itself.
        let numbers: Vec<_> = (next..next + CALLS).collect();
        next += CALLS;
        let before = backend.traces.read().len();
        let calls: Vec<_> = numbers
            .iter()
            .map(|call| {
                let again = call % 10 == 0;
                let made = if again { diary.work_again(*call) } else { diary.work(*call) };
                tokio::spawn(made.no_timeout())
            })
            .collect();
        eventually("some ran", || backend.traces.read().len() > before + CALLS as usize / 3).await;
        backend.kill().await;
        let mut state = frontend.state();
        let lost = |state: &ConnectionState| !matches!(state, ConnectionState::Connected { .. });
        in_time(state.wait_for(lost)).await.unwrap();
        backend.start().await;
        for (call, outcome) in numbers.into_iter().zip(in_time(join_all(calls)).await) {
            fates.insert(call, Fate::of(&outcome.unwrap()));
        }
        in_time(state.wait_for(|state| matches!(state, ConnectionState::Connected { .. })))
            .await
            .unwrap();
    }
    for (_, sees) in &mut watchers {
        in_time(sees.wait_for(|seen| *seen > kills())).await.unwrap();
    }
    frontend.close().await;
    let mut gaps = 0;
    for (watcher, _) in watchers {
        gaps += in_time(watcher).await.unwrap();
    }
    assert_eq!(gaps, kills() * SUBSCRIPTIONS as u32);
    drop(diary);
    eventually("nothing is left", || frontend.usage().is_zero()).await;
    let mut runs = HashMap::<u32, u32>::new();
    backend.traces.read().into_iter().for_each(|call| *runs.entry(call).or_default() += 1);
    let mut counts = [0_u32; 3];
    let mut again = 0;
    for (call, fate) in &fates {
        let (ran, most) = (runs.get(call).copied().unwrap_or(0), 1 + u32::from(call % 10 == 0));
        assert!(fate.allows(ran, most), "call {call} ran {ran} times, and was told {fate:?}");
        counts[*fate as usize] += 1;
        again += u32::from(ran == 2);
    }
    let [answered, has_not_run, may_have_run] = counts;
    println!(
        "{}: killed {} times during {CALLS} calls and {SUBSCRIPTIONS} subscriptions: {answered} \
         answered, {may_have_run} may have run, {has_not_run} had not, {again} idempotent ones ran \
         twice, {gaps} gaps told",
        backend.endpoint.split(':').next().unwrap_or_default(),
        kills(),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_killed_during_a_thousand_calls_is_found_again_over_a_unix_socket() {
    killed_during_everything(TestCarrier::unix()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_killed_during_a_thousand_calls_is_found_again_over_a_web_socket() {
    killed_during_everything(TestCarrier::web_socket()).await;
}

async fn frontend_is_killed(carrier: TestCarrier) {
    let (backend, book) = (Backend::new(), RunLog::default());
    backend.register(LedgerHandler::new(book.clone())).unwrap();
    let endpoint = carrier.listen(&backend).await.to_string();
    for _ in 0..kills() {
        let mut process = Process::start(BINARY, ["use", &endpoint]);
        assert_eq!(process.line().await, "busy");
        eventually("all of it is there", || {
            let usage = backend.usage();
            usage.running_handlers >= CALLS as usize && usage.outgoing_streams == SUBSCRIPTIONS
        })
        .await;
        book.ticks().fire(1);
        process.kill().await;
        eventually("nothing is left", || backend.usage().is_zero() && book.alive() == 0).await;
        assert_eq!(book.ticks().listener_count(), 0);
    }
    println!("frontend: killed {} times during {CALLS} calls: nothing was left", kills());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_frontend_leaves_nothing_behind() {
    frontend_is_killed(TestCarrier::unix()).await;
    frontend_is_killed(TestCarrier::web_socket()).await;
}

fn pulse(seconds: u64) -> Limits {
    let mut limits = Limits::default();
    limits.heartbeat = Some(Duration::from_secs(seconds));
    limits
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_a_frozen_backend_meet_their_deadlines_and_its_silence_is_noticed() {
    let backend = Frail::new(TestCarrier::unix()).await;
    let builder = Frontend::builder().limits(pulse(2));
    let frontend = in_time(builder.connect(&backend.endpoint)).await.unwrap();
    let diary: DiaryClient = frontend.open().await.unwrap();
    let mut ticks = diary.ticks().await.unwrap();
    backend.process.signal("STOP").await;
    let hurried = diary.work(1).timeout(Duration::from_millis(100));
    let error = in_time(hurried).await.unwrap_err();
    assert!(error.kind() == ErrorKind::DeadlineExceeded, "{error}");
    let patient = tokio::spawn(diary.work(2).no_timeout());
    let reason = in_time(frontend.closed()).await;
    assert!(matches!(reason, DisconnectReason::Unresponsive), "{reason}");
    let error = in_time(patient).await.unwrap().unwrap_err();
    assert!(error.kind() == ErrorKind::Disconnected, "{error}");
    // What had come before is still there.
    let end = async { while let Some(Ok(_)) = ticks.next().await {} };
    in_time(end).await;
    backend.process.signal("CONT").await;
    let frontend = in_time(Frontend::connect(&backend.endpoint)).await.unwrap();
    let diary: DiaryClient = frontend.open().await.unwrap();
    assert_eq!(diary.work(3).await.unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frontend_that_comes_back_finds_a_backend_that_was_frozen_for_long() {
    let backend = Frail::new(TestCarrier::unix()).await;
    let mut limits = pulse(1);
    limits.handshake_timeout = Duration::from_millis(500);
    let builder = Frontend::builder().limits(limits).reconnect(soon());
    let frontend = in_time(async {
        // On a busy machine, half a second may be too short.
        loop {
            match builder.clone().connect(&backend.endpoint).await {
                Ok(frontend) => break frontend,
                Err(_) => continue,
            }
        }
    })
    .await;
    let diary: DiaryClient = frontend.client();
    let mut ticks = in_time(diary.ticks()).await.unwrap();
    let first = in_time(ticks.next()).await.unwrap().unwrap();
    backend.process.signal("STOP").await;
    let mut state = frontend.state();
    let tried = |state: &ConnectionState| {
        matches!(state, ConnectionState::Reconnecting { attempts: 2.., .. })
    };
    in_time(state.wait_for(tried)).await.unwrap();
    backend.process.signal("CONT").await;
    in_time(state.wait_for(|state| matches!(state, ConnectionState::Connected { .. })))
        .await
        .unwrap();
    let mut last = first.number;
    loop {
        match in_time(ticks.next()).await.unwrap() {
            Ok(tick) => {
                assert_eq!(tick.number, last + 1, "nothing is missing before the gap");
                last = tick.number;
            }
            Err(error) if error.kind() == ErrorKind::Gap => break,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(in_time(ticks.next()).await.unwrap().unwrap().number > last);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_is_continued_in_time_goes_on() {
    let backend = Frail::new(TestCarrier::unix()).await;
    let frontend = in_time(Frontend::connect(&backend.endpoint)).await.unwrap();
    let diary: DiaryClient = frontend.open().await.unwrap();
    let mut ticks = diary.ticks().await.unwrap();
    let before = in_time(ticks.next()).await.unwrap().unwrap();
    backend.process.signal("STOP").await;
    let calls: Vec<_> = (0..100).map(|call| tokio::spawn(diary.work(call))).collect();
    eventually("they are made", || frontend.usage().pending_calls == 100).await;
    assert!(calls.iter().all(|call| !call.is_finished()));
    backend.process.signal("CONT").await;
    for (number, call) in calls.into_iter().enumerate() {
        assert_eq!(in_time(call).await.unwrap().unwrap() as usize, number);
    }
    assert_eq!(in_time(ticks.next()).await.unwrap().unwrap().number, before.number + 1);
    let mut runs = backend.traces.read();
    runs.sort_unstable();
    assert_eq!(runs, (0..100).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_frontend_takes_no_memory_and_is_given_up() {
    if !alone!(a_frozen_frontend_takes_no_memory_and_is_given_up) {
        return;
    }
    // Much more than the backend may keep for it.
    const FIRED: u32 = 300_000;
    let book = RunLog::default();
    let backend = Backend::builder().limits(pulse(3)).build();
    backend.register(LedgerHandler::new(book.clone())).unwrap();
    let carrier = TestCarrier::unix();
    let endpoint = carrier.listen(&backend).await.to_string();
    let mut process = Process::start(BINARY, ["use", &endpoint]);
    assert_eq!(process.line().await, "busy");
    process.signal("STOP").await;
    let before = resident_kib();
    for number in 0..FIRED {
        book.ticks().fire(number);
        if number % 1_000 == 0 {
            tokio::task::yield_now().await;
        }
    }
    if let (Some(before), Some(after)) = (before, resident_kib()) {
        println!(
            "frozen: {FIRED} items to 20 subscriptions took {} KiB",
            after - before.min(after)
        );
        assert!(after < before + 64 * 1024, "{before} KiB before, {after} KiB after");
    }
    eventually("it is given up", || backend.usage().is_zero() && book.alive() == 0).await;
    process.signal("CONT").await;
}
