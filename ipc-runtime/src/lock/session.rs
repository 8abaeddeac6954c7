//! What the generated test of an interface does: it compares behind what constants see, and writes
//! releases.

use std::{
    env, fs,
    io::{ErrorKind, Write},
    path::Path,
};

use semver::{BuildMetadata, Version};

use crate::{
    compatibility::verdict::Compatibility,
    interface::{InterfaceInfo, schema::Schema, served_versions::serves},
    lock::{
        facts::{RETIRED, Releases, facts, lines, releases, sum, with_marks},
        section,
    },
};

/// What the generated test of an interface knows.
#[doc(hidden)]
#[derive(Debug)]
pub struct LockTest<'a> {
    pub interface: &'static InterfaceInfo,
    /// Where `Cargo.toml` is.
    pub folder: &'a str,
    /// The path of the lock from there.
    pub file: &'a str,
}

/// What the test is asked to do, by `IPC_LOCK`.
enum Task {
    /// To compare.
    Compare,
    /// To compare, and to require that the version was released.
    Check,
    Release,
    /// To write that these channels are gone.
    Retire(Vec<String>),
    Nothing,
}

impl Task {
    fn of(variable: Option<&str>) -> Result<Self, String> {
        Ok(match variable {
            None | Some("") => Self::Compare,
            Some("check") => Self::Check,
            Some("release") => Self::Release,
            Some("off") => Self::Nothing,
            Some(other) => match other.strip_prefix("retire:") {
                Some(channels) => Self::Retire(channels.split(',').map(str::to_owned).collect()),
                None => {
                    return Err(format!(
                        "IPC_LOCK is `{other}`: write `release`, `check`, `retire:CHANNEL` or `off`"
                    ));
                }
            },
        })
    }
}

/// Called by the generated test. What is wrong makes it fail.
#[doc(hidden)]
#[allow(clippy::panic, reason = "a test fails by a panic")]
pub fn run_lock_test(test: &LockTest<'_>) {
    let variable = env::var("IPC_LOCK").ok();
    let done = Task::of(variable.as_deref()).and_then(|task| run(test, &task));
    match done {
        // Past the harness, which would swallow it: so a job that has run no test is noticed.
        Ok(told) => {
            let line = format!("ipc.lock: {told}\n");
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
        Err(why) => panic!("{why}"),
    }
}

fn run(test: &LockTest<'_>, task: &Task) -> Result<String, String> {
    let version = test.version()?;
    let own = format!("{} {version}", test.interface.channel);
    match task {
        Task::Nothing => return Ok(format!("{own} not compared (IPC_LOCK=off)")),
        Task::Retire(channels) => return retire(test, channels),
        Task::Compare | Task::Check | Task::Release => {}
    }
    let path = Path::new(test.folder).join(test.file);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        // The build has said so.
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    let releases = test.releases(&text)?;
    compare(test, &version, releases.clone())?;
    if releases.contains_key(&version) {
        return Ok(format!("{own} released"));
    }
    match task {
        Task::Release => {
            release(test, &version)?;
            Ok(format!("{own} released now"))
        }
        Task::Check => Err(format!(
            "{own} isn't in {} as released: run `IPC_LOCK=release cargo test ipc_lock`, and check \
             the file in",
            test.file
        )),
        _ => Ok(format!("{own} not released")),
    }
}

impl LockTest<'_> {
    /// The interface's version. Build metadata says nothing of what it looks like.
    fn version(&self) -> Result<Version, String> {
        let version = Version::parse(self.interface.version);
        let version = version.map_err(|error| format!("{}: {error}", self.begin()))?;
        Ok(Version { build: BuildMetadata::EMPTY, ..version })
    }

    fn begin(&self) -> String {
        let InterfaceInfo { name, channel, version, .. } = self.interface;
        format!("the interface `{name}` (channel `{channel}`, version {version})")
    }

    /// What a file's text says was released.
    fn releases(&self, text: &str) -> Result<Releases, String> {
        let releases = releases(&section::of(text, self.interface.channel));
        releases.map_err(|why| format!("{}: {}: {why}", self.file, self.interface.channel))
    }
}

/// Compares with all releases, also behind the places where types contain themselves.
fn compare(test: &LockTest<'_>, version: &Version, releases: Releases) -> Result<(), String> {
    let InterfaceInfo { channel, compat, .. } = test.interface;
    let current = Schema::of(test.interface);
    let has_changed = releases.get(version).is_some_and(|own| sum(own) != sum(&facts(&current)));
    for (released, facts) in with_marks(releases).into_iter().rev() {
        if released > *version || !serves(version, &released, *compat) {
            continue;
        }
        let text = format!("channel {channel} {released}\n{}\n", facts.join("\n"));
        let release: Schema = text.parse().map_err(|error| {
            format!("{}: the lines of {channel} {released}: {error}", test.file)
        })?;
        let found = Compatibility::of_caller(&release, &current);
        if found.breaks.is_empty() && !(has_changed && released == *version) {
            continue;
        }
        let told = found.to_string().replace('\n', "\n  ");
        return Err(format!(
            "{} isn't what {} says was released as {released}\n  {told}\n  help: raise the \
             version, or take it back",
            test.begin(),
            test.file
        ));
    }
    Ok(())
}

/// Writes down the current version as released.
fn release(test: &LockTest<'_>, version: &Version) -> Result<(), String> {
    let interface = test.interface;
    let current = facts(&Schema::of(interface));
    let (fingerprint, hash, sum) = (interface.fingerprint(), interface.lock_hash(), sum(&current));
    let head = format!("released {version} {fingerprint} {hash} sum:{sum:016x}");
    section::change(&Path::new(test.folder).join(test.file), |text| {
        let known = section::of(text, interface.channel);
        let begin = format!("released {version} ");
        // Another build of the same package may have been faster.
        match known.iter().find(|line| line.starts_with(&begin)) {
            Some(line) if **line == *head => return Ok(None),
            Some(_) => {
                return Err(format!(
                    "{} was released meanwhile, differently: by a build with other features? A \
                     lock speaks for every build",
                    test.begin()
                ));
            }
            None => {}
        }
        // What others have written meanwhile counts.
        let mut releases = test.releases(text)?;
        releases.insert(version.clone(), current.clone());
        let mut more = vec![head.clone()];
        more.extend(lines(&releases).into_iter().filter(|line| !known.contains(&&**line)));
        Ok(Some(section::with(text, interface.channel, &more)))
    })
}

/// Writes down that channels are gone.
fn retire(test: &LockTest<'_>, channels: &[String]) -> Result<String, String> {
    if let Some(own) = channels.iter().find(|channel| **channel == test.interface.channel) {
        return Err(format!(
            "{} is still there: remove the trait before its channel `{own}` is retired",
            test.begin()
        ));
    }
    section::change(&Path::new(test.folder).join(test.file), |text| {
        let mut changed = text.to_owned();
        for channel in channels {
            let known = section::of(&changed, channel);
            if known.is_empty() {
                return Err(format!("{}: nothing was released of `{channel}`", test.file));
            }
            if !known.contains(&RETIRED) {
                changed = section::with(&changed, channel, &[RETIRED.to_owned()]);
            }
        }
        Ok((changed != text).then_some(changed))
    })?;
    Ok(format!("{} retired", channels.join(", ")))
}
