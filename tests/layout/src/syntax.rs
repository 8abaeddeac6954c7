//! What one file defines, imports and names, read from its tokens. Tests are left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    iter::Peekable,
    slice::Iter,
    str::FromStr,
};

use proc_macro2::{Delimiter, Group, Ident, LexError, TokenStream, TokenTree};

/// One name that a `use` brings in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The path as it is written: `["crate", "room", "Name"]`.
    pub path: Vec<String>,
    /// What it is called here; for a glob, nothing.
    pub name: Option<String>,
    /// `use …::*`.
    pub is_glob: bool,
    /// `pub use` of any reach.
    pub is_exported: bool,
    /// Where it is written, from 1.
    pub line: usize,
}

/// A path of two segments or more in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePath {
    /// The path as it is written.
    pub path: Vec<String>,
    /// Where it is written, from 1.
    pub line: usize,
}

/// A `mod name;` or `mod name { … }`.
#[derive(Debug, Clone)]
pub struct Child {
    /// Whether it is compiled for tests only.
    pub is_test: bool,
    /// What stands between its braces; none for a file of its own.
    pub body: Option<Module>,
}

/// What stands in a file, or between the braces of a module.
#[derive(Debug, Clone, Default)]
pub struct Module {
    /// Everything that is defined here, with its line.
    pub definitions: BTreeMap<String, usize>,
    /// The types and traits among it.
    pub types: BTreeMap<String, usize>,
    /// Macros that `#[macro_export]` puts into the crate's root.
    pub exported_macros: BTreeSet<String>,
    /// The modules in here.
    pub children: BTreeMap<String, Child>,
    /// The names that `use` brings in, also within functions.
    pub imports: Vec<Import>,
    /// The paths in code.
    pub paths: Vec<CodePath>,
    /// Every word in code outside of `use`.
    pub words: BTreeSet<String>,
    /// What the crate calls itself, by `extern crate self as …`.
    pub own_name: Option<String>,
}

/// A file that isn't Rust.
#[derive(Debug)]
pub struct Unreadable(LexError);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0.span().start();
        write!(f, "line {}: {}", at.line, self.0)
    }
}

impl std::error::Error for Unreadable {}

impl Module {
    /// Reads a file.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let tokens = TokenStream::from_str(text).map_err(Unreadable)?;
        let mut module = Self::default();
        module.items(tokens);
        Ok(module)
    }

    fn items(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut rest = tokens.iter().peekable();
        while rest.peek().is_some() {
            self.item(&mut rest);
        }
    }

    fn item(&mut self, rest: &mut Tokens<'_>) {
        let Attributes { is_test, is_macro_export } = attributes(rest);
        let is_exported = visibility(rest);
        let Some(keyword) = keyword(rest) else {
            // A macro's call, or the end behind inner attributes.
            self.code(item_tokens(rest, Ending::Brace), is_test);
            return;
        };
        match keyword.as_str() {
            "use" => {
                let line = rest.peek().map_or(0, |token| line_of(token));
                let tree = item_tokens(rest, Ending::Semicolon);
                if !is_test {
                    self.import(&tree, is_exported, line);
                }
            }
            "mod" => self.child(rest, is_test),
            "extern" => {
                let whole = item_tokens(rest, Ending::Brace);
                let words: Vec<_> = whole.iter().map(ToString::to_string).collect();
                if let [first, of, "as", name, ..] =
                    words.iter().map(String::as_str).collect::<Vec<_>>()[..]
                {
                    if (first, of) == ("crate", "self") {
                        self.own_name = Some(name.to_owned());
                    }
                }
                self.code(whole, is_test);
            }
            "macro_rules" => {
                let whole = item_tokens(rest, Ending::Brace);
                let name = whole.iter().find_map(ident);
                if let (Some(name), false) = (name, is_test) {
                    self.definitions.insert(name.to_string(), line_of(&whole[0]));
                    if is_macro_export {
                        self.exported_macros.insert(name.to_string());
                    }
                }
                self.code(whole, is_test);
            }
            "impl" => self.code(item_tokens(rest, Ending::Brace), is_test),
            _ => {
                let ending = match keyword.as_str() {
                    "const" | "static" | "type" => Ending::Semicolon,
                    _ => Ending::Brace,
                };
                if let (Some(TokenTree::Ident(name)), false) = (rest.peek(), is_test) {
                    let line = name.span().start().line;
                    self.definitions.insert(name.to_string(), line);
                    if matches!(keyword.as_str(), "struct" | "enum" | "union" | "trait" | "type") {
                        self.types.insert(name.to_string(), line);
                    }
                }
                self.code(item_tokens(rest, ending), is_test);
            }
        }
    }

    fn child(&mut self, rest: &mut Tokens<'_>, is_test: bool) {
        let Some(TokenTree::Ident(name)) = rest.next() else { return };
        let body = match rest.next() {
            Some(TokenTree::Group(group)) => {
                let mut inner = Self::default();
                if !is_test {
                    inner.items(group.stream());
                }
                Some(inner)
            }
            _ => None,
        };
        self.children.insert(name.to_string(), Child { is_test, body });
    }

    fn import(&mut self, tree: &[TokenTree], is_exported: bool, line: usize) {
        let mut found = Vec::new();
        let mut rest = tree.iter().peekable();
        if read_tree(&mut rest, &[], line, &mut found).is_some() {
            found.iter_mut().for_each(|import| import.is_exported = is_exported);
            self.imports.append(&mut found);
        }
    }

    /// Paths and words of code, and the `use` in it.
    fn code(&mut self, tokens: Vec<TokenTree>, is_test: bool) {
        if is_test {
            return;
        }
        let mut rest = tokens.iter().peekable();
        let mut before = Before::Other;
        while let Some(token) = rest.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    if skip_test(&mut rest) {
                        item_tokens(&mut rest, Ending::Comma);
                    }
                    before = Before::Other;
                }
                TokenTree::Punct(punct) => {
                    before = match (punct.as_char(), before) {
                        (':', Before::Colon) => Before::Path,
                        (':', _) => Before::Colon,
                        ('\'', _) => Before::Quote,
                        ('$', _) => Before::Path,
                        _ => Before::Other,
                    };
                }
                TokenTree::Group(group) => {
                    if !is_reach(group, before) {
                        self.code(group.stream().into_iter().collect(), false);
                    }
                    before = Before::Other;
                }
                TokenTree::Ident(word) if before == Before::Quote => {
                    let _lifetime = word;
                    before = Before::Other;
                }
                TokenTree::Ident(word) if word == "use" && before != Before::Path => {
                    let line = word.span().start().line;
                    let tree = item_tokens(&mut rest, Ending::Semicolon);
                    self.import(&tree, false, line);
                    before = Before::Other;
                }
                TokenTree::Ident(word) => {
                    let path = path_from(word, &mut rest);
                    self.words.extend(path.iter().cloned());
                    if before != Before::Path && path.len() > 1 {
                        let line = word.span().start().line;
                        self.paths.push(CodePath { path, line });
                    }
                    before = if word == "pub" { Before::Pub } else { Before::Other };
                }
                TokenTree::Literal(_) => before = Before::Other,
            }
        }
    }
}

type Tokens<'a> = Peekable<Iter<'a, TokenTree>>;

/// What stands before a token in code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Colon,
    /// `::`, or the `$` of `$crate`: what follows is no path's beginning.
    Path,
    /// `'`: a lifetime follows.
    Quote,
    Pub,
    Other,
}

/// Whether this is the `(in …)` of a visibility.
fn is_reach(group: &Group, before: Before) -> bool {
    before == Before::Pub && group.delimiter() == Delimiter::Parenthesis
}

/// Where an item ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// With its braces, or a semicolon.
    Brace,
    Semicolon,
    /// With its braces, a semicolon, or a comma: a field, an arm, a statement.
    Comma,
}

/// Takes the tokens up to the item's end.
fn item_tokens(rest: &mut Tokens<'_>, ending: Ending) -> Vec<TokenTree> {
    let mut taken = Vec::new();
    for token in rest.by_ref() {
        taken.push(token.clone());
        let ends = match token {
            TokenTree::Punct(punct) => {
                punct.as_char() == ';' || (ending == Ending::Comma && punct.as_char() == ',')
            }
            TokenTree::Group(group) => {
                ending != Ending::Semicolon && group.delimiter() == Delimiter::Brace
            }
            _ => false,
        };
        if ends {
            break;
        }
    }
    taken
}

#[derive(Default)]
struct Attributes {
    is_test: bool,
    is_macro_export: bool,
}

/// Takes an item's attributes, and inner ones of the file.
fn attributes(rest: &mut Tokens<'_>) -> Attributes {
    let mut attributes = Attributes::default();
    while rest.next_if(|token| is_punct(token, '#')).is_some() {
        let is_inner = rest.next_if(|token| is_punct(token, '!')).is_some();
        if let Some(TokenTree::Group(group)) = rest.next() {
            attributes.is_test |= !is_inner && is_test_cfg(group);
            let text = group.stream().to_string();
            attributes.is_macro_export |= text.starts_with("macro_export");
        }
    }
    attributes
}

/// Takes the attribute behind a `#` in code, if it says that something is for tests.
fn skip_test(rest: &mut Tokens<'_>) -> bool {
    let test = rest.next_if(|token| matches!(token, TokenTree::Group(group) if is_test_cfg(group)));
    if test.is_some() {
        attributes(rest);
    }
    test.is_some()
}

/// Whether it is `[cfg(test)]`, or holds `test` or `doctest` outside of a `not(…)`, or is `[test]`.
fn is_test_cfg(group: &Group) -> bool {
    let tokens: Vec<_> = group.stream().into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(name)] => name == "test",
        [TokenTree::Ident(name), TokenTree::Group(condition)] if name == "cfg" => {
            names_test(condition)
        }
        _ => false,
    }
}

fn names_test(condition: &Group) -> bool {
    let mut negated = false;
    condition.stream().into_iter().any(|token| match token {
        TokenTree::Ident(word) => {
            negated = word == "not";
            word == "test" || word == "doctest"
        }
        TokenTree::Group(inner) => !negated && names_test(&inner),
        _ => false,
    })
}

/// Takes a `pub` of any reach.
fn visibility(rest: &mut Tokens<'_>) -> bool {
    let is_pub = rest.next_if(|token| is_word(token, "pub")).is_some();
    if is_pub {
        rest.next_if(|token| {
            matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis)
        });
    }
    is_pub
}

/// Takes the word that says what an item is, with the modifiers before it.
fn keyword(rest: &mut Tokens<'_>) -> Option<String> {
    const KINDS: [&str; 12] = [
        "use",
        "mod",
        "struct",
        "enum",
        "union",
        "trait",
        "type",
        "fn",
        "impl",
        "static",
        "macro_rules",
        "extern",
    ];
    const MODIFIERS: [&str; 5] = ["const", "unsafe", "async", "default", "safe"];
    loop {
        let word = ident(rest.peek()?)?.to_string();
        if KINDS.contains(&word.as_str()) {
            rest.next();
            if word == "extern" && matches!(rest.peek(), Some(TokenTree::Literal(_))) {
                rest.next();
                continue;
            }
            if word == "static" {
                rest.next_if(|token| is_word(token, "mut"));
            }
            return Some(word);
        }
        if !MODIFIERS.contains(&word.as_str()) {
            return None;
        }
        rest.next();
        let next = ident(rest.peek()?).map(ToString::to_string).unwrap_or_default();
        let goes_on = KINDS.contains(&next.as_str()) || MODIFIERS.contains(&next.as_str());
        if word == "const" && !goes_on {
            return Some(word);
        }
    }
}

/// The tree of a `use`; `None` for what isn't one, as in a macro's body.
fn read_tree(
    rest: &mut Tokens<'_>,
    prefix: &[String],
    line: usize,
    found: &mut Vec<Import>,
) -> Option<()> {
    let import = |path: Vec<String>, name: Option<String>, is_glob, line| Import {
        path,
        name,
        is_glob,
        is_exported: false,
        line,
    };
    let mut path = prefix.to_vec();
    let mut line = line;
    if prefix.is_empty() && take_colons(rest) {
        // `::name`: another crate.
        path.push(String::new());
    }
    loop {
        match rest.next()? {
            TokenTree::Ident(word) => {
                line = word.span().start().line;
                path.push(word.to_string());
                if take_colons(rest) {
                    continue;
                }
                if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
                    path.pop();
                }
                let name = if rest.next_if(|token| is_word(token, "as")).is_some() {
                    ident(rest.next()?)?.to_string()
                } else {
                    path.last()?.clone()
                };
                found.push(import(path, Some(name), false, line));
                return Some(());
            }
            TokenTree::Punct(star) if star.as_char() == '*' => {
                found.push(import(path, None, true, star.span().start().line));
                return Some(());
            }
            TokenTree::Group(group) => {
                let inner: Vec<_> = group.stream().into_iter().collect();
                let mut inner = inner.iter().peekable();
                while inner.peek().is_some() {
                    read_tree(&mut inner, &path, line, found)?;
                    inner.next_if(|token| is_punct(token, ','));
                }
                return Some(());
            }
            _ => return None,
        }
    }
}

/// The path that begins with this word.
fn path_from(first: &Ident, rest: &mut Tokens<'_>) -> Vec<String> {
    let mut path = vec![first.to_string()];
    loop {
        let mut ahead = rest.clone();
        if !take_colons(&mut ahead) {
            return path;
        }
        let Some(TokenTree::Ident(next)) = ahead.next() else { return path };
        path.push(next.to_string());
        *rest = ahead;
    }
}

fn take_colons(rest: &mut Tokens<'_>) -> bool {
    let mut ahead = rest.clone();
    let both = [ahead.next(), ahead.next()];
    let found = both.iter().all(|token| token.is_some_and(|token| is_punct(token, ':')));
    if found {
        *rest = ahead;
    }
    found
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn ident(token: &TokenTree) -> Option<&Ident> {
    match token {
        TokenTree::Ident(ident) => Some(ident),
        _ => None,
    }
}

fn line_of(token: &TokenTree) -> usize {
    token.span().start().line
}
