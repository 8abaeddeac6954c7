//! The text of a plan.

use crate::typescript::{identifier, plan::Plan};

impl Plan {
    /// Whether there is something in it, if there is in the plans of these types.
    pub(super) fn is_needed(&self, is_needed: &dyn Fn(&str) -> bool) -> bool {
        let any = |parts: &[(String, Self)]| parts.iter().any(|(_, one)| one.is_needed(is_needed));
        match self {
            Self::Nothing => false,
            Self::Leaf(_) => true,
            Self::Items(item) => item.is_needed(is_needed),
            Self::Elements(parts) | Self::All(parts) => {
                parts.iter().any(|one| one.is_needed(is_needed))
            }
            // A map has a plan for its own sake: so nothing is left out of it that is `undefined`.
            Self::Members { named, rest } => rest.is_some() || any(named),
            Self::Tagged { variants, .. } => any(variants),
            Self::OrUntagged(tagged, untagged) => {
                tagged.is_needed(is_needed) || untagged.is_needed(is_needed)
            }
            Self::Type(name) => is_needed(name),
        }
    }

    /// Its text, if there is something in it. `of_type` returns that of a type's plan.
    pub(super) fn text(&self, of_type: &mut dyn FnMut(&str) -> Option<String>) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Leaf(word) => Some(format!("\"{word}\"")),
            Self::Items(item) => Some(format!("{{ a: {} }}", item.text(of_type)?)),
            Self::Elements(parts) => {
                let parts = parts.iter().map(|one| one.text(of_type));
                Some(format!("{{ t: {} }}", positions(parts)?))
            }
            Self::Members { named, rest: None } => {
                Some(format!("{{ s: {} }}", members(named, false, of_type)?))
            }
            Self::Members { named, rest: Some(rest) } => {
                let named = members(named, true, of_type);
                let named = named.map_or(String::new(), |named| format!("s: {named}, "));
                let keys = rest.keys.map_or(String::new(), |word| format!(", k: \"{word}\""));
                Some(format!("{{ {named}m: {}{keys} }}", or_zero(rest.values.text(of_type))))
            }
            Self::Tagged { tag, content, variants } => {
                let variants = members(variants, false, of_type)?;
                let content =
                    content.as_ref().map(|name| format!("c: {}, ", identifier::quoted(name)));
                let tag = identifier::quoted(tag);
                Some(format!("{{ i: {tag}, {}v: {variants} }}", content.unwrap_or_default()))
            }
            Self::OrUntagged(tagged, untagged) => {
                let untagged = untagged.text(of_type);
                let Some(tagged) = tagged.text(of_type) else { return untagged };
                let untagged = or_zero(untagged);
                Some(format!("{{ u: {untagged}, {}", tagged.strip_prefix("{ ")?))
            }
            Self::All(parts) => {
                let parts: Vec<String> = parts.iter().filter_map(|one| one.text(of_type)).collect();
                match &*parts {
                    [] => None,
                    [one] => Some(one.clone()),
                    _ => Some(format!("{{ z: [{}] }}", parts.join(", "))),
                }
            }
            Self::Type(name) => of_type(name),
        }
    }
}

/// A list with zeros where there is no plan, but none at its end.
pub(super) fn positions(parts: impl Iterator<Item = Option<String>>) -> Option<String> {
    let mut parts: Vec<Option<String>> = parts.collect();
    while let Some(None) = parts.last() {
        parts.pop();
    }
    let parts: Vec<String> = parts.into_iter().map(or_zero).collect();
    (!parts.is_empty()).then(|| format!("[{}]", parts.join(", ")))
}

/// What holds a place where there is no plan.
pub(super) fn or_zero(plan: Option<String>) -> String {
    plan.unwrap_or_else(|| "0".to_owned())
}

fn members(
    named: &[(String, Plan)],
    with_zeros: bool,
    of_type: &mut dyn FnMut(&str) -> Option<String>,
) -> Option<String> {
    let mut texts = Vec::new();
    for (name, plan) in named {
        match plan.text(of_type) {
            None if !with_zeros => {}
            plan => texts.push(identifier::constant_entry(name, &or_zero(plan))),
        }
    }
    (!texts.is_empty()).then(|| format!("{{ {} }}", texts.join(", ")))
}
