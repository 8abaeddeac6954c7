//! Which releases an interface serves by its version, and which version to write next.

use semver::{Comparator, Op, Prerelease, Version};

use crate::model::Compat;

/// Whether a backend of one version serves a frontend of another.
pub(crate) fn serves(version: &Version, caller: &Version, compat: Compat) -> bool {
    match compat {
        Compat::Exact => version == caller,
        // Cargo's caret rule.
        Compat::Semver => {
            let of_caller = Comparator {
                op: Op::Caret,
                major: caller.major,
                minor: Some(caller.minor),
                patch: Some(caller.patch),
                pre: caller.pre.clone(),
            };
            of_caller.matches(version)
        }
    }
}

/// The first version that doesn't serve the callers of this one, and is later.
pub(crate) fn next_breaking(version: &Version) -> Version {
    match (version.major, version.minor) {
        (0, 0) => Version::new(0, 0, version.patch + 1),
        (0, minor) => Version::new(0, minor + 1, 0),
        (major, _) => Version::new(major + 1, 0, 0),
    }
}

/// The version to write after this one where something was only added.
pub(crate) fn next_compatible(version: &Version, compat: Compat) -> Version {
    if let Some(next) = next_prerelease(version) {
        return next;
    }
    match (compat, version.major, version.minor) {
        (Compat::Exact, major, minor) => Version::new(major, minor, version.patch + 1),
        (Compat::Semver, 0, minor) => Version::new(0, minor, version.patch + 1),
        (Compat::Semver, major, minor) => Version::new(major, minor + 1, 0),
    }
}

/// `1.0.0-beta.2` after `1.0.0-beta.1`.
fn next_prerelease(version: &Version) -> Option<Version> {
    let (word, number) = version.pre.as_str().rsplit_once('.')?;
    let number: u64 = number.parse().ok()?;
    let pre = Prerelease::new(&format!("{word}.{}", number.checked_add(1)?)).ok()?;
    Some(Version { pre, ..Version::new(version.major, version.minor, version.patch) })
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::{next_breaking, next_compatible, serves};
    use crate::model::Compat;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn the_caret_rule_says_who_is_served() {
        let served =
            |ours: &str, theirs: &str| serves(&version(ours), &version(theirs), Compat::Semver);
        assert!(served("1.2.0", "1.0.0") && served("1.2.0", "1.2.0") && served("0.3.1", "0.3.0"));
        assert!(
            !served("1.0.0", "1.2.0") && !served("2.0.0", "1.9.0") && !served("0.3.0", "0.2.9")
        );
        assert!(served("1.0.0", "1.0.0-beta.1") && !served("0.0.2", "0.0.1"));
        assert!(!serves(&version("1.2.0"), &version("1.1.0"), Compat::Exact));
    }

    #[test]
    fn the_next_version_is_told() {
        let next = |text: &str| {
            let version = version(text);
            let next = next_compatible(&version, Compat::Semver);
            (next_breaking(&version).to_string(), next.to_string())
        };
        assert_eq!(next("1.2.3"), ("2.0.0".into(), "1.3.0".into()));
        assert_eq!(next("0.2.3"), ("0.3.0".into(), "0.2.4".into()));
        assert_eq!(next("0.0.3"), ("0.0.4".into(), "0.0.4".into()));
        assert_eq!(next("1.0.0-beta.1"), ("2.0.0".into(), "1.0.0-beta.2".into()));
        assert_eq!(next_compatible(&version("1.2.3"), Compat::Exact).to_string(), "1.2.4");
    }
}
