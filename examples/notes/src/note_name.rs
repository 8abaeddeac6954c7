//! Names of notes and files, which come from windows and from disks.

use std::path::{Path, PathBuf};

/// The most bytes of a name: with an ending and a number it still fits into what file systems take.
const LONGEST: usize = 200;

/// What Windows takes for devices, whatever ending they have.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The ending of a note's file.
const ENDING: &str = ".md";

/// A name that stands for one file of the folder itself, on all systems alike: it leads nowhere
/// else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NoteName(String);

impl NoteName {
    /// Takes a name, or says in a sentence for people why it is none.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
        if name.trim().is_empty() {
            Err("a name has at least one character".into())
        } else if name.len() > LONGEST {
            Err(format!("a name has at most {LONGEST} bytes"))
        } else if let Some(bad) =
            name.chars().find(|&c| c.is_control() || r#"/\<>:"|?*"#.contains(c))
        {
            Err(format!("a name has no {bad:?}"))
        } else if name.starts_with(['.', ' ']) || name.ends_with(['.', ' ']) {
            Err("a name neither begins nor ends with a dot or a space".into())
        } else if DEVICES.contains(&&*stem) {
            Err(format!("`{name}` is a device on Windows"))
        } else {
            Ok(Self(name.to_owned()))
        }
    }

    /// The note whose file has this name; none, where it is another file.
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        Self::parse(path.file_name()?.to_str()?.strip_suffix(ENDING)?).ok()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The note's file in a folder.
    pub(crate) fn file_in(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}{ENDING}", self.0))
    }

    /// The same name with a number before its ending, for when it is taken.
    pub(crate) fn numbered(&self, number: u32) -> String {
        match self.0.rsplit_once('.') {
            Some((stem, ending)) => format!("{stem} {number}.{ending}"),
            None => format!("{} {number}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_taken_as_they_are() {
        for name in
            ["Shopping", "2026-11-30 Übung", "a.b", "…", "C", "console", "日記", "it's (new)"]
        {
            assert_eq!(NoteName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in [
            "",
            " ",
            ".",
            "..",
            "../x",
            "..\\x",
            "a/b",
            "/etc/passwd",
            "C:\\x",
            "C:x",
            "a\0",
            "a\nb",
            ".hidden",
            " x",
            "x ",
            "x.",
            "nul",
            "NUL.txt",
            "com1",
            "con .x",
            "a:b",
            "a*",
            "a?",
            &"x".repeat(201),
        ] {
            assert!(NoteName::parse(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_note_s_file_lies_in_the_folder_itself() {
        let name = NoteName::parse("a.b").unwrap();
        let file = name.file_in(Path::new("notes"));
        assert_eq!(file, Path::new("notes").join("a.b.md"));
        assert_eq!(NoteName::of_file(&file), Some(name));
        for other in ["a.txt", ".md", ".x.md", "a.md~"] {
            assert_eq!(NoteName::of_file(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn a_number_stands_before_the_ending() {
        assert_eq!(NoteName::parse("a.png").unwrap().numbered(2), "a 2.png");
        assert_eq!(NoteName::parse("a").unwrap().numbered(3), "a 3");
    }
}
