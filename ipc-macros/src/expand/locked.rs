//! What compares the interface with its releases: a constant, and a test.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use semver::{BuildMetadata, Version};
use syn::{Ident, LitStr, ext::IdentExt};

use super::names::Names;
use crate::{
    lock::{
        lock_file::{LockedChannel, Release},
        release_table::{LockedMethod, ReleaseTable},
        served_releases::{next_breaking, next_compatible, serves},
        table_bytes::TableBytes,
    },
    model::Interface,
    spans::{hygienic, moved_to},
};

/// What the file says of the interface.
pub(super) struct Locked<'a> {
    interface: &'a Interface,
    names: &'a Names,
    /// The path of the file, from the folder of `Cargo.toml`.
    path: &'a LitStr,
    is_there: bool,
    /// What is wrong whatever the interface looks like.
    fault: Option<String>,
    releases: Vec<Release>,
}

impl<'a> Locked<'a> {
    /// Reads the file, if the interface has one.
    pub(super) fn read(interface: &'a Interface, names: &'a Names) -> Option<Self> {
        let path = interface.lock.as_ref()?;
        let (fault, releases) = (None, Vec::new());
        let mut locked = Self { interface, names, path, is_there: true, fault, releases };
        let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
        match std::fs::read_to_string(std::path::Path::new(&folder).join(path.value())) {
            Ok(text) => match LockedChannel::read(&text, &interface.channel) {
                Ok(channel) => locked.take(channel),
                Err(why) => {
                    locked.fault = Some(format!("can't be compared: {}, {why}", locked.file()))
                }
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => locked.is_there = false,
            Err(error) => {
                locked.fault = Some(format!("can't be compared: {}: {error}", locked.file()));
            }
        }
        Some(locked)
    }

    fn file(&self) -> String {
        format!("`{}`", self.path.value())
    }

    fn take(&mut self, channel: LockedChannel) {
        self.releases = channel.releases;
        if channel.is_retired {
            self.fault = Some(format!(
                "was retired by {}\n  help: choose another channel, or take the line `retired` out \
                 of the file",
                self.file()
            ));
        }
        let Some(version) = self.version() else { return };
        let is_released = self.releases.iter().any(|release| release.version == version);
        let later = self
            .releases
            .iter()
            .filter(|release| release.version > version)
            .max_by_key(|release| &release.version);
        let is_behind = later.is_some_and(|later| serves(&later.version, &version, self.compat()));
        if let (false, true, Some(later)) = (is_released, is_behind, later) {
            self.fault = Some(format!(
                "is older than {}, which {} says was released\n  help: raise the version to {}",
                later.version,
                self.file(),
                next_compatible(&later.version, self.compat()),
            ));
        }
    }

    fn version(&self) -> Option<Version> {
        // Build metadata says nothing of what it looks like.
        let version = Version::parse(&self.interface.version).ok()?;
        Some(Version { build: BuildMetadata::EMPTY, ..version })
    }

    fn compat(&self) -> crate::model::Compat {
        self.interface.compat
    }

    /// The releases whose callers the interface serves by its version: the latest first.
    fn served(&self) -> Vec<&Release> {
        let Some(version) = self.version() else { return Vec::new() };
        let releases = self.releases.iter().rev();
        releases.filter(|release| serves(&version, &release.version, self.compat())).collect()
    }

    /// The constant that refuses an interface which isn't what its version says.
    pub(super) fn check(&self) -> TokenStream {
        let rt = &self.names.rt;
        let path = self.path;
        // Cargo builds again when the file changes.
        let tracked = self.is_there.then(|| {
            quote! {
                const _: &[::core::primitive::u8] = ::core::include_bytes!(
                    ::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #path)
                );
            }
        });
        let served = self.served();
        let table = ReleaseTable::of(&served);
        let fault = match (&self.fault, self.is_there, &table) {
            (Some(fault), _, _) => Some(fault.clone()),
            (None, false, _) => Some(format!(
                "has no lock: there is no {} beside Cargo.toml\n  help: `IPC_LOCK=release cargo \
                 test ipc_lock` writes it, with this version as released; an empty file says that \
                 nothing was",
                self.file()
            )),
            (None, true, Err(why)) => Some(format!("can't be compared: {}, {why}", self.file())),
            (None, true, Ok(_)) => None,
        };
        if let Some(fault) = fault {
            let is_there = self.is_there;
            let assertion = self.at_name(
                "assert_lock",
                &quote!(&__INTERFACE, #is_there, #fault, ::core::option_env!("IPC_LOCK")),
            );
            return quote!(#tracked const _: () = #assertion;);
        }
        let Ok(table) = table else { return TokenStream::new() };
        if served.is_empty() {
            return quote!(#tracked);
        }
        let version = self.version();
        let is_current = |release: &Release| version.as_ref() == Some(&release.version);
        let current = served.iter().find(|release| is_current(release));
        let current = optional(current.and_then(|release| release.lock_hash));
        let TableBytes { nodes, members, texts, .. } = TableBytes::of(&table.list);
        let nodes = Literal::byte_string(&nodes);
        let members = Literal::byte_string(&members);
        let releases = served.iter().zip(&table.releases).map(|(release, methods)| {
            let (version, is_current) = (release.version.to_string(), is_current(release));
            let hash = optional(release.lock_hash);
            let methods = methods.iter().map(|method| method_of(method, rt));
            quote! {
                #rt::LockedRelease {
                    version: #version,
                    is_current: #is_current,
                    hash: #hash,
                    methods: &[#(#methods),*],
                }
            }
        });
        let latest = served.first().map(|release| release.version.clone());
        let latest = latest.unwrap_or(Version::new(0, 0, 0));
        let next_compatible = next_compatible(&latest, self.compat()).to_string();
        let next_breaking = next_breaking(&latest).to_string();
        let lock = quote! {
            &#rt::InterfaceLock {
                file: #path,
                table: &table,
                releases: &[#(#releases),*],
                next_breaking: #next_breaking,
                next_compatible: #next_compatible,
            }
        };
        let assertion = self.at_name("assert_locked", &quote!(&__INTERFACE, #lock));
        quote! {
            #tracked
            #[allow(long_running_const_eval)]
            const _: () = {
                // The tables are made if they are needed: not where nothing has changed.
                if !#rt::is_released(
                    &__INTERFACE,
                    #current,
                    ::core::option_env!("IPC_LOCK"),
                ) {
                    let table = #rt::ShapeTable::new(#nodes, #members, &[#(#texts),*]);
                    #assertion;
                }
            };
        }
    }

    /// A call that panics at the trait's name.
    fn at_name(&self, function: &str, arguments: &TokenStream) -> TokenStream {
        let span = hygienic(self.interface.ident.span());
        let rt = moved_to(span, &self.names.rt);
        let function = Ident::new(function, span);
        quote_spanned!(span=> #rt::#function(#arguments))
    }

    /// The test that compares behind what constants see, and writes releases.
    pub(super) fn test(&self) -> TokenStream {
        let (rt, client, path) = (&self.names.rt, &self.names.client, self.path);
        let cfgs = &self.interface.attributes.cfgs;
        let name = format_ident!(
            "ipc_lock_{}",
            snake_case(&self.interface.ident.unraw().to_string()),
            span = hygienic(self.interface.ident.span())
        );
        quote! {
            #(#cfgs)*
            #[cfg(test)]
            #[doc(hidden)]
            #[::core::prelude::v1::test]
            fn #name() {
                #rt::run_lock_test(&#rt::LockTest {
                    interface: <#client as #rt::Client>::INTERFACE,
                    folder: ::core::env!("CARGO_MANIFEST_DIR"),
                    file: #path,
                });
            }
        }
    }
}

fn optional(number: Option<impl ToTokens>) -> TokenStream {
    match number {
        Some(number) => quote!(::core::option::Option::Some(#number)),
        None => quote!(::core::option::Option::None),
    }
}

fn method_of(method: &LockedMethod, rt: &TokenStream) -> TokenStream {
    let LockedMethod { name, aliases, kind, is_idempotent, arguments, value, others } = method;
    let kind = kind.constant(rt);
    let arguments = arguments.iter().map(|argument| {
        let (name, is_stream, part) = (&argument.name, argument.is_stream, length(argument.part));
        quote!(#rt::TableArgument::new(#name, #is_stream, #part))
    });
    let value = length(*value);
    let others = others.map(|place| optional(place.map(length)));
    quote! {
        #rt::TableMethod::new(
            #name,
            &[#(#aliases),*],
            #kind,
            #is_idempotent,
            &[#(#arguments),*],
            #value,
            [#(#others),*],
        )
    }
}

/// A place in a table.
fn length(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// `FileStore` as `file_store`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
