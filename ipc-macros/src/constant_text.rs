//! Texts that are known when the macro runs: literals, and `env!` and `concat!` of literals.
//!
//! A macro sees only tokens. It can't ask the compiler for the value of a constant, but it can
//! evaluate these two macros itself, because it runs in the process that compiles the user's crate.

use proc_macro2::Span;
use syn::{Expr, ExprLit, ExprMacro, Lit, LitStr, Token, punctuated::Punctuated, spanned::Spanned};

/// A text, and the environment variables that it was made from.
pub(crate) struct ConstantText {
    pub text: LitStr,
    pub variables: Vec<LitStr>,
}

/// Why there is no text.
pub(crate) enum NoText {
    /// The expression has none of the forms above.
    AnotherForm,
    /// An `env!` of a variable that isn't set.
    Unset(LitStr),
}

/// Returns the text that this expression stands for.
pub(crate) fn of(expression: &Expr) -> Result<ConstantText, NoText> {
    let mut variables = Vec::new();
    let (text, span) = match expression {
        Expr::Group(inner) => return of(&inner.expr),
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => (text.value(), text.span()),
        Expr::Macro(call) => (called(call, &mut variables)?, name_of(call)),
        _ => return Err(NoText::AnotherForm),
    };
    Ok(ConstantText { text: LitStr::new(&text, span), variables })
}

/// Where errors about the text are shown.
fn name_of(call: &ExprMacro) -> Span {
    call.mac.path.segments.last().map_or_else(|| call.span(), |last| last.ident.span())
}

fn called(call: &ExprMacro, variables: &mut Vec<LitStr>) -> Result<String, NoText> {
    let name = call.mac.path.segments.last().map(|last| last.ident.to_string());
    let arguments = call
        .mac
        .parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        .map_err(|_| NoText::AnotherForm)?;
    match (name.as_deref(), arguments.first()) {
        (Some("concat"), _) => arguments.iter().map(|part| piece(part, variables)).collect(),
        (Some("env"), Some(Expr::Lit(ExprLit { lit: Lit::Str(variable), .. }))) => {
            let text = std::env::var(variable.value());
            let text = text.map_err(|_| NoText::Unset(variable.clone()))?;
            variables.push(variable.clone());
            Ok(text)
        }
        _ => Err(NoText::AnotherForm),
    }
}

/// What `concat!` makes of one of its arguments.
fn piece(expression: &Expr, variables: &mut Vec<LitStr>) -> Result<String, NoText> {
    match expression {
        Expr::Group(inner) => piece(&inner.expr, variables),
        Expr::Macro(call) => called(call, variables),
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Str(text) => Ok(text.value()),
            Lit::Char(letter) => Ok(letter.value().to_string()),
            Lit::Bool(value) => Ok(value.value.to_string()),
            Lit::Int(number) => Ok(number.base10_digits().to_owned()),
            _ => Err(NoText::AnotherForm),
        },
        _ => Err(NoText::AnotherForm),
    }
}
