//! What the program was asked to do.

use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Two processes that talk through one trait.

  quickstart                             starts a backend, and is its frontend
  quickstart backend --listen ENDPOINT   serves the current directory; ends with Ctrl-C
  quickstart frontend ENDPOINT           calls a backend
  quickstart typescript DIR              writes DIR/ipc.ts, the interface for frontends in TypeScript

ENDPOINT is local:NAME, unix:/PATH, pipe:NAME or ws://HOST:PORT.

  --listen ENDPOINT   where to listen; may be given several times
  --until-eof         the backend ends when its standard input does, too

By hand, in two terminals:

  cargo run -p quickstart -- backend --listen local:demo --listen ws://127.0.0.1:7000
  cargo run -p quickstart -- frontend local:demo
";

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Both,
    Backend { endpoints: Vec<String>, until_eof: bool },
    Frontend { endpoint: String },
    TypeScript { dir: PathBuf },
    Help,
}

pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let Some(first) = arguments.next() else { return Ok(Command::Both) };
    match first.as_str() {
        "backend" => backend(arguments),
        "frontend" => match (arguments.next(), arguments.next()) {
            (Some(help), None) if is_help(&help) => Ok(Command::Help),
            (Some(endpoint), None) => Ok(Command::Frontend { endpoint }),
            _ => Err("`frontend` takes one endpoint, such as local:demo".into()),
        },
        "typescript" => match (arguments.next(), arguments.next()) {
            (Some(help), None) if is_help(&help) => Ok(Command::Help),
            (Some(dir), None) => Ok(Command::TypeScript { dir: dir.into() }),
            _ => Err("`typescript` takes one directory, such as web/src".into()),
        },
        help if is_help(help) => Ok(Command::Help),
        other => Err(format!("`{other}` is no command; --help lists what is")),
    }
}

fn backend(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let (mut endpoints, mut until_eof) = (Vec::new(), false);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--listen" => match arguments.next() {
                Some(endpoint) => endpoints.push(endpoint),
                None => return Err("--listen takes an endpoint, such as local:demo".into()),
            },
            "--until-eof" => until_eof = true,
            help if is_help(help) => return Ok(Command::Help),
            other => return Err(format!("`backend` takes --listen ENDPOINT, not `{other}`")),
        }
    }
    if endpoints.is_empty() {
        return Err("where should it listen? Give --listen local:demo".into());
    }
    Ok(Command::Backend { endpoints, until_eof })
}

fn is_help(argument: &str) -> bool {
    matches!(argument, "-h" | "--help" | "help")
}
