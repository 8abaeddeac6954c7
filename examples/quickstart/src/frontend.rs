//! The process that calls a backend.

use std::{error::Error, process, time::Duration};

use ipc_runtime::{CallError, ErrorKind, Frontend, IpcError};

use crate::{
    interface::{FileError, FileInfo, FilesClient, Kind},
    release_1,
    screen::{Screen, harmless, size},
};

/// How many entries of a directory are shown.
const SHOWN: usize = 6;

/// Goes through everything with a backend: calls over each endpoint, then what can go wrong.
pub(crate) async fn tour(screen: &Screen, endpoints: &[String]) -> Result<(), Box<dyn Error>> {
    for (at, endpoint) in endpoints.iter().enumerate() {
        let frontend = Frontend::connect(endpoint).await?;
        let files: FilesClient = frontend.open().await?;
        screen.heading(format_args!("Calls over {endpoint}"));
        // The second time it is the same list.
        calls(screen, &files, if at == 0 { SHOWN } else { 0 }).await?;
        frontend.close().await;
    }
    let Some(endpoint) = endpoints.first() else { return Ok(()) };
    let frontend = Frontend::connect(endpoint).await?;
    let files: FilesClient = frontend.open().await?;

    screen.heading("A notification, which nobody answers");
    notification(screen, &files).await?;
    screen.heading("Errors");
    errors(screen, &files).await?;
    screen.heading("A frontend of an earlier release");
    version_mismatch(screen, &frontend).await
}

async fn calls(screen: &Screen, files: &FilesClient, shown: usize) -> Result<(), Box<dyn Error>> {
    screen.row("ping()", files.ping().await?);

    let entries = files.list(".").await?;
    screen.row("list(\".\")", format_args!("{} entries", entries.len()));
    for FileInfo { name, kind, size: bytes } in entries.iter().take(shown) {
        let (slash, bytes) = match kind {
            Kind::Directory => ("/", String::new()),
            Kind::File | Kind::Other => ("", size(*bytes)),
        };
        let name = format!("{}{slash}", harmless(name, 30));
        screen.row("", format_args!("  {name:32} {bytes:>9}").to_string().trim_end());
    }
    if shown > 0 && entries.len() > shown {
        screen.row("", format_args!("  … and {} more", entries.len() - shown));
    }

    let small = |entry: &&FileInfo| entry.kind == Kind::File && (1..100_000).contains(&entry.size);
    if let Some(file) = entries.iter().rev().find(small) {
        let content = files.read(&file.name).await?;
        let text = String::from_utf8_lossy(&content);
        let first = harmless(text.lines().next().unwrap_or_default(), 30);
        let label = format!("read(\"{}\")", harmless(&file.name, 30));
        screen.row(label, format_args!("{}, begins `{first}`", size(content.len() as u64)));
    }
    Ok(())
}

async fn notification(screen: &Screen, files: &FilesClient) -> Result<(), IpcError> {
    screen.row("log(\"hello …\")", "the backend's process writes on the next line:");
    files.log(format!("hello from process {}", process::id())).await?;
    // Messages of one connection are handed on in order: answered, the backend has logged it.
    files.ping().await?;
    Ok(())
}

async fn errors(screen: &Screen, files: &FilesClient) -> Result<(), Box<dyn Error>> {
    // The method's own error arrives as the type that it is.
    match files.list("no-such-directory").await {
        Err(CallError::Method(error @ FileError::NotFound(_))) => {
            screen.failed("list(\"no-such-…\")", format_args!("FileError::NotFound: {error}"));
        }
        other => return Err(unexpected("list", &other)),
    }
    match files.read("../secret").await {
        Err(CallError::Method(error @ FileError::Outside(_))) => {
            screen.failed("read(\"../secret\")", format_args!("FileError::Outside: {error}"));
        }
        other => return Err(unexpected("read", &other)),
    }
    // A call that takes too long ends on both sides: the handler's future is dropped.
    match files.changed(".").timeout(Duration::from_millis(150)).await {
        Err(CallError::Ipc(error)) if error.kind() == ErrorKind::DeadlineExceeded => {
            let after = error.timeout().unwrap_or_default();
            let text = format!("ErrorKind::DeadlineExceeded: no answer within {after:?}");
            screen.failed("changed(\".\")", text);
        }
        Ok(()) => screen.row("changed(\".\")", "somebody has changed the directory just now"),
        other => return Err(unexpected("changed", &other)),
    }
    Ok(())
}

async fn version_mismatch(screen: &Screen, frontend: &Frontend) -> Result<(), Box<dyn Error>> {
    let Err(error) = frontend.open::<release_1::FilesClient>().await else {
        return Err("an earlier release should have been refused".into());
    };
    let Some(mismatch) = error.version_mismatch() else { return Err(error.into()) };
    screen.block(mismatch);
    Ok(())
}

fn unexpected(what: &str, came: &impl std::fmt::Debug) -> Box<dyn Error> {
    format!("`{what}` should have failed in another way: {came:?}").into()
}
