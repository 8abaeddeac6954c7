//! The folder with the notes: the list of them, and everything that is done to their files. One
//! thing is done at a time, so that no two windows can overwrite each other's texts.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use ipc_runtime::event::Emitter;
use notes_interface::{
    Change, DeleteError, Found, Hit, Indexed, Note, NoteInfo, ReadError, RenameError, SaveError,
};

use crate::{import::ATTACHMENTS, index::Index, note_name::NoteName, text_file};

/// How many hits a search gives at most.
const HITS: usize = 100;

/// The most characters of an excerpt, and of a line that is shown as a hit.
const LINE: usize = 160;

/// The notes of a folder.
pub(crate) struct Vault {
    folder: PathBuf,
    contents: Mutex<Contents>,
    changes: Emitter<Change>,
    /// Fires when there is an index, or it has grown or shrunk.
    indexed: Emitter<Indexed>,
}

#[derive(Default)]
struct Contents {
    notes: BTreeMap<NoteName, NoteInfo>,
    index: Option<Index>,
}

impl Vault {
    /// Opens a folder, and makes it if there is none.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let vault = Self {
            folder: folder.canonicalize()?,
            contents: Mutex::default(),
            changes: Emitter::new(),
            indexed: Emitter::new(),
        };
        text_file::remove_unfinished(&vault.folder)?;
        let attachments = vault.folder.join(ATTACHMENTS);
        if fs::symlink_metadata(&attachments).is_ok_and(|found| found.is_dir()) {
            text_file::remove_unfinished(&attachments)?;
        }
        vault.look()?;
        Ok(vault)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What happens to the notes from now on.
    pub(crate) fn changes(&self) -> &Emitter<Change> {
        &self.changes
    }

    pub(crate) fn indexed(&self) -> &Emitter<Indexed> {
        &self.indexed
    }

    pub(crate) fn list(&self) -> Vec<NoteInfo> {
        self.contents().notes.values().cloned().collect()
    }

    pub(crate) fn names(&self) -> Vec<NoteName> {
        self.contents().notes.keys().cloned().collect()
    }

    pub(crate) fn read(&self, name: &str) -> Result<Note, ReadError> {
        let name = NoteName::parse(name).map_err(ReadError::BadName)?;
        let (text, modified) = text_file::read(&name.file_in(&self.folder)).map_err(|error| {
            let name = name.as_str().to_owned();
            match error.kind() {
                io::ErrorKind::NotFound => ReadError::NotFound(name),
                io::ErrorKind::InvalidData => ReadError::NotText(name),
                _ => ReadError::Disk(error.to_string()),
            }
        })?;
        Ok(Note { info: info(&name, &text, modified), text })
    }

    pub(crate) fn save(
        &self,
        name: &str,
        text: &str,
        revision: Option<&str>,
    ) -> Result<NoteInfo, SaveError> {
        let limit = text_file::LARGEST;
        let name = NoteName::parse(name).map_err(SaveError::BadName)?;
        if text.len() > limit as usize {
            return Err(SaveError::TooLarge { limit });
        }
        let path = name.file_in(&self.folder);
        let mut contents = self.contents();
        // Of the file itself: what was written to it a moment ago mustn't get lost either.
        if revision.is_some() && revision_of_file(&path).as_deref() != revision {
            return Err(SaveError::Changed(name.as_str().to_owned()));
        }
        let modified = text_file::write(&path, text, revision.is_some()).map_err(|error| {
            match error.kind() {
                io::ErrorKind::AlreadyExists => SaveError::Exists(name.as_str().to_owned()),
                _ => SaveError::Disk(error.to_string()),
            }
        })?;
        Ok(self.put(&mut contents, &name, text, modified))
    }

    pub(crate) fn delete(&self, name: &str, revision: &str) -> Result<(), DeleteError> {
        let name = NoteName::parse(name).map_err(DeleteError::BadName)?;
        let path = name.file_in(&self.folder);
        let mut contents = self.contents();
        match revision_of_file(&path) {
            None => return Err(DeleteError::NotFound(name.as_str().to_owned())),
            Some(now) if now != revision => {
                return Err(DeleteError::Changed(name.as_str().to_owned()));
            }
            Some(_) => {}
        }
        fs::remove_file(&path).map_err(|error| DeleteError::Disk(error.to_string()))?;
        self.remove(&mut contents, &name);
        Ok(())
    }

    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<NoteInfo, RenameError> {
        let (from, to) = (NoteName::parse(from), NoteName::parse(to));
        let from = from.map_err(RenameError::BadName)?;
        let to = to.map_err(RenameError::BadName)?;
        let (old, new) = (from.file_in(&self.folder), to.file_in(&self.folder));
        let mut contents = self.contents();
        let disk = |error: io::Error| RenameError::Disk(error.to_string());
        let (text, modified) =
            text_file::read(&old).map_err(|_| RenameError::NotFound(from.as_str().to_owned()))?;
        if fs::symlink_metadata(&new).is_ok() && !self.is_one_file(&old, &new).map_err(disk)? {
            return Err(RenameError::Exists(to.as_str().to_owned()));
        }
        fs::rename(&old, &new).map_err(disk)?;
        let info = info(&to, &text, modified);
        contents.notes.remove(&from);
        contents.notes.insert(to.clone(), info.clone());
        if let Some(index) = &mut contents.index {
            index.remove(&from);
            index.add(&to, &text);
        }
        let from = from.as_str().to_owned();
        self.changes.fire(Change::Renamed { from, to: info.clone() });
        Ok(info)
    }

    pub(crate) fn search(&self, query: &str) -> Found {
        let words = crate::index::words(query).collect::<Vec<_>>();
        let contents = self.contents();
        let has_all = |text: &str| words.iter().all(|word| text.contains(&**word));
        let mut names: Vec<_> = match &contents.index {
            Some(index) => index.search(&words),
            None => contents.notes.keys().filter(|name| has_all(&lower(name))).cloned().collect(),
        };
        let whole_text = contents.index.is_some();
        drop(contents);
        names.truncate(if words.is_empty() { 0 } else { HITS });
        let hits = names.into_iter().map(|name| {
            let text = text_file::read(&name.file_in(&self.folder)).map(|(text, _)| text);
            let line =
                text.as_deref().unwrap_or_default().lines().find_map(|line| around(line, &words));
            Hit { name: name.as_str().to_owned(), line: line.unwrap_or_default() }
        });
        Found { hits: hits.collect(), whole_text }
    }

    /// Makes an index the one that is searched. Notes that it has in another revision than there is
    /// now are read anew.
    pub(crate) fn use_index(&self, mut index: Index) -> Indexed {
        let mut contents = self.contents();
        for name in index.names() {
            if !contents.notes.contains_key(&name) {
                index.remove(&name);
            }
        }
        for (name, note) in &contents.notes {
            if index.revision(name) != Some(&*note.revision) {
                index.remove(name);
                if let Ok((text, _)) = text_file::read(&name.file_in(&self.folder)) {
                    index.add(name, &text);
                }
            }
        }
        let indexed = index.size();
        contents.index = Some(index);
        self.indexed.fire(indexed.clone());
        indexed
    }

    /// Looks at one file again: somebody else may have changed it.
    pub(crate) fn look_at(&self, name: &NoteName) {
        let mut contents = self.contents();
        match text_file::read(&name.file_in(&self.folder)) {
            Ok((text, modified)) => {
                let known = contents.notes.get(name).map(|note| &*note.revision);
                if known != Some(&*revision(&text)) {
                    self.put(&mut contents, name, &text, modified);
                }
            }
            Err(_) if contents.notes.contains_key(name) => self.remove(&mut contents, name),
            Err(_) => {}
        }
    }

    /// Looks at all files again.
    pub(crate) fn look(&self) -> io::Result<()> {
        let mut names = self.names();
        for entry in fs::read_dir(&self.folder)? {
            names.extend(NoteName::of_file(&entry?.path()));
        }
        names.sort();
        names.dedup();
        for name in names {
            self.look_at(&name);
        }
        Ok(())
    }

    /// Where case doesn't count, `a.md` is found as `A.md`, too, and may be called so. A link to
    /// the same file is another entry of the folder.
    fn is_one_file(&self, old: &Path, new: &Path) -> io::Result<bool> {
        for entry in fs::read_dir(&self.folder)? {
            if entry?.path() == new {
                return Ok(old == new);
            }
        }
        same_file::is_same_file(old, new)
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, contents: &mut Contents, name: &NoteName, text: &str, modified: u64) -> NoteInfo {
        let info = info(name, text, modified);
        contents.notes.insert(name.clone(), info.clone());
        if let Some(index) = &mut contents.index {
            index.remove(name);
            index.add(name, text);
            self.indexed.fire(index.size());
        }
        self.changes.fire(Change::Written(info.clone()));
        info
    }

    fn remove(&self, contents: &mut Contents, name: &NoteName) {
        contents.notes.remove(name);
        if let Some(index) = &mut contents.index {
            index.remove(name);
            self.indexed.fire(index.size());
        }
        self.changes.fire(Change::Removed(name.as_str().to_owned()));
    }
}

fn info(name: &NoteName, text: &str, modified: u64) -> NoteInfo {
    let name = name.as_str().to_owned();
    NoteInfo { name, excerpt: excerpt(text), modified, revision: revision(text) }
}

fn lower(name: &NoteName) -> String {
    name.as_str().to_lowercase()
}

/// FNV-1a, which is the same in each release of this program: a window may outlive the backend.
pub(crate) fn revision(text: &str) -> String {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, step))
}

fn revision_of_file(path: &Path) -> Option<String> {
    text_file::read(path).ok().map(|(text, _)| revision(&text))
}

/// The first line that says something, without the marks of Markdown before it.
fn excerpt(text: &str) -> String {
    let plain =
        |line| str::trim_start_matches(line, ['#', '>', '-', '*', '`', '=', ' ', '\t']).trim();
    // What the note is called stands above it already.
    let is_heading = |line: &&str| line.starts_with("# ");
    let mut lines = text.lines().skip_while(|line| line.trim().is_empty()).peekable();
    let heading = lines.next_if(is_heading);
    let first = lines.map(plain).find(|line| !line.is_empty());
    shortened(first.or(heading.map(plain)).unwrap_or_default())
}

/// A line with one of these words, from a little before it.
fn around(line: &str, words: &[String]) -> Option<String> {
    const BEFORE: usize = 40;
    // Small letters may have another length: of these, the characters are counted.
    let small = line.to_lowercase();
    let at = words.iter().filter_map(|word| small.find(&**word)).min()?;
    let from = small[..at].chars().count().saturating_sub(BEFORE);
    let begin = if from == 0 { "" } else { "…" };
    Some(format!("{begin}{}", shortened(&line.chars().skip(from).collect::<String>())))
}

fn shortened(line: &str) -> String {
    line.trim().chars().take(LINE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> (tempfile::TempDir, Vault) {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path()).unwrap();
        (folder, vault)
    }

    #[test]
    fn a_note_is_saved_read_renamed_and_deleted() {
        let (folder, vault) = vault();
        let first = vault.save("a", "# A\n\none", None).unwrap();
        assert_eq!(first.excerpt, "one");
        let second = vault.save("a", "two", Some(&first.revision)).unwrap();
        assert_eq!(vault.read("a").unwrap().text, "two");
        vault.rename("a", "b").unwrap();
        assert_eq!(vault.read("a"), Err(ReadError::NotFound("a".into())));
        assert_eq!(fs::read_to_string(folder.path().join("b.md")).unwrap(), "two");
        vault.delete("b", &second.revision).unwrap();
        assert!(vault.list().is_empty());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing unfinished is left");
    }

    #[test]
    fn nobody_s_text_is_overwritten_unseen() {
        let (folder, vault) = vault();
        let first = vault.save("a", "one", None).unwrap();
        assert_eq!(vault.save("a", "x", None), Err(SaveError::Exists("a".into())));
        fs::write(folder.path().join("a.md"), "from elsewhere").unwrap();
        let changed = Err(SaveError::Changed("a".into()));
        assert_eq!(vault.save("a", "x", Some(&first.revision)), changed);
        let kept = vault.delete("a", &first.revision);
        assert_eq!(kept, Err(DeleteError::Changed("a".into())));
        vault.save("b", "two", None).unwrap();
        assert_eq!(vault.rename("b", "a"), Err(RenameError::Exists("a".into())));
        assert_eq!(fs::read_to_string(folder.path().join("a.md")).unwrap(), "from elsewhere");
    }

    #[test]
    fn a_name_that_differs_in_case_alone_is_another_note_s_if_the_disk_says_so() {
        let (folder, vault) = vault();
        vault.save("todo", "small", None).unwrap();
        vault.rename("todo", "Todo").unwrap();
        assert_eq!(vault.read("Todo").unwrap().text, "small");
        // Where case doesn't count, there can't be two.
        if vault.save("todo", "another", None).is_ok() {
            assert_eq!(vault.rename("todo", "Todo"), Err(RenameError::Exists("Todo".into())));
            fs::hard_link(folder.path().join("todo.md"), folder.path().join("TODO.md")).unwrap();
            assert_eq!(vault.rename("todo", "TODO"), Err(RenameError::Exists("TODO".into())));
            assert_eq!(vault.read("Todo").unwrap().text, "small");
            assert_eq!(vault.read("todo").unwrap().text, "another");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_saved_file_may_be_read_by_whom_it_was_before() {
        use std::os::unix::fs::PermissionsExt;

        let (folder, vault) = vault();
        let mode = |name| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        let first = vault.save("a", "one", None).unwrap();
        // As the user has it for new files.
        fs::write(folder.path().join("other"), "").unwrap();
        assert_eq!(mode("a.md"), mode("other"));
        fs::set_permissions(folder.path().join("a.md"), fs::Permissions::from_mode(0o664)).unwrap();
        vault.save("a", "two", Some(&first.revision)).unwrap();
        assert_eq!(mode("a.md") & 0o777, 0o664);
    }

    #[test]
    fn what_a_killed_launch_has_left_is_removed_by_a_later_one() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(ATTACHMENTS)).unwrap();
        let left =
            [".unfinished-a", "attachments/.unfinished-b"].map(|name| folder.path().join(name));
        let (own, fresh) = (folder.path().join("own"), folder.path().join(".unfinished-fresh"));
        for path in left.iter().chain([&own, &fresh]) {
            fs::write(path, "half").unwrap();
        }
        let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
        for path in left.iter().chain([&own]) {
            fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
        }
        Vault::open(folder.path()).unwrap();
        assert!(left.iter().all(|path| !path.exists()));
        assert!(own.exists() && fresh.exists(), "another launch writes the fresh one");
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let (folder, vault) = vault();
        let outside = tempfile::NamedTempFile::with_suffix(".md").unwrap();
        fs::write(outside.path(), "secret").unwrap();
        let stem = outside.path().with_extension("");
        let relative = format!("../{}", stem.file_name().unwrap().to_str().unwrap());
        vault.save("a", "text", None).unwrap();
        for name in [&relative, stem.to_str().unwrap()] {
            assert!(matches!(vault.read(name), Err(ReadError::BadName(_))), "{name}");
            assert!(matches!(vault.save(name, "x", None), Err(SaveError::BadName(_))), "{name}");
            assert!(matches!(vault.delete(name, "x"), Err(DeleteError::BadName(_))), "{name}");
            assert!(matches!(vault.rename("a", name), Err(RenameError::BadName(_))), "{name}");
            assert!(matches!(vault.rename(name, "x"), Err(RenameError::BadName(_))), "{name}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outside.path(), folder.path().join("link.md")).unwrap();
            vault.look().unwrap();
            assert_eq!(vault.read("link"), Err(ReadError::NotFound("link".into())));
            assert!(vault.save("link", "x", Some(&revision("secret"))).is_err());
        }
        assert_eq!(fs::read_to_string(outside.path()).unwrap(), "secret");
        assert_eq!(vault.list().len(), 1);
        drop(folder);
    }

    #[test]
    fn what_is_no_text_is_neither_listed_nor_read() {
        let (folder, vault) = vault();
        fs::write(folder.path().join("bytes.md"), [0xff, 0xfe]).unwrap();
        fs::write(folder.path().join("large.md"), vec![b'x'; text_file::LARGEST as usize + 1])
            .unwrap();
        vault.look().unwrap();
        assert!(vault.list().is_empty());
        for name in ["bytes", "large"] {
            assert_eq!(vault.read(name), Err(ReadError::NotText(name.into())));
        }
        let limit = text_file::LARGEST;
        let large = vault.save("a", &"x".repeat(limit as usize + 1), None);
        assert_eq!(large, Err(SaveError::TooLarge { limit }));
    }

    #[test]
    fn a_search_looks_at_names_until_there_is_an_index_which_follows_changes() {
        let (_folder, vault) = vault();
        vault.save("Bread", "flour and water", None).unwrap();
        let found = |query| {
            let found = vault.search(query);
            let names: Vec<_> = found.hits.into_iter().map(|hit| hit.name).collect();
            (names.join(" "), found.whole_text)
        };
        assert_eq!(found("brea"), ("Bread".into(), false));
        assert_eq!(found("flour"), (String::new(), false));
        let size = vault.use_index(Index::default());
        assert_eq!(size.notes, 1, "what isn't in it yet is added");
        assert_eq!(found("flour wat"), ("Bread".into(), true));
        assert_eq!(found(""), (String::new(), true));
        vault.save("Long", &format!("{}needle", "hay ".repeat(100)), None).unwrap();
        let long = vault.search("needle").hits.remove(0);
        assert!(long.line.starts_with('…') && long.line.ends_with("hay needle"), "{}", long.line);
        vault.save("Tea", "water alone", None).unwrap();
        vault.rename("Bread", "Loaf").unwrap();
        assert_eq!(found("water"), ("Loaf Tea".into(), true));
        vault.delete("Tea", &revision("water alone")).unwrap();
        assert_eq!(found("water"), ("Loaf".into(), true));
    }
}
