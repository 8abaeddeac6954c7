//! Edits of random interfaces.

use proptest::prelude::*;

use super::models::{Model, TYPES, both, shape};
use crate::shape::nodes::{Shape, Tagging};

/// Changes the node of this number, as the edit says; counts down.
fn edit(shape: &mut Shape, left: &mut usize, how: u8, new: &Shape) {
    if *left == 0 {
        *left = usize::MAX;
        change(shape, how, new);
        return;
    }
    *left -= 1;
    let mut all = |part: &mut Shape| {
        if *left < usize::MAX - 100_000 {
            edit(part, left, how, new);
        }
    };
    match shape {
        Shape::Option(one)
        | Shape::Sequence(one)
        | Shape::Set(one)
        | Shape::Newtype(one)
        | Shape::Array(one, _) => all(one),
        Shape::Map(a, b) | Shape::Asymmetric { sent: a, received: b } => {
            all(a);
            all(b);
        }
        Shape::Tuple(of) => {
            of.iter_mut().for_each(|one| all(&mut one.shape));
        }
        Shape::Struct(of) => {
            of.fields.iter_mut().for_each(|one| all(&mut one.shape));
        }
        Shape::Enum(of) => {
            of.variants.iter_mut().filter_map(|one| one.content.as_mut()).for_each(all);
        }
        Shape::Foreign(of) => {
            of.arguments.iter_mut().for_each(all);
        }
        _ => {}
    }
}

fn change(shape: &mut Shape, how: u8, new: &Shape) {
    match (how, &mut *shape) {
        (0, _) => *shape = Shape::Newtype(shape.clone().into()),
        (1, _) => *shape = Shape::Option(shape.clone().into()),
        (2, _) => *shape = new.clone(),
        (_, Shape::Struct(of)) => {
            let fields = &mut of.fields;
            match (how, fields.first_mut()) {
                (3 | 4, _) => fields.reverse(),
                (5, _) => drop(fields.pop()),
                (6, _) => of.denies_unknown ^= true,
                (7, Some(first)) => first.has_default ^= true,
                (8, Some(first)) => first.may_be_omitted ^= true,
                (9, Some(first)) => first.is_flattened ^= true,
                (10, Some(first)) => {
                    first.name.aliases = vec!["alias".to_owned()];
                }
                (11, Some(first)) => first.name = both("renamed"),
                (12, Some(first)) => first.name.sent = None,
                (13, Some(first)) => {
                    let received = first.name.received.clone();
                    let aliases = first.name.aliases.clone();
                    first.name.aliases = received.into_iter().collect();
                    first.name.received = aliases.first().cloned();
                }
                _ => {}
            }
        }
        (_, Shape::Enum(of)) => {
            let variants = &mut of.variants;
            match (how, variants.first_mut()) {
                (3 | 4, _) => variants.reverse(),
                (5, _) => drop(variants.pop()),
                (6, _) => of.denies_unknown ^= true,
                (7, Some(first)) => first.content = None,
                (8, Some(first)) => first.is_other ^= true,
                (9, Some(first)) => first.is_untagged ^= true,
                (10, Some(first)) => first.name = both("renamed"),
                (11, Some(first)) => first.name.received = None,
                (12, _) => of.tagging = Tagging::Untagged,
                (13, _) => of.tagging = Tagging::Internal("x".to_owned()),
                _ => {}
            }
        }
        (_, Shape::Tuple(of)) => {
            let elements = of;
            match (how, elements.first_mut()) {
                (3..=6, _) => elements.reverse(),
                (7..=9, Some(first)) => first.has_default ^= true,
                _ => drop(elements.pop()),
            }
        }
        _ => {}
    }
}

pub(super) type Edit = (usize, usize, u8, Shape);

pub(super) fn edits() -> impl Strategy<Value = Vec<Edit>> {
    proptest::collection::vec((0..=TYPES + 1, 0..12_usize, 0..14_u8, shape()), 0..3)
}

pub(super) fn edited(model: &Model, edits: &[Edit], names: usize) -> Model {
    let mut edited = model.clone();
    for (which, at, how, new) in edits {
        match edited.types.get_mut(*which) {
            Some(shape) => {
                let before = shape.clone();
                edit(shape, &mut { *at }, *how, new);
                // A type that is nothing but another one may be nothing but itself.
                if !matches!(shape, Shape::Struct(_) | Shape::Enum(_)) {
                    *shape = before;
                }
            }
            None if *which == TYPES => edit(&mut edited.argument, &mut { *at }, *how, new),
            None => edited.idempotent ^= true,
        }
    }
    edited.names = std::array::from_fn(|at| at + names);
    edited
}
