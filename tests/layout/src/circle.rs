//! Circles of files that know each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::layout::Pair;

/// Which file knows which.
pub type Knowledge<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Steps from one file to another that lead back to the first.
pub type Circle<'a> = Vec<(&'a str, &'a str)>;

/// From a file to another, with the files of a pair as one, and the two files that it stands for.
type Steps<'a> = BTreeMap<&'a str, BTreeMap<&'a str, (&'a str, &'a str)>>;

/// Circles that, once they are opened, leave none; the shortest first.
pub fn circles<'a>(knowledge: &Knowledge<'a>, pairs: &[Pair]) -> Vec<Circle<'a>> {
    let one_of_pair = |file: &'a str| -> &'a str {
        let pair = pairs.iter().find(|pair| pair.files[1] == file);
        let known = pair.and_then(|pair| knowledge.get_key_value(pair.files[0]));
        known.map_or(file, |(first, _)| first)
    };
    let mut steps = Steps::new();
    for (from, all) in knowledge {
        for to in all {
            let (one, other) = (one_of_pair(from), one_of_pair(to));
            if one != other {
                steps.entry(one).or_default().entry(other).or_insert((from, to));
            }
        }
    }
    let mut circles = Vec::new();
    while let Some(stations) = shortest(&steps) {
        let circle = stations.iter().enumerate().filter_map(|(at, from)| {
            let to = stations[(at + 1) % stations.len()];
            steps.get_mut(from)?.remove(to)
        });
        circles.push(circle.collect());
    }
    circles
}

fn shortest<'a>(steps: &Steps<'a>) -> Option<Vec<&'a str>> {
    let mut found: Option<Vec<&str>> = None;
    for start in steps.keys() {
        let limit = found.as_ref().map_or(usize::MAX, Vec::len);
        if let Some(circle) = way_back(start, steps, limit) {
            found = Some(circle);
        }
    }
    found
}

/// The shortest way from a file back to itself, if it has fewer steps than the limit.
fn way_back<'a>(start: &'a str, steps: &Steps<'a>, limit: usize) -> Option<Vec<&'a str>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut waiting = VecDeque::from([(start, 1)]);
    while let Some((file, length)) = waiting.pop_front() {
        if length >= limit {
            return None;
        }
        for next in steps.get(file).into_iter().flat_map(BTreeMap::keys) {
            if *next == start {
                let mut circle = vec![file];
                while let Some(earlier) = before.get(circle[circle.len() - 1]) {
                    circle.push(earlier);
                }
                circle.reverse();
                return Some(circle);
            }
            if !before.contains_key(next) {
                before.insert(next, file);
                waiting.push_back((next, length + 1));
            }
        }
    }
    None
}
