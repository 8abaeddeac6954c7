//! The constant description of the interface.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Type, ext::IdentExt};

use super::{
    names::{Names, ours},
    wire_type::projection,
};
use crate::{
    docs,
    integers::Integers,
    model::{Argument, Compat, Interface, Items, Method, Output, Passing},
    shape_expr::{Shapes, Use, at},
    type_syntax::{bare, last_generics},
    type_text::written,
};

/// Describes the methods, the interface and the shapes of the types that they use.
pub(super) fn expand(interface: &Interface, names: &Names) -> TokenStream {
    let rt = &names.rt;
    let Interface { channel, version, methods, .. } = interface;
    let name = interface.ident.unraw().to_string();
    let compat = match interface.compat {
        Compat::Semver => quote!(#rt::Compat::Semver),
        Compat::Exact => quote!(#rt::Compat::Exact),
    };
    let variants = methods.iter().map(|method| {
        let (cfgs, ident) = (&method.attributes.cfgs, ours(&method.ident));
        quote!(#(#cfgs)* #ident,)
    });
    let mut description = Description { rt, channel, shapes: Shapes::new(rt, None) };
    let infos: Vec<_> = methods.iter().map(|method| description.method(method)).collect();
    let constants = description.shapes.constants();
    let no_results = methods.iter().map(|method| no_result(method, rt));
    let docs = docs::of(&interface.attributes.written, rt);
    quote_spanned! {Span::mixed_site()=>
        #[allow(unused_imports)]
        use #rt::{
            FormatProbeFallback as _, GenericProbeFallback as _, ProbeFallback as _,
            ResultProbeFallback as _,
        };

        #constants
        #(#no_results)*

        #[allow(non_camel_case_types, dead_code, clippy::all)]
        enum __Index {
            #(#variants)*
            __End,
        }

        static __METHODS: [#rt::MethodInfo; __Index::__End as ::core::primitive::usize] =
            [#(#infos),*];

        static __INTERFACE: #rt::InterfaceInfo = #rt::InterfaceInfo::new(
            #name, #channel, #version, #compat, &__METHODS, __origin, #docs,
        );

        fn __origin() -> (&'static #rt::InterfaceInfo, &'static #rt::InterfaceCache) {
            static __CACHE: #rt::InterfaceCache = #rt::InterfaceCache::new();
            (&__INTERFACE, &__CACHE)
        }
    }
}

struct Description<'a> {
    rt: &'a TokenStream,
    channel: &'a str,
    shapes: Shapes<'a>,
}

impl Description<'_> {
    fn method(&mut self, method: &Method) -> TokenStream {
        let rt = self.rt;
        let name = &method.wire_name;
        let full_name = format!("{}.{name}", self.channel);
        let signature = signature(method);
        let cfgs = &method.attributes.cfgs;
        let kind = method.kind.constant(rt);
        let arguments: Vec<_> =
            method.sent().map(|argument| self.argument(argument, method)).collect();
        let output = self.output(method);
        let options = method.options.constant(self.channel, rt);
        let docs = docs::of(&method.attributes.written, rt);
        quote! {
            #(#cfgs)*
            #rt::MethodInfo::new(
                #full_name,
                #name,
                #kind,
                #signature,
                const { &[#(#arguments),*] },
                #output,
                #options,
                #docs,
            )
        }
    }

    fn argument(&mut self, argument: &Argument, method: &Method) -> TokenStream {
        let rt = self.rt;
        let how =
            Use { lossy: argument.is_lossy(), cfgs: &method.attributes.cfgs, ..Use::default() };
        let (ty, streamed) = match &argument.passing {
            Passing::Stream(item) => (item, true),
            _ => (&argument.ty, false),
        };
        let name = &argument.wire_name;
        let shape = match argument.looks_like() {
            Some(ty) => self.shapes.of(&ty, Use { lossy: true, ..how }),
            None => self.shapes.of(ty, how),
        };
        let integers = self.integers(argument.integers(), std::slice::from_ref(&shape), how);
        quote!(#rt::ArgumentInfo::new(#name, #shape, #streamed) #integers)
    }

    /// What comes back: a constant of the runtime's `OutputInfo`.
    fn output(&mut self, method: &Method) -> TokenStream {
        let rt = self.rt;
        let how =
            Use { lossy: method.options.lossy, cfgs: &method.attributes.cfgs, ..Use::default() };
        let ((value, error), (item, item_error)) = match &method.output {
            Output::Stream(Items { item, error, .. }) => {
                let error = error.as_ref().map(|error| self.shapes.of(error, how));
                ((None, error), self.value_and_error(&item.output, how))
            }
            output => (self.value_and_error(output, how), (None, None)),
        };
        let value = value
            .unwrap_or_else(|| quote!(const { &#rt::Node::container(#rt::NodeKind::Unit, &[]) }));
        let progress = method.progress().map(|progress| self.shapes.of(progress, how));
        let all: Vec<_> = [Some(&value), error.as_ref(), item.as_ref(), item_error.as_ref()]
            .into_iter()
            .chain([progress.as_ref()])
            .flatten()
            .cloned()
            .collect();
        let integers = self.integers(method.options.integers.clone(), &all, how);
        let optional = [error, item, item_error, progress].map(|shape| match shape {
            Some(shape) => quote!(::core::option::Option::Some(#shape)),
            None => quote!(::core::option::Option::None),
        });
        quote!(#rt::OutputInfo::new(#value, #(#optional),*) #integers)
    }

    /// What is asked of integers in one of these shapes, as a call on the description.
    fn integers(
        &mut self,
        asked: Option<Integers>,
        shapes: &[TokenStream],
        how: Use<'_>,
    ) -> Option<TokenStream> {
        let asked = asked?;
        self.shapes.require_integers(&asked, shapes, how);
        let constant = asked.constant(self.rt);
        Some(quote!(.with_integers(#constant)))
    }

    fn value_and_error(
        &mut self,
        output: &Output,
        how: Use<'_>,
    ) -> (Option<TokenStream>, Option<TokenStream>) {
        let rt = self.rt;
        match output {
            Output::Unit | Output::Stream(_) => (None, None),
            Output::Plain(ty) => (Some(self.shapes.of(ty, how)), None),
            Output::Result { value, error, .. } => {
                (Some(self.shapes.of(value, how)), Some(self.shapes.of(error, how)))
            }
            Output::Alias(alias) => {
                let of = quote!(#rt::Fallible);
                let value = Type::Verbatim(projection(alias, alias, &of, "Value"));
                let error = Type::Verbatim(projection(alias, alias, &of, "Error"));
                let generics = match bare(alias) {
                    Type::Path(path) => last_generics(path).map(|(_, generics)| generics),
                    _ => None,
                };
                let name = match generics.unwrap_or_default().first() {
                    Some(first) => written(first),
                    None => format!("value of {}", written(alias)),
                };
                let value = self.shapes.of_projection(&value, &name, how);
                let name = format!("error of {}", written(alias));
                (Some(value), Some(self.shapes.of_projection(&error, &name, how)))
            }
        }
    }
}

/// Refuses a result that is a `Result` under another name: its error would be a value.
fn no_result(method: &Method, rt: &TokenStream) -> TokenStream {
    let output = match &method.output {
        Output::Stream(Items { item, .. }) => &item.output,
        output => output,
    };
    let Output::Plain(ty) = output else { return TokenStream::new() };
    if !matches!(bare(ty), Type::Path(_)) {
        return TokenStream::new();
    }
    let cfgs = &method.attributes.cfgs;
    let call = at(ty, rt, "assert_no_result", &quote!(#rt::ResultProbe::<#ty>::RESULT_PROBED));
    quote!(#(#cfgs)* const _: () = #call;)
}

/// `list(dir: &str) -> Result<Vec<FileInfo>, FileError>`, for people who compare two versions.
///
/// It has the names on the wire, so that two signatures differ where their fingerprints do.
fn signature(method: &Method) -> String {
    let prefix = method.kind.prefix();
    let arguments: Vec<_> = method
        .sent()
        .map(|argument| format!("{}: {}", argument.wire_name, written(&argument.ty)))
        .collect();
    let result = match &method.output {
        Output::Unit => String::new(),
        Output::Plain(ty) | Output::Result { whole: ty, .. } | Output::Alias(ty) => {
            format!(" -> {}", written(ty))
        }
        Output::Stream(items) => format!(" -> {}", written(&items.whole)),
    };
    format!("{prefix}{}({}){result}", method.wire_name, arguments.join(", "))
}
