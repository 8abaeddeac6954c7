//! What stands beside a part of a type, in the words of a schema's text. They count in
//! fingerprints, so that they never change.

use std::collections::BTreeSet;

use serde_derive_internals::name::{MultiName, Name};

/// The name of a field or a variant in each direction, and what counts beside it.
#[derive(Default)]
pub(crate) struct MemberWord {
    sent: Option<String>,
    received: Option<String>,
    aliases: Vec<String>,
    /// What follows the names: `omitted`, `other`.
    more: Vec<&'static str>,
}

impl MemberWord {
    pub(crate) fn new(
        name: &MultiName,
        aliases: &BTreeSet<Name>,
        is_sent: bool,
        is_received: bool,
    ) -> Self {
        let sent = is_sent.then(|| name.serialize_name().value.clone());
        let mut accepted = BTreeSet::new();
        if is_received {
            accepted.insert(name.deserialize_name().value.clone());
            accepted.extend(aliases.iter().map(|alias| alias.value.clone()));
        }
        // The word counts in fingerprints, which never change. So the same names have one word,
        // whether they were written as aliases or not.
        let first = match &sent {
            Some(sent) if accepted.contains(sent) => Some(sent.clone()),
            _ => accepted.first().cloned(),
        };
        let received = first.and_then(|first| accepted.take(&first));
        Self { sent, received, aliases: accepted.into_iter().collect(), more: Vec::new() }
    }

    /// Of what was written as a word before.
    pub(crate) fn of(sent: Option<String>, received: Option<String>, aliases: Vec<String>) -> Self {
        Self { sent, received, aliases, more: Vec::new() }
    }

    /// A name that is sent, and never read.
    pub(crate) fn only_sent(name: &str) -> Self {
        Self { sent: Some(name.to_owned()), ..Self::default() }
    }

    pub(crate) fn with(mut self, word: &'static str, applies: bool) -> Self {
        if applies {
            self.more.push(word);
        }
        self
    }

    pub(crate) fn text(&self) -> String {
        let name = self.sent.as_ref().or(self.received.as_ref()).cloned().unwrap_or_default();
        let mut text = plain(&name);
        match (&self.sent, &self.received) {
            (Some(sent), Some(received)) if sent != received => {
                text.push_str(&format!(" read {}", quoted(received)));
            }
            (Some(_), None) => text.push_str(" only_sent"),
            (None, Some(_)) => text.push_str(" only_read"),
            _ => {}
        }
        for alias in &self.aliases {
            text.push_str(&format!(" alias {}", quoted(alias)));
        }
        for word in &self.more {
            text.push(' ');
            text.push_str(word);
        }
        text
    }
}

/// A name as it is, if it can stand so.
fn plain(name: &str) -> String {
    let mut letters = name.chars();
    let begins = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    match begins && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        true => name.to_owned(),
        false => quoted(name),
    }
}

/// A name as a string of JSON.
pub(crate) fn quoted(name: &str) -> String {
    let mut text = String::from('"');
    for letter in name.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            letter if letter < ' ' => text.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => text.push(letter),
        }
    }
    text.push('"');
    text
}
