//! Collects errors, so that a user sees all mistakes of a trait at once.

use std::fmt::Display;

use proc_macro2::Span;
use quote::ToTokens;

/// The errors found so far, each with the tokens that caused it.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Reports `problem` under `tokens`; `help` says what to write instead.
    pub(crate) fn push(
        &mut self,
        tokens: impl ToTokens,
        problem: impl Display,
        help: impl Display,
    ) {
        self.add(syn::Error::new_spanned(tokens, explain(problem, help)));
    }

    /// Like [`push`](Self::push), with a span instead of tokens.
    pub(crate) fn push_at(&mut self, span: Span, problem: impl Display, help: impl Display) {
        self.add(syn::Error::new(span, explain(problem, help)));
    }

    /// Adds an error.
    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }

    pub(crate) fn finish(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// The text of an error.
pub(crate) fn explain(problem: impl Display, help: impl Display) -> String {
    format!("{problem}\n\nhelp: {help}")
}
