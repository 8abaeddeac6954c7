//! What is asked for on the command line.

use std::{ffi::OsString, path::PathBuf};

pub(crate) const HELP: &str = "\
notes [OPTIONS] [FOLDER]

Shows the Markdown files of FOLDER in a window of Chromium, Chrome or Edge. Without
FOLDER they are kept with the app's own data.

  --no-window     prints the address instead of opening a window (also: --print)
  --stay          goes on after the last window was closed, until Ctrl-C
  --port PORT     listens at this port of 127.0.0.1 instead of one that is free
  --help          prints this

NOTES_BROWSER   the path of the browser to take
NOTES_TOKEN     the token of this launch, for who starts the app anew while its windows
                are open; a new one is made unless it is set";

/// The command line, read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) folder: Option<PathBuf>,
    pub(crate) no_window: bool,
    pub(crate) stay: bool,
    pub(crate) port: u16,
    pub(crate) help: bool,
}

impl Arguments {
    pub(crate) fn parse(mut given: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut arguments = Self::default();
        while let Some(argument) = given.next() {
            match argument.to_str() {
                Some("--no-window" | "--print") => arguments.no_window = true,
                Some("--stay") => arguments.stay = true,
                Some("--help" | "-h") => arguments.help = true,
                Some("--port") => {
                    let port = given.next().and_then(|port| port.to_str()?.parse().ok());
                    arguments.port = port.ok_or("--port takes a number from 0 to 65535")?;
                }
                Some(option) if option.starts_with('-') => {
                    return Err(format!("`{option}` is no option\n\n{HELP}"));
                }
                _ if arguments.folder.is_some() => {
                    return Err(format!("there can be one FOLDER alone\n\n{HELP}"));
                }
                _ => arguments.folder = Some(argument.into()),
            }
        }
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, String> {
        Arguments::parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn options_and_a_folder_stand_in_any_order() {
        let parsed = parse(&["--stay", "here", "--port", "7301", "--print"]).unwrap();
        let expected = Arguments {
            folder: Some("here".into()),
            no_window: true,
            stay: true,
            port: 7301,
            help: false,
        };
        assert_eq!(parsed, expected);
        assert_eq!(parse(&[]), Ok(Arguments::default()));
    }

    #[test]
    fn what_is_no_option_is_told() {
        for wrong in [&["--open"][..], &["a", "b"], &["--port"], &["--port", "70000"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
