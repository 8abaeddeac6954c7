//! A type with two attributes.

use std::env;

use crate::attributes::{self, Attribute, Place};

/// What a struct or a variant looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Named,
    Tuple,
    Newtype,
    Unit,
}

/// A type with two attributes, or one.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    container: Place,
    kind: Kind,
    attributes: Vec<Attribute>,
}

/// Set to a number, it is the first kind of struct that the pairs have in turn: all pairs then, in
/// some minutes. Four such runs try each pair with each kind.
const ALL: &str = "IPC_SHAPES_ALL_PAIRS";

/// A type for one in five pairs, or for all of them, and for each attribute alone. The kinds of
/// structs and variants take turns.
pub(crate) fn all() -> Vec<Candidate> {
    let first = env::var(ALL).ok().and_then(|first| first.parse::<usize>().ok());
    let mut all = Vec::new();
    let mut number = 0;
    for container in [Place::Struct, Place::Enum] {
        let attributes = attributes::of(container);
        for (at, one) in attributes.iter().enumerate() {
            for other in attributes[..at].iter().map(Some).chain([None]) {
                number += 1;
                if first.is_none() && other.is_some() && number % 5 != 0 {
                    continue;
                }
                let attributes: Vec<_> =
                    [Some(one), other].into_iter().flatten().copied().collect();
                let kinds: &[Kind] = match attributes.iter().any(|one| one.place == Place::Field) {
                    true => &[Kind::Named, Kind::Tuple, Kind::Newtype],
                    false => &[Kind::Named, Kind::Tuple, Kind::Newtype, Kind::Unit],
                };
                let kind = kinds[(number + first.unwrap_or(0)) % kinds.len()];
                all.push(Candidate { container, kind, attributes });
            }
        }
    }
    all
}

impl Candidate {
    fn has(&self, part: &str) -> bool {
        self.attributes.iter().any(|attribute| attribute.text.contains(part))
    }

    /// The attributes at a place, as source.
    fn at(&self, place: Place) -> String {
        let at = self.attributes.iter().filter(|attribute| attribute.place == place);
        at.map(|attribute| format!("#[{}] ", attribute.text.replace("FIELD", self.field_type())))
            .collect()
    }

    /// A struct where the field is flattened, or is all that stands beside a tag.
    fn field_type(&self) -> &'static str {
        let is_alone = self.kind == Kind::Newtype && self.has("tag =");
        if self.has("flatten") || is_alone { "Part" } else { "Option<u8>" }
    }

    fn fields(&self) -> String {
        let (on_field, ty) = (self.at(Place::Field), self.field_type());
        match self.kind {
            Kind::Named => format!(" {{ {on_field}some_field: {ty}, other_field: u16 }}"),
            Kind::Tuple => format!("({on_field}{ty}, u16)"),
            Kind::Newtype => format!("({on_field}{ty})"),
            Kind::Unit => String::new(),
        }
    }

    /// The type, on one line: an error must be there.
    pub(crate) fn definition(&self) -> String {
        let start =
            r#"#[ipc_type(crate = "ipc_shape_tests::ipc_runtime")] #[derive(Clone, Default)] "#;
        let on_container = self.at(self.container);
        let fields = self.fields();
        if self.container == Place::Enum {
            let on_variant = self.at(Place::Variant);
            return format!(
                "{start}{on_container}pub enum Case {{ #[default] First, {on_variant}SomeVariant{fields} }}"
            );
        }
        let end = if self.kind == Kind::Named { "" } else { ";" };
        format!("{start}{on_container}pub struct Case{fields}{end}")
    }

    /// What else the type needs, on one line.
    pub(crate) fn conversions(&self) -> String {
        let mut all = String::new();
        if self.has("from = ") {
            all += "impl From<Wire> for Case { fn from(_: Wire) -> Self { Self::default() } } ";
        }
        if self.has("into = ") {
            all += "impl From<Case> for Wire { fn from(_: Case) -> Self { Self::default() } } ";
        }
        all
    }

    /// Values of the type, as an expression.
    pub(crate) fn values(&self) -> String {
        let path = match self.container {
            Place::Enum => "Case::SomeVariant",
            _ => "Case",
        };
        let of = |field: &str| match self.kind {
            Kind::Named => format!("{path} {{ some_field: {field}, other_field: 7 }}"),
            Kind::Tuple => format!("{path}({field}, 7)"),
            Kind::Newtype => format!("{path}({field})"),
            Kind::Unit => path.to_owned(),
        };
        let fields = match self.field_type() {
            "Part" => ["Part { a: 1, b: None }", "Part { a: 2, b: Some(true) }"],
            _ => ["None", "Some(3)"],
        };
        format!("[Case::default(), {}, {}]", of(fields[0]), of(fields[1]))
    }
}
