//! What a lock file says of an interface: one fact a line.
//!
//! The lines may stand in any order. They are written in that of the definition, in which they are
//! compared fastest.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use semver::Version;

use crate::interface::schema::{Schema, text::unordered_lines};

/// The facts of each release.
pub(super) type Releases = BTreeMap<Version, Vec<String>>;

/// The facts of an interface.
pub(super) fn facts(schema: &Schema) -> Vec<String> {
    unordered_lines(schema)
}

/// A number for some facts: FNV-1a of their sorted lines. The macros compute the same.
pub(super) fn sum(facts: &[String]) -> u64 {
    let sorted: BTreeSet<_> = facts.iter().collect();
    let bytes = sorted.iter().flat_map(|fact| fact.bytes().chain([b'\n']));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The lines that say which facts hold in which releases: where each begins to hold, and where it
/// ends.
pub(super) fn lines(releases: &Releases) -> Vec<String> {
    let sets = releases.iter().map(|(version, facts)| (version, facts.iter().collect()));
    let sets: Vec<(_, HashSet<&String>)> = sets.collect();
    let (mut told, mut lines) = (HashSet::new(), Vec::new());
    for fact in releases.values().flatten().filter(|fact| told.insert(*fact)) {
        let mut holds = false;
        for (version, facts) in &sets {
            if facts.contains(fact) != holds {
                holds = !holds;
                lines.push(match holds {
                    true => format!("{fact} since {version}"),
                    false => format!("ended {fact} in {version}"),
                });
            }
        }
    }
    lines
}

/// The releases of a channel, from its lines in the file.
pub(super) fn releases(lines: &[&str]) -> Result<Releases, String> {
    let version = |text: &str| {
        Version::parse(text.trim()).map_err(|_| format!("`{text}` is no semantic version"))
    };
    let mut versions = BTreeSet::new();
    let mut facts: Vec<(&str, Vec<(Version, bool)>)> = Vec::new();
    let mut places = HashMap::new();
    for line in lines.iter().filter(|line| **line != RETIRED) {
        if let Some(released) = line.strip_prefix("released ") {
            versions.insert(version(released.split(' ').next().unwrap_or_default())?);
            continue;
        }
        let ended = line.strip_prefix("ended ").and_then(|line| line.rsplit_once(" in "));
        let since = || line.rsplit_once(" since ");
        let (fact, at, holds) = match ended {
            Some((fact, at)) => (fact, at, false),
            None => {
                let (fact, at) = since().ok_or_else(|| format!("no version in `{line}`"))?;
                (fact, at, true)
            }
        };
        let place = *places.entry(fact).or_insert(facts.len());
        if place == facts.len() {
            facts.push((fact, Vec::new()));
        }
        if let Some((_, events)) = facts.get_mut(place) {
            events.push((version(at)?, holds));
        }
    }
    let releases = versions.into_iter().map(|release| {
        let held = facts.iter().filter(|(_, events)| {
            let past = events.iter().filter(|(at, _)| *at <= release);
            past.max_by_key(|(at, _)| at).is_some_and(|(_, holds)| *holds)
        });
        let held = held.map(|(fact, _)| (*fact).to_owned()).collect();
        (release, held)
    });
    Ok(releases.collect())
}

/// The line of a channel that is gone.
pub(super) const RETIRED: &str = "retired";

/// Marks a field in all releases that one of them marks. From that one on, nobody heeds it.
pub(super) fn with_marks(mut releases: Releases) -> Releases {
    let facts = releases.values().flatten();
    let fields = facts.filter(|fact| fact.ends_with(MARK) && fact.starts_with("type "));
    let marked: HashSet<String> = fields.filter_map(|fact| name(fact)).collect();
    for fact in releases.values_mut().flatten() {
        if !fact.ends_with(MARK) && name(fact).is_some_and(|name| marked.contains(&name)) {
            fact.push_str(MARK);
        }
    }
    releases
}

/// The word of a field that may go.
const MARK: &str = " ignored";

/// `type Query.text` of `type Query.text: text`.
fn name(fact: &str) -> Option<String> {
    fact.split_once(": ").map(|(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Releases, lines, releases, with_marks};

    fn of(all: &[(&str, &[&str])]) -> Releases {
        let releases = all.iter().map(|(version, facts)| {
            (version.parse().unwrap(), facts.iter().map(|fact| (*fact).to_owned()).collect())
        });
        releases.collect()
    }

    #[test]
    fn a_fact_is_told_where_it_begins_and_where_it_ends() {
        let all = of(&[
            ("1.0.0", &["a", "b"]),
            ("1.1.0", &["a", "c"]),
            ("1.10.0", &["a", "b"]),
            ("1.2.0", &["a", "c"]),
        ]);
        let told = lines(&all);
        assert_eq!(
            told,
            [
                "a since 1.0.0",
                "b since 1.0.0",
                "ended b in 1.1.0",
                "b since 1.10.0",
                "c since 1.1.0",
                "ended c in 1.10.0",
            ]
        );
        let released = ["released 1.1.0 2:1", "released 1.0.0", "released 1.2.0", "retired"];
        let written: Vec<_> =
            told.iter().map(|line| &**line).chain(released).chain(["released 1.10.0"]).collect();
        assert_eq!(releases(&written).unwrap(), all);
    }

    #[test]
    fn a_field_is_marked_in_all_releases() {
        let marked = with_marks(of(&[
            ("1.0.0", &["type Q struct", "type Q.x: u8 default", "type Q.xy: u8"]),
            ("1.1.0", &["type Q struct", "type Q.x: u8 default ignored"]),
        ]));
        let old = &marked[&"1.0.0".parse().unwrap()];
        assert_eq!(old[1..], ["type Q.x: u8 default ignored", "type Q.xy: u8"]);
    }
}
