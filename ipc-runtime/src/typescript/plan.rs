//! A shape as a plan: where its values differ from their JSON.

use crate::{
    interface::schema::type_schema::TypeSchema,
    shape::{
        name::WireName,
        nodes::{Enum, Shape, Struct, Tagging},
    },
    typescript::{integers::Integers, type_form::Direction},
};

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
        rest: Option<Box<Plan>>,
    },
    /// A member names the variant. Its plan is that of the whole object, or of one member of it.
    Tagged {
        tag: String,
        content: Option<String>,
        variants: Vec<(String, Plan)>,
    },
    /// Each of these, on one object.
    All(Vec<Plan>),
    /// That of a type.
    Type(String),
}

/// Makes plans of shapes.
#[derive(Clone, Copy)]
pub(super) struct Planner<'a> {
    pub(super) schema: &'a TypeSchema,
    pub(super) integers: Integers,
    pub(super) direction: Direction,
}

impl Planner<'_> {
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
                Plan::Items(Box::new(self.shape(item)))
            }
            Shape::Map(_, value) => {
                Plan::Members { named: Vec::new(), rest: Some(Box::new(self.shape(value))) }
            }
            Shape::Tuple(elements) => {
                Plan::Elements(elements.iter().map(|one| self.shape(&one.shape)).collect())
            }
            Shape::Struct(of) => self.structure(of),
            Shape::Enum(of) => self.enumeration(of),
            Shape::Asymmetric { sent, received } => self.shape(self.one_of(sent, received)),
            Shape::Reference(name) => Plan::Type(name.clone()),
            Shape::Unit | Shape::Bool | Shape::Char | Shape::Text(_) => Plan::Nothing,
            Shape::Foreign(_) | Shape::Literal(_) => Plan::Nothing,
        }
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
        object.finish()
    }

    fn fields(&self, of: &Struct, above: &mut Vec<String>, object: &mut ObjectPlan) {
        for field in &of.fields {
            if field.is_flattened {
                self.flattened(&field.shape, above, object);
            } else {
                object.add(self.names(&field.name), self.shape(&field.shape));
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
            Shape::Map(_, value) => object.rest = Some(Box::new(self.shape(value))),
            Shape::Any => object.rest = Some(Box::new(Plan::Leaf("json"))),
            Shape::Enum(of) if of.tagging == Tagging::External => {
                for (names, plan) in self.variants(of) {
                    object.add(names, plan);
                }
            }
            Shape::Enum(of) => object.others.push(self.enumeration(of)),
            _ => {}
        }
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
    ) -> impl Iterator<Item = ([Option<&'e str>; 2], Plan)> + use<'_, 'e> {
        of.variants.iter().filter(|variant| !variant.is_untagged).filter_map(|variant| {
            let content = variant.content.as_ref()?;
            Some((self.names(&variant.name), self.shape(content)))
        })
    }
}

/// The plan of an object, as its members are found.
#[derive(Default)]
struct ObjectPlan {
    own: Vec<(String, Plan)>,
    /// By the names of the other direction.
    foreign: Vec<(String, Plan)>,
    rest: Option<Box<Plan>>,
    others: Vec<Plan>,
}

impl ObjectPlan {
    fn add(&mut self, names: [Option<&str>; 2], plan: Plan) {
        let [own, foreign] = names;
        if let Some(foreign) = foreign.filter(|name| Some(*name) != own) {
            self.foreign.push((foreign.to_owned(), plan.clone()));
        }
        if let Some(own) = own {
            self.own.push((own.to_owned(), plan));
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

    fn finish(mut self) -> Plan {
        let (rest, mut all) = (self.rest.take(), std::mem::take(&mut self.others));
        let members = Plan::Members { named: self.named(), rest };
        if all.is_empty() {
            return members;
        }
        all.insert(0, members);
        Plan::All(all)
    }
}
