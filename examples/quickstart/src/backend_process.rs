//! The backend as a child of this process.

use std::{
    env,
    error::Error,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use crate::backend::{LISTENING_ON, READY};

/// How long the backend may take to start, and to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// A backend that was started by this process. It ends with it: its input is closed when this is
/// dropped, and also when this process dies.
pub(crate) struct BackendProcess {
    child: Child,
    endpoints: Vec<String>,
}

impl BackendProcess {
    /// Starts this program once more as a backend, and waits until it listens.
    pub(crate) fn start(endpoints: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(env::current_exe()?);
        command.args(["backend", "--until-eof"]);
        for endpoint in endpoints {
            command.args(["--listen", endpoint]);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("the backend has no output")?;
        let mut backend = Self { child, endpoints: Vec::new() };

        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            // Read to the end, also when nobody listens any more: the backend may still write.
            BufReader::new(output).lines().map_while(Result::ok).for_each(|line| {
                let _ = sender.send(line);
            });
        });
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match lines.recv_timeout(left) {
                Ok(line) if line == READY => return Ok(backend),
                Ok(line) => {
                    backend.endpoints.extend(line.strip_prefix(LISTENING_ON).map(str::to_owned));
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    return Err(format!("the backend was not ready within {PATIENCE:?}").into());
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err("the backend has ended before it was ready; see above".into());
                }
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens, in the order that was asked for.
    pub(crate) fn endpoints(&self) -> &[String] {
        &self.endpoints
    }

    /// Lets it end, and waits for that.
    pub(crate) fn stop(mut self) -> Result<(), Box<dyn Error>> {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("the backend has ended with {status}").into()),
                None => thread::sleep(Duration::from_millis(5)),
            }
        }
        Err(format!("the backend didn't end within {PATIENCE:?}, and was killed").into())
    }
}

impl Drop for BackendProcess {
    fn drop(&mut self) {
        // After an error it isn't waited for politely: its input closes, then it is killed if it
        // is still there, so that nothing stays behind.
        drop(self.child.stdin.take());
        for _ in 0..200 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
