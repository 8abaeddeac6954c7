//! The names of the constants.

use std::collections::{BTreeMap, HashSet};

use crate::{
    interface::InterfaceInfo,
    notation::{type_identifier, type_names::free},
    shape::hash,
    typescript::binding_source::{BindingSource, Role},
};

/// What the functions and the events of a file are called.
pub(super) const FUNCTIONS: &str = "Functions";
pub(super) const EVENTS: &str = "Events";

/// The names of the constants of a file: an interface has its trait's, and a key its own.
#[derive(Debug)]
pub(super) struct ConstantNames {
    /// By source; empty for what has no constant of its own.
    names: Vec<String>,
    pub(super) functions: String,
    pub(super) events: String,
}

impl ConstantNames {
    pub(super) fn of(sources: &[BindingSource]) -> Self {
        let mut names = vec![String::new(); sources.len()];
        let mut taken = HashSet::new();
        for (at, name) in interfaces(sources) {
            if let Some(of) = names.get_mut(at) {
                *of = free(&mut taken, name);
            }
        }
        let functions = free(&mut taken, FUNCTIONS.to_owned());
        let events = free(&mut taken, EVENTS.to_owned());
        for (at, name) in keys(sources, &taken) {
            if let Some(of) = names.get_mut(at) {
                *of = free(&mut taken, name);
            }
        }
        Self { names, functions, events }
    }

    pub(super) fn get(&self, at: usize) -> &str {
        self.names.get(at).map_or("", |name| name)
    }
}

/// Keys of one name both get a mark that tells them apart: which of them the plain name would mean
/// may not depend on what other keys there are. They are in the order of their texts.
fn keys(sources: &[BindingSource], taken: &HashSet<String>) -> Vec<(usize, String)> {
    let mut alike: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    for (at, source) in sources.iter().enumerate() {
        if let BindingSource::Key { name, .. } = source {
            let own = type_identifier::declared(&type_identifier::camel(name));
            alike.entry(own).or_default().insert(name, at);
        }
    }
    let mut names = Vec::new();
    for (own, group) in alike {
        let is_alone = group.len() == 1;
        let suffix = if taken.contains(&own) { "Key" } else { "" };
        for (text, at) in group {
            names.push((
                at,
                match is_alone {
                    true => format!("{own}{suffix}"),
                    false => format!("{own}{suffix}_{:06x}", hash::text(text) >> 40),
                },
            ));
        }
    }
    names
}

/// Interfaces of one name both get the shortest end of their channel that tells them apart, those
/// of one channel their version, and of one that goes both ways, what is implemented says so. Those
/// that are called as their traits are come first, and others in an order of their own.
fn interfaces(sources: &[BindingSource]) -> Vec<(usize, String)> {
    let mut alike: BTreeMap<&str, Vec<(usize, &InterfaceInfo, Role)>> = BTreeMap::new();
    for (at, source) in sources.iter().enumerate() {
        if let BindingSource::Interface { info, role } = source {
            alike.entry(info.name).or_default().push((at, info, *role));
        }
    }
    let mut names = Vec::new();
    for group in alike.into_values() {
        for (at, own, role) in &group {
            let others = || group.iter().filter(|other| other.0 != *at).map(|other| other.1);
            let mut name = own.name.to_owned();
            if others().any(|other| other.channel != own.channel) {
                let tail = tail(own.channel, others().map(|other| other.channel));
                name = type_identifier::camel(tail) + &name;
            }
            let same_channel = || others().filter(|other| other.channel == own.channel);
            if same_channel().any(|other| other.version != own.version) {
                name = format!("{name}V{}", own.version.replace('.', "_"));
            }
            // The same interface both ways.
            let is_both_ways = same_channel().any(|other| other.version == own.version);
            if is_both_ways && *role == Role::Implemented {
                name.push_str("Handler");
            }
            let name = type_identifier::declared(&name);
            let is_made = name != own.name;
            let order = (is_made, own.name, own.channel, own.version, *role == Role::Implemented);
            names.push((order, *at, name));
        }
    }
    names.sort_unstable();
    names.into_iter().map(|(_, at, name)| (at, name)).collect()
}

/// The shortest end of a channel that none of the other channels has.
fn tail(channel: &str, others: impl Iterator<Item = &'static str> + Clone) -> &str {
    let starts = channel.rmatch_indices('.').map(|(at, _)| at + 1);
    let mut tails = starts.filter_map(|start| channel.get(start..));
    let is_its_own = |tail: &&str| {
        let has = |other: &str| {
            other.strip_suffix(*tail).is_some_and(|head| head.is_empty() || head.ends_with('.'))
        };
        !others.clone().any(|other| other != channel && has(other))
    };
    tails.find(is_its_own).unwrap_or(channel)
}
