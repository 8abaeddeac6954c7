//! An interface for stock socket.io clients: what their pages say to a server, and it to them.

use std::{
    collections::HashMap,
    future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use futures_util::stream;
use ipc_runtime::{Bytes, CallContext, IpcError, Stream, WeakBackend, ipc_interface, ipc_type};

/// What can go wrong.
#[ipc_type]
#[derive(Debug, Clone, thiserror::Error)]
pub enum ArmError {
    /// Too far.
    #[error("{distance} m are out of reach")]
    OutOfReach {
        /// How far, in metres.
        distance: f64,
    },
}

/// Where the arm is.
#[ipc_type]
#[derive(Debug, Clone)]
pub struct Position {
    /// To the right.
    pub x: f64,
    /// Ahead.
    pub y: f64,
    /// From its base.
    pub distance: f64,
}

/// A picture, and smaller ones of it.
#[ipc_type]
#[derive(Debug, Clone)]
pub struct Photo {
    /// How it is called.
    pub name: String,
    /// What it shows.
    pub pixels: Bytes,
    /// The smaller ones.
    pub thumbs: Vec<Bytes>,
}

/// The arm of a robot, with a camera.
#[ipc_interface(channel = "demo.arm", version = "1.7.8", rename_all = "camelCase")]
pub trait Arm {
    /// Goes there; 100 m are the most.
    #[ipc(name = "move")]
    fn go(&self, x: f64, y: f64) -> Result<Position, ArmError>;
    /// Keeps a line, whose topic is what comes before the colon.
    #[ipc(notification)]
    fn log(&self, line: String);
    /// The lines of a topic.
    fn logged(&self, topic: &str) -> Vec<String>;
    /// Keeps a number.
    #[ipc(notification)]
    fn count(&self, run: String, n: u32);
    /// The numbers of a run.
    fn counted(&self, run: &str) -> Vec<u32>;
    /// Notifies the caller: `demo.arm.told`, with the text.
    async fn tell(&self, #[ipc(context)] call: &CallContext, text: &str) -> Result<(), String>;
    /// Calls the caller: `demo.arm.confirm`, with the question.
    async fn ask(
        &self,
        #[ipc(context)] call: &CallContext,
        question: &str,
    ) -> Result<String, String>;
    /// Notifies the caller so many times: `demo.arm.number`, with the number from 0 on.
    async fn flood(&self, #[ipc(context)] call: &CallContext, count: u32) -> Result<(), String>;
    /// The name in capitals, the pixels and the thumbs backwards.
    fn develop(&self, photo: Photo) -> Photo;
    /// Notifies the caller of a photo that was developed: `demo.arm.photo`.
    async fn show(&self, #[ipc(context)] call: &CallContext, photo: Photo) -> Result<(), String>;
    /// Calls the caller, `demo.arm.take`, and returns the name and how long everything was.
    async fn photograph(
        &self,
        #[ipc(context)] call: &CallContext,
        name: &str,
    ) -> Result<(String, usize, Vec<usize>), String>;
    /// So many bytes.
    fn picture(&self, bytes: usize) -> Bytes;
    /// The sum of bytes.
    fn sum(&self, bytes: Bytes) -> u64;
    /// Never returns.
    async fn wait(&self);
    /// How many calls of `wait` there are.
    fn waiting(&self) -> u32;
    /// Panics.
    fn panic(&self);
    /// Disconnects the caller.
    fn leave(&self, #[ipc(context)] call: &CallContext);
    /// Adds the caller to a group.
    fn join(&self, #[ipc(context)] call: &CallContext, group: &str);
    /// How many are in a group.
    fn members(&self, group: &str) -> usize;
    /// Notifies a group: `demo.arm.heard`, with the text.
    async fn shout(&self, group: &str, text: &str);
    /// Counts down to 0.
    #[ipc(subscription)]
    fn countdown(&self, from: u32) -> impl Stream<Item = u32>;
}

/// The handler.
#[derive(Debug)]
pub struct ArmService {
    backend: WeakBackend,
    lines: Mutex<HashMap<String, Vec<String>>>,
    numbers: Mutex<HashMap<String, Vec<u32>>>,
    waiting: Arc<AtomicU32>,
}

impl ArmService {
    /// One whose groups are this backend's.
    pub fn new(backend: WeakBackend) -> Self {
        Self {
            backend,
            lines: Mutex::default(),
            numbers: Mutex::default(),
            waiting: Arc::default(),
        }
    }

    fn group(&self, name: &str) -> Option<ipc_runtime::Group> {
        self.backend.upgrade().map(|backend| backend.group(name))
    }
}

/// Counts what waits, while it is there.
struct Waiting(Arc<AtomicU32>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn developed(photo: &Photo) -> Photo {
    Photo {
        name: photo.name.to_uppercase(),
        pixels: photo.pixels.iter().rev().copied().collect::<Vec<u8>>().into(),
        thumbs: photo.thumbs.iter().rev().cloned().collect(),
    }
}

fn text(error: &IpcError) -> String {
    error.to_string()
}

impl Arm for ArmService {
    fn go(&self, x: f64, y: f64) -> Result<Position, ArmError> {
        let distance = x.hypot(y);
        if distance > 100.0 {
            return Err(ArmError::OutOfReach { distance });
        }
        Ok(Position { x, y, distance })
    }

    fn log(&self, line: String) {
        let topic = line.split(':').next().unwrap_or_default().to_owned();
        self.lines.lock().unwrap().entry(topic).or_default().push(line);
    }

    fn logged(&self, topic: &str) -> Vec<String> {
        self.lines.lock().unwrap().get(topic).cloned().unwrap_or_default()
    }

    fn count(&self, run: String, n: u32) {
        self.numbers.lock().unwrap().entry(run).or_default().push(n);
    }

    fn counted(&self, run: &str) -> Vec<u32> {
        self.numbers.lock().unwrap().get(run).cloned().unwrap_or_default()
    }

    async fn tell(&self, call: &CallContext, told: &str) -> Result<(), String> {
        call.peer().notify("demo.arm.told", &(told,)).await.map_err(|error| text(&error))
    }

    async fn ask(&self, call: &CallContext, question: &str) -> Result<String, String> {
        call.peer().call("demo.arm.confirm", &(question,)).await.map_err(|error| text(&error))
    }

    async fn flood(&self, call: &CallContext, count: u32) -> Result<(), String> {
        for n in 0..count {
            let sent = call.peer().notify("demo.arm.number", &(n,)).queued().await;
            sent.map_err(|error| text(&error))?;
        }
        Ok(())
    }

    fn develop(&self, photo: Photo) -> Photo {
        developed(&photo)
    }

    async fn show(&self, call: &CallContext, photo: Photo) -> Result<(), String> {
        let shown = call.peer().notify("demo.arm.photo", &(developed(&photo),)).await;
        shown.map_err(|error| text(&error))
    }

    async fn photograph(
        &self,
        call: &CallContext,
        name: &str,
    ) -> Result<(String, usize, Vec<usize>), String> {
        let taken = call.peer().call::<Photo>("demo.arm.take", &(name,)).await;
        let photo = taken.map_err(|error| text(&error))?;
        let thumbs = photo.thumbs.iter().map(|thumb| thumb.len()).collect();
        Ok((photo.name, photo.pixels.len(), thumbs))
    }

    fn picture(&self, bytes: usize) -> Bytes {
        (0..=250).cycle().take(bytes).collect::<Vec<u8>>().into()
    }

    fn sum(&self, bytes: Bytes) -> u64 {
        bytes.iter().copied().map(u64::from).sum()
    }

    async fn wait(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _held = Waiting(self.waiting.clone());
        future::pending::<()>().await;
    }

    fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::SeqCst)
    }

    fn panic(&self) {
        panic!("as it was asked to");
    }

    fn leave(&self, call: &CallContext) {
        let peer = call.peer().clone();
        tokio::spawn(async move { peer.close().await });
    }

    fn join(&self, call: &CallContext, group: &str) {
        if let Some(group) = self.group(group) {
            group.join(call.peer());
        }
    }

    fn members(&self, group: &str) -> usize {
        self.group(group).map_or(0, |group| group.peers().len())
    }

    async fn shout(&self, group: &str, text: &str) {
        if let Some(group) = self.group(group) {
            group.peers().notify("demo.arm.heard", &(text,)).await;
        }
    }

    fn countdown(&self, from: u32) -> impl Stream<Item = u32> {
        stream::iter((0..from).rev())
    }
}
