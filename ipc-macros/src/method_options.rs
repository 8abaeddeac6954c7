//! What `#[ipc(…)]` may say on a method. An option is one line of the table, a field, and what the
//! runtime has to know about it. `check::method_options` has the rules.

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

use crate::{
    attribute::argument::{AttributeArgument, INTEGER, Site, flag, text, texts},
    errors::Errors,
    integers::Integers,
    literals::{self, Timeout, Wrong},
};

pub(crate) const METHOD: Site = Site {
    attribute: "ipc",
    noun: "a method",
    known: &[
        flag("notification"),
        flag("subscription"),
        text("name", "name = \"readDir\""),
        texts("alias", "alias = \"oldName\""),
        flag("blocking"),
        text("timeout", "timeout = \"5s\""),
        flag("no_cancel"),
        flag("idempotent"),
        flag("lossy"),
        INTEGER,
    ],
};

/// The options of one method.
#[derive(Default)]
pub(crate) struct MethodOptions {
    pub notification: bool,
    pub subscription: bool,
    /// The name on the wire.
    pub name: Option<LitStr>,
    /// Names that it had before, which are served too.
    pub aliases: Vec<LitStr>,
    /// A sync method that runs on the pool for blocking code.
    pub blocking: bool,
    pub timeout: Option<Timeout>,
    pub no_cancel: bool,
    /// The method may run twice.
    pub idempotent: bool,
    /// A result may arrive as another value.
    pub lossy: bool,
    /// What integers of 64 bits that come back are in TypeScript.
    pub integers: Option<Integers>,
    /// All options as they are written, for errors about them.
    pub written: Vec<AttributeArgument>,
}

/// What kind of message a method is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum MethodKind {
    Request,
    Notification,
    Subscription,
}

/// How a handler runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `async fn`.
    Async,
    /// A sync method: at once, on the connection's task.
    Inline,
    /// `#[ipc(blocking)]`: on the pool for blocking code.
    Blocking,
}

impl MethodKind {
    /// The runtime's variant of this kind.
    pub(crate) fn constant(self, rt: &TokenStream) -> TokenStream {
        match self {
            Self::Request => quote!(#rt::MethodKind::Request),
            Self::Notification => quote!(#rt::MethodKind::Notification),
            Self::Subscription => quote!(#rt::MethodKind::Subscription),
        }
    }

    /// The prefix of a signature, for people to read.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Request => "",
            Self::Notification => "notification ",
            Self::Subscription => "subscription ",
        }
    }
}

impl MethodOptions {
    /// Reads the options from the attributes.
    pub(crate) fn of(written: Vec<AttributeArgument>, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        for AttributeArgument { name, value, .. } in &written {
            match (*name, value) {
                ("notification", _) => options.notification = true,
                ("subscription", _) => options.subscription = true,
                ("name", Some(text)) => {
                    literals::checked(text, literals::method_name, errors);
                    options.name = Some(text.clone());
                }
                ("alias", Some(text)) => {
                    literals::checked(text, literals::method_name, errors);
                    options.aliases.push(text.clone());
                }
                ("blocking", _) => options.blocking = true,
                ("timeout", Some(text)) => match literals::timeout(&text.value()) {
                    Ok(time) => options.timeout = Some(time),
                    Err(Wrong { problem, help }) => errors.push(text, problem, help),
                },
                ("no_cancel", _) => options.no_cancel = true,
                ("idempotent", _) => options.idempotent = true,
                ("lossy", _) => options.lossy = true,
                ("integer", Some(text)) => options.integers = Integers::of(text, errors),
                _ => {}
            }
        }
        options.written = written;
        options
    }

    pub(crate) fn kind(&self) -> MethodKind {
        match (self.subscription, self.notification) {
            (true, _) => MethodKind::Subscription,
            (false, true) => MethodKind::Notification,
            (false, false) => MethodKind::Request,
        }
    }

    pub(crate) fn mode(&self, is_async: bool) -> Mode {
        match (is_async, self.blocking) {
            (true, _) => Mode::Async,
            (false, true) if !self.subscription => Mode::Blocking,
            (false, _) => Mode::Inline,
        }
    }

    /// What the runtime has to know: a constant of its `MethodOptions`.
    pub(crate) fn constant(&self, channel: &str, rt: &TokenStream) -> TokenStream {
        let aliases = self.aliases.iter().map(|alias| {
            let name = alias.value();
            let full_name = format!("{channel}.{name}");
            quote!(#rt::AliasInfo::new(#full_name, #name))
        });
        let aliases = (!self.aliases.is_empty()).then(|| quote!(aliases: &[#(#aliases),*],));
        let timeout = self.timeout.map(|timeout| {
            let timeout = match timeout {
                Timeout::Never => quote!(Never),
                Timeout::After(duration) => {
                    let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
                    quote!(After(::core::time::Duration::from_millis(#milliseconds)))
                }
            };
            quote!(timeout: #rt::Timeout::#timeout,)
        });
        let cancellable = (self.no_cancel || self.blocking).then(|| quote!(cancellable: false,));
        let idempotent = self.idempotent.then(|| quote!(idempotent: true,));
        quote!(#rt::MethodOptions { #timeout #cancellable #idempotent #aliases ..#rt::MethodOptions::DEFAULT })
    }
}
