//! Very many connections at once: they are held, they are served, and they leave nothing behind.

#![cfg(unix)]

use std::time::Duration;

use futures_util::{StreamExt, stream};
use ipc_runtime::{Frontend, Limits};
use ipc_tests::{
    LedgerClient, TestCarrier, eventually, in_time, memory::resident_kib, process::Process, trial,
};
use tokio::{io::AsyncReadExt, net::UnixStream, sync::Mutex};

const BINARY: &str = env!("CARGO_BIN_EXE_ipc-test-crowd");

/// A crowd of its full size.
const CROWD: u64 = 10_000;

/// One after the other: together they would need more open files than a process may have.
static TURN: Mutex<()> = Mutex::const_new(());

/// One that is smaller, unless everything is to be tried.
fn smaller() -> u64 {
    if trial::is_full_run() { CROWD } else { CROWD / 10 }
}

/// How many of them are on their way in at once.
const AT_ONCE: usize = 64;

/// A backend that waits so many seconds for somebody's first words.
async fn start(carrier: &TestCarrier, seconds: u64) -> (Process, String) {
    let seconds = seconds.to_string();
    let mut process = Process::start(BINARY, ["serve", &carrier.endpoint, &seconds]);
    let ready = process.line().await;
    let endpoint = ready.strip_prefix("ready ").unwrap_or_else(|| panic!("{ready}")).to_owned();
    (process, endpoint)
}

/// Waits until the backend has so many connections, or `zero`.
async fn has(process: &mut Process, connections: &str) {
    let waiting = async {
        while process.ask("").await.split(' ').next() != Some(connections) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    in_time(waiting).await;
}

async fn idle_connections_are_held(carrier: TestCarrier, crowd: u64) {
    let _turn = TURN.lock().await;
    // Thousands that come at once on a busy machine take their time.
    let (mut process, endpoint) = start(&carrier, 60).await;
    let memory = |line: String| line.split(' ').nth(1).unwrap().parse::<u64>().unwrap();
    let before = [memory(process.ask("").await), resident_kib().unwrap_or_default()];
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_secs(60);
    let connect = |_| {
        let (limits, endpoint) = (limits.clone(), &endpoint);
        async move {
            let builder = Frontend::builder().limits(limits);
            let frontend = builder.connect(endpoint.as_str()).await.unwrap();
            let ledger: LedgerClient = frontend.open().await.unwrap();
            (frontend, ledger)
        }
    };
    let arriving = stream::iter(0..crowd).map(connect).buffer_unordered(AT_ONCE);
    let windows: Vec<_> = arriving.collect().await;
    let there = process.ask("").await;
    assert!(there.starts_with(&format!("{} ", crowd)), "{there}");
    let after = [memory(there), resident_kib().unwrap_or_default()];
    // Each is still served.
    let calls = windows.iter().enumerate().map(|(number, (_, ledger))| async move {
        assert_eq!(ledger.now(number as u32).await.unwrap() as usize, number);
    });
    stream::iter(calls).buffer_unordered(AT_ONCE).for_each(async |()| ()).await;
    assert!(windows.iter().all(|(frontend, _)| frontend.is_connected()));
    let [backend, frontends] =
        [0, 1].map(|side| after[side].saturating_sub(before[side]) * 1024 / crowd);
    println!(
        "{}: {} idle connections, {backend} bytes each in the backend, {frontends} in the \
         frontends' process",
        endpoint.split(':').next().unwrap_or_default(),
        crowd,
    );
    let closing = windows.into_iter().map(|(frontend, ledger)| async move {
        drop(ledger);
        frontend.close().await;
        eventually("nothing is left", || frontend.usage().is_zero()).await;
    });
    stream::iter(closing).buffer_unordered(AT_ONCE).for_each(async |()| ()).await;
    has(&mut process, "zero").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_idle_connections_are_held_over_unix_sockets() {
    idle_connections_are_held(TestCarrier::unix(), CROWD).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_idle_connections_are_held_over_web_sockets() {
    idle_connections_are_held(TestCarrier::web_socket(), smaller()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_that_say_nothing_are_sent_away_and_others_are_served_meanwhile() {
    let _turn = TURN.lock().await;
    let (carrier, silent) = (TestCarrier::unix(), smaller());
    let (mut process, endpoint) = start(&carrier, 5).await;
    let path = endpoint.strip_prefix("unix:").unwrap();
    let arriving = stream::iter(0..silent).map(async |_| UnixStream::connect(path).await.unwrap());
    let connections: Vec<_> = arriving.buffer_unordered(AT_ONCE).collect().await;
    let frontend = in_time(Frontend::connect(endpoint.as_str())).await.unwrap();
    let ledger: LedgerClient = frontend.open().await.unwrap();
    let mut served = 0_u32;
    let sent_away = stream::iter(connections)
        .map(async |mut connection| connection.read(&mut [0]).await)
        .buffer_unordered(silent as usize)
        .all(async |read| matches!(read, Ok(0) | Err(_)));
    let serving = async {
        loop {
            assert_eq!(ledger.now(served).await.unwrap(), served);
            served += 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        all = in_time(sent_away) => assert!(all),
        () = serving => unreachable!("it has no end"),
    }
    assert!(served > 0 && frontend.is_connected());
    has(&mut process, "1").await;
    println!("{silent} silent connections were sent away, {served} calls were served meanwhile");
    frontend.close().await;
    has(&mut process, "zero").await;
}
