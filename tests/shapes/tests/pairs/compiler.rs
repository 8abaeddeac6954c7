//! The compiler, called for one file.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use serde_json::Value;

/// An error, and the lines of its places in the file.
#[derive(Debug)]
pub(crate) struct CompileError {
    pub text: String,
    pub lines: Vec<usize>,
}

/// Compiles a file that names the library of these tests alone. Cargo would build that and all
/// below it once more, for another workspace.
pub(crate) fn compile(file: &Path, options: &[&str]) -> Vec<CompileError> {
    let libraries = libraries();
    let out = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .arg(file)
        .args(["--edition=2024", "--error-format=json", "--cap-lints=allow", "-Cdebuginfo=0"])
        .arg("--extern")
        .arg(format!("ipc_shape_tests={}", library(&libraries).display()))
        .arg("-L")
        .arg(format!("dependency={}", libraries.display()))
        .args(options)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stderr);
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors: Vec<_> = messages
        .filter(|message| message["level"] == "error")
        .filter_map(|message| {
            let spans = message["spans"].as_array()?;
            let primary = spans.iter().filter(|span| span["is_primary"] == true);
            let lines = primary.filter_map(|span| span["line_start"].as_u64());
            let lines: Vec<_> = lines.filter_map(|line| usize::try_from(line).ok()).collect();
            // "Aborting due to 7 errors".
            (!lines.is_empty())
                .then(|| CompileError { text: message["rendered"].to_string(), lines })
        })
        .collect();
    assert!(out.status.success() || !errors.is_empty(), "{text}");
    errors
}

/// Where Cargo puts libraries: beside this test.
fn libraries() -> PathBuf {
    env::current_exe().unwrap().parent().unwrap().to_owned()
}

/// The library that this test was built with: the newest.
fn library(libraries: &Path) -> PathBuf {
    let changed = |path: &PathBuf| {
        fs::metadata(path).and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
    };
    fs::read_dir(libraries)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("libipc_shape_tests-") && name.ends_with(".rlib")
        })
        .max_by_key(changed)
        .unwrap()
}
