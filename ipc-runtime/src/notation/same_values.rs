//! Types that are nothing but each other.
//!
//! A value of `struct Chain(Option<Box<Chain>>)` is the value of the `Chain` in it, or null.
//! Written down like this, TypeScript calls the type circular, and a plan would lead from a value
//! to the same value for ever. So where a type gets back to itself without going into an object or
//! a list, nothing is written: it adds no value that isn't there already.

use crate::{
    interface::schema::type_schema::TypeSchema,
    shape::{
        circles::circles,
        nodes::{Shape, Struct, Tagging},
    },
};

/// The circles of types whose values are each other's.
#[derive(Debug)]
pub(crate) struct SameValues {
    /// The circle of each type, if it is in one.
    circles: Vec<Option<usize>>,
}

impl SameValues {
    pub(crate) fn of(schema: &TypeSchema) -> Self {
        let types = schema.types();
        let leads_to: Vec<Vec<usize>> = types
            .iter()
            .map(|one| {
                let mut names = Vec::new();
                same(&one.shape, &mut names);
                names.into_iter().filter_map(|name| schema.places.get(name).copied()).collect()
            })
            .collect();
        let mut of = vec![None; types.len()];
        for (number, circle) in circles(&leads_to).into_iter().enumerate() {
            for place in &circle {
                let is_own = || leads_to.get(*place).is_some_and(|to| to.contains(place));
                if let Some(of) = of.get_mut(*place).filter(|_| circle.len() > 1 || is_own()) {
                    *of = Some(number);
                }
            }
        }
        Self { circles: of }
    }

    /// Whether the two types, by name, may be the same value in both directions.
    pub(crate) fn are(&self, schema: &TypeSchema, one: &str, other: &str) -> bool {
        let circle = |name: &str| *self.circles.get(*schema.places.get(name)?)?;
        circle(one).is_some_and(|number| circle(other) == Some(number))
    }
}

/// The types of which a value of this shape may be one, as a whole or merged with others.
fn same<'a>(shape: &'a Shape, names: &mut Vec<&'a str>) {
    match shape {
        Shape::Reference(name) => names.push(name),
        Shape::Option(inner) | Shape::Newtype(inner) => same(inner, names),
        Shape::Asymmetric { sent, received } => {
            same(sent, names);
            same(received, names);
        }
        Shape::Struct(of) => flattened(of, names),
        Shape::Enum(of) => {
            for variant in &of.variants {
                let is_whole = variant.is_untagged
                    || matches!(of.tagging, Tagging::Untagged | Tagging::Internal(_));
                if let Some(content) = variant.content.as_ref().filter(|_| is_whole) {
                    same(content, names);
                }
            }
        }
        _ => {}
    }
}

fn flattened<'a>(of: &'a Struct, names: &mut Vec<&'a str>) {
    for field in of.fields.iter().filter(|field| field.is_flattened) {
        same(&field.shape, names);
    }
}
