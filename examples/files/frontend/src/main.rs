//! The frontend of the files example: it lists and reads what a backend serves.

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use files_common::{DEFAULT_ENDPOINT, FilesClient, PART};
use ipc_runtime::Frontend;

const HELP: &str = "files-frontend [--at ENDPOINT] ls [DIRECTORY] | cat FILE";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let (mut endpoint, mut words) = (DEFAULT_ENDPOINT.to_owned(), Vec::new());
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--at" => endpoint = arguments.next().ok_or(HELP)?,
            _ => words.push(argument),
        }
    }
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["ls"] => list(&open(&endpoint).await?, ".").await,
        ["ls", dir] => list(&open(&endpoint).await?, dir).await,
        ["cat", file] => cat(&open(&endpoint).await?, file).await,
        ["--help"] => Ok(writeln!(io::stdout(), "{HELP}")?),
        _ => Err(HELP.into()),
    }
}

/// The connection lives as long as the client.
async fn open(endpoint: &str) -> Result<FilesClient, Box<dyn Error>> {
    let frontend = Frontend::connect(endpoint).await?;
    Ok(frontend.open().await?)
}

async fn list(files: &FilesClient, dir: &str) -> Result<(), Box<dyn Error>> {
    let mut output = io::stdout().lock();
    for entry in files.list(dir).await? {
        let slash = if entry.is_dir { "/" } else { "" };
        writeln!(output, "{:>12}  {}{slash}", entry.size, entry.name)?;
    }
    Ok(())
}

async fn cat(files: &FilesClient, path: &str) -> Result<(), Box<dyn Error>> {
    let mut output = io::stdout().lock();
    let mut offset = 0;
    loop {
        let part = files.read(path, offset, PART).await?;
        if part.is_empty() {
            return Ok(());
        }
        output.write_all(&part)?;
        offset += part.len() as u64;
    }
}
