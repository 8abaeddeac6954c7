//! The processes of an example, from outside.

use std::{
    collections::VecDeque,
    env,
    error::Error,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use crate::{PATIENCE, Screen};

type StageResult<T = ()> = Result<T, Box<dyn Error>>;

/// The processes of an example: this program, started once more for each. What they say is shown,
/// line by line.
///
/// They end with this: their input is closed when this is dropped, and also when this process dies.
#[derive(Debug)]
pub struct Stage {
    screen: Screen,
    actors: Vec<Actor>,
    voices: mpsc::Sender<Heard>,
    heard: mpsc::Receiver<Heard>,
    begun: Instant,
}

#[derive(Debug)]
struct Actor {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    /// What it has said, and nobody has waited for yet.
    said: VecDeque<String>,
    /// It has closed its output.
    is_silent: bool,
}

#[derive(Debug)]
struct Heard {
    /// Which of the actors.
    place: usize,
    /// `None`: there is nothing more to come.
    line: Option<String>,
}

impl Stage {
    /// An empty one, with the title of the example.
    pub fn new(title: &str) -> Self {
        let screen = Screen::new();
        screen.title(title);
        let (voices, heard) = mpsc::channel();
        Self { screen, actors: Vec::new(), voices, heard, begun: Instant::now() }
    }

    /// Where it is shown.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// What comes next.
    pub fn heading(&self, text: &str) {
        self.screen.heading(text);
    }

    /// Starts this program once more with these arguments.
    pub fn start(&mut self, name: &str, arguments: &[&str]) -> StageResult {
        let mut command = Command::new(env::current_exe()?);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = output.ok_or("a process has no output")?;
        let (place, voices) = (self.actors.len(), self.voices.clone());
        thread::spawn(move || {
            // Read to the end, also when nobody listens any more: it may still write.
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = voices.send(Heard { place, line: Some(line) });
            }
            let _ = voices.send(Heard { place, line: None });
        });
        let (name, said) = (name.to_owned(), VecDeque::new());
        self.actors.push(Actor { name, child, input, said, is_silent: false });
        Ok(())
    }

    /// Types a line into a process.
    pub fn order(&mut self, name: &str, order: &str) -> StageResult {
        self.screen.typed(name, order);
        let actor = self.actor(name)?;
        let gone = || format!("{name} takes no orders any more");
        let input = actor.input.as_mut().ok_or_else(gone)?;
        writeln!(input, "{order}").map_err(|error| format!("{}: {error}", gone()).into())
    }

    /// Waits until a process has said a line that holds this text, and gives the line. Each line is
    /// waited for once.
    pub fn wait_for(&mut self, name: &str, text: &str) -> StageResult<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let actor = self.actor(name)?;
            if let Some(at) = actor.said.iter().position(|line| line.contains(text)) {
                return Ok(actor.said.remove(at).unwrap_or_default());
            }
            if actor.is_silent {
                let status = actor.child.wait()?;
                return Err(format!("{name} has ended ({status}) without `{text}`").into());
            }
            if !self.hear(deadline)? {
                return Err(format!("{name} didn't say `{text}` within {PATIENCE:?}").into());
            }
        }
    }

    /// Lets a process end, and checks that it ends well.
    pub fn end(&mut self, name: &str) -> StageResult {
        drop(self.actor(name)?.input.take());
        let status = self.wait_for_end(name)?;
        if status.success() { Ok(()) } else { Err(format!("{name} has ended: {status}").into()) }
    }

    /// Kills a process, as a crash would.
    pub fn kill(&mut self, name: &str) -> StageResult {
        self.screen.typed(name, "(it is killed)");
        self.actor(name)?.child.kill()?;
        self.wait_for_end(name).map(drop)
    }

    /// Lets all processes end that are left, the last one first.
    pub fn finish(mut self) -> StageResult {
        let names: Vec<_> = self.actors.iter().map(|actor| actor.name.clone()).collect();
        for name in names.iter().rev() {
            if self.actor(name)?.input.is_some() {
                self.end(name)?;
            }
        }
        let elapsed = self.begun.elapsed().as_millis();
        self.screen.heading(format_args!("Done in {elapsed} ms, and all processes have ended."));
        Ok(())
    }

    fn actor(&mut self, name: &str) -> StageResult<&mut Actor> {
        let actor = self.actors.iter_mut().find(|actor| actor.name == name);
        actor.ok_or_else(|| format!("there is no process `{name}`").into())
    }

    fn wait_for_end(&mut self, name: &str) -> StageResult<ExitStatus> {
        let deadline = Instant::now() + PATIENCE;
        while !self.actor(name)?.is_silent {
            if !self.hear(deadline)? {
                return Err(format!("{name} didn't end within {PATIENCE:?}").into());
            }
        }
        let actor = self.actor(name)?;
        actor.input = None;
        Ok(actor.child.wait()?)
    }

    /// Shows the next line that anybody says. `false`: there was none in time.
    fn hear(&mut self, deadline: Instant) -> StageResult<bool> {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(Heard { place, line }) = self.heard.recv_timeout(left) else { return Ok(false) };
        let actor = self.actors.get_mut(place).ok_or("a voice from nowhere")?;
        match line {
            Some(line) => {
                self.screen.said(place, &actor.name, &line);
                actor.said.push_back(line);
            }
            None => actor.is_silent = true,
        }
        Ok(true)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // The last one first: who talks to another isn't left alone by it.
        while self.actors.pop().is_some() {}
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        // Not waited for politely after an error: its input closes, then it is killed if it is
        // still there, so that nothing stays behind.
        drop(self.input.take());
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
