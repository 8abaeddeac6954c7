//! Small crates that are written only to be compiled, and what cargo says of them.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant, SystemTime},
};

use serde::Deserialize;

use crate::error::Result;

/// A package below cargo's target directory, with a target directory of its own.
pub struct Package {
    directory: PathBuf,
}

/// What a build took.
pub struct Built {
    pub time: Duration,
    /// What it took to build the app's own crate anew.
    pub again: Duration,
    /// How many packages were compiled besides the app.
    pub crates: usize,
}

impl Package {
    /// Writes it, with the versions that this workspace is locked to.
    pub fn write(group: &str, name: &str, manifest: &str, files: &[(&str, &str)]) -> Result<Self> {
        let directory = target().join(group).join(name);
        fs::create_dir_all(&directory)?;
        let head = format!(
            "[package]\nname = \"app-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             publish = false\n\n[workspace]\n\n"
        );
        fs::write(directory.join("Cargo.toml"), head + manifest)?;
        for (path, content) in files {
            let path = directory.join(path);
            fs::create_dir_all(path.parent().ok_or("a file without a directory")?)?;
            fs::write(path, content)?;
        }
        fs::copy(here().join("Cargo.lock"), directory.join("Cargo.lock"))?;
        let package = Self { directory };
        package.run(&["fetch"])?;
        Ok(package)
    }

    /// Builds everything anew, as it would be released, and then the app alone.
    pub fn build_clean(&self) -> Result<Built> {
        self.clean()?;
        let build = ["build", "--release", "--offline", "--message-format", "json"];
        let begun = Instant::now();
        let messages = self.run(&build)?;
        let time = begun.elapsed();
        self.touch("src/main.rs")?;
        let begun = Instant::now();
        self.run(&build)?;
        let again = begun.elapsed();
        // All of them together are gigabytes.
        self.clean()?;
        Ok(Built { time, again, crates: packages(&messages).saturating_sub(1) })
    }

    /// Removes what was built of it.
    pub fn clean(&self) -> Result<()> {
        let target = self.directory.join("target");
        if target.exists() {
            fs::remove_dir_all(target)?;
        }
        Ok(())
    }

    /// Checks the package itself, not what it depends on: that has been checked before.
    pub fn check_touched(&self) -> Result<Duration> {
        self.touch("src/lib.rs")?;
        let begun = Instant::now();
        self.check()?;
        Ok(begun.elapsed())
    }

    pub fn write_file(&self, path: &str, content: &str) -> Result<()> {
        Ok(fs::write(self.directory.join(path), content)?)
    }

    /// Has the tests of its interfaces write their versions into their lock.
    pub fn release(&self) -> Result<()> {
        self.run_with(&["test", "--offline", "ipc_lock"], &[("IPC_LOCK", "release")])?;
        Ok(())
    }

    fn touch(&self, source: &str) -> Result<()> {
        let source = fs::File::options().append(true).open(self.directory.join(source))?;
        source.set_modified(SystemTime::now())?;
        Ok(())
    }

    pub fn check(&self) -> Result<()> {
        self.run(&["check", "--offline"])?;
        Ok(())
    }

    fn run(&self, arguments: &[&str]) -> Result<String> {
        self.run_with(arguments, &[])
    }

    fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Result<String> {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).args(["--quiet", "--manifest-path"]);
        command.arg(self.directory.join("Cargo.toml"));
        command.env("CARGO_TARGET_DIR", self.directory.join("target"));
        // Else a check of what hasn't changed is hardly one.
        command.env("CARGO_INCREMENTAL", "0");
        command.envs(variables.iter().copied());
        let output = command.output()?;
        if output.status.success() {
            return Ok(String::from_utf8(output.stdout)?);
        }
        let what = self.directory.display();
        Err(format!("{what}: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

/// The dependency on ipc-runtime of this very tree.
pub fn ours(options: &str) -> String {
    let path = here().join("../ipc-runtime");
    format!("ipc-runtime = {{ path = {path:?}{options} }}\n")
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The directory that this program was built into: `TARGET/release/ipc-bench`.
fn target() -> PathBuf {
    let program = crate::process::this();
    program.ancestors().nth(2).unwrap_or(Path::new("target")).to_owned()
}

/// How many packages there are among cargo's messages.
fn packages(messages: &str) -> usize {
    #[derive(Deserialize)]
    struct Message {
        reason: String,
        package_id: Option<String>,
    }

    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
    let compiled = messages.filter(|message| message.reason == "compiler-artifact");
    compiled.filter_map(|message| message.package_id).collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_counts_once_whatever_is_built_of_it() {
        let messages = r#"{"reason":"compiler-artifact","package_id":"a","target":{"kind":["lib"]}}
{"reason":"compiler-artifact","package_id":"a","target":{"kind":["custom-build"]}}
{"reason":"build-script-executed","package_id":"b"}
{"reason":"compiler-artifact","package_id":"c"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(packages(messages), 2);
    }
}
