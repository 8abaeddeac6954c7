//! The lines of a lock file that are about one channel, as they are written.

use std::{
    fs, io,
    io::ErrorKind,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime},
};

/// What a new file begins with.
const HEAD: &str = "\
# The releases of this package's interfaces, written by `IPC_LOCK=release cargo test ipc_lock`.
# The build compares with them. Check this file in, and leave its lines to the tool.
";

/// How long a writer waits for others.
const PATIENCE: Duration = Duration::from_secs(30);

/// After how long a writer that hasn't cleaned up must be gone.
const STALE: Duration = Duration::from_secs(20);

/// The lines of a channel, without their indentation.
pub(super) fn of<'a>(text: &'a str, channel: &str) -> Vec<&'a str> {
    let mut is_here = false;
    let lines = text.lines().map(str::trim).filter(move |line| {
        if let Some(name) = line.strip_prefix("channel ") {
            is_here = name.trim() == channel;
            return false;
        }
        is_here && !line.is_empty() && !line.starts_with('#')
    });
    lines.collect()
}

/// Returns the text with more lines at the end of a channel's.
pub(super) fn with(text: &str, channel: &str, more: &[String]) -> String {
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let is_head = |line: &String| line.trim_start().starts_with("channel ");
    let is_own = |line: &String| line.trim() == format!("channel {channel}");
    let end = match lines.iter().rposition(is_own) {
        Some(head) => {
            let next = lines.iter().skip(head + 1).position(is_head);
            let end = next.map_or(lines.len(), |next| head + 1 + next);
            let blanks = lines[..end].iter().rev().take_while(|line| line.trim().is_empty());
            end - blanks.count()
        }
        None => {
            if lines.is_empty() {
                lines.extend(HEAD.lines().map(str::to_owned));
            }
            lines.extend([String::new(), format!("channel {channel}")]);
            lines.len()
        }
    };
    lines.splice(end..end, more.iter().map(|line| format!("  {line}")));
    lines.join("\n") + "\n"
}

/// Changes a file while no other writer does: one test of each interface may want to.
pub(super) fn change(
    path: &Path,
    change: impl FnOnce(&str) -> Result<Option<String>, String>,
) -> Result<(), String> {
    let told = |error: io::Error| format!("{}: {error}", path.display());
    let _guard = Guard::take(beside(path, "writing")).map_err(told)?;
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(told(error)),
    };
    let Some(changed) = change(&text)? else { return Ok(()) };
    // A build may read it meanwhile: it is there as a whole, before or after.
    let new = beside(path, "new");
    fs::write(&new, changed).and_then(|()| fs::rename(&new, path)).map_err(told)
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(extension);
    path.with_file_name(name)
}

/// A file that is there while somebody writes.
struct Guard(PathBuf);

impl Guard {
    fn take(path: PathBuf) -> io::Result<Self> {
        let begin = Instant::now();
        loop {
            match fs::File::create_new(&path) {
                Ok(_) => return Ok(Self(path)),
                // On Windows, a file that is being removed can't be created.
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::AlreadyExists | ErrorKind::PermissionDenied
                    ) && begin.elapsed() < PATIENCE =>
                {
                    let made = fs::metadata(&path).and_then(|data| data.modified());
                    let age = made.map(|made| SystemTime::now().duration_since(made));
                    if matches!(age, Ok(Ok(age)) if age > STALE) {
                        // Whoever is first removes it; the others find nothing, or the next one's.
                        let _ = fs::remove_file(&path);
                    }
                    thread::sleep(Duration::from_millis(20));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::{HEAD, of, with};

    #[test]
    fn lines_go_to_the_end_of_their_channel() {
        let text = with("", "a", &["released 1.0.0".to_owned()]);
        assert_eq!(text, format!("{HEAD}\nchannel a\n  released 1.0.0\n"));
        let text = with(&text, "b.c", &["released 0.1.0".to_owned()]);
        let text = with(&text, "a", &["released 1.1.0".to_owned()]);
        let end =
            "channel a\n  released 1.0.0\n  released 1.1.0\n\nchannel b.c\n  released 0.1.0\n";
        assert_eq!(text, format!("{HEAD}\n{end}"));
        assert_eq!(of(&text, "a"), ["released 1.0.0", "released 1.1.0"]);
        assert_eq!(of(&text, "b"), [""; 0]);
    }
}
