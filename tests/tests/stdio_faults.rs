//! `stdio:` when something goes wrong: threads that are all busy, and processes that die and leave
//! others behind.

#![cfg_attr(windows, allow(unused, reason = "several tests are for Unix alone"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use futures_util::future::join_all;
use ipc_runtime::{DisconnectReason, Encoding, Frontend, IpcError, Limits};
use ipc_tests::{
    SlowClient, eventually, in_time,
    worker::{Pane, THREADS, WindowHandler, WorkerClient},
};
use tokio::process::Command;

const WORKER: &str = env!("CARGO_BIN_EXE_ipc-test-worker");

fn worker<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new(WORKER);
    command.args(arguments);
    command
}

/// Never ends anything by itself: what has to end a connection is to be seen at once, or never.
fn patient() -> Limits {
    let mut limits = Limits::default();
    limits.heartbeat = None;
    limits.frame_timeout = None;
    limits.call_timeout = None;
    limits
}

struct Site {
    frontend: Frontend,
    worker: WorkerClient,
    slow: SlowClient,
}

impl Site {
    async fn new() -> Self {
        Self::speaking(Encoding::Json).await
    }

    async fn speaking(encoding: Encoding) -> Self {
        let builder = Frontend::builder().limits(patient()).encoding(encoding);
        let builder = builder.register(WindowHandler::new(Pane)).unwrap();
        let frontend = in_time(builder.spawn(worker(["serve"]))).await.unwrap();
        let worker = in_time(frontend.open()).await.unwrap();
        let slow = in_time(frontend.open()).await.unwrap();
        Self { frontend, worker, slow }
    }
}

#[tokio::test]
async fn handlers_that_take_every_thread_stop_nobody_from_writing() {
    let site = Site::new().await;
    let calls = u32::try_from(10 * THREADS).unwrap();
    let blocked: Vec<_> = (0..calls).map(|call| tokio::spawn(site.slow.block(call))).collect();
    for _ in 0..10 {
        assert_eq!(in_time(site.slow.ping()).await.unwrap(), 7);
    }
    in_time(site.worker.release_all()).await.unwrap();
    for (call, blocked) in (0..).zip(blocked) {
        assert_eq!(in_time(blocked).await.unwrap().unwrap(), call);
    }
}

#[tokio::test]
async fn handlers_that_take_every_thread_get_their_answers() {
    let site = Site::new().await;
    let questions = u32::try_from(10 * THREADS).unwrap();
    let asked = join_all((0..questions).map(|question| site.worker.ask(question)));
    for (question, answer) in (0..).zip(in_time(asked).await) {
        assert_eq!(answer.unwrap(), question * 2);
    }
}

#[tokio::test]
async fn replies_that_do_not_fit_into_the_pipe_arrive_whole() {
    let site = Site::new().await;
    let sizes = [0, 1, 65_535, 65_536, 65_537, 3 << 20];
    let calls = join_all(sizes.map(|size| site.slow.fill(size)));
    for (size, reply) in sizes.into_iter().zip(in_time(calls).await) {
        assert_eq!(reply.unwrap().len(), size);
    }
}

/// Everything that is left behind in a test ends with it.
#[cfg(unix)]
struct Orphan(u32);

#[cfg(unix)]
impl Drop for Orphan {
    fn drop(&mut self) {
        kill(self.0);
    }
}

#[cfg(unix)]
fn kill(process: u32) {
    let kill = std::process::Command::new("kill").args(["-9", &process.to_string()]).status();
    assert!(kill.unwrap().success());
}

#[cfg(unix)]
fn backend_of(site: &Site) -> u32 {
    let process = site.frontend.peer().credentials().unwrap().process;
    process.unwrap().try_into().unwrap()
}

/// Whether nothing is left of a process, or only what its parent has yet to ask for.
#[cfg(unix)]
fn has_ended(process: u32) -> bool {
    let mut ps = std::process::Command::new("ps");
    ps.args(["-o", "stat=", "-p", &process.to_string()]);
    let state = String::from_utf8(ps.output().unwrap().stdout).unwrap();
    state.is_empty() || state.starts_with('Z')
}

#[cfg(unix)]
async fn leave_a_child_behind(site: &Site) -> Orphan {
    Orphan(in_time(site.worker.start(vec!["hold".into()])).await.unwrap())
}

#[tokio::test]
#[cfg(unix)]
async fn a_backend_that_is_killed_ends_its_calls_though_its_child_lives() {
    let site = Site::new().await;
    let _orphan = leave_a_child_behind(&site).await;
    let calls: Vec<_> = (0..20).map(|call| tokio::spawn(site.slow.patient(call))).collect();
    assert_eq!(in_time(site.slow.ping()).await.unwrap(), 7);
    kill(backend_of(&site));
    for call in calls {
        let ended = in_time(call).await.unwrap();
        let lost = matches!(
            ended,
            Err(IpcError::Disconnected { reason: DisconnectReason::ClosedByPeer(None), .. })
        );
        assert!(lost, "{ended:?}");
    }
    in_time(site.frontend.closed()).await;
}

#[tokio::test]
#[cfg(unix)]
async fn what_a_backend_has_said_before_it_ended_is_heard_though_its_child_lives() {
    let site = Site::new().await;
    let _orphan = leave_a_child_behind(&site).await;
    let replies = join_all((0..200).map(|call| site.slow.fill_later(call, 100)));
    let replies = tokio::spawn(replies);
    in_time(site.worker.finish(200)).await.unwrap();
    // Nothing is read from here on: all of it is there at once, and so is the end of the process.
    let backend = backend_of(&site);
    while !has_ended(backend) {
        std::thread::sleep(Duration::from_millis(20));
    }
    for reply in in_time(replies).await.unwrap() {
        assert_eq!(reply.unwrap().len(), 100);
    }
    match in_time(site.frontend.closed()).await {
        DisconnectReason::ClosedByPeer(Some(why)) => assert!(why.contains("stopping"), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
#[cfg(unix)]
async fn a_frontend_that_goes_ends_its_backend_though_its_child_lives() {
    let site = Site::new().await;
    let _orphan = leave_a_child_behind(&site).await;
    let backend = backend_of(&site);
    in_time(site.frontend.close()).await;
    eventually("the backend has ended", || has_ended(backend)).await;
}
