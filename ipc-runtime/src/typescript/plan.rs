//! A plan: where values differ from their JSON.

/// Where a value differs from its JSON. The grammar of its text is that of the npm package.
#[derive(Debug, Clone)]
pub(super) enum Plan {
    /// Nowhere.
    Nothing,
    Leaf(&'static str),
    /// Each item of an array.
    Items(Box<Plan>),
    /// The items of an array, by position.
    Elements(Vec<Plan>),
    /// The members of an object, by name, and all others.
    Members {
        named: Vec<(String, Plan)>,
        rest: Option<Rest>,
    },
    /// A member names the variant. Its plan is that of the whole object, or of one member of it.
    Tagged {
        tag: String,
        content: Option<String>,
        variants: Vec<(String, Plan)>,
    },
    /// A tag says which variant it is, or it is one without a tag, which has the second plan.
    OrUntagged(Box<Plan>, Box<Plan>),
    /// Each of these, on one object.
    All(Vec<Plan>),
    /// That of a type.
    Type(String),
}

/// The members of a map.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    /// The plan of their names, where these aren't text in each encoding.
    pub(super) keys: Option<&'static str>,
    pub(super) values: Box<Plan>,
}

impl Plan {
    /// Whether it has a plan for members of any name.
    pub(super) fn takes_any_member(&self) -> bool {
        match self {
            Self::Members { rest, .. } => rest.is_some(),
            Self::Tagged { content: None, variants, .. } => {
                variants.iter().any(|(_, plan)| plan.takes_any_member())
            }
            Self::All(parts) => parts.iter().any(Self::takes_any_member),
            _ => false,
        }
    }
}
