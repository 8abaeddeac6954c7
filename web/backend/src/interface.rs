//! The traits. `bindings` keeps what the tests have of them up to date.

use std::collections::BTreeMap;

use ipc_runtime::{Bytes, CallContext, Stream, Streaming, ipc_interface, ipc_type};
use serde_json::Value;

/// What is found.
#[ipc_type]
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// It may be larger than what a number can hold.
    pub inode: u64,
    /// Bytes, if there are any.
    pub head: Option<Bytes>,
}

/// What can go wrong.
#[ipc_type]
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// There is nothing of that name.
    #[error("there is no `{0}`")]
    NotFound(String),
    /// It has too much of something.
    #[error("`{path}` is larger than {limit}")]
    TooLarge {
        /// What it is.
        path: String,
        /// How much it may have.
        limit: u64,
    },
    /// Another time.
    #[error("busy")]
    Busy,
}

/// How far it is.
#[ipc_type]
#[derive(Debug, Clone)]
pub struct Indexed {
    /// So many files.
    pub files: u64,
}

/// The argument of a function.
#[ipc_type]
#[derive(Debug, Clone)]
pub struct Named {
    /// Its text.
    pub text: String,
}

/// Every kind of method.
#[ipc_interface(channel = "test.everything", version = "1.2.0", rename_all = "camelCase")]
pub trait EverythingApi {
    /// Fails for `none`, `large` and `busy`.
    fn find(&self, name: &str) -> Result<Vec<Entry>, Failure>;
    /// The same.
    fn integer(&self, value: u64) -> u64;
    /// The same.
    fn widest(&self, value: u128) -> u128;
    /// The same.
    fn float(&self, value: f64) -> f64;
    /// The same.
    fn bytes(&self, value: Bytes) -> Bytes;
    /// The same.
    fn any(&self, value: Value) -> Value;
    /// The same.
    fn map(&self, value: BTreeMap<String, u64>) -> BTreeMap<String, u64>;
    /// Whether there is an argument.
    fn optional(&self, value: Option<f64>) -> bool;
    /// Never returns.
    async fn wait(&self);
    /// How many handlers and streams were dropped before their end.
    fn dropped(&self) -> u32;
    /// Reports each.
    async fn index(&self, #[ipc(context)] call: &CallContext<Indexed>, dirs: Vec<String>) -> u64;
    /// Reads up to so many chunks, and returns their sizes.
    async fn store(&self, most: u32, chunks: Streaming<Bytes>) -> Result<Vec<u32>, Failure>;
    /// Counts down.
    #[ipc(subscription)]
    async fn countdown(&self, from: u64) -> Result<impl Stream<Item = u64>, String>;
    /// Gives one, then ends by an error.
    #[ipc(subscription)]
    fn measure(&self) -> impl Stream<Item = Result<u64, Failure>>;
    /// Gives items as fast as they are taken.
    #[ipc(subscription)]
    fn endless(&self) -> impl Stream<Item = u32>;
    /// How many items of `endless` were made.
    fn produced(&self) -> u32;
    /// What is fired, of which only the newest few wait.
    #[ipc(subscription)]
    fn fired(&self) -> impl Stream<Item = u32>;
    /// Fires so many.
    fn fire(&self, count: u32);
    /// Is kept.
    #[ipc(notification)]
    fn log(&self, line: String);
    /// What was kept.
    fn logged(&self) -> Vec<String>;
    /// Calls the caller's window.
    async fn show(&self, #[ipc(context)] call: &CallContext, text: &str) -> Result<u32, String>;
    /// Subscribes to the caller's window, and adds what comes.
    async fn sum_ticks(
        &self,
        #[ipc(context)] call: &CallContext,
        count: u32,
    ) -> Result<u64, String>;
    /// Uploads to the caller's window.
    async fn upload(&self, #[ipc(context)] call: &CallContext, count: u32) -> Result<u32, String>;
}

/// What TypeScript implements.
#[ipc_interface(channel = "test.window", version = "1.0.0")]
pub trait Window {
    /// Shows a text.
    async fn show(&self, text: &str) -> Result<u32, String>;
    /// Numbers.
    #[ipc(subscription)]
    async fn ticks(&self, count: u32) -> Result<impl Stream<Item = u64>, String>;
    /// Their sum.
    async fn sum(&self, numbers: Streaming<u32>) -> u32;
}
