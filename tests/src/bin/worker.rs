//! A backend on `stdio:` that does what is hard on one, or wrong.
//!
//! - `ipc-test-worker serve [BANNER]`: prints the banner, if there is one, then serves a [`Worker`]
//!   until `finish` is called. Its blocking pool has [`THREADS`] threads.
//! - `ipc-test-worker serve-until-ctrl-c [ENDPOINT]`: serves until Ctrl-C, there too.
//! - `ipc-test-worker hold`: does nothing for a minute, and holds what it has inherited meanwhile.
//! - `ipc-test-worker say TEXT`: prints the text.
//! - `ipc-test-worker fail`: ends with the exit code 3.

#![allow(clippy::expect_used, reason = "a worker that fails ends its test")]

use std::{
    env,
    future::Future,
    io::{self, Write},
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use ipc_runtime::{Backend, Peer};
use ipc_tests::{
    Gates, SlowHandler,
    worker::{THREADS, WindowClient, Worker, WorkerHandler},
};
use tokio::{
    runtime::{Builder, Handle},
    signal::ctrl_c,
    sync::Notify,
};

type Failure = Box<dyn std::error::Error>;

struct Clerk {
    window: WindowClient,
    gates: Gates,
    finished: Arc<Notify>,
}

impl Worker for Clerk {
    fn ask(&self, question: u32) -> u32 {
        let answer = Handle::current().block_on(async { self.window.answer(question).await });
        answer.expect("the window answers")
    }

    fn release_all(&self) {
        self.gates.release_all();
    }

    fn print(&self, text: String) {
        say(&text).expect("standard output is open");
    }

    #[expect(clippy::zombie_processes, reason = "it outlives this process")]
    fn start(&self, arguments: Vec<String>) -> u32 {
        let child = child(&arguments).spawn().expect("it can be started");
        child.id()
    }

    fn run(&self, arguments: Vec<String>) -> bool {
        child(&arguments).status().expect("it can be started").success()
    }

    fn finish(&self, after: u64) {
        let (gates, finished) = (self.gates.clone(), self.finished.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(after)).await;
            gates.release_all();
            finished.notify_one();
        });
    }
}

/// This program once more, with the standard output that this one has.
fn child(arguments: &[String]) -> Command {
    let program = env::current_exe().expect("this program has a path");
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    command
}

fn say(text: &str) -> io::Result<()> {
    let mut output = io::stdout();
    output.write_all(text.as_bytes())?;
    output.flush()
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => run(serve()),
        ["serve", banner] => {
            say(banner)?;
            run(serve())
        }
        ["serve-until-ctrl-c"] => run(serve_until_ctrl_c(None)),
        ["serve-until-ctrl-c", other] => run(serve_until_ctrl_c(Some(other))),
        ["hold"] => {
            thread::sleep(Duration::from_secs(60));
            Ok(())
        }
        ["say", text] => Ok(say(text)?),
        ["fail"] => std::process::exit(3),
        _ => Err("serve, hold, say or fail".into()),
    }
}

fn run(serving: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let mut runtime = Builder::new_multi_thread();
    runtime.worker_threads(2).max_blocking_threads(THREADS).enable_all();
    runtime.build()?.block_on(serving)
}

async fn serve() -> Result<(), Failure> {
    let backend = Backend::new();
    let (gates, finished) = (Gates::new(), Arc::new(Notify::new()));
    backend.register(SlowHandler::new(gates.clone()))?;
    let told = finished.clone();
    backend.register_with(move |peer: Peer| {
        let (gates, finished) = (gates.clone(), told.clone());
        WorkerHandler::new(Clerk { window: peer.client(), gates, finished })
    })?;
    backend.listen("stdio:").await?;
    backend.run_until(finished.notified()).await;
    Ok(())
}

async fn serve_until_ctrl_c(other: Option<&str>) -> Result<(), Failure> {
    let backend = Backend::new();
    backend.register(SlowHandler::new(Gates::new()))?;
    if let Some(other) = other {
        backend.listen(other).await?;
    }
    backend.listen("stdio:").await?;
    Ok(backend.run_until(ctrl_c()).await?)
}
