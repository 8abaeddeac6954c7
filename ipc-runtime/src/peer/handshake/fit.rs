//! Whether two versions of an interface fit together.

use crate::{
    interface::{Compat, served_versions::serves},
    peer::handshake::hello::{Exposed, Used},
};

pub(crate) struct Unfit;

/// Checks that a user of the interface `used` can work with the interface `served`.
pub(crate) fn fits(compat: Compat, used: &Used, served: &Exposed<'_>) -> Result<(), Unfit> {
    let parse = |version: &str| semver::Version::parse(version).map_err(|_| Unfit);
    let (wants, has) = (parse(&used.version)?, parse(&served.version)?);
    // Build metadata doesn't count (semver.org, item 10).
    let same = wants.cmp_precedence(&has).is_eq();
    let version_fits = serves(&has, &wants, compat);
    // Another version may well have another fingerprint; the same version may not.
    let differs = used.fingerprint.is_some_and(|used| used.conflicts_with(served.fingerprint));
    if version_fits && !(same && differs) { Ok(()) } else { Err(Unfit) }
}
