//! A name for each type of a schema, which no other has.

use std::collections::HashMap;

use crate::{
    interface::schema::{
        catalog::{Catalog, Copy, module},
        summary::Summary,
    },
    shape::node::{Node, NodeKind},
};

/// How long a name with its generic arguments may be: each may be twice as long as its argument's.
const MAX_LENGTH: usize = 160;

/// How deep generic arguments are looked into.
const MAX_DEPTH: usize = 16;

/// The names of the classes of a catalog, in their order.
pub(super) fn unique(catalog: &Catalog) -> Vec<String> {
    let types: Vec<&'static Node> = catalog.firsts().collect();
    let mut names = vec![String::new(); types.len()];
    let depths: Vec<usize> = types.iter().map(|one| depth(one, MAX_DEPTH)).collect();
    let mut taken: HashMap<String, usize> = HashMap::new();
    // Arguments get their names before the types that are made for them.
    for level in 0..=MAX_DEPTH {
        let mut alike: Vec<(String, Vec<usize>)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let named = types.iter().zip(&depths).enumerate();
        for (at, (named, _)) in named.filter(|(_, (_, depth))| **depth == level) {
            let name = with_arguments(named, catalog, &names);
            let place = *places.entry(name.clone()).or_insert(alike.len());
            match alike.get_mut(place) {
                Some((_, group)) => group.push(at),
                None => alike.push((name, vec![at])),
            }
        }
        for (name, group) in alike {
            let modules: Vec<&str> =
                group.iter().filter_map(|at| types.get(*at)).map(|one| module(one)).collect();
            for (at, module) in group.iter().zip(&modules) {
                let base = match tail(module, &modules) {
                    Some(tail) => format!("{tail}::{name}"),
                    None => name.clone(),
                };
                let mut unique = base.clone();
                let mut number = 1;
                while taken.insert(unique.clone(), *at).is_some() {
                    number += 1;
                    unique = format!("{base}#{number}");
                }
                if let Some(name) = names.get_mut(*at) {
                    *name = unique;
                }
            }
        }
    }
    names
}

/// The shortest end of a module's path that no other of the modules has; `None` if all are the
/// same.
fn tail<'a>(module: &'a str, modules: &[&str]) -> Option<&'a str> {
    let others = || modules.iter().filter(|other| **other != module);
    others().next()?;
    let starts = module.rmatch_indices("::").map(|(at, sign)| at + sign.len());
    let mut tails = starts.filter_map(|start| module.get(start..));
    let is_unique = |tail: &&str| {
        let has = |other: &str| {
            other.strip_suffix(*tail).is_some_and(|head| head.is_empty() || head.ends_with("::"))
        };
        !others().any(|other| has(other))
    };
    Some(tails.find(is_unique).unwrap_or(module))
}

fn depth(named: &'static Node, left: usize) -> usize {
    let Some(left) = left.checked_sub(1) else { return 0 };
    let mut deepest = 0;
    for argument in named.members.iter().skip(1) {
        within(argument.part, left, &mut |inner| deepest = deepest.max(1 + depth(inner, left)));
    }
    deepest
}

/// Calls `each` with the named types in a shape, but not with those in them.
fn within(node: &'static Node, left: usize, each: &mut dyn FnMut(&'static Node)) {
    let Some(left) = left.checked_sub(1) else { return };
    match node.kind {
        NodeKind::Named => each(node),
        NodeKind::Link => within(node.linked(), left, each),
        _ => node.members.iter().for_each(|member| within(member.part, left, each)),
    }
}

/// The name of a type with its generic arguments.
fn with_arguments(named: &'static Node, catalog: &Catalog, names: &[String]) -> String {
    let mut name = Summary::new(MAX_LENGTH);
    name.push(named.text);
    let name_of = |inner: &Node| {
        catalog.name(inner, names).filter(|name| !name.is_empty()).unwrap_or(inner.text).to_owned()
    };
    for (at, argument) in named.members.iter().skip(1).enumerate() {
        name.push(if at == 0 { "<" } else { ", " });
        if argument.part.kind == NodeKind::Constant {
            name.push(&argument.part.constant_value().to_string());
        } else {
            let mut copy = Copy::new(&name_of).with_nodes(MAX_DEPTH * MAX_DEPTH);
            let mut text = Summary::new(MAX_LENGTH);
            text.shape(&copy.shape(argument.part));
            name.push(&text.finish());
        }
    }
    if named.members.len() > 1 {
        name.push(">");
    }
    name.finish()
}
