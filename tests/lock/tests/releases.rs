//! Releases are written down by a test, and required by another build.

#![allow(clippy::unwrap_used, reason = "a test, also outside of its functions")]

use std::{fmt::Write, process::Command, thread};

use ipc_lock_tests::Package;

/// The interface as it is, with further fields and methods.
fn files(version: &str, fields: &str, methods: &str) -> String {
    format!(
        "use ipc_runtime::{{ipc_interface, ipc_type}};\n\
         #[ipc_type] pub struct FileInfo {{ pub name: String, pub size: u32{fields} }}\n\
         #[ipc_interface(channel = \"demo.files\", version = \"{version}\", lock = \"ipc.lock\")]\n\
         pub trait Files {{ async fn list(&self, dir: &str) -> Vec<FileInfo>; {methods} }}\n"
    )
}

fn package(name: &str, source: &str) -> Package {
    Package::new(env!("CARGO_TARGET_TMPDIR"), name, source)
}

#[test]
fn a_release_is_written_once_and_required_by_check() {
    let package = package("releases", &files("1.0.0", "", ""));
    let (passes, said) = package.lock_test(Some("release"));
    assert!(passes && said.contains("ipc.lock: demo.files 1.0.0 released now\n"), "{said}");
    let first = package.read("ipc.lock");
    assert_eq!(package.check(None), "");
    let (passes, said) = package.lock_test(Some("release"));
    assert!(passes && said.contains("ipc.lock: demo.files 1.0.0 released\n"), "{said}");
    assert_eq!(package.read("ipc.lock"), first);

    package.write("src/lib.rs", &files("1.0.0", ", pub kind: Option<u8>", ""));
    let said = package.check(None);
    assert!(said.contains("raise the version to 1.1.0"), "{said}");
    let (passes, said) = package.lock_test(Some("release"));
    assert!(!passes && said.contains("raise the version to 1.1.0"), "{said}");

    package.write("src/lib.rs", &files("1.1.0", ", pub kind: Option<u8>", ""));
    assert_eq!(package.check(None), "");
    let (passes, said) = package.lock_test(Some("check"));
    assert!(!passes && said.contains("demo.files 1.1.0 isn't in ipc.lock as released"), "{said}");
    let (passes, said) = package.lock_test(None);
    assert!(passes && said.contains("ipc.lock: demo.files 1.1.0 not released\n"), "{said}");
    let (passes, said) = package.lock_test(Some("release"));
    assert!(passes, "{said}");
    let (passes, said) = package.lock_test(Some("check"));
    assert!(passes && said.contains("ipc.lock: demo.files 1.1.0 released\n"), "{said}");

    // Only lines were added, and only for what is new.
    let second = package.read("ipc.lock");
    let added = second.strip_prefix(&first).unwrap();
    let added: Vec<_> = added.lines().map(str::trim).collect();
    assert!(added[0].starts_with("released 1.1.0 2:"), "{second}");
    assert_eq!(added[1..], ["type FileInfo.kind: option<u8> since 1.1.0"]);

    let (passes, said) = package.lock_test(Some("retire:demo.files"));
    assert!(!passes && said.contains("is still there: remove the trait"), "{said}");
    let (passes, said) = package.lock_test(Some("retire:demo.others"));
    assert!(!passes && said.contains("nothing was released of `demo.others`"), "{said}");
    let (passes, said) = package.lock_test(Some("relaese"));
    assert!(!passes && said.contains("IPC_LOCK is `relaese`: write `release`"), "{said}");
    assert_eq!(package.read("ipc.lock"), second);

    package.write("src/lib.rs", &files("1.0.0", "", "").replace("demo.files", "demo.documents"));
    let (passes, said) = package.lock_test(Some("retire:demo.files"));
    assert!(passes && said.contains("ipc.lock: demo.files retired\n"), "{said}");
    assert_eq!(package.read("ipc.lock"), format!("{second}  retired\n"));
}

#[test]
fn eight_interfaces_are_released_at_once_by_threads_and_by_processes() {
    let mut source = String::from("use ipc_runtime::ipc_interface;\n");
    for at in 0..8 {
        writeln!(
            source,
            "#[ipc_interface(channel = \"demo.c{at}\", version = \"1.0.0\", lock = \"ipc.lock\")]\n\
             pub trait T{at} {{ async fn m{at}(&self, at: u{}) -> String; }}",
            8 << (at % 4)
        )
        .unwrap();
    }
    let package = package("eight", &source);
    let complete = |text: &str| {
        (0..8).all(|at| {
            text.contains(&format!("\nchannel demo.c{at}\n  released 1.0.0 2:"))
                && text.matches(&format!("  method request m{at}(")).count() == 1
        })
    };
    let (passes, said) = package.lock_test(Some("release"));
    assert!(passes && complete(&package.read("ipc.lock")), "{said}");
    assert_eq!(said.matches(" released now\n").count(), 8, "{said}");

    // A writer that was killed has left its mark behind. It is too new to be taken for dead at once.
    package.write("ipc.lock", "");
    let binary = package.test_binary();
    package.write("ipc.lock.writing", "");
    let mark = package.directory().join("ipc.lock.writing");
    let mark = std::fs::File::options().write(true).open(mark).unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(600);
    mark.set_modified(long_ago).unwrap();
    thread::scope(|scope| {
        let run = || {
            let mut command = Command::new(&binary);
            command.arg("ipc_lock").env("IPC_LOCK", "release").current_dir(package.directory());
            let output = command.output().unwrap();
            assert!(output.status.success(), "{output:?}");
        };
        for _ in 0..4 {
            scope.spawn(run);
        }
    });
    assert!(complete(&package.read("ipc.lock")), "{}", package.read("ipc.lock"));
    assert_eq!(package.files(), ["Cargo.lock", "Cargo.toml", "ipc.lock", "src"]);
    assert_eq!(package.check(None), "");
}

#[test]
fn a_change_behind_a_circle_of_types_is_told_by_the_test() {
    let source = |version: &str, size: &str| {
        format!(
            "use ipc_runtime::{{ipc_interface, ipc_type}};\n\
             #[ipc_type] pub struct Folder {{ pub entries: Vec<Entry> }}\n\
             #[ipc_type] pub struct Entry {{ #[ipc(recursive)] pub folder: Option<Folder>, pub size: {size} }}\n\
             #[ipc_type] pub struct Tree {{ pub children: Vec<Tree>, pub size: u32 }}\n\
             #[ipc_type] pub struct Marked {{ #[ipc(recursive)] pub only: Vec<Entry> }}\n\
             #[ipc_interface(channel = \"demo.circle\", version = \"{version}\", lock = \"ipc.lock\")]\n\
             pub trait Circle {{ async fn get(&self) -> Marked; async fn tree(&self) -> Tree; }}\n"
        )
    };
    let package = package("circles", &source("1.0.0", "u32"));
    let (passes, said) = package.lock_test(Some("release"));
    assert!(passes, "{said}");
    package.write("src/lib.rs", &source("1.1.0", "u32"));
    assert_eq!(package.check(None), "");
    let (passes, said) = package.lock_test(None);
    assert!(passes, "{said}");
    package.write("src/lib.rs", &source("1.1.0", "u64"));
    assert_eq!(package.check(None), "");
    let (passes, said) = package.lock_test(None);
    assert!(!passes && said.contains("field `size` (result of `get`): was u32, is u64"), "{said}");
}

#[test]
fn a_feature_that_changes_nothing_makes_no_difference() {
    let source = files("1.0.0", "", "")
        + "#[cfg(feature = \"extra\")] impl Default for FileInfo { \
        fn default() -> Self { Self { name: String::new(), size: 0 } } }";
    let package = package("features", &source);
    assert!(package.lock_test(Some("release")).0);
    let output = package.cargo(&["check", "--quiet", "--features", "extra"], None);
    assert!(output.status.success(), "{output:?}");
}
