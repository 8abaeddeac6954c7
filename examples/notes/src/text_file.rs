//! Files that hold text: read with a limit, and replaced as a whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tempfile::NamedTempFile;

/// The most bytes of a note: what a window sends and an editor holds without a thought.
pub(crate) const LARGEST: u32 = 2 * 1024 * 1024;

/// How long nothing comes to a file until its launch is taken for dead.
const ABANDONED: Duration = Duration::from_secs(60);

/// The beginning of the names of files that aren't complete yet.
const UNFINISHED: &str = ".unfinished-";

/// A file's text, and when it was changed last, in milliseconds since 1970.
///
/// # Errors
///
/// `InvalidData` for what isn't UTF-8 or is larger than [`LARGEST`], and `NotFound` also for what
/// is no file: a link may lead out of the folder.
pub(crate) fn read(path: &Path) -> io::Result<(String, u64)> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let file = File::open(path)?;
    let modified = modified(&file.metadata()?);
    let mut text = String::new();
    file.take(u64::from(LARGEST) + 1).read_to_string(&mut text)?;
    if text.len() > LARGEST as usize {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok((text, modified))
}

/// Writes the file beside its place, and then puts it there. Whoever reads it has the old text or
/// the new one, also after a power failure. What is there already is replaced only if that is said;
/// else it fails with `AlreadyExists`. Who may read and write it stays as it was.
pub(crate) fn write(path: &Path, text: &str, replace: bool) -> io::Result<u64> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut unfinished = unfinished(folder)?;
    unfinished.write_all(text.as_bytes())?;
    #[cfg(unix)]
    if let (true, Ok(old)) = (replace, fs::symlink_metadata(path)) {
        if old.is_file() {
            unfinished.as_file().set_permissions(old.permissions())?;
        }
    }
    unfinished.as_file().sync_all()?;
    let file = if replace { unfinished.persist(path) } else { unfinished.persist_noclobber(path) }
        .map_err(|error| error.error)?;
    Ok(modified(&file.metadata()?))
}

/// A file that vanishes unless it is put somewhere. Who may read it is what the user has chosen for
/// new files.
pub(crate) fn unfinished(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Removes what a backend has left that was killed. What was written to a moment ago may be another
/// launch's, which isn't done with it.
pub(crate) fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_one = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        if is_one && entry.metadata().and_then(|file| file.modified()).is_ok_and(is_abandoned) {
            // Another launch that begins now may be quicker.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

fn is_abandoned(modified: SystemTime) -> bool {
    modified.elapsed().is_ok_and(|since| since > ABANDONED)
}

fn modified(metadata: &fs::Metadata) -> u64 {
    let since =
        metadata.modified().unwrap_or_else(|_| SystemTime::now()).duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis().try_into().unwrap_or(u64::MAX))
}
