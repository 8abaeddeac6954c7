//! The expression for the shape of one type.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{GenericArgument, Ident, Type, TypePath, parse_quote, spanned::Spanned};

use super::{ExprSite, Shapes, own::mentions};
use crate::{
    spans::hygienic,
    type_syntax::{bare, is_name, is_primitive, last_arguments, last_generics},
    type_text::written,
};

impl Shapes<'_> {
    pub(super) fn expression(&self, ty: &Type) -> TokenStream {
        let rt = self.rt;
        match bare(ty) {
            // Borrowed and owned forms have the same shape.
            Type::Reference(reference) => self.expression(&reference.elem),
            // Nobody's type is one of these, and most types are.
            ty if is_primitive(ty) => {
                quote_spanned!(hygienic(ty.span())=> <#ty as #rt::IpcType>::NODE)
            }
            ty if self.site == ExprSite::Outline => self.structure(ty),
            ty if self.is_own(ty)
                && (self.site == ExprSite::Constant || !self.arguments.is_empty()) =>
            {
                if !self.arguments.is_empty() {
                    return self.own_instance(ty);
                }
                let recursion = self.recursion(ty);
                quote!(<#recursion as #rt::IpcType>::NODE)
            }
            ty => {
                if let Some(argument) = self.argument(ty) {
                    return quote!(<#argument as #rt::Argument>::ARGUMENT);
                }
                let written = self.structure(ty);
                let probed = self.without_own(ty);
                quote_spanned! {hygienic(ty.span())=>
                    #rt::known_or(#rt::Probe::<#probed>::PROBED, #written)
                }
            }
        }
    }

    /// The type that is being defined, for arguments of which nothing is known but their shapes.
    /// They may stand in another order: `Pair<B, A>` within `Pair<A, B>`.
    fn own_instance(&self, ty: &Type) -> TokenStream {
        let rt = self.rt;
        let mut items = TokenStream::new();
        match self.own_arguments(ty, &mut items) {
            Some(arguments) => quote! {
                {
                    #items
                    const {
                        &#rt::Node::recursive(|| <#ty as #rt::Generic<(#(#arguments,)*)>>::INSTANCE)
                    }
                }
            },
            None => self.by_text(ty),
        }
    }

    /// What stands for the type parameters where the type that is being defined is mentioned with
    /// its own parameters.
    fn own_arguments(&self, ty: &Type, items: &mut TokenStream) -> Option<Vec<TokenStream>> {
        let Type::Path(path) = ty else { return None };
        if last_arguments(path).next().is_none() {
            let all = self.arguments.iter().map(|(_, argument)| argument.to_token_stream());
            return Some(all.collect());
        }
        let written: Vec<_> = last_arguments(path)
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) if !self.is_constant(ty) => Some(ty),
                _ => None,
            })
            .collect();
        let parameters = self.own.as_ref()?.generics.type_params().enumerate();
        let arguments = parameters.map(|(at, parameter)| match written.get(at) {
            Some(ty) => Some(self.argument(bare(ty))?.to_token_stream()),
            None => self.stand_in(at, &parameter.default.as_ref()?.1, items),
        });
        arguments.collect()
    }

    /// The shape by the tokens, for types that no probe knows. Containers of std get the same one
    /// as from their `IpcType` implementations, so that it makes no difference at which level a
    /// type that isn't `IpcType` stops the probe.
    fn structure(&self, ty: &Type) -> TokenStream {
        let rt = self.rt;
        let node = |kind: &str, parts: &[&Type]| {
            let kind = format_ident!("{kind}");
            let parts = parts.iter().map(|part| self.expression(part));
            quote! {
                {
                    &#rt::Node::container(
                        #rt::NodeKind::#kind,
                        { &[#(#rt::Member::part(#parts)),*] },
                    )
                }
            }
        };
        match ty {
            Type::Slice(slice) => node("Sequence", &[&slice.elem]),
            // Its length may be a parameter, which has no meaning beside the type.
            Type::Array(array) if self.site == ExprSite::Outline => {
                node("Sequence", &[&array.elem])
            }
            Type::Array(array) => {
                let (item, len) = (self.expression(&array.elem), &array.len);
                quote!({ &#rt::Node::array({ &[#rt::Member::part(#item)] }, #len) })
            }
            Type::Tuple(tuple) if tuple.elems.is_empty() => node("Unit", &[]),
            Type::Tuple(tuple) => node("Tuple", &tuple.elems.iter().collect::<Vec<_>>()),
            Type::Path(path) if path.qself.is_none() => {
                let Some((name, generics)) = last_generics(path) else { return self.by_text(ty) };
                let name = name.to_string();
                match (name.as_str(), generics.as_slice()) {
                    ("Box" | "Rc" | "Arc" | "Cow", [inner]) => self.expression(inner),
                    ("Vec" | "VecDeque" | "LinkedList" | "BinaryHeap", [item]) => {
                        node("Sequence", &[item])
                    }
                    ("HashSet" | "BTreeSet", [item, ..]) => node("Set", &[item]),
                    ("HashMap" | "BTreeMap", [key, value, ..]) => node("Map", &[key, value]),
                    ("Option", [item]) => node("Option", &[item]),
                    ("Result", [value, error]) => {
                        let (value, error) = (self.expression(value), self.expression(error));
                        quote!({ &#rt::result({ &#rt::variants(#value, #error) }) })
                    }
                    ("String", []) => self.opaque(&name, None),
                    _ if self.site == ExprSite::Outline => self.opaque(&name, None),
                    _ => self.foreign(ty, &name, path),
                }
            }
            _ => self.by_text(ty),
        }
    }

    /// A type that no probe knows: a generic one for arguments of which nothing is known but their
    /// shapes, or else one of another crate.
    fn foreign(&self, ty: &Type, name: &str, path: &TypePath) -> TokenStream {
        let rt = self.rt;
        let probed = self.without_own(ty);
        let mut items = TokenStream::new();
        // Those that stand for the types among the arguments, if all have one.
        let mut stand_ins = Some(Vec::new());
        let mut parts = Vec::new();
        for argument in last_arguments(path) {
            let part = match argument {
                GenericArgument::Const(value) => self.value(value),
                GenericArgument::Type(ty) if self.is_constant(ty) => self.value(ty),
                GenericArgument::Type(ty) => {
                    let stand_in = self.stand_in(parts.len(), ty, &mut items);
                    let shape = match &stand_in {
                        Some(stand_in) => quote!(<#stand_in as #rt::Argument>::ARGUMENT),
                        None => self.expression(ty),
                    };
                    stand_ins = stand_ins.zip(stand_in).map(|(mut all, one)| {
                        all.push(one);
                        all
                    });
                    shape
                }
                // A lifetime.
                _ => continue,
            };
            parts.push(part);
        }
        let foreign = quote! {
            {
                &#rt::Node::foreign(
                    #name,
                    {
                        &[
                            #(#rt::Member::part(#parts),)*
                            #rt::format(#rt::FormatProbe::<#probed>::FORMAT_PROBED),
                        ]
                    },
                )
            }
        };
        match stand_ins {
            Some(arguments) if !arguments.is_empty() => quote! {{
                #items
                #rt::instance_or(
                    #rt::GenericProbe::<#probed, (#(#arguments,)*)>::INSTANCE_PROBED,
                    #name,
                    #foreign,
                )
            }},
            _ => quote!({ #items #foreign }),
        }
    }

    /// A constant among generic arguments: an integer, a `bool` or a `char`.
    fn value(&self, value: &impl ToTokens) -> TokenStream {
        let rt = self.rt;
        quote!({ &#rt::Node::constant(#value as ::core::primitive::i128) })
    }

    /// Whether a generic argument is a constant among the parameters. By its syntax it may be a
    /// type, as any other name may: the app writes constants of its own in braces.
    fn is_constant(&self, ty: &Type) -> bool {
        let Some(own) = &self.own else { return false };
        own.generics.const_params().any(|constant| is_name(ty, &constant.ident.to_string()))
    }

    /// A type that stands for a generic argument by its shape. What it needs is added to `items`.
    /// None for an argument that names the type which is being defined.
    fn stand_in(&self, at: usize, argument: &Type, items: &mut TokenStream) -> Option<TokenStream> {
        let rt = self.rt;
        if let Some(argument) = self.argument(bare(argument)) {
            return Some(argument.to_token_stream());
        }
        let name = format_ident!("__Argument{at}", span = Span::mixed_site());
        let shape = self.expression(argument);
        if !self.mentions_parameters(argument) {
            items.extend(quote! {
                enum #name {}
                impl #rt::Argument for #name {
                    const ARGUMENT: &'static #rt::Node = #shape;
                }
            });
            return Some(name.into_token_stream());
        }
        let own = self.own.as_ref()?;
        if mentions(argument.to_token_stream(), &["Self".to_owned(), own.ident.to_string()]) {
            return None;
        }
        // An item in here can't use the parameters outside of it, so it has the same ones.
        let mut generics = own.generics.clone();
        for parameter in generics.type_params_mut() {
            if self.arguments.is_empty() {
                parameter.bounds.push(parse_quote!(#rt::IpcType));
            }
        }
        if self.arguments.is_empty() && !self.bounds.is_empty() {
            generics.make_where_clause().predicates.extend(self.bounds.iter().cloned());
        }
        for (_, argument) in &self.arguments {
            generics.params.push(parse_quote!(#argument: #rt::Argument));
        }
        let types = generics.type_params().map(|parameter| &parameter.ident);
        let held = quote!(#(::core::marker::PhantomData<#types>),*);
        let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
        items.extend(quote! {
            struct #name #impl_generics (#held) #where_clause;
            impl #impl_generics #rt::Argument for #name #type_generics #where_clause {
                const ARGUMENT: &'static #rt::Node = #shape;
            }
        });
        Some(quote!(#name #type_generics))
    }

    fn by_text(&self, ty: &Type) -> TokenStream {
        self.opaque(&written(ty), None)
    }

    /// The shape of a type that functions of the user's write or read.
    pub(crate) fn opaque(&self, name: &str, with: Option<&str>) -> TokenStream {
        let rt = self.rt;
        match with {
            Some(functions) => quote! {
                {
                    &#rt::Node::foreign(
                        #name,
                        {
                            &[
                                #rt::with(#functions),
                                #rt::format(#rt::format_of_functions(#functions)),
                            ]
                        },
                    )
                }
            },
            None => quote!({ &#rt::Node::foreign(#name, &[]) }),
        }
    }

    fn argument(&self, ty: &Type) -> Option<&Ident> {
        let Type::Path(path) = ty else { return None };
        let name = path.path.get_ident().filter(|_| path.qself.is_none())?;
        let found = self.arguments.iter().find(|(parameter, _)| parameter == name)?;
        Some(&found.1)
    }
}
