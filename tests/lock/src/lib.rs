//! Small packages that are written to be built, and what cargo says of them.

#![allow(clippy::unwrap_used, reason = "for tests alone")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A package in a directory of its own. All share what they depend on.
#[derive(Debug)]
pub struct Package {
    directory: PathBuf,
    target: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

/// They would only wait for each other.
static TURN: Mutex<()> = Mutex::new(());

impl Package {
    /// Writes a package into an empty directory below `scratch`.
    pub fn new(scratch: &str, name: &str, source: &str) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let (scratch, tree) = (Path::new(scratch).join("lock"), tree());
        let directory = scratch.join(name);
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(directory.join("src")).unwrap();
        fs::copy(tree.join("Cargo.lock"), directory.join("Cargo.lock")).unwrap();
        let runtime = tree.join("ipc-runtime");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             [dependencies]\nipc-runtime = {{ path = {runtime:?}, default-features = false }}\n\
             [features]\nextra = []\n[workspace]\n"
        );
        let package = Self { directory, target: scratch.join("target"), _turn: turn };
        package.write("Cargo.toml", &manifest);
        package.write("src/lib.rs", source);
        package
    }

    /// Writes one of its files.
    pub fn write(&self, path: &str, content: &str) {
        fs::write(self.directory.join(path), content).unwrap();
    }

    /// Reads one of its files.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.directory.join(path)).unwrap()
    }

    /// The names of the files beside its manifest.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.directory).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs cargo with these arguments, and with this value of `IPC_LOCK`.
    pub fn cargo(&self, arguments: &[&str], variable: Option<&str>) -> Output {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).arg("--offline").current_dir(&self.directory);
        command.env("CARGO_TARGET_DIR", &self.target).env("CARGO_INCREMENTAL", "0");
        command.env("CARGO_TERM_COLOR", "never").env("RUST_BACKTRACE", "0");
        command.env_remove("RUSTFLAGS").env_remove("IPC_LOCK");
        command.envs(variable.map(|value| ("IPC_LOCK", value)));
        command.output().unwrap()
    }

    /// What `cargo check` says: nothing if all is well.
    pub fn check(&self, variable: Option<&str>) -> String {
        let output = self.cargo(&["check", "--quiet"], variable);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), said.is_empty(), "{said}");
        said
    }

    /// Runs the tests that the macro has made: whether they pass, and what they say.
    pub fn lock_test(&self, variable: Option<&str>) -> (bool, String) {
        let output = self.cargo(&["test", "--quiet", "ipc_lock"], variable);
        let mut said = String::from_utf8(output.stderr).unwrap();
        said.push_str(&String::from_utf8(output.stdout).unwrap());
        (output.status.success(), said)
    }

    /// The test binary, which was built before.
    pub fn test_binary(&self) -> PathBuf {
        let output = self.cargo(&["test", "--no-run", "--message-format", "json"], None);
        let messages = String::from_utf8(output.stdout).unwrap();
        let found = messages.lines().filter_map(|line| {
            let (_, rest) = line.split_once("\"executable\":\"")?;
            rest.split('"').next()
        });
        found.collect::<Vec<_>>().pop().unwrap().into()
    }

    /// Where its manifest is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

fn tree() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// What the compiler says of each trait, by the trait's name. It has to point at the name.
pub fn told(said: &str) -> Vec<(String, String)> {
    let errors = said.split("error[E0080]: evaluation panicked: ").skip(1);
    let told = errors.map(|error| {
        let (text, rest) = error.split_once("--> ").unwrap();
        let mut lines = rest.lines();
        let arrow = lines.find(|line| line.contains("evaluation of")).unwrap();
        let carets = arrow.find('^').unwrap();
        let source = rest.lines().take_while(|line| *line != arrow).last().unwrap();
        let name: String = source[carets..].chars().take_while(|c| c.is_alphanumeric()).collect();
        assert_eq!(arrow.matches('^').count(), name.len(), "{error}");
        let text: Vec<_> = text.trim_end().lines().map(str::trim).collect();
        (name, text.join("\n"))
    });
    told.collect()
}
