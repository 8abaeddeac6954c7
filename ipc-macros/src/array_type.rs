//! Arrays that are longer than serde supports. As an argument, or as a field of an `#[ipc_type]`,
//! they travel with the runtime's own code.

use syn::{Expr, ExprLit, Lit, Type, TypeArray};

use crate::type_syntax::bare;

/// The length of the longest array that has serde's traits.
const LONGEST_OF_SERDE: usize = 32;

/// The array that this type is, if serde doesn't support it, or may not: a macro can't see the
/// value of a constant.
pub(crate) fn of_any_length(ty: &Type) -> Option<&TypeArray> {
    let Type::Array(array) = bare(ty) else { return None };
    length(array).is_none_or(|length| length > LONGEST_OF_SERDE).then_some(array)
}

/// The length, if it is written as a number that is too large for serde.
pub(crate) fn too_long(array: &TypeArray) -> Option<usize> {
    length(array).filter(|length| *length > LONGEST_OF_SERDE)
}

fn length(array: &TypeArray) -> Option<usize> {
    match &array.len {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        _ => None,
    }
}
