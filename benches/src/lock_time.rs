//! What a lock with ten releases adds to the check of an interface of 60 types and 100 methods.

use std::fmt::Write;

use crate::{
    cargo::{self, Package},
    error::Result,
    report::rows::Row,
    workload::Metric,
};

const TYPES: usize = 60;
const METHODS: usize = 100;
const RELEASES: usize = 10;

/// The interface in one of its versions: each has a method and a field more than the one before.
struct Version {
    minor: usize,
    lock: &'static str,
}

impl Version {
    fn source(&self) -> String {
        let mut source = String::from("use ipc_runtime::{ipc_interface, ipc_type};\n");
        // Writing to a string can't fail.
        for number in 0..TYPES {
            let fields = self.fields(number).into_iter();
            let fields: Vec<_> =
                fields.map(|(name, rust, _)| format!("pub {name}: {rust}")).collect();
            let fields = fields.join(", ");
            let _ = writeln!(source, "#[ipc_type]\npub struct T{number} {{ {fields} }}");
        }
        let Self { minor, lock } = self;
        let _ = writeln!(
            source,
            "#[ipc_interface(channel = \"many\", version = \"1.{minor}.0\"{lock})]\npub trait Many {{"
        );
        for number in 0..METHODS + minor {
            let (argument, result) = (number % TYPES, number * 7 % TYPES);
            let _ = writeln!(
                source,
                "    async fn method_{number}(&self, first: T{argument}, second: String) -> \
                 Vec<T{result}>;"
            );
        }
        source + "}\n"
    }

    /// Name, type in Rust, and type in the lock of each field. Types hold others as a tree does.
    fn fields(&self, number: usize) -> Vec<(String, String, String)> {
        let scalars = [("u32", "u32"), ("String", "text"), ("bool", "bool"), ("f64", "f64")];
        let scalars = (0..).zip(scalars);
        let mut fields: Vec<_> = scalars
            .map(|(at, (rust, lock))| (format!("f{at}"), rust.to_owned(), lock.to_owned()))
            .collect();
        for child in [number * 2 + 1, number * 2 + 2].into_iter().filter(|child| *child < TYPES) {
            fields.push((format!("c{child}"), format!("Vec<T{child}>"), format!("seq<T{child}>")));
        }
        // The first release that has it is the one of this number.
        let added = TYPES - number;
        if added <= self.minor {
            fields.push((format!("g{added}"), "Option<u8>".into(), "option<u8>".into()));
        }
        fields
    }

    /// The facts of a lock, with the release since which each holds.
    fn lock(&self) -> String {
        let mut lock = String::from("channel many\n");
        for minor in 0..=self.minor {
            let _ = writeln!(lock, "  released 1.{minor}.0");
        }
        for number in 0..METHODS + self.minor {
            let (argument, result) = (number % TYPES, number * 7 % TYPES);
            let since = (number + 1).saturating_sub(METHODS);
            let _ = writeln!(
                lock,
                "  method request method_{number}(first: T{argument}, second: text) -> \
                 seq<T{result}> since 1.{since}.0"
            );
        }
        for number in 0..TYPES {
            let _ = writeln!(lock, "  type T{number} struct since 1.0.0");
            for (name, _, shape) in self.fields(number) {
                let since = name.strip_prefix('g').unwrap_or("0");
                let _ = writeln!(lock, "  type T{number}.{name}: {shape} since 1.{since}.0");
            }
        }
        lock
    }
}

/// Checks the interface without and with a lock, by turns: as it was released last, and with a
/// change that isn't released.
pub fn measure(rounds: usize) -> Result<Vec<Row>> {
    let lock = ", lock = \"ipc.lock\"";
    let released = Version { minor: RELEASES - 1, lock };
    let text = released.lock();
    let cases = [
        ("no lock", Version { minor: RELEASES - 1, lock: "" }),
        ("lock", Version { minor: RELEASES - 1, lock }),
        ("lock, changed", Version { minor: RELEASES, lock }),
    ];
    let mut checked = Vec::new();
    for (peer, version) in cases {
        let name = peer.replace([' ', ','], "-");
        let manifest = format!("[dependencies]\n{}", cargo::ours(""));
        let files = [("src/lib.rs", &*version.source()), ("ipc.lock", &*text)];
        let package = Package::write("lock", &name, &manifest, &files)?;
        if peer == "lock" {
            // The last release with its hash, as it is really written.
            package.write_file("ipc.lock", &text.replace("  released 1.9.0\n", ""))?;
            package.release()?;
        }
        package.check()?;
        checked.push((peer, package, Vec::new()));
    }
    for _ in 0..rounds {
        for (peer, package, times) in &mut checked {
            let time = package.check_touched()?.as_secs_f64();
            eprintln!("{peer}: {time:.2} s");
            times.push(time);
        }
    }
    for (_, package, _) in &checked {
        package.clean()?;
    }
    let name = format!("check of {TYPES} types, {METHODS} methods, {RELEASES} releases");
    let rows = checked.iter().map(|(peer, _, times)| Row::new(peer, &name, Metric::Seconds, times));
    Ok(rows.flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_release_has_a_method_and_a_field_more() {
        let count = |minor| {
            let version = Version { minor, lock: "" };
            let source = version.source();
            (source.matches("async fn").count(), source.matches("Option<u8>").count())
        };
        assert_eq!((count(0), count(9)), ((METHODS, 0), (METHODS + 9, 9)));
        let lock = Version { minor: 9, lock: "" }.lock();
        assert_eq!(lock.matches("option<u8> since 1.9.0").count(), 1);
        assert_eq!(lock.matches("released").count(), RELEASES);
    }
}
