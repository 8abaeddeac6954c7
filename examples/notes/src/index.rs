//! The words of all notes, and which notes have them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use notes_interface::Indexed;

use crate::{note_name::NoteName, vault::revision};

/// What a word in the name counts, compared with one in the text.
const IN_THE_NAME: u32 = 20;

/// An index of texts.
#[derive(Default)]
pub(crate) struct Index {
    /// How often each word is in each note.
    words: BTreeMap<String, BTreeMap<NoteName, u32>>,
    notes: BTreeMap<NoteName, Entry>,
}

struct Entry {
    revision: String,
    words: BTreeSet<String>,
}

/// The words of a text, in lower case.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

impl Index {
    /// Adds a note that isn't in it.
    pub(crate) fn add(&mut self, name: &NoteName, text: &str) {
        let mut counts = HashMap::<_, u32>::new();
        for word in words(text) {
            *counts.entry(word).or_default() += 1;
        }
        for word in words(name.as_str()) {
            *counts.entry(word).or_default() += IN_THE_NAME;
        }
        let of_note = counts.keys().cloned().collect();
        for (word, count) in counts {
            self.words.entry(word).or_default().insert(name.clone(), count);
        }
        self.notes.insert(name.clone(), Entry { revision: revision(text), words: of_note });
    }

    /// Removes a note, if it is in it.
    pub(crate) fn remove(&mut self, name: &NoteName) {
        for word in self.notes.remove(name).map(|note| note.words).unwrap_or_default() {
            if let Some(notes) = self.words.get_mut(&word) {
                notes.remove(name);
                if notes.is_empty() {
                    self.words.remove(&word);
                }
            }
        }
    }

    /// The revision that a note was added with.
    pub(crate) fn revision(&self, name: &NoteName) -> Option<&str> {
        self.notes.get(name).map(|note| &*note.revision)
    }

    pub(crate) fn names(&self) -> Vec<NoteName> {
        self.notes.keys().cloned().collect()
    }

    pub(crate) fn size(&self) -> Indexed {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Indexed { notes: count(self.notes.len()), words: count(self.words.len()) }
    }

    /// The notes that have all of these words, those that have them most often first. The last word
    /// may be typed in part.
    pub(crate) fn search(&self, words: &[String]) -> Vec<NoteName> {
        let Some((last, whole)) = words.split_last() else { return Vec::new() };
        let mut found = BTreeMap::<&NoteName, u32>::new();
        let beginning = self.words.range(last.clone()..);
        for (_, notes) in beginning.take_while(|(word, _)| word.starts_with(&**last)) {
            for (name, count) in notes {
                *found.entry(name).or_default() += count;
            }
        }
        for word in whole {
            let notes = self.words.get(word);
            found.retain(|name, sum| {
                let count = notes.and_then(|notes| notes.get(name));
                *sum += count.unwrap_or(&0);
                count.is_some()
            });
        }
        let mut found: Vec<_> = found.into_iter().collect();
        // Equal ones stay sorted by name.
        found.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
        found.into_iter().map(|(name, _)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        let mut index = Index::default();
        for (name, text) in [("Bread", "flour, water; Water"), ("Tea", "water"), ("Sea", "waters")]
        {
            index.add(&NoteName::parse(name).unwrap(), text);
        }
        index
    }

    fn search(index: &Index, query: &str) -> String {
        let found = index.search(&words(query).collect::<Vec<_>>());
        found.iter().map(NoteName::as_str).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn all_words_have_to_be_there_and_the_last_one_may_be_a_beginning() {
        let index = index();
        assert_eq!(search(&index, "water"), "Bread Sea Tea");
        assert_eq!(search(&index, "WATERS"), "Sea");
        assert_eq!(search(&index, "water flo"), "Bread");
        assert_eq!(search(&index, "flo water"), "", "only the last one is typed in part");
        assert_eq!(search(&index, "tea"), "Tea");
        assert_eq!(search(&index, ""), "");
    }

    #[test]
    fn nothing_of_a_removed_note_is_left() {
        let mut index = index();
        for name in index.names() {
            index.remove(&name);
        }
        assert_eq!(index.size(), Indexed { notes: 0, words: 0 });
        assert_eq!(search(&index, "water"), "");
    }
}
