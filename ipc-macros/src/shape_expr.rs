//! The expressions for the shapes of the types that an item is made of.

mod expression;
mod own;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Generics, Ident, Type, WherePredicate, spanned::Spanned};

use crate::{
    integers::Integers,
    spans::{ends, hygienic, moved_to},
    type_syntax::{bare, is_name, is_primitive},
    type_text::written,
};

/// Makes the shapes of the types that one item is made of.
///
/// Each distinct type is a constant of its own. A type that mentions the item's generic parameters
/// can't be one, and stands where it is used.
pub(crate) struct Shapes<'a> {
    rt: &'a TokenStream,
    /// The type that is being defined. Inside of its definition, its name stands for itself.
    own: Option<Own<'a>>,
    /// What stands for each type parameter where nothing is known of it but its shape.
    arguments: Vec<(Ident, Ident)>,
    /// What is required besides of the types that the type parameters name.
    bounds: Vec<WherePredicate>,
    constants: Vec<Constant>,
    /// What is required of values.
    checks: TokenStream,
    site: ExprSite,
}

/// The type that is being defined.
pub(crate) struct Own<'a> {
    pub ident: &'a Ident,
    pub generics: &'a Generics,
}

struct Constant {
    /// The type and its conditions, as they are written.
    key: (String, String),
    name: Ident,
    item: TokenStream,
    ty: Type,
    cfgs: Vec<Attribute>,
    /// Whether each value must arrive as it was sent.
    faithful: bool,
}

/// Where an expression stands, and so what it may refer to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ExprSite {
    /// It is a constant, which may not ask for the type that is being defined.
    Constant,
    /// It is in a function, which the type's own constant doesn't look into.
    Function,
    /// It knows types by their tokens alone.
    Outline,
}

/// How a type is used.
#[derive(Clone, Copy, Default)]
pub(crate) struct Use<'a> {
    /// `#[ipc(recursive)]`: the type is looked at when the program runs, and not before.
    pub recursive: bool,
    /// `#[ipc(lossy)]`: a value may arrive as another.
    pub lossy: bool,
    pub cfgs: &'a [Attribute],
}

impl<'a> Shapes<'a> {
    pub(crate) fn new(rt: &'a TokenStream, own: Option<Own<'a>>) -> Self {
        let (checks, site) = (TokenStream::new(), ExprSite::Constant);
        let (arguments, bounds, constants) = (Vec::new(), Vec::new(), Vec::new());
        Self { rt, own, arguments, bounds, constants, checks, site }
    }

    /// Adds to what is required of the type parameters.
    pub(crate) fn with_bounds(mut self, bounds: Vec<WherePredicate>) -> Self {
        self.bounds = bounds;
        self
    }

    /// Says what stands for the type parameters from now on.
    pub(crate) fn with_arguments(&mut self, arguments: Vec<(Ident, Ident)>) {
        self.arguments = arguments;
    }

    /// An expression for the shape of a type: a `&'static Node`.
    pub(crate) fn of(&mut self, ty: &Type, how: Use<'_>) -> TokenStream {
        let rt = self.rt;
        let ty = &self.without_self(ty);
        if how.recursive {
            if !how.lossy {
                self.check_outline(ty);
            }
            self.site = ExprSite::Function;
            let inner = own_constants(self.expression(ty));
            self.site = ExprSite::Constant;
            return quote_spanned! {hygienic(ty.span())=>
                const { &#rt::Node::recursive(|| const { #inner }) }
            };
        }
        if self.mentions_parameters(ty) || is_primitive(bare(ty)) {
            return self.expression(ty);
        }
        self.constant(ty, how)
    }

    /// Requires that each value arrives as it was sent, as far as it is seen without looking into
    /// other types: those of a circle can't be asked in constants.
    pub(crate) fn check_outline(&mut self, ty: &Type) {
        // The parts of a generic type are written twice.
        if !self.arguments.is_empty() {
            return;
        }
        self.site = ExprSite::Outline;
        let outline = self.expression(ty);
        self.site = ExprSite::Constant;
        let check = at(ty, self.rt, "assert_faithful", &outline);
        self.checks.extend(quote!(const _: () = #check;));
    }

    /// Requires integers of 64 bits in one of these shapes, which `#[ipc(integer = "…")]` is about.
    pub(crate) fn require_integers(
        &mut self,
        asked: &Integers,
        shapes: &[TokenStream],
        how: Use<'_>,
    ) {
        let (check, cfgs) = (asked.check(self.rt, shapes), how.cfgs);
        self.checks.extend(quote!(#(#cfgs)* const _: () = #check;));
    }

    /// The shape of a type that isn't written itself: it has another name where nothing is known of
    /// it.
    pub(crate) fn of_projection(&mut self, ty: &Type, name: &str, how: Use<'_>) -> TokenStream {
        let rt = self.rt;
        let opaque = self.opaque(name, None);
        // As if it stood where the type does: an error about the type is the same as others there.
        let (first, last) = ends(ty);
        let moved = moved_to(first, rt);
        let probed = quote_spanned!(last=> ::Probe::<#ty>::PROBED);
        let value = quote!(#rt::known_or(#moved #probed, #opaque));
        self.constant_of(ty, how, &value)
    }

    fn constant(&mut self, ty: &Type, how: Use<'_>) -> TokenStream {
        let value = self.expression(ty);
        self.constant_of(ty, how, &value)
    }

    fn constant_of(&mut self, ty: &Type, how: Use<'_>, value: &TokenStream) -> TokenStream {
        let cfgs = how.cfgs;
        let key = (written(ty), written(quote!(#(#cfgs)*)));
        if let Some(known) = self.constants.iter_mut().find(|known| known.key == key) {
            if !how.lossy && !known.faithful {
                known.faithful = true;
                known.ty = ty.clone();
            }
            return known.name.to_token_stream();
        }
        let rt = self.rt;
        let name =
            format_ident!("__IPC_SHAPE_{}", self.constants.len(), span = hygienic(ty.span()));
        // All of it stands where the type does: rustc shows a circle of types there.
        let span = hygienic(ty.span());
        let moved = moved_to(span, rt);
        // A generic type's own constant has parts that are promoted, which can't read a static.
        let is_generic = self.own.as_ref().is_some_and(|own| !own.generics.params.is_empty());
        let kind =
            if is_generic { quote_spanned!(span=> const) } else { quote_spanned!(span=> static) };
        let item = quote_spanned!(span=> #(#cfgs)* #kind #name: &#moved::Node = #value;);
        self.constants.push(Constant {
            key,
            name: name.clone(),
            item,
            ty: ty.clone(),
            cfgs: cfgs.to_vec(),
            faithful: !how.lossy,
        });
        name.into_token_stream()
    }

    /// The constants that the expressions name, and what is required of them.
    pub(crate) fn constants(self) -> TokenStream {
        let (rt, checks) = (self.rt, &self.checks);
        let constants = self.constants.iter().map(|constant| {
            let Constant { name, item, ty, cfgs, faithful, .. } = constant;
            // Most types that aren't primitive are text, and a check of it would only cost time.
            let check = (*faithful && !is_name(ty, "String")).then(|| {
                let call = at(ty, rt, "assert_faithful", &quote!(#name));
                quote!(#(#cfgs)* const _: () = #call;)
            });
            quote!(#item #check)
        });
        quote!(#(#constants)* #checks)
    }
}

/// The tokens with a constant for each block that begins with `&`. A constant item's own expression
/// needs none: what is borrowed there is promoted. Functions promote no calls.
fn own_constants(tokens: TokenStream) -> TokenStream {
    let mut is_constant = false;
    let replaced = tokens.into_iter().flat_map(move |token| {
        let was_constant = is_constant;
        is_constant = matches!(&token, TokenTree::Ident(ident) if ident == "const");
        let TokenTree::Group(group) = token else { return token.to_token_stream() };
        let is_borrow = group.delimiter() == Delimiter::Brace
            && matches!(
                group.stream().into_iter().next(),
                Some(TokenTree::Punct(sign)) if sign.as_char() == '&'
            );
        let mut inner = Group::new(group.delimiter(), own_constants(group.stream()));
        inner.set_span(group.span());
        if is_borrow && !was_constant { quote!(const #inner) } else { inner.to_token_stream() }
    });
    replaced.collect()
}

/// A call of one of the runtime's functions, as if it stood where the type does: what it panics
/// with is shown there.
pub(crate) fn at(
    ty: &Type,
    rt: &TokenStream,
    function: &str,
    argument: &TokenStream,
) -> TokenStream {
    let (first, last) = ends(ty);
    let rt = moved_to(first, rt);
    let function = Ident::new(function, last);
    let separator = quote_spanned!(first=> ::);
    let arguments = quote_spanned!(last=> (#argument));
    quote!(#rt #separator #function #arguments)
}
