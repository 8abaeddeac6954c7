//! What a function by name takes and gives.

use crate::shape::nodes::{Enum, Shape, Tagging};

/// The arguments of a function or of a notification by name.
#[derive(Debug)]
pub(crate) struct FunctionArguments<'a> {
    pub(crate) shapes: Vec<&'a Shape>,
    /// Whether there is one, which is all of `params`.
    pub(crate) is_whole: bool,
}

impl<'a> FunctionArguments<'a> {
    /// By the type of `params`: a tuple has them by position, a unit has none, and anything else is
    /// `params` itself.
    pub(crate) fn of(params: &'a Shape) -> Self {
        match params {
            Shape::Unit => Self { shapes: Vec::new(), is_whole: false },
            Shape::Tuple(elements) => {
                Self { shapes: elements.iter().map(|one| &one.shape).collect(), is_whole: false }
            }
            whole => Self { shapes: vec![whole], is_whole: true },
        }
    }
}

/// What a function gives: its value, and its error if it returns a `Result`.
pub(crate) fn output(of: &Shape) -> (&Shape, Option<&Shape>) {
    let parts = match of {
        Shape::Enum(of) => result(of),
        _ => None,
    };
    parts.unwrap_or((of, None))
}

/// The value and the error of a `Result`.
fn result(of: &Enum) -> Option<(&Shape, Option<&Shape>)> {
    let [value, error] = &*of.variants else { return None };
    let is_result = of.tagging == Tagging::External
        && value.name.shown() == "Ok"
        && error.name.shown() == "Err";
    if !is_result {
        return None;
    }
    Some((value.content.as_ref()?, Some(error.content.as_ref()?)))
}
