//! Where generated code says that it stands.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// A span for code about `token`, whose own names can't meet the user's.
pub(crate) fn hygienic(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// The spans of the first and the last token. They are the user's: equal errors under equal spans
/// are told once, though several pieces of code cause them.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.to_token_stream().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// The path of the runtime as if it were written there, for errors about what follows it.
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
