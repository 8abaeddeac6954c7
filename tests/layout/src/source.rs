//! The files of one crate.

use std::{collections::BTreeMap, fs, io, path::Path};

/// Texts by paths from the crate's `src`, with `/` between folders.
#[derive(Debug, Clone, Default)]
pub struct Sources(pub BTreeMap<String, String>);

impl Sources {
    /// Reads every `.rs` file in this folder and below.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut sources = Self::default();
        sources.add(folder, "")?;
        Ok(sources)
    }

    fn add(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                self.add(&entry.path(), &format!("{name}/"))?;
            } else if name.ends_with(".rs") {
                self.0.insert(name, fs::read_to_string(entry.path())?);
            }
        }
        Ok(())
    }

    /// `lib.rs`, or `main.rs` of a program.
    pub fn root(&self) -> Option<&str> {
        ["lib.rs", "main.rs"].into_iter().find(|root| self.0.contains_key(*root))
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Sources {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(files: I) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect())
    }
}
