//! The command line.

use std::{path::PathBuf, str::FromStr, time::Duration};

use crate::{
    error::Result,
    peer::PeerInfo,
    peers::{self, PEERS},
    workload::{self, Job, WORKLOADS, Workload},
};

pub const HELP: &str = "\
ipc-runtime beside its peers: the same work for everyone, in interleaved rounds.

ipc-bench [run] [OPTIONS]   measures, prints a report, draws a chart
ipc-bench build [OPTIONS]   clean release builds of minimal apps
ipc-bench macro [OPTIONS]   what a trait of 100 methods costs to check, and a lock
ipc-bench list              peers and workloads

  --quick             a meaningful part of it, in less than a minute
  --everything        run, build and macro in one report
  --json              print JSON instead of Markdown
  --svg PATH          where the chart goes; default: beside the program
  --peers A,B         these only
  --workloads A,B     these only
  --rounds N          default 5; 2 with --quick
  --threads 1|2       worker threads of both processes; default: both are measured, 2 with --quick
  --seconds S         for each sample; default 0.7, 0.12 with --quick";

/// What is asked for.
#[derive(Debug)]
pub enum Command {
    Help,
    List,
    Run(Run),
    Build { json: bool, rounds: usize },
    Macro { json: bool, rounds: usize },
    Serve(Serve),
    Measure(Measure),
}

/// A run of the driver.
#[derive(Debug)]
pub struct Run {
    pub peers: Vec<&'static PeerInfo>,
    pub workloads: Vec<&'static Workload>,
    pub rounds: usize,
    pub threads: Vec<usize>,
    pub warm_up: Duration,
    pub duration: Duration,
    pub everything: bool,
    pub json: bool,
    pub svg: Option<PathBuf>,
}

/// One server, started by the driver.
#[derive(Debug)]
pub struct Serve {
    pub peer: String,
    pub threads: usize,
    pub directory: PathBuf,
}

/// One client, started by the driver.
#[derive(Debug)]
pub struct Measure {
    pub peer: String,
    pub job: Job,
    pub threads: usize,
    pub endpoint: String,
    pub server: u32,
    pub warm_up: Duration,
    pub duration: Duration,
}

/// Reads the arguments behind the program's name.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command> {
    let mut words = Words::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-h" | "--help" => return Ok(Command::Help),
            "--quick" | "--json" | "--everything" => words.flags.push(argument),
            name if name.starts_with("--") => {
                let value = arguments.next().ok_or(format!("`{name}` needs a value"))?;
                words.values.push((argument, value));
            }
            _ => words.plain.push(argument),
        }
    }
    let plain: Vec<String> = std::mem::take(&mut words.plain);
    let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
    let command = match plain[..] {
        [] | ["run"] => Command::Run(run(&mut words)?),
        ["list"] => Command::List,
        ["build"] => Command::Build {
            json: words.flag("--json"),
            rounds: words.take("--rounds")?.unwrap_or(1),
        },
        ["macro"] => Command::Macro {
            json: words.flag("--json"),
            rounds: words.take("--rounds")?.unwrap_or(5),
        },
        ["serve", peer] => Command::Serve(Serve {
            peer: peer.into(),
            threads: words.need("--threads")?,
            directory: words.need("--directory")?,
        }),
        ["measure", peer] => Command::Measure(Measure {
            peer: peer.into(),
            job: serde_json::from_str(&words.need::<String>("--job")?)?,
            threads: words.need("--threads")?,
            endpoint: words.need("--endpoint")?,
            server: words.need("--server")?,
            warm_up: seconds(words.need("--warm-up")?)?,
            duration: seconds(words.need("--seconds")?)?,
        }),
        _ => return Err(format!("what is `{}`? See --help", plain.join(" ")).into()),
    };
    words.all_known()?;
    Ok(command)
}

fn run(words: &mut Words) -> Result<Run> {
    let quick = words.flag("--quick");
    let peers = match words.take::<String>("--peers")? {
        Some(names) => names
            .split(',')
            .map(|name| {
                peers::find(name).ok_or_else(|| format!("there is no peer `{name}`").into())
            })
            .collect::<Result<_>>()?,
        None => PEERS.iter().filter(|peer| peer.quick || !quick).collect(),
    };
    let workloads = match words.take::<String>("--workloads")? {
        Some(names) => names
            .split(',')
            .map(|name| {
                workload::find(name).ok_or_else(|| format!("there is no workload `{name}`").into())
            })
            .collect::<Result<_>>()?,
        None => WORKLOADS.iter().filter(|workload| workload.quick || !quick).collect(),
    };
    let threads = match words.take("--threads")? {
        Some(threads @ (1 | 2)) => vec![threads],
        Some(_) => return Err("--threads is 1 or 2".into()),
        None if quick => vec![2],
        None => vec![2, 1],
    };
    let duration = words.take("--seconds")?.unwrap_or(if quick { 0.12 } else { 0.7 });
    let rounds = words.take("--rounds")?.unwrap_or(if quick { 2 } else { 5 });
    if rounds == 0 {
        return Err("--rounds is at least 1".into());
    }
    Ok(Run {
        peers,
        workloads,
        rounds,
        threads,
        warm_up: seconds(duration / 4.0)?,
        duration: seconds(duration)?,
        everything: words.flag("--everything"),
        json: words.flag("--json"),
        svg: words.take("--svg")?,
    })
}

fn seconds(seconds: f64) -> Result<Duration> {
    Ok(Duration::try_from_secs_f64(seconds)?)
}

/// Arguments that nobody has asked for yet.
#[derive(Default)]
struct Words {
    plain: Vec<String>,
    flags: Vec<String>,
    values: Vec<(String, String)>,
}

impl Words {
    fn flag(&mut self, name: &str) -> bool {
        let before = self.flags.len();
        self.flags.retain(|flag| flag != name);
        self.flags.len() < before
    }

    fn take<T: FromStr>(&mut self, name: &str) -> Result<Option<T>>
    where
        T::Err: std::fmt::Display,
    {
        let Some(place) = self.values.iter().position(|(known, _)| known == name) else {
            return Ok(None);
        };
        let (_, value) = self.values.remove(place);
        match value.parse() {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(format!("{name} {value}: {error}").into()),
        }
    }

    fn need<T: FromStr>(&mut self, name: &str) -> Result<T>
    where
        T::Err: std::fmt::Display,
    {
        Ok(self.take(name)?.ok_or(format!("`{name}` is missing"))?)
    }

    fn all_known(&self) -> Result<()> {
        let mut left = self.flags.iter().chain(self.values.iter().map(|(name, _)| name));
        match left.next() {
            Some(name) => Err(format!("`{name}` is no option of this command").into()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command> {
        parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn everything_is_measured_unless_told_otherwise() {
        let Command::Run(run) = parsed("").unwrap() else { panic!("a run") };
        assert_eq!(run.peers.len(), PEERS.len());
        assert_eq!(run.workloads.len(), WORKLOADS.len());
        assert_eq!((run.rounds, run.threads), (5, vec![2, 1]));
    }

    #[test]
    fn peers_and_workloads_are_chosen_by_name() {
        let line = "run --quick --peers local-json,tarpc-json --workloads add --threads 1";
        let Command::Run(run) = parsed(line).unwrap() else { panic!("a run") };
        assert_eq!(
            run.peers.iter().map(|peer| peer.id).collect::<Vec<_>>(),
            ["local-json", "tarpc-json"]
        );
        assert_eq!(run.workloads[0].id, "add");
        assert_eq!(run.threads, [1]);
    }

    #[test]
    fn what_is_not_understood_is_told() {
        for line in [
            "--peers nobody",
            "--workloads none",
            "--threads 3",
            "--rounds",
            "fly",
            "list --json",
            "--fast 1",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
