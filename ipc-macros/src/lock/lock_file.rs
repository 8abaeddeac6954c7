//! The lines of a lock file that are about one channel.

use std::collections::{BTreeMap, HashMap};

use semver::Version;

/// What was released of one channel.
#[derive(Default)]
pub(crate) struct LockedChannel {
    pub releases: Vec<Release>,
    /// Whether the channel was given up.
    pub is_retired: bool,
}

/// One release of a channel.
pub(crate) struct Release {
    pub version: Version,
    /// The lock hash, unless another algorithm made it.
    pub lock_hash: Option<u64>,
    /// What held then, one fact a line, as in a schema's text.
    pub facts: Vec<String>,
}

/// What a line says of a fact: that it holds since a version, or that it doesn't.
struct Event {
    version: Version,
    holds: bool,
}

/// What a line `released` says.
#[derive(PartialEq, Eq)]
struct Released {
    hashes: Vec<String>,
}

/// The prefix of lock hashes that this version of the macros compares.
const LOCK_HASH: &str = "L1:";

impl LockedChannel {
    /// Reads what a file says of a channel: what is wrong with it otherwise.
    pub(crate) fn read(text: &str, channel: &str) -> Result<Self, String> {
        let mut lines = ChannelLines::default();
        let mut is_here = false;
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"]
                .iter()
                .any(|mark| line.starts_with(mark))
            {
                return Err(format!(
                    "line {}: a merge has left a conflict here; keep the lines of both sides \
                     (`merge=union` in .gitattributes does so)",
                    at + 1
                ));
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix("channel ") {
                is_here = name.trim() == channel;
            } else if is_here {
                lines.add(line).map_err(|why| format!("line {}: {why}", at + 1))?;
            }
        }
        lines.finish()
    }
}

#[derive(Default)]
struct ChannelLines {
    released: BTreeMap<Version, Released>,
    /// The facts in the order of the file: that of the definition, in which they are compared
    /// fastest.
    facts: Vec<(String, Vec<Event>)>,
    places: HashMap<String, usize>,
    is_retired: bool,
}

impl ChannelLines {
    fn add(&mut self, line: &str) -> Result<(), String> {
        let parse = |version: &str| {
            Version::parse(version).map_err(|_| format!("`{version}` is no semantic version"))
        };
        if line == "retired" {
            self.is_retired = true;
        } else if let Some(rest) = line.strip_prefix("released ") {
            let mut words = rest.split_whitespace().map(str::to_owned);
            let version = parse(&words.next().unwrap_or_default())?;
            let released = Released { hashes: words.collect() };
            if let Some(known) = self.released.get(&version) {
                if *known != released {
                    return Err(format!(
                        "{version} was released twice, differently: take the lines of one \
                         side's channel, and release the other side's changes as a version of \
                         their own"
                    ));
                }
            }
            self.released.insert(version, released);
        } else {
            let (fact, holds) = match line.strip_prefix("ended ") {
                Some(ended) => (ended, false),
                None => (line, true),
            };
            let word = if holds { " since " } else { " in " };
            let Some((fact, version)) = fact.rsplit_once(word) else {
                return Err(format!("`{}` is missing at the line's end", word.trim()));
            };
            let event = Event { version: parse(version.trim())?, holds };
            let fact = fact.trim().to_owned();
            let place = *self.places.entry(fact.clone()).or_insert(self.facts.len());
            if place == self.facts.len() {
                self.facts.push((fact, Vec::new()));
            }
            self.facts[place].1.push(event);
        }
        Ok(())
    }

    fn finish(self) -> Result<LockedChannel, String> {
        let Self { released, facts, is_retired, .. } = self;
        let releases = released.into_iter().map(|(version, released)| {
            let held = facts.iter().filter(|(_, events)| holds_at(events, &version));
            let facts: Vec<_> = held.map(|(fact, _)| fact.clone()).collect();
            let find = |prefix| {
                let mut hashes = released.hashes.iter();
                hashes.find_map(|hash: &String| hash.strip_prefix(prefix))
            };
            let sum = format!("{:016x}", sum(&facts));
            if find("sum:").is_some_and(|written| written != sum) {
                return Err(format!(
                    "the lines of {version} aren't those that were released: somebody has edited \
                     them, or two releases were merged that both changed the interface; take the \
                     lines of one side's channel, and release the other side's changes anew"
                ));
            }
            let lock_hash = find(LOCK_HASH).and_then(|hash| u64::from_str_radix(hash, 16).ok());
            Ok(Release { version, lock_hash, facts })
        });
        Ok(LockedChannel { releases: releases.collect::<Result<_, _>>()?, is_retired })
    }
}

/// Whether the latest line up to a version says that the fact holds.
fn holds_at(events: &[Event], version: &Version) -> bool {
    let past = events.iter().filter(|event| event.version <= *version);
    past.max_by_key(|event| &event.version).is_some_and(|event| event.holds)
}

/// A number for the facts of a release, in any order: FNV-1a of their sorted lines.
fn sum(facts: &[String]) -> u64 {
    let mut sorted: Vec<_> = facts.iter().collect();
    sorted.sort_unstable();
    let bytes = sorted.iter().flat_map(|fact| fact.bytes().chain([b'\n']));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::LockedChannel;

    fn facts(text: &str) -> Vec<(String, Vec<String>)> {
        let channel = LockedChannel::read(text, "a").unwrap();
        let releases = channel.releases.into_iter();
        releases.map(|one| (one.version.to_string(), one.facts)).collect()
    }

    #[test]
    fn a_fact_holds_from_one_release_to_another_in_any_order_of_lines() {
        let text = "\
# comment
channel b
  released 1.0.0
channel a
  ended method request x() in 2.0.0
  released 2.0.0
  method request x() since 1.0.0
  released 1.0.0
  released 1.0.0
  method request y(at: \" since 9.0.0\") since 1.1.0
channel a
  released 1.1.0
";
        let x = "method request x()".to_owned();
        let y = "method request y(at: \" since 9.0.0\")".to_owned();
        assert_eq!(
            facts(text),
            [
                ("1.0.0".to_owned(), vec![x.clone()]),
                ("1.1.0".to_owned(), vec![x, y.clone()]),
                ("2.0.0".to_owned(), vec![y]),
            ]
        );
    }

    #[test]
    fn what_a_merge_has_spoilt_is_told() {
        let read = |text: &str| LockedChannel::read(text, "a").err().unwrap();
        let twice = "channel a\n released 1.0.0 L1:1\n released 1.0.0 L1:2\n";
        assert!(read(twice).starts_with("line 3: 1.0.0 was released twice, differently"));
        assert!(read("channel a\n<<<<<<< ours\n").contains("conflict"));
        let edited = "channel a\n released 1.0.0 sum:0000000000000001\n";
        assert!(read(edited).contains("aren't those that were released"));
        assert!(read("channel a\n method request x()\n").contains("`since` is missing"));
        assert!(read("channel a\n released one\n").contains("`one` is no semantic version"));
    }
}
