//! The comparison of an interface with its releases, when the crate is built.

use crate::{
    compatibility::{
        changes::Changes,
        compared_pair::ComparedPair,
        const_text::{ConstText, same},
        methods::{Later, Methods, compare, compare_calls},
        table_method::TableMethod,
    },
    interface::InterfaceInfo,
    shape::table::ShapeTable,
};

/// What was released of one channel, as generated code writes it.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct InterfaceLock<'a> {
    /// The name of the file.
    pub file: &'a str,
    pub table: &'a ShapeTable<'a>,
    /// The releases whose callers the interface serves by its version: the latest first.
    pub releases: &'a [LockedRelease<'a>],
    /// The version to write where something breaks.
    pub next_breaking: &'a str,
    /// The version to write where something was only added.
    pub next_compatible: &'a str,
}

/// A release.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct LockedRelease<'a> {
    pub version: &'a str,
    /// Whether it is of the version that the interface has.
    pub is_current: bool,
    /// Its lock hash: `None` if another algorithm made it.
    pub hash: Option<u64>,
    /// Its methods, but for those that a later release has as they are.
    pub methods: &'a [TableMethod<'a>],
}

/// Whether this very version was released as it is, or nobody wants to know. It was compared with
/// the others when it was released. `released` is the lock hash of that release, and `variable` the
/// value of `IPC_LOCK`.
#[doc(hidden)]
pub const fn is_released(
    interface: &InterfaceInfo,
    released: Option<u64>,
    variable: Option<&str>,
) -> bool {
    let is_same = match released {
        Some(hash) => hash == interface.lock_hash().value(),
        None => false,
    };
    is_same || is(variable, "off")
}

/// Refuses an interface whose lock can't be used. Called in a constant that stands at the trait's
/// name.
#[doc(hidden)]
#[track_caller]
#[allow(clippy::panic, reason = "a constant that panics is an error of the compiler")]
pub const fn assert_lock(
    interface: &InterfaceInfo,
    is_there: bool,
    fault: &str,
    variable: Option<&str>,
) {
    // The first release needs a build too.
    if is(variable, "off") || (!is_there && is(variable, "release")) {
        return;
    }
    let mut out = begin(interface);
    out.push(fault);
    end(&mut out);
    panic!("{}", out.as_str());
}

/// Refuses an interface that isn't what its version says. Called in a constant that stands at the
/// trait's name.
#[doc(hidden)]
#[track_caller]
#[allow(clippy::panic, reason = "a constant that panics is an error of the compiler")]
pub const fn assert_locked(interface: &InterfaceInfo, lock: &InterfaceLock<'_>) {
    if let Some(message) = fault(interface, lock) {
        panic!("{}", message.as_str());
    }
}

const fn is(variable: Option<&str>, value: &str) -> bool {
    match variable {
        Some(variable) => same(variable, value),
        None => false,
    }
}

/// What is wrong, in words: with the latest release that doesn't fit.
const fn fault(interface: &InterfaceInfo, lock: &InterfaceLock<'_>) -> Option<ConstText> {
    let (mut seen, mut waiting) =
        ([0; Changes::FEW_SEEN], [ComparedPair::NOTHING; Changes::FEW_WAITING]);
    let mut changes = Changes::new(&mut seen, &mut waiting);
    let mut at = 0;
    while at < lock.releases.len() {
        let release = &lock.releases[at];
        at += 1;
        if is_same(release, interface) {
            continue;
        }
        let caller = Methods::Table(release.methods, lock.table);
        let callee = Methods::Info(interface.methods);
        // Pairs of types that fitted for a later release do so for this one.
        changes.forget_told();
        if at == 1 {
            compare(caller, callee, Later::Callee, &mut changes);
        } else {
            compare_calls(caller, callee, Later::Callee, &mut changes);
        }
        // Another algorithm's hash says nothing.
        let has_changed = release.hash.is_some() || changes.adds > 0;
        if changes.breaks > 0 || (release.is_current && has_changed) {
            return Some(tell(interface, lock, release, &changes));
        }
    }
    None
}

const fn is_same(release: &LockedRelease<'_>, interface: &InterfaceInfo) -> bool {
    match release.hash {
        Some(hash) => hash == interface.lock_hash().value(),
        None => false,
    }
}

const fn begin(interface: &InterfaceInfo) -> ConstText {
    let mut out = ConstText::new();
    let InterfaceInfo { name, channel, version, .. } = interface;
    out.push_all(&["the interface `", name, "` (channel `", channel, "`, version ", version, ") "]);
    out
}

const fn end(out: &mut ConstText) {
    out.push("\n  help: `IPC_LOCK=off` builds without this check");
}

const fn tell(
    interface: &InterfaceInfo,
    lock: &InterfaceLock<'_>,
    release: &LockedRelease<'_>,
    changes: &Changes<'_, '_>,
) -> ConstText {
    let mut out = begin(interface);
    out.push_all(&["isn't what ", lock.file, " says was released as ", release.version]);
    if changes.breaks > 0 {
        out.push_all(&["\n  this breaks callers of ", release.version, ":"]);
        changes.write(true, "\n    ", &mut out);
    }
    if changes.adds > 0 {
        out.push("\n  this doesn't break them:");
        changes.write(false, "\n    ", &mut out);
    }
    if changes.breaks > 0 {
        out.push_all(&["\n  help: raise the version to ", lock.next_breaking]);
        out.push(", or take back what breaks");
    } else {
        out.push_all(&["\n  help: raise the version to ", lock.next_compatible]);
        out.push(", since equal versions must look the same");
    }
    end(&mut out);
    out
}
