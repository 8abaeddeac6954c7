//! A name for each type, which doesn't depend on the order in which types are found.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{
    interface::schema::{SchemaType, summary::summary, type_schema::TypeSchema},
    notation::type_identifier,
    shape::{hash, nodes::Shape, scalar::TextFormat},
};

/// How long a name with its generic arguments may be: each may be twice as long as its argument's.
const MAX_LENGTH: usize = 120;

/// How much of a type's shape tells it apart where its path doesn't.
const MAX_SUMMARY: usize = 4000;

/// The names of the types of a schema, in their order. A type has the name that its author has
/// chosen, or else its own. Types of one name both get the shortest end of their module's path that
/// tells them apart.
pub(crate) fn type_names(schema: &TypeSchema) -> Vec<String> {
    Bases::of(schema).unique()
}

/// Takes a name, with a mark if it is taken.
pub(crate) fn free(taken: &mut HashSet<String>, mut name: String) -> String {
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

/// The types and how their names are made.
struct Bases<'a> {
    schema: &'a TypeSchema,
    bases: Vec<Base<'a>>,
}

struct Base<'a> {
    of: &'a SchemaType,
    module: Vec<&'a str>,
    /// How many generic types its arguments are within each other.
    depth: usize,
    /// How much of the module's path is in the name.
    path: usize,
    /// Whether the path doesn't tell it apart, and its shape has to.
    is_marked: bool,
}

impl<'a> Bases<'a> {
    fn of(schema: &'a TypeSchema) -> Self {
        let mut depths = HashMap::new();
        let bases = schema.types().iter().map(|of| Base {
            of,
            module: of.origin.module.split("::").filter(|part| !part.is_empty()).collect(),
            depth: depth(schema, &of.name, &mut depths),
            path: 0,
            is_marked: false,
        });
        Self { schema, bases: bases.collect() }
    }

    fn unique(mut self) -> Vec<String> {
        loop {
            let names = self.names();
            let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for (at, name) in names.iter().enumerate() {
                groups.entry(name).or_default().push(at);
            }
            groups.retain(|_, group| group.len() > 1);
            let depth = |group: &[usize]| {
                group.iter().filter_map(|at| self.bases.get(*at)).map(|base| base.depth).min()
            };
            // What is in a name gets its own first: that may be enough for both.
            let Some(lowest) = groups.values().map(|group| depth(group)).min() else {
                return names;
            };
            let groups: Vec<Vec<usize>> =
                groups.into_values().filter(|group| depth(group) == lowest).collect();
            let mut is_changed = false;
            for group in groups {
                is_changed |= self.tell_apart(&group);
            }
            if !is_changed {
                return numbered(self.names());
            }
        }
    }

    /// Lengthens the names of types that have one. Returns whether it could.
    fn tell_apart(&mut self, group: &[usize]) -> bool {
        // What the author has called so keeps its name, and gives way to nobody but its like.
        let (chosen, others): (Vec<usize>, Vec<usize>) = group.iter().partition(|at| {
            self.bases.get(**at).is_some_and(|base| base.of.origin.chosen.is_some())
        });
        if !chosen.is_empty() && !others.is_empty() {
            return self.lengthen(&others);
        }
        let mut modules: HashMap<Vec<&str>, Vec<usize>> = HashMap::new();
        for at in group {
            if let Some(base) = self.bases.get(*at) {
                modules.entry(base.module.clone()).or_default().push(*at);
            }
        }
        let has_paths = modules.len() > 1;
        let mut is_changed = false;
        for alike in modules.into_values() {
            let plain = |base: &&Base<'_>| base.of.origin.arguments.is_empty();
            let plain = alike.iter().filter_map(|at| self.bases.get(*at)).filter(plain).count();
            for at in &alike {
                let Some(base) = self.bases.get_mut(*at) else { continue };
                if has_paths && base.path < base.module.len() {
                    base.path += 1;
                    is_changed = true;
                }
                let keeps = plain == 1 && base.of.origin.arguments.is_empty();
                if alike.len() > 1 && !keeps && !base.is_marked {
                    base.is_marked = true;
                    is_changed = true;
                }
            }
        }
        if !is_changed {
            for at in group {
                let Some(base) = self.bases.get_mut(*at) else { continue };
                is_changed |= !std::mem::replace(&mut base.is_marked, true);
            }
        }
        is_changed
    }

    /// Lengthens names by one more of their modules, or marks what has no more. Returns whether it
    /// could.
    fn lengthen(&mut self, some: &[usize]) -> bool {
        let mut is_changed = false;
        for at in some {
            let Some(base) = self.bases.get_mut(*at) else { continue };
            if base.path < base.module.len() {
                base.path += 1;
                is_changed = true;
            } else {
                is_changed |= !std::mem::replace(&mut base.is_marked, true);
            }
        }
        is_changed
    }

    fn names(&self) -> Vec<String> {
        let mut order: Vec<usize> = (0..self.bases.len()).collect();
        order.sort_by_key(|at| self.bases.get(*at).map(|base| base.depth));
        let mut names = vec![String::new(); self.bases.len()];
        for at in order {
            let name = self.bases.get(at).map(|base| self.name(base, &names)).unwrap_or_default();
            if let Some(of) = names.get_mut(at) {
                *of = name;
            }
        }
        names
    }

    fn name(&self, base: &Base<'_>, names: &[String]) -> String {
        let origin = &base.of.origin;
        let skipped = base.module.len().saturating_sub(base.path);
        let path = base.module.iter().skip(skipped).map(|part| type_identifier::camel(part));
        let written = origin.name.strip_prefix("r#").unwrap_or(&origin.name);
        let own = origin.chosen.unwrap_or(written);
        let mut name = path.collect::<String>() + own;
        for (at, argument) in origin.arguments.iter().enumerate() {
            name.push_str(if at == 0 { "Of" } else { "And" });
            name.push_str(&self.words(argument, names));
        }
        let is_long = name.len() > MAX_LENGTH;
        if is_long {
            name = name.chars().take(MAX_LENGTH / 2).collect();
        }
        if is_long || base.is_marked {
            let summary = summary(&base.of.shape, MAX_SUMMARY);
            let text = format!("{}::{}{:?}{summary}", origin.module, origin.name, origin.arguments);
            name.push_str(&format!("_{:06x}", hash::text(&text) >> 40));
        }
        type_identifier::declared(&name)
    }

    /// A shape as a part of a name.
    fn words(&self, shape: &Shape, names: &[String]) -> String {
        let of = |word: &str, parts: &[&Shape]| {
            let parts: Vec<String> = parts.iter().map(|part| self.words(part, names)).collect();
            if parts.is_empty() {
                word.to_owned()
            } else {
                format!("{word}Of{}", parts.join("And"))
            }
        };
        match shape {
            Shape::Unit => "Unit".to_owned(),
            Shape::Bool => "Bool".to_owned(),
            Shape::Char => "Char".to_owned(),
            Shape::Integer(integer) => {
                let nonzero = if integer.zero { "" } else { "NonZero" };
                format!("{nonzero}{}{}", if integer.signed { 'I' } else { 'U' }, integer.bits)
            }
            Shape::Float(bits) => format!("F{bits}"),
            Shape::Text(TextFormat::Any) => "String".to_owned(),
            Shape::Text(format) => type_identifier::camel(format.word()),
            Shape::Bytes => "Bytes".to_owned(),
            Shape::Any => "Json".to_owned(),
            Shape::Option(inner) => of("Option", &[inner]),
            Shape::Sequence(item) => of("Vec", &[item]),
            Shape::Set(item) => of("Set", &[item]),
            Shape::Array(item, length) => format!("{}{length}", of("Array", &[item])),
            Shape::Map(key, value) => of("Map", &[key, value]),
            Shape::Tuple(elements) => {
                of("Tuple", &elements.iter().map(|one| &one.shape).collect::<Vec<_>>())
            }
            Shape::Newtype(inner) => self.words(inner, names),
            Shape::Struct(_) => "Struct".to_owned(),
            Shape::Enum(of_enum) => {
                let contents = of_enum.variants.iter().filter_map(|one| one.content.as_ref());
                of("Enum", &contents.collect::<Vec<_>>())
            }
            Shape::Foreign(foreign) => {
                let name = foreign.name.replace('-', "Minus");
                of(&type_identifier::camel(&name), &foreign.arguments.iter().collect::<Vec<_>>())
            }
            Shape::Literal(text) => type_identifier::camel(text),
            Shape::Asymmetric { sent, received } => of("Either", &[sent, received]),
            Shape::Reference(name) => {
                let place = self.schema.places.get(name);
                place.and_then(|place| names.get(*place)).cloned().unwrap_or_default()
            }
            Shape::Unknown(_) => "Unknown".to_owned(),
        }
    }
}

/// How many generic types a type's arguments are within each other.
fn depth(schema: &TypeSchema, name: &str, known: &mut HashMap<String, usize>) -> usize {
    if let Some(depth) = known.get(name) {
        return *depth;
    }
    // Ends the walk for a type that would be its own argument.
    known.insert(name.to_owned(), 0);
    let mut deepest = 0;
    for argument in schema.get(name).iter().flat_map(|one| &one.origin.arguments) {
        let mut inner = Vec::new();
        argument.visit(&mut |shape| {
            inner.extend(match shape {
                Shape::Reference(name) => Some(name),
                _ => None,
            })
        });
        for name in inner {
            deepest = deepest.max(1 + depth(schema, name, known));
        }
    }
    known.insert(name.to_owned(), deepest);
    deepest
}

/// What nothing else tells apart has a number. Such types look alike in each way that is told.
fn numbered(names: Vec<String>) -> Vec<String> {
    let mut taken = HashSet::new();
    names.into_iter().map(|name| free(&mut taken, name)).collect()
}
