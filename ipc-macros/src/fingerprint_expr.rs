//! Turns a written type into the expression that computes its fingerprint.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{GenericArgument, Ident, PathArguments, Type, spanned::Spanned};

use crate::{
    type_syntax::{bare, last_generics},
    type_text::written,
};

/// Makes the fingerprint expressions for the types of one item.
pub(crate) struct Fold<'a> {
    /// The runtime's private module.
    pub rt: &'a TokenStream,
    /// The type that is being defined. Inside of its definition, its name stands for itself.
    pub own_name: Option<&'a Ident>,
    /// Whether to use probes, or only the tokens.
    pub probing: bool,
}

impl Fold<'_> {
    /// An expression of type `u64`: what a probe knows about the type, or else what its tokens say.
    pub(crate) fn expression(&self, ty: &Type) -> TokenStream {
        let rt = self.rt;
        match bare(ty) {
            // Borrowed and owned forms have the same fingerprint.
            Type::Reference(reference) => self.expression(&reference.elem),
            ty if self.is_own(ty) => {
                quote!(#rt::fingerprint::text("recursion"))
            }
            ty if !self.probing => self.structure(ty),
            ty => {
                let structure = self.structure(ty);
                let probed = self.without_own(ty);
                quote_spanned! {ty.span()=>
                    #rt::fingerprint::known_or(#rt::Probe::<#probed>::PROBED, #structure)
                }
            }
        }
    }

    /// The fingerprint by the tokens, for types that no probe knows. Containers of std get the same
    /// one as from their `IpcType` implementations, so that it makes no difference at which level a
    /// type that isn't `IpcType` stops the probe.
    fn structure(&self, ty: &Type) -> TokenStream {
        let rt = self.rt;
        let node = |tag: &str, parts: &[&Type]| {
            let parts = parts.iter().map(|part| self.expression(part));
            quote!(#rt::fingerprint::ordered(#tag, &[#(#parts),*]))
        };
        match ty {
            Type::Slice(slice) => node("seq", &[&slice.elem]),
            Type::Array(array) => {
                let (item, len) = (self.expression(&array.elem), &array.len);
                quote!(#rt::fingerprint::ordered("array", &[#item, (#len) as ::core::primitive::u64]))
            }
            Type::Tuple(tuple) if tuple.elems.is_empty() => quote!(#rt::fingerprint::text("unit")),
            Type::Tuple(tuple) => node("tuple", &tuple.elems.iter().collect::<Vec<_>>()),
            Type::Path(path) if path.qself.is_none() => {
                let Some((name, generics)) = last_generics(path) else { return self.by_text(ty) };
                let name = name.to_string();
                match (name.as_str(), generics.as_slice()) {
                    ("Box" | "Rc" | "Arc" | "Cow", [inner]) => self.expression(inner),
                    ("Vec" | "VecDeque" | "LinkedList" | "BinaryHeap", [item]) => {
                        node("seq", &[item])
                    }
                    ("HashSet" | "BTreeSet", [item, ..]) => node("set", &[item]),
                    ("HashMap" | "BTreeMap", [key, value, ..]) => node("map", &[key, value]),
                    ("Option", [item]) => node("option", &[item]),
                    ("Result", [value, error]) => node("result", &[value, error]),
                    (name, generics) => {
                        let generics = generics.iter().map(|generic| self.expression(generic));
                        quote!(#rt::fingerprint::foreign(#name, &[#(#generics),*]))
                    }
                }
            }
            _ => self.by_text(ty),
        }
    }

    fn by_text(&self, ty: &Type) -> TokenStream {
        let (rt, text) = (self.rt, written(ty));
        quote!(#rt::fingerprint::foreign(#text, &[]))
    }

    /// Adds the types that a written type consists of, including itself, so that they are
    /// described.
    pub(crate) fn parts(&self, ty: &Type, parts: &mut Vec<Type>) {
        let ty = bare(ty);
        match ty {
            Type::Reference(reference) => return self.parts(&reference.elem, parts),
            Type::Slice(slice) => return self.parts(&slice.elem, parts),
            Type::Array(array) => return self.parts(&array.elem, parts),
            Type::Tuple(tuple) => {
                return tuple.elems.iter().for_each(|part| self.parts(part, parts));
            }
            _ if self.is_own(ty) => return,
            Type::Path(path) => {
                for generic in last_generics(path).map(|(_, generics)| generics).unwrap_or_default()
                {
                    self.parts(&generic, parts);
                }
            }
            _ => {}
        }
        parts.push(self.without_own(ty));
    }

    fn is_own(&self, ty: &Type) -> bool {
        let Type::Path(path) = ty else { return false };
        let Some(own) = self.own_name else { return false };
        path.qself.is_none()
            && path.path.get_ident().map_or_else(
                || path.path.segments.len() == 1 && path.path.segments[0].ident == *own,
                |name| name == own || name == "Self",
            )
    }

    /// The type with a stand-in for each mention of the type that is being defined: a constant that
    /// asks for itself would never end.
    fn without_own(&self, ty: &Type) -> Type {
        let Some(own) = self.own_name else { return ty.clone() };
        if self.is_own(ty) {
            let rt = self.rt;
            return Type::Verbatim(quote_spanned!(own.span()=> #rt::fingerprint::Recursion));
        }
        let mut ty = ty.clone();
        match &mut ty {
            Type::Paren(inner) => *inner.elem = self.without_own(&inner.elem),
            Type::Group(inner) => *inner.elem = self.without_own(&inner.elem),
            Type::Reference(inner) => *inner.elem = self.without_own(&inner.elem),
            Type::Slice(inner) => *inner.elem = self.without_own(&inner.elem),
            Type::Array(inner) => *inner.elem = self.without_own(&inner.elem),
            Type::Tuple(tuple) => {
                for part in &mut tuple.elems {
                    *part = self.without_own(part);
                }
            }
            Type::Path(path) => {
                for segment in &mut path.path.segments {
                    let PathArguments::AngleBracketed(generics) = &mut segment.arguments else {
                        continue;
                    };
                    for generic in &mut generics.args {
                        if let GenericArgument::Type(generic) = generic {
                            *generic = self.without_own(generic);
                        }
                    }
                }
            }
            _ => {}
        }
        ty
    }
}
