//! `stdio:` when something goes wrong: threads that are all busy, processes that die and leave
//! others behind, and output that is none of the protocol's.

#![cfg_attr(windows, allow(unused, reason = "several tests are for Unix alone"))]

use std::{process::Stdio, time::Duration};

use futures_util::future::join_all;
use ipc_runtime::{
    ConnectError, Encoding, ErrorKind, Frontend, IpcError, Limits, error::DisconnectReason,
};
use ipc_tests::{
    Scratch, SlowClient, endpoint_of, eventually, in_time,
    worker::{Pane, THREADS, WindowHandler, WorkerClient},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
};

const WORKER: &str = env!("CARGO_BIN_EXE_ipc-test-worker");

/// A line that is answered by one.
const PING: &[u8] = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.slow.ping\"}\n";

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

/// Why a connection has ended on which something else came in.
fn stray(reason: &DisconnectReason) -> &str {
    match reason {
        DisconnectReason::StrayOutput(said) => said,
        other => panic!("{other:?}"),
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

#[tokio::test]
async fn a_backend_whose_output_nobody_takes_any_more_ends() {
    let mut command = worker(["serve"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    drop(child.stdout.take());
    // More than once: another test that starts a process at this moment has a copy of the pipe.
    let asking = async {
        while stdin.write_all(PING).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Its input stays open.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = in_time(child.wait()) => assert!(ended.unwrap().success()),
        () = asking => {}
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
        let reason = ended.as_ref().err().and_then(IpcError::reason);
        assert!(matches!(reason, Some(DisconnectReason::ClosedByPeer(None))), "{ended:?}");
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

#[tokio::test]
async fn what_a_handler_prints_ends_the_connection_and_is_shown() {
    for encoding in [Encoding::Json, Encoding::MessagePack] {
        for (text, shown) in [
            ("hello\n", "hello"),
            ("hell", "hell"),
            // Little-endian lengths below the limit, and below what may be skipped.
            ("\n", "\\n"),
            ("a", "a"),
            ("ok\n", "ok"),
            ("abc\n", "abc"),
            ("[1, {\"level\":\"info\"}]\n", "[1, {"),
            ("{\"level\":\"info\",\"text\":\"started\"}\n", "{\"level\":\"info\""),
            ("größe\n", "größe"),
            ("\u{1b}[32mready\u{1b}[0m\n", "\\u{1b}[32mready"),
        ] {
            let site = Site::speaking(encoding).await;
            // Its reply comes behind what it printed.
            let call = tokio::spawn(site.worker.print(text.into()));
            let reason = in_time(site.frontend.closed()).await;
            assert!(stray(&reason).starts_with(shown), "{text:?}: {reason:?}");
            let told = reason.to_string();
            assert!(told.contains("standard output") && told.contains("standard error"), "{told}");
            match in_time(call).await.unwrap() {
                Err(error) if error.kind() == ErrorKind::Disconnected => {
                    let reason = error.reason().unwrap();
                    assert!(stray(reason).starts_with(shown), "{reason:?}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn what_is_printed_between_large_messages_is_found() {
    let site = Site::new().await;
    let large = join_all((0..8).map(|_| site.slow.fill(300_000)));
    let printed = join_all((0..8).map(|_| site.worker.print("a line of the log\n".into())));
    let calls = tokio::spawn(futures_util::future::join(large, printed));
    // Amid one of them it breaks that, and what follows is none.
    let reason = in_time(site.frontend.closed()).await;
    assert!(!stray(&reason).is_empty());
    let (_, printed) = in_time(calls).await.unwrap();
    assert!(printed.iter().any(Result::is_err), "{printed:?}");
}

#[tokio::test]
async fn what_a_child_of_the_backend_prints_is_shown() {
    let site = Site::new().await;
    let ran = tokio::spawn(site.worker.run(vec!["say".into(), "compiling 3 files\n".into()]));
    let reason = in_time(site.frontend.closed()).await;
    assert!(stray(&reason).starts_with("compiling 3 files"), "{reason:?}");
    assert!(in_time(ran).await.unwrap().is_err());
}

#[tokio::test]
async fn what_is_shown_of_stray_output_is_cut_off() {
    let site = Site::new().await;
    let printed = tokio::spawn(site.worker.print("log ".repeat(10_000)));
    let reason = in_time(site.frontend.closed()).await;
    let shown = stray(&reason);
    assert!(shown.starts_with("log log") && shown.ends_with('…'), "{shown}");
    assert!(shown.chars().count() < 100, "{shown}");
    assert!(in_time(printed).await.unwrap().is_err());
}

async fn fails(command: Command) -> String {
    let mut limits = patient();
    limits.handshake_timeout = Duration::from_secs(600);
    match in_time(Frontend::builder().limits(limits).spawn(command)).await {
        Err(error @ ConnectError::Io { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_banner_is_told_and_shown() {
    for banner in ["worker 1.0 is ready\n", "I am ready\n", "{\"ready\":true}\n"] {
        let error = fails(worker(["serve", banner])).await;
        assert!(error.contains(&format!("`{}`", banner.trim_end())), "{error}");
        assert!(error.contains("standard output") && error.contains("standard error"), "{error}");
        assert!(error.contains("stdio:"), "{error}");
    }
}

#[tokio::test]
async fn how_a_process_ended_that_never_said_anything_is_told() {
    let error = fails(worker(["fail"])).await;
    assert!(error.contains("ended before it said anything"), "{error}");
    assert!(error.contains("3"), "its exit code: {error}");
}

#[tokio::test]
#[cfg(unix)]
async fn a_process_that_sends_back_what_it_is_sent_is_no_backend() {
    let error = fails(Command::new("cat")).await;
    assert!(error.contains("sends back what it is sent"), "{error}");
}

#[tokio::test]
async fn a_backend_that_waits_for_ctrl_c_ends_with_its_input() {
    let mut command = worker(["serve-until-ctrl-c"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    for said in [b"", PING] {
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        in_time(stdin.write_all(said)).await.unwrap();
        drop(stdin);
        let mut output = String::new();
        in_time(child.stdout.take().unwrap().read_to_string(&mut output)).await.unwrap();
        assert_eq!(output.is_empty(), said.is_empty(), "{output}");
        assert!(in_time(child.wait()).await.unwrap().success());
    }
}

#[tokio::test]
async fn a_backend_that_can_be_reached_elsewhere_goes_on_without_its_input() {
    let directory = Scratch::new();
    let other = endpoint_of(&directory.socket("s"));
    let mut command = worker(["serve-until-ctrl-c", &other]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    in_time(stdin.write_all(PING)).await.unwrap();
    drop(stdin);
    // Its first answer: it serves, and its input ends behind the question.
    let mut answer = [0; 1];
    in_time(child.stdout.as_mut().unwrap().read_exact(&mut answer)).await.unwrap();
    let elsewhere = in_time(Frontend::connect(other.as_str())).await.unwrap();
    for _ in 0..20 {
        assert_eq!(in_time(elsewhere.call::<u32>("test.slow.ping", &())).await.unwrap(), 7);
        let another = in_time(Frontend::connect(other.as_str())).await.unwrap();
        assert_eq!(in_time(another.call::<u32>("test.slow.ping", &())).await.unwrap(), 7);
    }
}
