//! A whole example, as its test sees it.

use std::{
    io::{self, Read},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::PATIENCE;

/// A run of an example: how it ended, and what it has said.
#[derive(Debug)]
pub struct Performance {
    /// How it ended; `None`: it didn't, and was killed.
    pub status: Option<ExitStatus>,
    /// What it has said.
    pub stdout: String,
    /// What went wrong in it.
    pub stderr: String,
}

impl Performance {
    /// Runs a program, as people do from a script: without a terminal.
    ///
    /// # Errors
    ///
    /// When it can't be started.
    pub fn run(program: &str) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let stdout = read(child.stdout.take());
        let stderr = read(child.stderr.take());
        let status = wait(&mut child)?;
        let text = |reader: thread::JoinHandle<String>| reader.join().unwrap_or_default();
        Ok(Self { status, stdout: text(stdout), stderr: text(stderr) })
    }

    /// Whether it has ended by itself, with 0.
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// What it has said of which there was no line with this name in front and this text behind.
    pub fn missing<'a>(&self, lines: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let said = |(name, text): &(&str, &str)| {
            let of_it = |line: &str| line.trim_start().starts_with(name) && line.contains(text);
            self.stdout.lines().any(of_it)
        };
        lines.iter().copied().filter(|line| !said(line)).collect()
    }
}

/// Reads to the end, beside the others: a full pipe would hold the program up.
fn read(output: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut output) = output {
            let _ = output.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn wait(child: &mut Child) -> io::Result<Option<ExitStatus>> {
    // More than the example itself has patience, so that it can tell what is wrong.
    let deadline = Instant::now() + PATIENCE * 2;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}
