//! A shape as a plan.

use std::collections::HashSet;

use crate::{
    interface::schema::{SchemaType, type_schema::TypeSchema},
    notation::{same_values::SameValues, tag_content::TagContent, type_form::Direction},
    shape::{
        integers::Integers,
        name::WireName,
        nodes::{Enum, Shape, Struct, Tagging, Variant},
    },
    typescript::plan::{Plan, Rest},
};

/// Makes plans of shapes.
#[derive(Clone, Copy)]
pub(super) struct Planner<'a> {
    pub(super) schema: &'a TypeSchema,
    integers: Integers,
    same_values: &'a SameValues,
    direction: Direction,
    within: Option<&'a Within<'a>>,
}

/// The types that are the same value as what is being planned, the innermost first.
struct Within<'a> {
    name: &'a str,
    outer: Option<&'a Within<'a>>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        schema: &'a TypeSchema,
        integers: Integers,
        same_values: &'a SameValues,
        direction: Direction,
    ) -> Self {
        Self { schema, integers, same_values, direction, within: None }
    }

    /// The plan of a type, for its own constant.
    pub(super) fn of_type(&self, one: &SchemaType) -> Plan {
        let within = Within { name: &one.name, outer: self.within };
        Planner { within: Some(&within), ..*self }.shape(&one.shape)
    }

    /// The plan of a part of a value that is another value.
    fn part(&self, shape: &Shape) -> Plan {
        Planner { within: None, ..*self }.shape(shape)
    }

    /// The plan of a type by its name, or what is behind it where it would lead back to the same
    /// value.
    fn reference(&self, name: &str) -> Plan {
        let named = || Plan::Type(name.to_owned());
        let Some(inner) = self.within else { return named() };
        if !self.same_values.are(self.schema, inner.name, name) {
            return named();
        }
        let mut outer = Some(inner);
        while let Some(one) = outer {
            if one.name == name {
                return Plan::Nothing;
            }
            outer = one.outer;
        }
        self.schema.get(name).map_or_else(named, |one| self.of_type(one))
    }

    pub(super) fn shape(&self, shape: &Shape) -> Plan {
        match shape {
            Shape::Integer(integer) => {
                self.integers.plan(*integer).map_or(Plan::Nothing, Plan::Leaf)
            }
            Shape::Float(_) => Plan::Leaf("float"),
            Shape::Bytes => Plan::Leaf("bytes"),
            Shape::Any => Plan::Leaf("json"),
            Shape::Foreign(of) if of.format.is_none() => Plan::Leaf("json"),
            Shape::Unknown(_) => Plan::Leaf("json"),
            Shape::Option(inner) | Shape::Newtype(inner) => self.shape(inner),
            Shape::Sequence(item) | Shape::Set(item) | Shape::Array(item, _) => {
                Plan::Items(Box::new(self.part(item)))
            }
            Shape::Map(key, value) => {
                Plan::Members { named: Vec::new(), rest: Some(self.entries(key, value)) }
            }
            Shape::Tuple(elements) => {
                Plan::Elements(elements.iter().map(|one| self.part(&one.shape)).collect())
            }
            Shape::Struct(of) => self.structure(of),
            Shape::Enum(of) => self.whole_enumeration(of),
            Shape::Asymmetric { sent, received } => self.shape(self.one_of(sent, received)),
            Shape::Reference(name) => self.reference(name),
            Shape::Unit | Shape::Bool | Shape::Char | Shape::Text(_) => Plan::Nothing,
            Shape::Foreign(_) | Shape::Literal(_) => Plan::Nothing,
        }
    }

    fn entries(&self, key: &Shape, value: &Shape) -> Rest {
        let keys = match self.part(key) {
            Plan::Leaf(word @ ("u128" | "i128")) => Some(word),
            Plan::Type(name) => self.schema.get(&name).and_then(|one| match self.of_type(one) {
                Plan::Leaf(word @ ("u128" | "i128")) => Some(word),
                _ => None,
            }),
            _ => None,
        };
        Rest { keys, values: Box::new(self.part(value)) }
    }

    fn one_of<'s>(&self, sent: &'s Shape, received: &'s Shape) -> &'s Shape {
        if self.direction == Direction::FromRust { sent } else { received }
    }

    /// The names of something: first that in the own direction, then that in the other, so that a
    /// plan fits both a caller and who is called.
    fn names<'n>(&self, name: &'n WireName) -> [Option<&'n str>; 2] {
        let (sent, received) = (name.sent.as_deref(), name.received.as_deref());
        match self.direction {
            Direction::FromRust => [sent, received],
            Direction::ToRust => [received, sent],
        }
    }

    fn structure(&self, of: &Struct) -> Plan {
        let mut object = ObjectPlan::default();
        self.fields(of, &mut Vec::new(), &mut object);
        object.finish(self)
    }

    fn fields(&self, of: &Struct, above: &mut Vec<String>, object: &mut ObjectPlan) {
        for field in &of.fields {
            if field.is_flattened {
                self.flattened(&field.shape, above, object);
            } else {
                object.add(self.names(&field.name), self.part(&field.shape));
            }
        }
    }

    fn flattened(&self, shape: &Shape, above: &mut Vec<String>, object: &mut ObjectPlan) {
        match shape {
            Shape::Struct(of) => self.fields(of, above, object),
            Shape::Option(inner) | Shape::Newtype(inner) => self.flattened(inner, above, object),
            Shape::Asymmetric { sent, received } => {
                self.flattened(self.one_of(sent, received), above, object);
            }
            Shape::Reference(name) => {
                let behind = self.schema.get(name).filter(|_| !above.contains(name));
                if let Some(behind) = behind {
                    above.push(name.clone());
                    self.flattened(&behind.shape, above, object);
                    above.pop();
                }
            }
            Shape::Map(key, value) => object.rest = Some(self.entries(key, value)),
            Shape::Any | Shape::Foreign(_) | Shape::Unknown(_) => {
                object.rest = Some(Rest { keys: None, values: Box::new(Plan::Leaf("json")) });
            }
            Shape::Enum(of) if of.tagging == Tagging::External => {
                for (names, plan) in self.variants(of) {
                    object.add(names, plan);
                }
                object.plain.extend(self.names_within(shape));
                object.as_it_is.extend(self.names_as_it_is(of));
            }
            Shape::Enum(of) => {
                object.others.push((self.enumeration(of), self.names_within(shape)));
                object.as_it_is.extend(self.names_as_it_is(of));
            }
            _ => {}
        }
    }

    fn tag_content(&self) -> TagContent<'a> {
        TagContent { schema: self.schema, direction: self.direction }
    }

    /// The names that something may have on the object that it is flattened into.
    fn names_within(&self, shape: &Shape) -> Vec<String> {
        let mut names = Vec::new();
        self.tag_content().names(shape, &mut names);
        names.into_iter().map(str::to_owned).collect()
    }

    /// A plan of an object that has these members too: a map in it doesn't take them.
    fn beside(&self, plan: Plan, names: &[String]) -> Plan {
        match plan {
            Plan::Members { mut named, rest: Some(rest) } => {
                let others = names.iter().filter(|name| named.iter().all(|it| it.0 != **name));
                let mut all: Vec<_> = others.map(|name| (name.clone(), Plan::Nothing)).collect();
                all.append(&mut named);
                Plan::Members { named: all, rest: Some(rest) }
            }
            Plan::Tagged { tag, content: None, variants } => {
                let variants = variants.into_iter();
                let variants = variants.map(|(name, plan)| (name, self.beside(plan, names)));
                Plan::Tagged { tag, content: None, variants: variants.collect() }
            }
            Plan::All(parts) => {
                Plan::All(parts.into_iter().map(|part| self.beside(part, names)).collect())
            }
            Plan::Type(name) => match self.schema.get(&name) {
                Some(one) if !self.tag_content().stands_beside_a_tag(&one.shape) => {
                    self.beside(self.of_type(one), names)
                }
                _ => Plan::Type(name),
            },
            // The tag isn't that of this enum.
            Plan::OrUntagged(tagged, _) => self.beside(*tagged, names),
            plan => plan,
        }
    }

    /// The plan of an enum that is a value of its own.
    fn whole_enumeration(&self, of: &Enum) -> Plan {
        let all_are_untagged = of.tagging == Tagging::Untagged;
        let has_untagged = of.variants.iter().any(|variant| variant.is_untagged);
        let as_it_is = match self.have_floats_or_bytes(untagged(of).collect()) {
            true => Plan::Leaf("json"),
            false => Plan::Nothing,
        };
        match (all_are_untagged, has_untagged) {
            (true, _) => as_it_is,
            (false, true) => Plan::OrUntagged(Box::new(self.enumeration(of)), Box::new(as_it_is)),
            (false, false) => self.enumeration(of),
        }
    }

    /// The names of what stays as it is in JSON, on the object that an enum is flattened into: no
    /// variant with a tag may have them.
    fn names_as_it_is(&self, of: &Enum) -> Vec<String> {
        if !self.have_floats_or_bytes(untagged(of).collect()) {
            return Vec::new();
        }
        let tagged = of.variants.iter().filter(|variant| !is_untagged(of, variant));
        let tagged: Vec<String> = tagged
            .filter_map(|variant| variant.content.as_ref())
            .flat_map(|content| self.names_within(content))
            .collect();
        let names = untagged(of).flat_map(|content| self.names_within(content));
        names.filter(|name| !tagged.contains(name)).collect()
    }

    /// Whether there may be a float in one of these, or bytes. They stay as they are in JSON, where
    /// a negative zero isn't zero and bytes are base64.
    fn have_floats_or_bytes<'s>(&'s self, mut shapes: Vec<&'s Shape>) -> bool {
        let mut known = HashSet::new();
        let mut have = false;
        while let Some(shape) = shapes.pop() {
            shape.visit(&mut |part| match part {
                Shape::Float(_) | Shape::Bytes | Shape::Any | Shape::Unknown(_) => have = true,
                Shape::Foreign(of) => have |= of.format.is_none(),
                Shape::Reference(name) if known.insert(name) => {
                    shapes.extend(self.schema.get(name).map(|one| &one.shape));
                }
                _ => {}
            });
        }
        have
    }

    fn enumeration(&self, of: &Enum) -> Plan {
        let (tag, content) = match &of.tagging {
            Tagging::External => (None, None),
            Tagging::Internal(tag) => (Some(tag), None),
            Tagging::Adjacent { tag, content } => (Some(tag), Some(content.clone())),
            Tagging::Untagged => return Plan::Nothing,
        };
        let mut object = ObjectPlan::default();
        for (names, plan) in self.variants(of) {
            object.add(names, plan);
        }
        let variants = object.named();
        match tag {
            None => Plan::Members { named: variants, rest: None },
            Some(tag) => Plan::Tagged { tag: tag.clone(), content, variants },
        }
    }

    fn variants<'e>(
        &self,
        of: &'e Enum,
    ) -> impl Iterator<Item = ([Option<&'e str>; 2], Plan)> + use<'_, 'a, 'e> {
        of.variants.iter().filter(|variant| !variant.is_untagged).filter_map(|variant| {
            let content = variant.content.as_ref()?;
            let plan = match &of.tagging {
                Tagging::Internal(tag) => {
                    self.beside(self.shape(content), std::slice::from_ref(tag))
                }
                _ => self.part(content),
            };
            Some((self.names(&variant.name), plan))
        })
    }
}

fn is_untagged(of: &Enum, variant: &Variant) -> bool {
    of.tagging == Tagging::Untagged || variant.is_untagged
}

/// The contents of variants that nobody can tell from others.
fn untagged(of: &Enum) -> impl Iterator<Item = &Shape> {
    let untagged = of.variants.iter().filter(|variant| is_untagged(of, variant));
    untagged.filter_map(|variant| variant.content.as_ref())
}

/// The plan of an object, as its members are found.
#[derive(Default)]
struct ObjectPlan {
    own: Vec<(String, Plan)>,
    /// By the names of the other direction.
    foreign: Vec<(String, Plan)>,
    rest: Option<Rest>,
    /// Names of members that have no plan if they aren't among the own.
    plain: Vec<String>,
    /// Names of members that stay as they are in JSON.
    as_it_is: Vec<String>,
    /// Flattened enums with the names that each may have.
    others: Vec<(Plan, Vec<String>)>,
}

impl ObjectPlan {
    fn add(&mut self, names: [Option<&str>; 2], plan: Plan) {
        let [own, foreign] = names;
        if let Some(foreign) = foreign.filter(|name| Some(*name) != own) {
            self.foreign.push((foreign.to_owned(), plan.clone()));
        }
        let Some(own) = own else { return };
        // JavaScript keeps the last one of a name.
        match self.own.iter_mut().find(|(known, _)| known == own) {
            Some(known) => known.1 = plan,
            None => self.own.push((own.to_owned(), plan)),
        }
    }

    fn named(self) -> Vec<(String, Plan)> {
        let mut named = self.own;
        for (name, plan) in self.foreign {
            if named.iter().all(|(known, _)| *known != name) {
                named.push((name, plan));
            }
        }
        named
    }

    /// The whole. A map takes what nothing else on the object is called.
    fn finish(mut self, planner: &Planner<'_>) -> Plan {
        let (rest, others) = (self.rest.take(), std::mem::take(&mut self.others));
        let plain = std::mem::take(&mut self.plain);
        let mut own: Vec<String> = self.own.iter().map(|(name, _)| name.clone()).collect();
        let mut parts = Vec::new();
        for (at, (plan, _)) in others.iter().enumerate() {
            let others = others.iter().enumerate().filter(|(other, _)| *other != at);
            let beside: Vec<String> =
                own.iter().chain(others.flat_map(|(_, (_, names))| names)).cloned().collect();
            parts.push(planner.beside(plan.clone(), &beside));
        }
        // What has the name of the other direction is an entry of the map.
        if rest.is_some() || parts.iter().any(Plan::takes_any_member) {
            self.foreign.clear();
        }
        let as_it_is = std::mem::take(&mut self.as_it_is);
        let mut named = self.named();
        for name in as_it_is {
            if named.iter().all(|(known, _)| *known != name) {
                named.push((name.clone(), Plan::Leaf("json")));
                own.push(name);
            }
        }
        if rest.is_some() {
            for name in plain.into_iter().chain(others.into_iter().flat_map(|(_, names)| names)) {
                if !own.contains(&name) {
                    named.push((name.clone(), Plan::Nothing));
                    own.push(name);
                }
            }
        }
        let members = Plan::Members { named, rest };
        if parts.is_empty() {
            return members;
        }
        parts.insert(0, members);
        Plan::All(parts)
    }
}
