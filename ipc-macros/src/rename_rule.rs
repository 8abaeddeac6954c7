//! `rename_all`: turns Rust's names into names on the wire.

/// A rule of `rename_all`, with serde's spelling.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RenameRule {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl RenameRule {
    pub(crate) const ALL: [(&'static str, Self); 8] = [
        ("lowercase", Self::Lower),
        ("UPPERCASE", Self::Upper),
        ("PascalCase", Self::Pascal),
        ("camelCase", Self::Camel),
        ("snake_case", Self::Snake),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("kebab-case", Self::Kebab),
        ("SCREAMING-KEBAB-CASE", Self::ScreamingKebab),
    ];

    pub(crate) fn from_written(written: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == written).map(|(_, rule)| *rule)
    }

    /// Applies the rule to a `snake_case` name, which methods and arguments have.
    pub(crate) fn apply(self, name: &str) -> String {
        match self {
            // Serde's rule for fields: they are lower case already.
            Self::Lower | Self::Snake => name.to_owned(),
            Self::Upper | Self::ScreamingSnake => name.to_ascii_uppercase(),
            Self::Pascal => name.split('_').map(capitalized).collect(),
            Self::Camel => {
                let pascal = Self::Pascal.apply(name);
                let mut letters = pascal.chars();
                let first = letters.next().map(|first| first.to_ascii_lowercase());
                first.into_iter().chain(letters).collect()
            }
            Self::Kebab => name.replace('_', "-"),
            Self::ScreamingKebab => name.replace('_', "-").to_ascii_uppercase(),
        }
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::RenameRule;

    #[test]
    fn rules_are_those_of_serde_for_fields() {
        let renamed = RenameRule::ALL.map(|(_, rule)| rule.apply("read_dir"));
        assert_eq!(
            renamed,
            [
                "read_dir", "READ_DIR", "ReadDir", "readDir", "read_dir", "READ_DIR", "read-dir",
                "READ-DIR"
            ]
        );
        assert_eq!(RenameRule::Camel.apply("x"), "x");
    }
}
