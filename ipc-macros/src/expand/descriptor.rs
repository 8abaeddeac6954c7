//! The constant description of the interface.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Type, ext::IdentExt};

use super::names::{Names, ours};
use crate::{
    fingerprint_expr::Fold,
    model::{Argument, Compat, Interface, Items, Method, Output, Passing},
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
    let infos = methods.iter().map(|method| info(method, channel, rt));
    let describe = describe(methods, rt);
    quote_spanned! {Span::mixed_site()=>
        #[allow(unused_imports)]
        use #rt::ProbeFallback as _;

        #[allow(non_camel_case_types, dead_code, clippy::all)]
        enum __Index {
            #(#variants)*
            __End,
        }

        static __METHODS: [#rt::MethodInfo; __Index::__End as ::core::primitive::usize] =
            [#(#infos),*];

        static __INTERFACE: #rt::InterfaceInfo = #rt::InterfaceInfo::new(
            #name, #channel, #version, #compat, &__METHODS, __describe,
        );

        #[allow(unused_variables)]
        fn __describe(__ipc_shapes: &mut #rt::TypeShapes) {
            #describe
        }
    }
}

fn info(method: &Method, channel: &str, rt: &TokenStream) -> TokenStream {
    let fold = Fold { rt, own_name: None, probing: true };
    let name = &method.wire_name;
    let full_name = format!("{channel}.{name}");
    let signature = signature(method);
    let cfgs = &method.attributes.cfgs;
    let kind = method.kind.constant(rt);
    let (wire_names, types): (Vec<_>, Vec<_>) =
        method.sent().map(|argument| (&argument.wire_name, folded(argument, &fold))).unzip();
    let result = match &method.output {
        Output::Unit => quote!(#rt::fingerprint::text("unit")),
        Output::Plain(ty) | Output::Result { whole: ty, .. } | Output::Alias(ty) => {
            fold.expression(ty)
        }
        Output::Stream(Items { item, error, .. }) => {
            let item = fold.expression(&item.ty);
            let stream = quote!(#rt::fingerprint::ordered("stream", &[#item]));
            match error {
                Some(error) => {
                    let error = fold.expression(error);
                    quote!(#rt::fingerprint::ordered("result", &[#stream, #error]))
                }
                None => stream,
            }
        }
    };
    let result = match method.progress() {
        Some(progress) => {
            let progress = fold.expression(progress);
            quote!(#rt::fingerprint::ordered("progress", &[#result, #progress]))
        }
        None => result,
    };
    let options = method.options.constant(rt);
    quote! {
        #(#cfgs)*
        #rt::MethodInfo::new(
            #full_name,
            #name,
            #kind,
            #signature,
            #rt::fingerprint::method(#kind, #name, &[#((#wire_names, #types)),*], #result),
            &[#(#rt::ArgumentInfo::new(#wire_names)),*],
            #options,
        )
    }
}

/// The fingerprint of an argument's type. A stream counts by its name and its items, because its
/// own type doesn't travel.
fn folded(argument: &Argument, fold: &Fold) -> TokenStream {
    match &argument.passing {
        Passing::Stream(item) => {
            let (rt, item) = (fold.rt, fold.expression(item));
            quote!(#rt::fingerprint::foreign("Streaming", &[#item]))
        }
        _ => fold.expression(&argument.ty),
    }
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

/// Statements that describe each type in the signatures once.
fn describe(methods: &[Method], rt: &TokenStream) -> TokenStream {
    let fold = Fold { rt, own_name: None, probing: true };
    let mut seen = Vec::new();
    let mut statements = TokenStream::new();
    for method in methods {
        let mut parts: Vec<Type> = Vec::new();
        for argument in method.sent() {
            match &argument.passing {
                Passing::Stream(item) => fold.parts(item, &mut parts),
                _ => fold.parts(&argument.ty, &mut parts),
            }
        }
        match &method.output {
            Output::Unit => {}
            Output::Plain(ty) | Output::Result { whole: ty, .. } | Output::Alias(ty) => {
                fold.parts(ty, &mut parts);
            }
            Output::Stream(Items { item, error, .. }) => {
                fold.parts(&item.ty, &mut parts);
                error.iter().for_each(|error| fold.parts(error, &mut parts));
            }
        }
        method.progress().into_iter().for_each(|progress| fold.parts(progress, &mut parts));
        let cfgs = &method.attributes.cfgs;
        for part in parts {
            let key = (written(&part), written(quote!(#(#cfgs)*)));
            if !seen.contains(&key) {
                statements.extend(quote_spanned! {Span::mixed_site()=>
                    #(#cfgs)*
                    #rt::Probe::<#part>::describe_probed(__ipc_shapes);
                });
                seen.push(key);
            }
        }
    }
    statements
}
