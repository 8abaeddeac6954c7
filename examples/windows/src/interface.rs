//! Both directions: what a window may ask of the backend, and what the backend may ask of a window.

use ipc_runtime::{CallContext, ipc_interface, ipc_type};

/// Why a window didn't do what it was asked for.
#[ipc_type]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WindowError {
    /// It shows no such file.
    #[error("it doesn't show `{0}`")]
    NotOpen(String),
}

/// The backend, as each window has it for itself.
#[ipc_interface(channel = "demo.workbench", version = "1.0.0")]
pub trait Workbench {
    /// Says what this window works on, and joins the others that do.
    fn work_on(&self, #[ipc(context)] call: &CallContext, project: &str);

    /// Opens a file in this window. Gives how many it has open.
    fn open(&self, file: String) -> usize;

    /// The files that this window has open.
    fn files(&self) -> Vec<String>;
}

/// A window, as the backend has it.
#[ipc_interface(channel = "demo.window", version = "1.0.0")]
pub trait Window {
    /// Brings a file to the front.
    fn reveal(&self, file: &str) -> Result<(), WindowError>;

    /// Saves what is open. Gives how many files that were.
    async fn save_all(&self) -> usize;

    /// Asks the user whether the app may quit, who may take their time.
    #[ipc(timeout = "none")]
    async fn may_quit(&self) -> bool;
}
