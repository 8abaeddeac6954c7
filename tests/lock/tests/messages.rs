//! What is wrong with an interface is told at its name, when the crate is built.

#![allow(clippy::unwrap_used, reason = "a test, also outside of its functions")]

use std::fmt::Write;

use ipc_lock_tests::{Package, told};

/// An interface, its lines in the lock, and what is told of it: nothing, if it builds.
struct Case {
    name: &'static str,
    version: &'static str,
    /// Further arguments of the attribute.
    more: &'static str,
    types: &'static str,
    methods: &'static str,
    lock: &'static str,
    told: &'static str,
}

const FILE: &str = "#[ipc_type] pub struct {F} { pub name: String, pub size: u32 }";
const WIDE: &str = "#[ipc_type] pub struct {F} { pub name: String, pub size: u64 }";
const LIST: &str = "async fn list(&self, dir: &str) -> Vec<{F}>;";
const LOCK: &str = "
  released 1.0.0
  method request list(dir: text) -> seq<{F}> since 1.0.0
  type {F} struct since 1.0.0
  type {F}.name: text since 1.0.0
  type {F}.size: u32 since 1.0.0";

const OFF: &str = "help: `IPC_LOCK=off` builds without this check";

const CASES: &[Case] = &[
    Case {
        name: "Same",
        version: "1.0.0",
        more: "",
        types: FILE,
        methods: LIST,
        lock: LOCK,
        told: "",
    },
    Case {
        name: "Metadata",
        version: "1.0.0+build.7",
        more: "",
        types: FILE,
        methods: LIST,
        lock: LOCK,
        told: "",
    },
    Case {
        name: "NotReleased",
        version: "0.1.0",
        more: "",
        types: WIDE,
        methods: LIST,
        lock: "",
        told: "",
    },
    Case {
        name: "Major",
        version: "2.0.0",
        more: "",
        types: WIDE,
        methods: LIST,
        lock: LOCK,
        told: "",
    },
    Case {
        name: "Minor",
        version: "1.1.0",
        more: "",
        types: FILE,
        methods: "async fn list(&self, dir: &str) -> Vec<{F}>; async fn more(&self);",
        lock: LOCK,
        told: "",
    },
    Case {
        name: "Added",
        version: "1.0.0",
        more: "",
        types: FILE,
        methods: "async fn list(&self, dir: &str) -> Vec<{F}>; async fn more(&self);",
        lock: LOCK,
        told: "isn't what ipc.lock says was released as 1.0.0
this doesn't break them:
method `more`: is new
help: raise the version to 1.1.0, since equal versions must look the same",
    },
    Case {
        name: "Broken",
        version: "1.0.0",
        more: "",
        types: WIDE,
        methods: LIST,
        lock: LOCK,
        told: "isn't what ipc.lock says was released as 1.0.0
this breaks callers of 1.0.0:
type `{F}`, field `size` (result of `list`): was u32, is u64
help: raise the version to 2.0.0, or take back what breaks",
    },
    Case {
        name: "BrokenMinor",
        version: "1.4.0",
        more: "",
        types: WIDE,
        methods: "async fn list(&self, dir: &str) -> Vec<{F}>; async fn more(&self);",
        lock: LOCK,
        told: "isn't what ipc.lock says was released as 1.0.0
this breaks callers of 1.0.0:
type `{F}`, field `size` (result of `list`): was u32, is u64
this doesn't break them:
method `more`: is new
help: raise the version to 2.0.0, or take back what breaks",
    },
    Case {
        name: "Removed",
        version: "1.1.0",
        more: "",
        types: FILE,
        methods: "async fn find(&self, dir: &str) -> Vec<{F}>;",
        lock: LOCK,
        told: "isn't what ipc.lock says was released as 1.0.0
this breaks callers of 1.0.0:
method `list`: was removed (a renamed method keeps its old name by `#[ipc(alias = \"…\")]`)
this doesn't break them:
method `find`: is new
help: raise the version to 2.0.0, or take back what breaks",
    },
    Case {
        name: "ZeroMinor",
        version: "0.3.1",
        more: "",
        types: WIDE,
        methods: LIST,
        lock: "
  released 0.3.0
  method request list(dir: text) -> seq<{F}> since 0.3.0
  type {F} struct since 0.3.0
  type {F}.name: text since 0.3.0
  type {F}.size: u32 since 0.3.0",
        told: "isn't what ipc.lock says was released as 0.3.0
this breaks callers of 0.3.0:
type `{F}`, field `size` (result of `list`): was u32, is u64
help: raise the version to 0.4.0, or take back what breaks",
    },
    // A field that was removed in 1.1 and comes back with another type fits 1.1, and breaks 1.0.
    Case {
        name: "ComesBack",
        version: "1.2.0",
        more: "",
        types: WIDE,
        methods: LIST,
        lock: "
  released 1.0.0
  released 1.1.0
  method request list(dir: text) -> seq<{F}> since 1.0.0
  type {F} struct since 1.0.0
  type {F}.name: text since 1.0.0
  type {F}.size: option<u32> since 1.0.0
  ended type {F}.size: option<u32> in 1.1.0",
        told: "isn't what ipc.lock says was released as 1.0.0
this breaks callers of 1.0.0:
type `{F}`, field `size` (result of `list`): was u32, is u64
this doesn't break them:
type `{F}`, field `size` (result of `list`): is never null now
help: raise the version to 2.0.0, or take back what breaks",
    },
    Case {
        name: "Exact",
        version: "1.0.0",
        more: ", compat = \"exact\"",
        types: FILE,
        methods: "async fn list(&self, dir: &str) -> Vec<{F}>; async fn more(&self);",
        lock: LOCK,
        told: "isn't what ipc.lock says was released as 1.0.0
this doesn't break them:
method `more`: is new
help: raise the version to 1.0.1, since equal versions must look the same",
    },
    Case {
        name: "Older",
        version: "1.0.0",
        more: "",
        types: FILE,
        methods: LIST,
        lock: "
  released 1.2.0
  method request list(dir: text) -> seq<{F}> since 1.2.0
  type {F} struct since 1.2.0
  type {F}.name: text since 1.2.0
  type {F}.size: u32 since 1.2.0",
        told: "is older than 1.2.0, which `ipc.lock` says was released
help: raise the version to 1.3.0",
    },
    Case {
        name: "Retired",
        version: "1.0.0",
        more: "",
        types: FILE,
        methods: LIST,
        lock: "\n  released 1.0.0\n  retired",
        told: "was retired by `ipc.lock`
help: choose another channel, or take the line `retired` out of the file",
    },
    Case {
        name: "Twice",
        version: "1.0.0",
        more: "",
        types: FILE,
        methods: LIST,
        lock: "\n  released 1.0.0 2:1 L1:1\n  released 1.0.0 2:2 L1:2",
        told: "can't be compared: `ipc.lock`, line {LINE}: 1.0.0 was released twice, differently: take the \
               lines of one side's channel, and release the other side's changes as a version of \
               their own",
    },
    Case {
        name: "Garbled",
        version: "1.0.0",
        more: "",
        types: FILE,
        methods: LIST,
        lock: "\n  released 1.0.0\n  method request list(dir: text) -> seq<File since 1.0.0",
        told: "can't be compared: `ipc.lock`, 1.0.0: no line says what the type `File` is",
    },
    Case {
        name: "Ignored",
        version: "1.3.0",
        more: "",
        types: "#[ipc_type] pub struct {F} { pub name: String }",
        methods: "async fn put(&self, file: {F});",
        lock: "
  released 1.0.0
  released 1.2.0
  method request put(file: {F}) since 1.0.0
  type {F} struct since 1.0.0
  type {F}.name: text since 1.0.0
  type {F}.size: option<u32> since 1.0.0
  ended type {F}.size: option<u32> in 1.2.0
  type {F}.size: option<u32> ignored since 1.2.0",
        told: "",
    },
];

fn package() -> (Package, Vec<(String, String)>) {
    let mut source = String::from("use ipc_runtime::{ipc_interface, ipc_type};\n");
    let mut lock = String::new();
    let mut expected = Vec::new();
    for case in CASES {
        let Case { name, version, more, .. } = case;
        let file = format!("{name}File");
        let with_name = |text: &str| text.replace("{F}", &file);
        writeln!(
            source,
            "{}\n#[ipc_interface(channel = \"{name}\", version = \"{version}\", lock = \"ipc.lock\"{more})]\n\
             pub trait {name} {{ {} }}",
            with_name(case.types),
            with_name(case.methods),
        )
        .unwrap();
        writeln!(lock, "channel {name}{}", with_name(case.lock)).unwrap();
        if !case.told.is_empty() {
            let line = lock.lines().count().to_string();
            let told = with_name(case.told).replace("{LINE}", &line);
            let begin = format!("the interface `{name}` (channel `{name}`, version {version}) ");
            expected.push(((*name).to_owned(), format!("{begin}{told}\n{OFF}")));
        }
    }
    let package = Package::new(env!("CARGO_TARGET_TMPDIR"), "messages", &source);
    package.write("ipc.lock", &lock);
    (package, expected)
}

#[test]
fn each_fault_is_told_at_the_interfaces_name() {
    let (package, expected) = package();
    let said = package.check(None);
    let told = told(&said);
    for one in &expected {
        let found = told.iter().find(|(name, _)| *name == one.0);
        assert_eq!(found, Some(one), "{said}");
    }
    assert_eq!(told.len(), expected.len(), "{said}");

    assert_eq!(package.check(Some("off")), "");

    // The file is tracked: without it, each says how to make it.
    std::fs::remove_file(package.directory().join("ipc.lock")).unwrap();
    let said = package.check(None);
    let all = ipc_lock_tests::told(&said);
    assert_eq!(all.len(), CASES.len(), "{said}");
    for (_, text) in &all {
        assert!(text.contains("has no lock: there is no `ipc.lock` beside Cargo.toml"), "{text}");
        assert!(text.contains("`IPC_LOCK=release cargo test ipc_lock` writes it"), "{text}");
    }

    package.write("ipc.lock", "<<<<<<< ours\nchannel Same\n=======\n>>>>>>> theirs\n");
    let said = package.check(None);
    let all = ipc_lock_tests::told(&said);
    assert!(
        all.iter().all(|(_, text)| text.contains("line 1: a merge has left a conflict here")),
        "{said}"
    );
    assert_eq!(all.len(), CASES.len(), "{said}");
}
