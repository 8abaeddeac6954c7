//! An interface as the macro understands it.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{
    Attribute, Ident, LitStr, Path, Receiver, Token, Type, TypeArray, Visibility,
    token::{Brace, Paren},
};

use crate::{
    array_type,
    attribute::argument::AttributeArgument,
    errors::Errors,
    integers::Integers,
    method_options::{MethodKind, MethodOptions, Mode},
};

/// A trait with `#[ipc_interface]`.
pub(crate) struct Interface {
    pub runtime: Runtime,
    pub attributes: Attributes,
    pub visibility: Visibility,
    pub trait_token: Token![trait],
    pub brace_token: Brace,
    pub ident: Ident,
    pub channel: String,
    pub version: String,
    pub compat: Compat,
    /// The file in which the releases are written down, beside `Cargo.toml`.
    pub lock: Option<LitStr>,
    /// Names for the generated types, instead of `FooClient` and `FooHandler`.
    pub client: Option<Ident>,
    pub handler: Option<Ident>,
    /// Environment variables that the attribute's arguments were made from. If one of them changes,
    /// the crate is compiled again.
    pub variables: Vec<LitStr>,
    pub methods: Vec<Method>,
}

/// One method of an interface.
pub(crate) struct Method {
    pub attributes: Attributes,
    pub fn_token: Token![fn],
    pub ident: Ident,
    pub paren_token: Paren,
    /// None if it is missing, which `check` reports.
    pub receiver: Option<Receiver>,
    pub semi_token: Token![;],
    pub wire_name: String,
    /// Where `wire_name` was written: the name in `#[ipc(name = "…")]`, or else the method's.
    pub wire_span: Span,
    pub options: MethodOptions,
    pub kind: MethodKind,
    pub mode: Mode,
    pub arguments: Vec<Argument>,
    pub output: Output,
}

/// One argument. The context is one too.
pub(crate) struct Argument {
    /// All attributes except `#[ipc(…)]`.
    pub attributes: Vec<Attribute>,
    pub ident: Ident,
    /// The type as it was written.
    pub ty: Type,
    pub passing: Passing,
    /// What `#[ipc(…)]` says about it.
    pub written: Vec<AttributeArgument>,
    pub wire_name: String,
    pub wire_span: Span,
}

/// How an argument gets to the handler.
pub(crate) enum Passing {
    /// Made by the runtime and not sent. Its `P` is the type of progress.
    Context(Option<Type>),
    /// `T`.
    Owned,
    /// `&T`; this is `T`.
    Borrowed(Type),
    /// `Option<&T>`; this is `T`.
    BorrowedOption(Type),
    /// `Streaming<T>`; this is `T`.
    Stream(Type),
}

/// What a method returns.
pub(crate) enum Output {
    Unit,
    Plain(Type),
    /// `Result<T, E>`.
    Result {
        whole: Type,
        value: Box<Type>,
        error: Box<Type>,
    },
    /// A module's own `Result<T>`, or a `Result` without arguments.
    Alias(Type),
    /// A subscription's `impl Stream`, or a `Result` with it.
    Stream(Items),
}

/// What a subscription returns.
pub(crate) struct Items {
    /// The result as it was written.
    pub whole: Type,
    pub item: Box<Item>,
    /// The error of opening it: `E` of `Result<impl Stream, E>`.
    pub error: Option<Box<Type>>,
}

/// An item of a subscription.
pub(crate) struct Item {
    pub ty: Type,
    /// Neither `Unit` nor `Stream`.
    pub output: Output,
}

/// Which versions match.
#[derive(Clone, Copy, Default)]
pub(crate) enum Compat {
    #[default]
    Semver,
    Exact,
}

/// The attributes of a trait or a method, sorted by where they go. Attributes in a `cfg_attr` keep
/// their condition.
#[derive(Default)]
pub(crate) struct Attributes {
    /// All attributes except `#[ipc(…)]`, for the user's own trait.
    pub written: Vec<Attribute>,
    /// Doc comments, which go to everything that is generated.
    pub docs: Vec<Attribute>,
    pub deprecated: Vec<Attribute>,
    /// `#[cfg(…)]`, which go to everything that is generated, or it wouldn't compile.
    pub cfgs: Vec<Attribute>,
    /// Each lint whose level is set here, as an `#[allow(…)]` for what is generated. The lint
    /// itself reports about the user's trait.
    pub allows: Vec<Attribute>,
}

/// The path of the runtime crate.
#[derive(Clone, Default)]
pub(crate) struct Runtime(pub Option<Path>);

impl Runtime {
    /// The crate's root.
    pub(crate) fn root(&self) -> TokenStream {
        match &self.0 {
            Some(path) => quote!(#path),
            None => quote!(::ipc_runtime),
        }
    }

    /// The module that generated code uses.
    pub(crate) fn private(&self) -> TokenStream {
        let root = self.root();
        quote!(#root::__private)
    }
}

impl Method {
    /// The arguments that are sent.
    pub(crate) fn sent(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(|argument| !argument.is_context())
    }

    /// The type of progress that the handler reports.
    pub(crate) fn progress(&self) -> Option<&Type> {
        self.arguments.iter().find_map(|argument| match &argument.passing {
            Passing::Context(progress) => progress.as_ref(),
            _ => None,
        })
    }

    /// Whether one of the arguments is a stream.
    pub(crate) fn takes_streams(&self) -> bool {
        self.arguments.iter().any(|argument| matches!(argument.passing, Passing::Stream(_)))
    }
}

impl Argument {
    /// The array that the argument is or borrows, if serde may not support it.
    pub(crate) fn array(&self) -> Option<&TypeArray> {
        match &self.passing {
            Passing::Owned => array_type::of_any_length(&self.ty),
            Passing::Borrowed(ty) => array_type::of_any_length(ty),
            _ => None,
        }
    }

    /// Whether `#[ipc(lossy)]` says that a value may arrive as another.
    pub(crate) fn is_lossy(&self) -> bool {
        self.written.iter().any(|argument| argument.name == "lossy")
    }

    /// What its integers of 64 bits are in TypeScript. A value that means nothing is reported
    /// elsewhere.
    pub(crate) fn integers(&self) -> Option<Integers> {
        let said = self.written.iter().find(|argument| argument.name == "integer")?;
        Integers::of(said.value.as_ref()?, &mut Errors::default())
    }

    /// The type that the argument looks like on the wire, if `#[ipc(as = "…")]` says so. What isn't
    /// a type is reported elsewhere.
    pub(crate) fn looks_like(&self) -> Option<Type> {
        let said = self.written.iter().find(|argument| argument.name == "as")?;
        said.value.as_ref()?.parse().ok()
    }

    /// Whether this is the call's context, which the runtime makes.
    pub(crate) fn is_context(&self) -> bool {
        matches!(self.passing, Passing::Context(_))
    }
}
