//! The process that serves a directory.

use std::{
    env,
    error::Error,
    io::{self, Write},
    thread,
};

use ipc_runtime::Backend;
use tokio::sync::oneshot;

use crate::{folder::Folder, interface::FilesHandler};

/// What is written on standard output, so that the process that started the backend knows when and
/// where it can be reached.
pub(crate) const LISTENING_ON: &str = "listening on ";
pub(crate) const READY: &str = "ready";

/// Serves the current directory until Ctrl-C or, if that is asked for, the end of the input.
pub(crate) async fn serve(endpoints: &[String], until_eof: bool) -> Result<(), Box<dyn Error>> {
    let folder = Folder::new(&env::current_dir()?)?;
    let root = folder.root().display().to_string();

    let backend = Backend::new();
    backend.register(FilesHandler::new(folder))?;

    let mut output = io::stdout();
    writeln!(output, "serving {root}")?;
    for endpoint in endpoints {
        // The real endpoint: with the port that was chosen, where port 0 was asked for.
        let endpoint = backend.listen(endpoint).await?;
        writeln!(output, "{LISTENING_ON}{endpoint}")?;
    }
    writeln!(output, "{READY}")?;

    // Drains: what runs may finish, and the sockets' files are removed.
    backend.run_until(told_to_stop(until_eof)).await
}

async fn told_to_stop(until_eof: bool) -> Result<(), Box<dyn Error>> {
    if !until_eof {
        return Ok(tokio::signal::ctrl_c().await?);
    }
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => Ok(pressed?),
        () = end_of_input() => Ok(()),
    }
}

/// A parent that dies, however it does, closes this process's input.
async fn end_of_input() {
    let (sender, ended) = oneshot::channel();
    // A plain thread: one of the runtime's would keep it from shutting down after Ctrl-C.
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        let _ = sender.send(());
    });
    let _ = ended.await;
}
