//! The hashes of methods and interfaces, from the shapes of what they send and receive.

use std::sync::Arc;

use crate::{
    interface::{InterfaceInfo, MethodInfo, MethodKind, cache::Fingerprints},
    shape::{
        fingerprint::Fingerprint,
        hash::{mix, ordered, text},
        hashes::Hashes,
        lock_hash::LockHash,
        node::Node,
    },
};

impl InterfaceInfo {
    /// Returns a number that changes with everything that the wire sees of the interface and of the
    /// types that it reaches. It is computed at the first call.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprints().interface
    }

    /// Its fingerprint and those of its methods.
    pub(crate) fn fingerprints(&self) -> Arc<Fingerprints> {
        let compute = || Arc::new(fingerprints(self.methods));
        match self.cache() {
            Some(cache) => cache.fingerprints.get_or_init(compute).clone(),
            None => compute(),
        }
    }

    /// Returns the same as a constant, cut where a type contains itself: see [`LockHash`].
    pub const fn lock_hash(&self) -> LockHash {
        LockHash::new(lock_hash_of_interface(self.methods))
    }
}

impl MethodInfo {
    /// Returns a number that changes with everything that the wire sees of the method and of the
    /// types that it reaches. It is computed at each call.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(of_method(self))
    }

    /// Returns the same as a constant, cut where a type contains itself: see [`LockHash`].
    pub const fn lock_hash(&self) -> LockHash {
        LockHash::new(lock_hash_of_method(self))
    }
}

/// The fingerprint of an interface is made of those of its methods, in any order.
fn fingerprints(methods: &[MethodInfo]) -> Fingerprints {
    let hashes = Hashes::reachable_from(methods.iter().flat_map(MethodInfo::nodes));
    let each: Vec<_> = methods.iter().map(|one| fingerprint(one, &hashes)).collect();
    let sum = each.iter().map(|one| mix(*one)).fold(0, u64::wrapping_add);
    Fingerprints {
        interface: Fingerprint::new(interface(methods.len(), sum)),
        methods: each.into_iter().map(Fingerprint::new).collect(),
    }
}

/// The fingerprint of a method, which looks behind the places where types contain themselves.
fn of_method(one: &MethodInfo) -> u64 {
    fingerprint(one, &Hashes::reachable_from(one.nodes()))
}

fn fingerprint(one: &MethodInfo, hashes: &Hashes<'_>) -> u64 {
    let parts: Vec<u64> = one.nodes().map(|node| hashes.of(node)).collect();
    method(one, Some(&parts))
}

const fn interface(methods: usize, sum: u64) -> u64 {
    ordered(text("interface"), &[methods as u64, sum])
}

/// The hash of a method: arguments by wire name and type, in order. `hashes` are those of
/// [`MethodInfo::nodes`]; in constants they are `None`, and are cut where types contain themselves.
const fn method(method: &MethodInfo, hashes: Option<&[u64]>) -> u64 {
    let kind = match method.kind {
        MethodKind::Request => text("request"),
        MethodKind::Notification => text("notification"),
        MethodKind::Subscription => text("subscription"),
    };
    let mut next = 0;
    let mut arguments = text("arguments");
    while next < method.arguments.len() {
        let argument = &method.arguments[next];
        let hash = hash_of(argument.node, hashes, next);
        let parts = [arguments, text(argument.name), hash, argument.is_stream as u64];
        arguments = ordered(text("argument"), &parts);
        next += 1;
    }
    // In the order of `MethodInfo::nodes`.
    let output = &method.output;
    let mut all = [hash_of(output.value, hashes, next), 0, 0, 0, 0];
    next += 1;
    let optional = [output.error, output.item, output.item_error, output.progress];
    let mut at = 0;
    while at < optional.len() {
        if let Some(node) = optional[at] {
            all[at + 1] = ordered(text("some"), &[hash_of(node, hashes, next)]);
            next += 1;
        }
        at += 1;
    }
    let output = ordered(text("output"), &all);
    let parts = [kind, text(method.name), arguments, output, method.idempotent as u64];
    let hash = ordered(text("method"), &parts);
    if method.aliases.is_empty() {
        return hash;
    }
    // In any order.
    let (mut sum, mut at) = (0u64, 0);
    while at < method.aliases.len() {
        sum = sum.wrapping_add(mix(text(method.aliases[at].name)));
        at += 1;
    }
    ordered(text("aliases"), &[hash, method.aliases.len() as u64, sum])
}

const fn hash_of(node: &Node, hashes: Option<&[u64]>, at: usize) -> u64 {
    match hashes {
        Some(hashes) if at < hashes.len() => hashes[at],
        _ => node.facts.hash,
    }
}

/// The hash of a method that is cut where types contain themselves.
const fn lock_hash_of_method(one: &MethodInfo) -> u64 {
    method(one, None)
}

/// The hash of an interface that is cut where types contain themselves.
const fn lock_hash_of_interface(methods: &[MethodInfo]) -> u64 {
    let mut sum = 0u64;
    let mut at = 0;
    while at < methods.len() {
        sum = sum.wrapping_add(mix(lock_hash_of_method(&methods[at])));
        at += 1;
    }
    interface(methods.len(), sum)
}
