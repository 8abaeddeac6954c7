//! Files that hold text: read with a limit, and replaced as a whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

/// The most bytes of a note: what a window sends and an editor holds without a thought.
pub(crate) const LARGEST: u32 = 2 * 1024 * 1024;

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
/// else it fails with `AlreadyExists`.
pub(crate) fn write(path: &Path, text: &str, replace: bool) -> io::Result<u64> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut unfinished = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    unfinished.write_all(text.as_bytes())?;
    unfinished.as_file().sync_all()?;
    let file = if replace { unfinished.persist(path) } else { unfinished.persist_noclobber(path) }
        .map_err(|error| error.error)?;
    Ok(modified(&file.metadata()?))
}

fn modified(metadata: &fs::Metadata) -> u64 {
    let since =
        metadata.modified().unwrap_or_else(|_| SystemTime::now()).duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis().try_into().unwrap_or(u64::MAX))
}
