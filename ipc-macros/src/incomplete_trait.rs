//! A trait that is still being typed.
//!
//! Editors expand the macro at every keystroke, even over `async fn read(&self, path: );`. The
//! compiler does so too, after its own error. syn refuses such a trait as a whole. If that were
//! all, each keystroke would remove the trait, its handler and its client, and with them what an
//! editor knows about all code that uses them.
//!
//! So the items are read one by one. Items that syn can read are kept, and go into the same
//! fallbacks as after any other mistake. An incomplete method is kept as far as it goes: an
//! argument or a result without a type is left out. syn's error stays the only one. Nothing can be
//! done about unbalanced brackets: with them the compiler calls no macro, and an editor closes
//! them.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{ItemTrait, TraitItem};

/// The trait without the parts that can't be read. None if even its head can't be.
pub(crate) fn trait_of(tokens: TokenStream) -> Option<ItemTrait> {
    let mut head: Vec<TokenTree> = tokens.into_iter().collect();
    let body = match head.pop()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => group,
        _ => return None,
    };
    let mut item: ItemTrait = syn::parse2(head.into_iter().chain([empty(&body)]).collect()).ok()?;
    item.items = pieces(body.stream()).into_iter().filter_map(read).collect();
    Some(item)
}

fn empty(body: &Group) -> TokenTree {
    let mut empty = Group::new(Delimiter::Brace, TokenStream::new());
    empty.set_span(body.span());
    TokenTree::Group(empty)
}

/// Splits the body into items. Each ends with its `;` or body, or where the next one seems to
/// begin.
fn pieces(body: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut pieces = Vec::new();
    let mut piece = Vec::new();
    // Whether the piece holds more than attributes and qualifiers.
    let mut begun = false;
    let mut tokens = body.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if begun && begins(&token, tokens.peek()) {
            pieces.push(std::mem::take(&mut piece));
            begun = false;
        }
        begun |= !qualifies(&token);
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        piece.push(token);
        if ends {
            pieces.push(std::mem::take(&mut piece));
            begun = false;
        }
    }
    pieces.push(piece);
    pieces
}

fn begins(token: &TokenTree, next: Option<&TokenTree>) -> bool {
    match token {
        TokenTree::Ident(word) => match word.to_string().as_str() {
            "async" | "unsafe" | "type" => true,
            // Otherwise it is a type: `-> fn(u8)`.
            "fn" => matches!(next, Some(TokenTree::Ident(_))),
            _ => false,
        },
        TokenTree::Punct(punct) => punct.as_char() == '#',
        _ => false,
    }
}

fn qualifies(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(word) => {
            ["async", "const", "extern", "pub", "unsafe"].iter().any(|known| word == known)
        }
        TokenTree::Punct(punct) => punct.as_char() == '#',
        TokenTree::Group(group) => group.delimiter() != Delimiter::Brace,
        TokenTree::Literal(_) => true,
    }
}

/// The item if it can be read, or else the method that it begins with.
fn read(piece: Vec<TokenTree>) -> Option<TraitItem> {
    let whole: TokenStream = piece.iter().cloned().collect();
    if let Ok(item) = syn::parse2(whole) {
        return Some(item);
    }
    let list = piece.iter().position(|token| {
        matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis)
    });
    let (before, list, after) = match list {
        Some(list) => (&piece[..list], Some(&piece[list]), &piece[list + 1..]),
        None => (&piece[..], None, &[][..]),
    };
    let before: TokenStream = before.iter().cloned().collect();
    let after: TokenStream =
        after.iter().filter(|token| token.to_string() != ";").cloned().collect();
    let arguments = list.map(arguments).unwrap_or_default();
    [quote!(#before (#arguments) #after;), quote!(#before (#arguments);)]
        .into_iter()
        .find_map(|method| syn::parse2(method).ok())
}

/// The arguments that have a type, and the receiver if it is written already.
fn arguments(list: &TokenTree) -> TokenStream {
    let TokenTree::Group(list) = list else { return TokenStream::new() };
    let mut kept = TokenStream::new();
    let mut depth = 0_usize;
    let mut argument = TokenStream::new();
    let mut keep = |argument: &mut TokenStream| {
        let argument = std::mem::take(argument);
        if syn::parse2::<syn::FnArg>(argument.clone()).is_ok() {
            kept.extend(quote!(#argument,));
        }
    };
    for token in list.stream() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' && depth == 0 => {
                keep(&mut argument);
                continue;
            }
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        token.to_tokens(&mut argument);
    }
    keep(&mut argument);
    kept
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;
    use syn::TraitItem;

    use super::trait_of;
    use crate::type_text::written;

    fn methods_of(body: &str) -> Vec<String> {
        let tokens = format!("pub trait Files {{ fn first(&self); {body} async fn last(&self); }}");
        let item = trait_of(tokens.parse().unwrap()).unwrap();
        let methods = item.items.iter().map(|item| match item {
            TraitItem::Fn(function) => written(function.sig.to_token_stream()),
            other => panic!("{}", written(other)),
        });
        let mut methods: Vec<_> = methods.collect();
        assert_eq!(methods.remove(0), "fn first(&self)");
        assert_eq!(methods.pop().as_deref(), Some("async fn last(&self)"));
        methods
    }

    #[test]
    fn what_is_complete_is_kept() {
        for (body, kept) in [
            ("async fn x(&self, a: u8, b: ) -> u8;", "async fn x(&self, a: u8) -> u8"),
            ("async fn x(&self, a) -> u8;", "async fn x(&self) -> u8"),
            ("fn x(&self, a: u8) -> ;", "fn x(&self, a: u8)"),
            ("fn x(&self, a: Vec<) -> u8;", "fn x(&self) -> u8"),
            ("fn x(&self, a: Vec<(u8, u8)>) -> fn", "fn x(&self, a: Vec<(u8, u8)>)"),
            ("fn x(&self) -> u8", "fn x(&self) -> u8"),
            ("#[ipc(notification)] async fn x(&self, a: u8)", "async fn x(&self, a: u8)"),
            ("async fn x", "async fn x()"),
        ] {
            assert_eq!(methods_of(body), [kept], "{body}");
        }
        for nothing in ["async fn ;", "asy", "#[ipc(notification)]", "fn"] {
            assert!(methods_of(nothing).is_empty(), "{nothing}");
        }
    }
}
