//! The derive of a type's shape. Serde's own parser reads serde's attributes: a reading of our own
//! could differ from what serde does.

mod content;
mod refusals;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use serde_derive_internals::{Ctxt, Derive, ast::Container};
use syn::{
    DeriveInput, Generics, Ident, LitStr, Meta, Path, Type, WherePredicate, ext::IdentExt,
    parse_quote,
};

use self::content::Contents;
use crate::{
    attribute::{self, sites::NAMED_TYPE},
    docs,
    errors::Errors,
    ipc_type::{fallback, fields::FieldOptions},
    model::Runtime,
    shape_expr::{Own, Shapes},
    spans::hygienic,
    type_syntax::for_each_type,
};

/// Returns the impl of `IpcType`.
pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    let runtime = runtime(input);
    let rt = &runtime.private();
    let context = Ctxt::new();
    // The name of serde's private module, which only derives of serde name.
    let private = Ident::new("__private", Span::mixed_site());
    let container = Container::from_ast(&context, input, Derive::Deserialize, &private);
    // Serde's derives report the same, and rustc shows it once; unless they are of a release that
    // knows more attributes than the parser does.
    if let Err(error) = context.check() {
        let fallback = fallback::unknown(&input.ident, &input.generics, rt);
        let error = error.into_compile_error();
        return quote!(#error #fallback);
    }
    let Some(container) = container else {
        return fallback::unknown(&input.ident, &input.generics, rt);
    };
    let mut errors = Errors::default();
    refusals::check(&container, &mut errors);
    if let Err(error) = errors.finish() {
        let fallback = fallback::unknown(&input.ident, &input.generics, rt);
        let error = error.into_compile_error();
        return quote!(#error #fallback);
    }
    implementation(input, &container, rt)
}

/// The path of the runtime, which `#[ipc_type]` hands on.
fn runtime(input: &DeriveInput) -> Runtime {
    let mut path = None;
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("ipc")) {
        let Meta::List(list) = &attribute.meta else { continue };
        // It was checked by `#[ipc_type]`.
        let _ = list.parse_nested_meta(|part| {
            let text: LitStr = part.value()?.parse()?;
            if part.path.is_ident("crate") {
                path = text.parse_with(Path::parse_mod_style).ok();
            }
            Ok(())
        });
    }
    Runtime(path)
}

/// The name in TypeScript, by `#[ipc(ts = "…")]`, which was checked before.
fn typescript_name(input: &DeriveInput) -> Option<LitStr> {
    let mut untold = Errors::default();
    let given = attribute::take_ipc(&mut input.attrs.clone(), &NAMED_TYPE, &mut untold);
    given.into_iter().find(|argument| argument.name == "ts")?.value
}

fn implementation(input: &DeriveInput, container: &Container<'_>, rt: &TokenStream) -> TokenStream {
    let DeriveInput { ident, generics, .. } = input;
    let name = ident.unraw().to_string();
    let bounds = projections(container, generics);
    let bounds: Vec<WherePredicate> =
        bounds.iter().map(|projection| parse_quote!(#projection: #rt::IpcType)).collect();
    let mut shapes = Shapes::new(rt, Some(Own { ident, generics })).with_bounds(bounds.clone());
    let mut contents = Contents { rt, shapes: &mut shapes };
    let shape = contents.container(container);

    let types: Vec<_> = generics.type_params().map(|parameter| &parameter.ident).collect();
    let constants: Vec<_> = generics.const_params().map(|parameter| &parameter.ident).collect();
    let docs = docs::of_type(&input.attrs, typescript_name(input), rt);
    let flags = contents.container_flags(container);
    let named = |arguments: TokenStream, shape: TokenStream| {
        quote! {
            #rt::Node::named(#name, {
                &[
                    #rt::Member::new(::core::module_path!(), #flags, #shape, #docs),
                    #arguments
                    #(#rt::Member::part(
                        { &#rt::Node::constant(#constants as ::core::primitive::i128) }
                    ),)*
                ]
            })
        }
    };
    let known = named(quote!(#(#rt::Member::part({ &#rt::Node::link::<#types>() }),)*), shape);
    // A static for each type that isn't generic: constants that point to each other would make the
    // compiler's work exponential.
    let (item, constant) = if generics.params.is_empty() {
        (quote!(static __SHAPE: #rt::Node = #known.as_static();), quote!(&__SHAPE))
    } else {
        (TokenStream::new(), quote!({ &#known }))
    };

    let mut bounded = generics.clone();
    for parameter in bounded.type_params_mut() {
        parameter.bounds.push(parse_quote!(#rt::IpcType));
    }
    if !bounds.is_empty() {
        bounded.make_where_clause().predicates.extend(bounds);
    }
    let (impl_generics, type_generics, where_clause) = bounded.split_for_impl();
    let generic = (!types.is_empty()).then(|| {
        let arguments: Vec<_> = (0..types.len())
            .map(|at| format_ident!("__A{at}", span = Span::mixed_site()))
            .collect();
        let pairs = types.iter().map(|one| (*one).clone()).zip(arguments.clone());
        shapes.with_arguments(pairs.collect());
        let shape = Contents { rt, shapes: &mut shapes }.container(container);
        let instance =
            named(quote!(#(#rt::Member::part(<#arguments as #rt::Argument>::ARGUMENT),)*), shape);
        let mut generics = generics.clone();
        for argument in &arguments {
            generics.params.push(parse_quote!(#argument: #rt::Argument));
        }
        let (impl_generics, _, _) = generics.split_for_impl();
        quote! {
            #[automatically_derived]
            impl #impl_generics #rt::Generic<(#(#arguments,)*)> for #ident #type_generics
            #where_clause
            {
                const NAME: &'static ::core::primitive::str = #name;
                const INSTANCE: &'static #rt::Node = { &#instance };
            }
        }
    });
    let constants = shapes.constants();
    // With the span of the type's name, not of the attribute: that is where rustc reports a cycle.
    quote_spanned! {hygienic(ident.span())=>
        #[allow(
            deprecated,
            non_upper_case_globals,
            unused_imports,
            unused_qualifications,
            clippy::all
        )]
        const _: () = {
            use #rt::{FormatProbeFallback as _, GenericProbeFallback as _, ProbeFallback as _};

            #constants
            #item

            #[automatically_derived]
            impl #impl_generics #rt::IpcType for #ident #type_generics #where_clause {
                const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive:
                    &'static #rt::Node = #constant;
            }

            #generic
        };
    }
}

/// The types of fields that are named by a type parameter, as `T::Item`: only a bound says what
/// they look like. Serde's derives have the same bounds.
fn projections(container: &Container<'_>, generics: &Generics) -> Vec<Type> {
    let mut found: Vec<Type> = Vec::new();
    let parameters: Vec<_> = generics.type_params().map(|parameter| &parameter.ident).collect();
    let is_one = |ty: &Type| {
        let Type::Path(path) = ty else { return false };
        let of_parameter = path.path.segments.len() > 1
            && path.path.segments.first().is_some_and(|first| parameters.contains(&&first.ident));
        let qualified = path.qself.as_ref().is_some_and(|qualified| {
            let Type::Path(of) = &*qualified.ty else { return false };
            of.path.get_ident().is_some_and(|ident| parameters.contains(&ident))
        });
        of_parameter || qualified
    };
    for field in container.data.all_fields() {
        let attrs = &field.attrs;
        let is_written = !(attrs.skip_serializing() && attrs.skip_deserializing())
            && attrs.serialize_with().is_none();
        if is_written && FieldOptions::read(&field.original.attrs).looks_like.is_none() {
            for_each_type(field.ty, &mut |ty| {
                if is_one(ty) {
                    found.push(ty.clone());
                }
            });
        }
    }
    found
}
