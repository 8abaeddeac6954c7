//! Writes tokens as a person does: `Result<Vec<FileInfo>, FileError>`, `&str`, `[u8; 4]`.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// The text of these tokens, with the spaces that rustfmt would leave.
///
/// It must be the same with each compiler, because fingerprints are made from it. `TokenStream`'s
/// own `Display` may change.
pub(crate) fn written(tokens: impl ToTokens) -> String {
    let mut text = String::new();
    write(tokens.into_token_stream(), &mut text);
    text
}

fn write(tokens: TokenStream, text: &mut String) {
    let mut tokens = tokens.into_iter().peekable();
    let mut before = Before::Nothing;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => {
                if matches!(before, Before::Word) {
                    text.push(' ');
                }
                text.push_str(&ident.to_string());
                before = Before::Word;
            }
            TokenTree::Literal(literal) => {
                if matches!(before, Before::Word) {
                    text.push(' ');
                }
                text.push_str(&literal.to_string());
                before = Before::Word;
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                // `dyn (Fn() + Send)`, but `derive(…)`, `Fn(…)` and `x[0]`.
                let keyword = ["dyn", "impl", "mut", "const"].iter().any(|word| {
                    text.strip_suffix(word).is_some_and(|rest| !rest.ends_with(is_word))
                });
                let braced = group.delimiter() == Delimiter::Brace;
                if matches!(before, Before::Word) && (keyword || braced) {
                    text.push(' ');
                }
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
                before = Before::Word;
            }
            TokenTree::Punct(punct) => {
                let first = punct.as_char();
                let mut operator = String::from(first);
                // A lifetime's quote is joint with an identifier, not with another punctuation
                // character.
                if punct.spacing() == Spacing::Joint && first != '\'' && "-=:&|.<".contains(first) {
                    if let Some(TokenTree::Punct(next)) = tokens.peek() {
                        let pair = [first, next.as_char()];
                        if OPERATORS.contains(&pair) {
                            operator.push(next.as_char());
                            tokens.next();
                        }
                    }
                }
                before = operate(&operator, &before, text);
            }
        }
    }
    // A trailing comma is only layout.
    if text.ends_with(", ") {
        text.truncate(text.len() - 2);
    }
}

const OPERATORS: [[char; 2]; 6] =
    [['-', '>'], ['=', '>'], [':', ':'], ['&', '&'], ['|', '|'], ['.', '.']];

enum Before {
    Nothing,
    Word,
}

fn operate(operator: &str, before: &Before, text: &mut String) -> Before {
    match operator {
        "," | ";" | ":" => {
            text.push_str(operator);
            text.push(' ');
            Before::Nothing
        }
        "->" | "=>" | "=" | "+" | "|" | "||" | "/" | "%" => {
            text.push(' ');
            text.push_str(operator);
            text.push(' ');
            Before::Nothing
        }
        // Binary after a word, otherwise a pointer, a negative number or a dereference.
        "-" | "*" if matches!(before, Before::Word) => {
            text.push(' ');
            text.push_str(operator);
            text.push(' ');
            Before::Nothing
        }
        "'" => {
            if matches!(before, Before::Word) {
                text.push(' ');
            }
            text.push('\'');
            Before::Nothing
        }
        ">" => {
            if text.ends_with(", ") {
                text.truncate(text.len() - 2);
            }
            text.push('>');
            Before::Word
        }
        "&" => {
            if matches!(before, Before::Word) {
                text.push(' ');
            }
            text.push('&');
            Before::Nothing
        }
        _ => {
            text.push_str(operator);
            Before::Nothing
        }
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn tokens_are_written_as_rustfmt_would() {
        for text in [
            "Result<Vec<FileInfo>, FileError>",
            "&str",
            "&'static str",
            "&[u8]",
            "[u8; 4]",
            "[u8; N * 2]",
            "std::collections::HashMap<String, (u8, Option<i64>)>",
            "::core::option::Option<()>",
            "<T as Trait>::Item",
            "Cow<'_, str>",
            "dyn Fn(u8) -> u8 + Send",
            "*const u8",
            "Option<Option<u8>>",
            "impl Stream<Item = Change>",
            "rename = \"x\"",
            "skip_serializing_if = \"Option::is_none\"",
            "rename(serialize = \"a\", deserialize = \"b\")",
            "r#type",
        ] {
            let tokens: proc_macro2::TokenStream = text.parse().unwrap();
            assert_eq!(written(tokens), text);
        }
        let tokens: proc_macro2::TokenStream = "Vec < u8 , >".parse().unwrap();
        assert_eq!(written(tokens), "Vec<u8>");
    }
}
