//! Spans for generated code.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// A span for code about the token at `span`. Its own names can't clash with the user's.
pub(crate) fn hygienic(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// The spans of the first and the last token. They are the user's: rustc reports equal errors at
/// equal spans once, even if several pieces of code cause them.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.to_token_stream().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// The path of the runtime as if it were written at `span`, for errors about what follows it.
pub(crate) fn moved_to(span: Span, path: &TokenStream) -> TokenStream {
    let moved = path.clone().into_iter().map(|mut token| {
        // Which crate `crate` is depends on its span.
        if token.to_string() != "crate" {
            token.set_span(span);
        }
        token
    });
    moved.collect()
}
