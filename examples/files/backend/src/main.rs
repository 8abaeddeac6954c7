//! The backend of the files example: it serves one directory, read only.

mod folder;

use std::{
    env,
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use files_common::{DEFAULT_ENDPOINT, FilesHandler};
use ipc_runtime::Backend;

use crate::folder::Folder;

const HELP: &str = "files-backend [DIRECTORY] [--at ENDPOINT]…";

#[tokio::main]
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
    let (mut directory, mut endpoints) = (PathBuf::from("."), Vec::new());
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--help" => return Ok(writeln!(io::stdout(), "{HELP}")?),
            "--at" => endpoints.push(arguments.next().ok_or(HELP)?),
            path => directory = path.into(),
        }
    }
    if endpoints.is_empty() {
        endpoints.push(DEFAULT_ENDPOINT.to_owned());
    }

    let backend = Backend::new();
    backend.register(FilesHandler::new(Folder::new(&directory)?))?;
    for endpoint in endpoints {
        writeln!(io::stdout(), "listening on {}", backend.listen(endpoint).await?)?;
    }
    backend.run_until(tokio::signal::ctrl_c()).await?;
    Ok(())
}
