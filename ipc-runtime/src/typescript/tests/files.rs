//! Bindings and the file that holds them.

use std::{fs, path::PathBuf};

use crate::{
    store::key::Key,
    typescript::{
        Bindings, BindingsError,
        bindings_file::check_as,
        difference::{difference, is_same},
    },
};

/// A directory of a test's own.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ipc-bindings-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("src/ipc.ts")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn theme() -> Bindings {
    Bindings::new().key(&Key::<String>::new("theme"))
}

#[test]
fn a_file_is_written_only_when_it_differs() {
    let scratch = Scratch::new("written");
    assert!(theme().write(scratch.file()).unwrap());
    assert_eq!(fs::read_to_string(scratch.file()).unwrap(), theme().to_string());
    assert!(!theme().write(scratch.file()).unwrap());
    fs::write(scratch.file(), theme().to_string().replace('\n', "\r\n")).unwrap();
    assert!(!theme().write(scratch.file()).unwrap());
    assert!(theme().key(&Key::<u8>::new("zoom")).write(scratch.file()).unwrap());
}

#[test]
fn a_check_says_what_differs_and_how_to_renew_it() {
    let scratch = Scratch::new("checked");
    let text = theme().to_string();
    let check = |setting| check_as(setting, &scratch.file(), &text);
    let missing = check("").unwrap_err();
    assert!(matches!(missing, BindingsError::Missing { .. }));
    assert!(missing.to_string().contains("IPC_BINDINGS=write cargo test bindings"));

    check("write").unwrap();
    check("").unwrap();
    check("check").unwrap();
    let setting = check("yes").unwrap_err();
    assert_eq!(setting.to_string(), "IPC_BINDINGS is `yes`: it may be `write` or `check`");

    fs::write(scratch.file(), text.replace('\n', "\r\n")).unwrap();
    check("").unwrap();

    fs::write(scratch.file(), text.replace("string", "number")).unwrap();
    let stale = check("").unwrap_err();
    let told = format!("{stale:?}");
    assert!(told.contains("ipc.ts isn't what the Rust interfaces say, from line 4:"), "{told}");
    assert!(told.contains("\n  - export const Theme: $.StoreKey<number> ="), "{told}");
    assert!(told.contains("\n  + export const Theme: $.StoreKey<string> ="), "{told}");
    assert!(told.ends_with("\nRenew it: IPC_BINDINGS=write cargo test bindings"), "{told}");
}

#[test]
fn a_path_that_cannot_be_a_file_is_an_error_that_names_it() {
    let scratch = Scratch::new("directory");
    fs::create_dir_all(scratch.file()).unwrap();
    let error = theme().write(scratch.file()).unwrap_err();
    assert!(matches!(error, BindingsError::Write { .. }), "{error}");
    let error = check_as("", &scratch.file(), "").unwrap_err();
    assert!(matches!(error, BindingsError::Read { .. }), "{error}");
    assert!(error.to_string().contains("ipc.ts can't be read: "), "{error}");
}

#[test]
fn differences_are_short() {
    assert_eq!(difference("a\nb\nc\n", "a\nx\nc\n"), "from line 2:\n  - b\n  + x");
    assert_eq!(difference("a\nc\n", "a\nb\nc\n"), "from line 2:\n  + b");
    assert_eq!(difference("a\na\n", "a\n"), "from line 2:\n  - a");
    let long: String = (0..100).map(|line| format!("{line}\n")).collect();
    let told = difference("", &long);
    assert!(told.ends_with("\n  + 5\n  + and 94 more lines"), "{told}");
    assert!(is_same("a\r\nb", "a\nb\n"));
    assert!(!is_same("a\nb", "a\nb\nc"));
}
