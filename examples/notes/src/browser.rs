//! The window: an installed browser that shows one page without an address bar, with a profile of
//! its own, so that it knows nothing of the user's other pages, nor they of it.

use std::{
    env,
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::app::TOKEN_VARIABLE;

/// Says which browser is to be taken, by its path.
const BROWSER_VARIABLE: &str = "NOTES_BROWSER";

/// Opens the page in a window, if there is a browser for that and a screen.
pub(crate) fn open(address: &str, profile: &Path) -> Option<io::Result<Child>> {
    if !has_screen() {
        return None;
    }
    Some(start(&find()?, address, profile))
}

fn start(browser: &Path, address: &str, profile: &Path) -> io::Result<Child> {
    std::fs::create_dir_all(profile)?;
    let mut user_data = std::ffi::OsString::from("--user-data-dir=");
    user_data.push(profile);
    Command::new(browser)
        .arg(format!("--app={address}"))
        .arg(user_data)
        .args(["--no-first-run", "--no-default-browser-check", "--window-size=1180,780"])
        // The browser is given the code. The token is nothing for it, nor for its children.
        .env_remove(TOKEN_VARIABLE)
        .stdin(Stdio::null())
        // What browsers say of themselves would be read as said by this app.
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

fn has_screen() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn find() -> Option<PathBuf> {
    if let Some(browser) = env::var_os(BROWSER_VARIABLE).filter(|browser| !browser.is_empty()) {
        return Some(browser.into());
    }
    places(|name| env::var_os(name).map(PathBuf::from)).into_iter().find(|place| place.is_file())
}

/// Where Chromium, Chrome and Edge are, as their installers have it.
fn places(variable: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    if cfg!(windows) {
        const PROGRAMS: [&str; 3] = [
            r"Chromium\Application\chrome.exe",
            r"Google\Chrome\Application\chrome.exe",
            r"Microsoft\Edge\Application\msedge.exe",
        ];
        let roots = ["LOCALAPPDATA", "ProgramFiles", "ProgramFiles(x86)"].map(variable);
        in_each(PROGRAMS, roots.into_iter().flatten())
    } else if cfg!(target_os = "macos") {
        const PROGRAMS: [&str; 3] = [
            "Chromium.app/Contents/MacOS/Chromium",
            "Google Chrome.app/Contents/MacOS/Google Chrome",
            "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
        ];
        let own = variable("HOME").map(|home| home.join("Applications"));
        in_each(PROGRAMS, own.into_iter().chain([PathBuf::from("/Applications")]))
    } else {
        const PROGRAMS: [&str; 6] = [
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable",
            "microsoft-edge",
            "microsoft-edge-stable",
        ];
        let path = variable("PATH").unwrap_or_default();
        in_each(PROGRAMS, env::split_paths(&path))
    }
}

/// Every place of the first program, then those of the next one.
fn in_each<const N: usize>(
    programs: [impl AsRef<OsStr>; N],
    roots: impl Iterator<Item = PathBuf>,
) -> Vec<PathBuf> {
    let roots: Vec<_> = roots.collect();
    let of = |program: &_| {
        let program = Path::new(AsRef::<OsStr>::as_ref(program)).to_owned();
        roots.iter().map(move |root| root.join(&program)).collect::<Vec<_>>()
    };
    programs.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chromium_is_looked_for_first_and_edge_last() {
        let places = places(|name| match name {
            "PATH" => Some(env::join_paths(["/one", "/two"]).unwrap().into()),
            _ => Some(Path::new("/root").join(name)),
        });
        let place = |name: &str| {
            let has = |place: &&PathBuf| place.to_str().unwrap().to_lowercase().contains(name);
            (
                places.iter().position(|place| has(&place)),
                places.iter().rposition(|place| has(&place)),
            )
        };
        assert!(place("chromium").1 < place("edge").0, "{places:?}");
        assert!(place("chrome").1 < place("edge").0, "{places:?}");
        assert!(places.len() >= 6, "{places:?}");
    }
}
