//! What a backend on `stdio:` is told to do, and the window that has started it.

use ipc_runtime::ipc_interface;

/// How many threads a worker has for handlers that block.
pub const THREADS: usize = 4;

/// A backend that does what is hard on one, or wrong.
#[ipc_interface(channel = "test.worker", version = "1.0.0")]
pub trait Worker {
    /// Asks the window, on a thread that waits for its answer.
    #[ipc(blocking)]
    fn ask(&self, question: u32) -> u32;
    /// Lets all go on that wait on a thread (`test.slow.block`).
    fn release_all(&self);
    /// Prints, though standard output isn't its own.
    fn print(&self, text: String);
    /// Starts this program once more, with the standard output of this one. Gives its process.
    fn start(&self, arguments: Vec<String>) -> u32;
    /// The same, and waits until it has ended. Whether it was successful.
    #[ipc(blocking)]
    fn run(&self, arguments: Vec<String>) -> bool;
    /// Lets all go on that wait for that, and stops: in so many milliseconds.
    fn finish(&self, after: u64);
}

/// The frontend of a worker.
#[ipc_interface(channel = "test.worker.window", version = "1.0.0")]
pub trait Window {
    /// Gives the double.
    async fn answer(&self, question: u32) -> u32;
}

/// A window that answers.
#[derive(Debug, Clone, Copy)]
pub struct Pane;

impl Window for Pane {
    async fn answer(&self, question: u32) -> u32 {
        question * 2
    }
}
