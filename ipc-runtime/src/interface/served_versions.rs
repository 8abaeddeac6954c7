//! Which versions serve which.

use semver::{Comparator, Op, Version, VersionReq};

use crate::interface::Compat;

/// Whether a backend of one version serves a frontend of another. Build metadata doesn't count
/// (semver.org, item 10).
pub(crate) fn serves(version: &Version, caller: &Version, compat: Compat) -> bool {
    let is_same = caller.cmp_precedence(version).is_eq();
    is_same || (compat == Compat::Semver && caret(caller).matches(version))
}

fn caret(version: &Version) -> VersionReq {
    VersionReq {
        comparators: vec![Comparator {
            op: Op::Caret,
            major: version.major,
            minor: Some(version.minor),
            patch: Some(version.patch),
            pre: version.pre.clone(),
        }],
    }
}
