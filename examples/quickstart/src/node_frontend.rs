//! The frontend in Node: `web/frontend.ts`, with the npm package of this repository.

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::screen::Screen;

/// The oldest Node that the package supports.
const OLDEST_NODE: u32 = 20;

/// Calls a backend from Node. Without Node, or while the package isn't built, it says so instead.
pub(crate) fn tour(screen: &Screen, endpoint: &str) -> Result<(), Box<dyn Error>> {
    let package = repository().join("web");
    if let Some(reason) = reason_to_leave_it_out(&package) {
        screen.line("");
        screen.line(format_args!("Left out: the same from Node, since {reason}."));
        return Ok(());
    }
    compile(&package)?;
    screen.heading(format_args!("The same from Node, over {endpoint}"));
    let program = package.join("build/quickstart/frontend.js");
    let status = Command::new("node").arg(program).arg(endpoint).stdin(Stdio::null()).status()?;
    if !status.success() {
        return Err(format!("the frontend in Node has ended with {status}").into());
    }
    Ok(())
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn reason_to_leave_it_out(package: &Path) -> Option<String> {
    let Ok(version) = Command::new("node").arg("--version").stdin(Stdio::null()).output() else {
        return Some("there is no `node`".into());
    };
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next().unwrap_or_default();
    if major.parse::<u32>().map_or(true, |major| major < OLDEST_NODE) {
        return Some(format!("`node` is {version}, and {OLDEST_NODE} is needed"));
    }
    if !package.join("dist/node/index.js").exists() || !compiler(package).exists() {
        return Some("the npm package isn't built: `npm ci && npm run build` in web/".into());
    }
    None
}

fn compiler(package: &Path) -> PathBuf {
    package.join("node_modules/typescript/bin/tsc")
}

/// Node 20 doesn't run TypeScript, and a compiler sees what doesn't fit the interface.
fn compile(package: &Path) -> Result<(), Box<dyn Error>> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    let mut command = Command::new("node");
    command.arg(compiler(package)).arg("-p").arg(project).stdin(Stdio::null());
    let compiled = command.output()?;
    if !compiled.status.success() {
        let told = String::from_utf8_lossy(&compiled.stdout).into_owned();
        return Err(format!("the frontend in Node doesn't compile:\n{told}").into());
    }
    Ok(())
}
