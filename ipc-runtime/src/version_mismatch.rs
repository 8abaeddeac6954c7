//! The error for two sides whose interfaces don't fit: which versions, methods and types differ.

use std::{cmp::Ordering, collections::HashSet, fmt, sync::Arc};

use crate::{
    interface::{
        Compat,
        schema::{
            difference::Difference,
            excerpt::{NameExcerpt, excerpt},
        },
    },
    shape::fingerprint::Fingerprint,
    support::error_report::debug_as_text,
};

/// Both sides know the channel, but in versions that don't fit.
///
/// Its `Display` text has several lines, for people to read: both versions, each method that one
/// side alone has, and what differs in the others and in their types, node by node. If the other
/// side hasn't told the shapes, they are both signatures of each method and both texts of each type
/// that differs.
#[derive(Clone)]
#[non_exhaustive]
pub struct VersionMismatch {
    /// The name of the channel.
    pub channel: &'static str,
    /// The endpoint of the other side.
    pub endpoint: Arc<str>,
    /// The rule that compares the versions.
    pub compat: Compat,
    /// The version that this side was built with.
    pub our_version: &'static str,
    /// The fingerprint of the interface that this side was built with.
    pub our_fingerprint: Fingerprint,
    /// The version that the other side serves.
    pub their_version: String,
    /// The fingerprint of the interface that the other side serves.
    pub their_fingerprint: Fingerprint,
    /// The methods that differ, sorted by name.
    pub methods: Vec<MethodDifference>,
    /// The types that differ, sorted by name.
    pub types: Vec<TypeDifference>,
    /// What differs, node by node: empty if the other side hasn't told the shapes.
    pub differences: Vec<Difference>,
}

/// How many methods, differences and types the text names. What the other side has sent decides how
/// many there are, how long they are, and which characters are in them.
const MAX_TOLD: usize = 24;

/// How much of a name or of a version the text has.
const MAX_NAME: usize = 200;

/// How much of a signature or of a type it has.
const MAX_TEXT: usize = 1024;

debug_as_text! { VersionMismatch }

/// A method that differs between the two sides.
///
/// If a method differs only by its types or attributes, both signatures are equal. Types that
/// differ are listed too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MethodDifference {
    /// The method's name on the wire.
    pub name: String,
    /// Our signature; `None` if this side doesn't have the method.
    pub ours: Option<String>,
    /// Their signature; `None` if the other side doesn't have the method.
    pub theirs: Option<String>,
}

/// A type that differs between the two sides.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeDifference {
    /// The name of the type, as the schema has it.
    pub name: String,
    /// Our shape; `None` if our interface doesn't use the type.
    pub ours: Option<String>,
    /// Their shape; `None` if their interface doesn't use the type.
    pub theirs: Option<String>,
}

impl fmt::Display for VersionMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channel, endpoint, our_version, their_version, .. } = self;
        write!(f, "{channel}: this side was built with version {our_version}, ")?;
        if our_version == their_version {
            write!(
                f,
                "and so was {endpoint}, but the interface is another one under that version"
            )?;
        } else {
            write!(f, "{endpoint} serves {}", excerpt(their_version, MAX_NAME))?;
            if self.compat == Compat::Exact {
                f.write_str(", and they must be equal")?;
            }
        }
        self.methods(f)?;
        self.nodes(f)?;
        if self.differences.is_empty() {
            self.types(f)?;
        }
        if our_version == their_version {
            f.write_str("\n  help: whoever changes an interface raises its version; then build both sides from the same one")
        } else {
            f.write_str("\n  help: build both sides from the same version of the interface, or update the older side")
        }
    }
}

impl VersionMismatch {
    /// Tells which methods one side alone has, and those that differ unless that is told node by
    /// node.
    fn methods(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_told = |one: &&MethodDifference| one.is_of_one_side() || self.differences.is_empty();
        let mut told = self.methods.iter().filter(is_told);
        for method in told.by_ref().take(MAX_TOLD) {
            let name = excerpt(&method.name, MAX_NAME);
            match (side(method.ours.as_ref()), side(method.theirs.as_ref())) {
                (Some(ours), None) => write!(f, "\n  method `{name}` is missing there: {ours}")?,
                (None, Some(theirs)) => write!(f, "\n  method `{name}` is missing here: {theirs}")?,
                (Some(ours), Some(_)) if method.ours == method.theirs => {
                    write!(f, "\n  method `{name}` differs by its types or attributes: {ours}")?;
                }
                (Some(ours), Some(theirs)) => {
                    write!(
                        f,
                        "\n  method `{name}` differs\n    here:  {ours}\n    there: {theirs}"
                    )?;
                }
                (None, None) => {}
            }
        }
        more(f, told.count(), "methods")
    }

    fn types(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for kind in self.types.iter().take(MAX_TOLD) {
            let name = excerpt(&kind.name, MAX_NAME);
            match (side(kind.ours.as_ref()), side(kind.theirs.as_ref())) {
                (Some(ours), None) => write!(f, "\n  type `{name}` is unknown there: {ours}")?,
                (None, Some(theirs)) => write!(f, "\n  type `{name}` is unknown here: {theirs}")?,
                (Some(ours), Some(theirs)) => {
                    write!(f, "\n  type `{name}` differs\n    here:  {ours}\n    there: {theirs}")?;
                }
                (None, None) => {}
            }
        }
        more(f, self.types.len().saturating_sub(MAX_TOLD), "types")
    }

    /// Tells what differs node by node: the older version was, the newer one is.
    fn nodes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parse = |version| semver::Version::parse(version).ok();
        let age = match (parse(self.our_version), parse(&self.their_version)) {
            // Build metadata says nothing of the age.
            (Some(ours), Some(theirs)) => ours.cmp_precedence(&theirs),
            _ => Ordering::Equal,
        };
        let listed = self.methods.iter().filter(|one| one.is_of_one_side());
        let listed: HashSet<String> =
            listed.map(|one| format!("method {}", NameExcerpt(&one.name))).collect();
        let is_told = |one: &&Difference| {
            !(one.is_rest || one.is_whole_method && listed.contains(&one.place))
        };
        let mut told = self.differences.iter().filter(is_told);
        for difference in told.by_ref().take(MAX_TOLD) {
            f.write_str("\n  ")?;
            difference.by_age(f, age)?;
        }
        more(f, told.count(), "differences")?;
        for rest in self.differences.iter().filter(|one| one.is_rest) {
            write!(f, "\n  {rest}")?;
        }
        Ok(())
    }
}

impl MethodDifference {
    fn is_of_one_side(&self) -> bool {
        self.ours.is_none() || self.theirs.is_none()
    }
}

/// A signature or a type's text, if that side has it.
fn side(text: Option<&String>) -> Option<String> {
    text.map(|text| excerpt(text, MAX_TEXT))
}

fn more(f: &mut fmt::Formatter<'_>, count: usize, what: &str) -> fmt::Result {
    if count == 0 { Ok(()) } else { write!(f, "\n  and {count} more {what}") }
}

impl std::error::Error for VersionMismatch {}

#[cfg(test)]
mod tests {
    use super::{MethodDifference, TypeDifference, VersionMismatch};
    use crate::{
        interface::{Compat, Schema},
        shape::fingerprint::Fingerprint,
    };

    /// A text that a peer chooses.
    const BAD: &str = "\n  help: \u{1b}[2J\u{9b}1m\u{202e}";

    fn mismatch(of_methods: usize) -> VersionMismatch {
        let bad = || format!("{BAD}{}", "x".repeat(64 * 1024));
        let methods = (0..of_methods).map(|at| MethodDifference {
            name: format!("{at}{}", bad()),
            ours: (at % 2 == 0).then(|| "request m()".to_owned()),
            theirs: Some(bad()),
        });
        let types = (0..of_methods).map(|at| TypeDifference {
            name: format!("{at}{}", bad()),
            ours: None,
            theirs: Some(bad()),
        });
        VersionMismatch {
            channel: "a",
            endpoint: "peer".into(),
            compat: Compat::Semver,
            our_version: "1.0.0",
            our_fingerprint: Fingerprint::new(1),
            their_version: bad(),
            their_fingerprint: Fingerprint::new(2),
            methods: methods.collect(),
            types: types.collect(),
            differences: Vec::new(),
        }
    }

    fn check(text: &str, lines: usize) {
        let forged = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
        assert!(!text.contains(forged), "{text:.1000?}");
        assert_eq!(text.lines().count(), lines, "{text:.1000}");
        assert!(text.len() < 128 * 1024, "{} bytes", text.len());
        assert!(text.lines().filter(|line| line.starts_with("  help:")).count() == 1);
    }

    #[test]
    fn the_text_has_a_bound_and_no_forged_lines() {
        let text = mismatch(40).to_string();
        assert!(text.contains("and 16 more methods") && text.contains("and 16 more types"));
        // Twelve methods have two lines more, for both signatures.
        check(&text, 1 + 24 + 12 * 2 + 1 + 24 + 1 + 1);
    }

    #[test]
    fn too_many_differences_are_told_as_such() {
        let schema = |fields: &str| -> Schema {
            format!("channel a 1\nmethod request m() -> A\ntype A = {{ {fields} }}")
                .parse()
                .unwrap()
        };
        let fields = (0..1_500).map(|at| format!("f{at}: u8")).collect::<Vec<_>>().join(", ");
        let mut mismatch = mismatch(0);
        mismatch.differences = schema("a: u8").compare(&schema(&fields));
        let text = mismatch.to_string();
        assert!(text.contains("\n  and 976 more differences\n  what else differs: "), "{text}");
        check(&text, 1 + 24 + 2 + 1);
    }

    #[test]
    fn a_method_of_one_side_is_told_once() {
        let name = "é\n";
        let theirs = format!("channel a 1\nmethod request {name:?}()\nmethod request n()");
        let ours: Schema = "channel a 1\nmethod request n()".parse().unwrap();
        let mut mismatch = mismatch(0);
        mismatch.differences = ours.compare(&theirs.parse().unwrap());
        assert_eq!(mismatch.differences.len(), 1);
        let (name, theirs) = (name.to_owned(), Some("request".to_owned()));
        mismatch.methods = vec![MethodDifference { name, ours: None, theirs }];
        check(&mismatch.to_string(), 1 + 1 + 1);
    }
}
