//! What a type holds, with serde's attributes resolved to what they mean.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use serde_derive_internals::{
    ast::{Container, Data, Field, Style, Variant},
    attr::TagType,
};
use syn::{ExprPath, Ident, Type, ext::IdentExt};

use crate::{
    docs,
    integers::Integers,
    ipc_type::fields::FieldOptions,
    member_word::{MemberWord, quoted},
    shape_expr::{Shapes, Use},
    type_text::written,
};

/// Makes the expressions for one type.
pub(super) struct Contents<'a, 'b> {
    pub rt: &'a TokenStream,
    pub shapes: &'a mut Shapes<'b>,
}

impl Contents<'_, '_> {
    /// What the type is sent and read as.
    pub(super) fn container(&mut self, container: &Container<'_>) -> TokenStream {
        let attrs = &container.attrs;
        let from = attrs.type_from().or(attrs.type_try_from());
        let into = attrs.type_into();
        if let (Some(from), Some(into)) = (from, into) {
            if written(from) == written(into) {
                return self.shapes.of(from, Use::default());
            }
        }
        let sent = into.map(|ty| self.shapes.of(ty, Use::default()));
        let received = from.map(|ty| self.shapes.of(ty, Use::default()));
        match (sent, received) {
            (Some(sent), Some(received)) => self.asymmetric(&sent, &received),
            (Some(sent), None) => {
                let received = self.own(container);
                self.asymmetric(&sent, &received)
            }
            (None, Some(received)) => {
                let sent = self.own(container);
                self.asymmetric(&sent, &received)
            }
            (None, None) => self.own(container),
        }
    }

    /// The flags of what the type is. A transparent one has no other place for those of its field.
    pub(super) fn container_flags(&self, container: &Container<'_>) -> TokenStream {
        let transparent = container.attrs.transparent().then(|| {
            let mut fields = container.data.all_fields();
            let field = fields.find(|field| field.attrs.transparent())?;
            Some(FieldOptions::read(&field.original.attrs))
        });
        self.flags(&[], transparent.flatten().as_ref())
    }

    fn own(&mut self, container: &Container<'_>) -> TokenStream {
        let rt = self.rt;
        let denies = container.attrs.deny_unknown_fields();
        let has_default = !container.attrs.default().is_none();
        match &container.data {
            Data::Struct(_, fields) if container.attrs.transparent() => {
                let field = fields.iter().find(|field| field.attrs.transparent());
                match field {
                    Some(field) => self.field_shape(field),
                    None => self.container_node("Unit", &[]),
                }
            }
            Data::Struct(style, fields) => {
                let tag = match container.attrs.tag() {
                    TagType::Internal { tag } => {
                        let value = &container.attrs.name().serialize_name().value;
                        let word = MemberWord::only_sent(tag).text();
                        Some(quote! {
                            #rt::Member::new(
                                #word,
                                #rt::Member::SENT,
                                { &#rt::Node::literal(#value) },
                                &#rt::Docs::NONE,
                            )
                        })
                    }
                    _ => None,
                };
                self.body(*style, fields, has_default, denies, tag)
            }
            Data::Enum(variants) => {
                let mut header = Vec::new();
                let mut is_adjacent = false;
                match container.attrs.tag() {
                    TagType::External => {}
                    TagType::Internal { tag } => header.push(format!("tag {}", quoted(tag))),
                    TagType::Adjacent { tag, content } => {
                        is_adjacent = true;
                        header.push(format!("tag {} content {}", quoted(tag), quoted(content)));
                    }
                    TagType::None => header.push("untagged".to_owned()),
                }
                let is_untagged = matches!(container.attrs.tag(), TagType::None);
                if denies {
                    header.push("deny_unknown".to_owned());
                }
                let header = header.join(" ");
                let variants = variants
                    .iter()
                    .filter(|one| !(one.attrs.skip_serializing() && one.attrs.skip_deserializing()))
                    .map(|one| self.variant(one, denies, is_untagged));
                let variants: Vec<_> = variants.collect();
                quote! {
                    {
                        &#rt::Node::enumeration(
                            #header,
                            { &[#(#variants),*] },
                            #is_adjacent,
                        )
                    }
                }
            }
        }
    }

    fn variant(&mut self, variant: &Variant<'_>, denies: bool, is_untagged: bool) -> TokenStream {
        let rt = self.rt;
        let attrs = &variant.attrs;
        let (is_sent, is_received) = (!attrs.skip_serializing(), !attrs.skip_deserializing());
        // Serde looks for it among the variants that it reads by a tag.
        let is_other = attrs.other() && is_received && !attrs.untagged();
        let word = MemberWord::new(attrs.name(), attrs.aliases(), is_sent, is_received)
            .with("other", is_other)
            .with("untagged", attrs.untagged())
            .text();
        let own = |contents: &mut Self| match (variant.style, variant.fields.as_slice()) {
            (Style::Unit, _) => None,
            // Serde takes it for a variant without content.
            (Style::Newtype, [field])
                if field.attrs.skip_serializing() || field.attrs.skip_deserializing() =>
            {
                None
            }
            (Style::Newtype, [field]) => Some(contents.field_shape(field)),
            (style, fields) => Some(contents.body(style, fields, false, denies, None)),
        };
        let (sent, received) = (attrs.serialize_with(), attrs.deserialize_with());
        let content = match (sent, received) {
            (None, None) => own(self).unwrap_or_else(|| self.container_node("Nothing", &[])),
            _ => {
                let own = own(self).unwrap_or_else(|| self.container_node("Unit", &[]));
                let title = variant.ident.unraw().to_string();
                self.converted(&title, sent, received, &own)
            }
        };
        let options = match (variant.style, variant.fields.first()) {
            (Style::Newtype, Some(field)) => Some(FieldOptions::read(&field.original.attrs)),
            _ => None,
        };
        let flags = [
            ("SENT", is_sent),
            ("RECEIVED", is_received),
            ("UNTAGGED", is_untagged || attrs.untagged()),
        ];
        let flags = self.flags(&flags, options.as_ref());
        let docs = docs::constant(&variant.original.attrs, rt);
        quote!(#rt::Member::new(#word, #flags, #content, #docs))
    }

    fn body(
        &mut self,
        style: Style,
        fields: &[Field<'_>],
        has_default: bool,
        denies: bool,
        tag: Option<TokenStream>,
    ) -> TokenStream {
        let rt = self.rt;
        let travels = |field: &&Field<'_>| {
            !(field.attrs.skip_serializing() && field.attrs.skip_deserializing())
        };
        match (style, fields) {
            (Style::Unit, _) => self.container_node("Unit", &[]),
            (Style::Newtype, [field]) => {
                let inner = self.element(field, false);
                quote!({ &#rt::Node::newtype({ &[#inner] }) })
            }
            (Style::Newtype | Style::Tuple, fields) => {
                let elements = fields.iter().filter(travels);
                let elements: Vec<_> = elements
                    .map(|one| self.element(one, has_default || !one.attrs.default().is_none()))
                    .collect();
                quote!({ &#rt::Node::tuple({ &[#(#elements),*] }) })
            }
            (Style::Struct, fields) => {
                let fields = fields.iter().filter(travels).map(|one| self.field(one, has_default));
                let fields: Vec<_> = tag.into_iter().chain(fields).collect();
                let header = if denies { "deny_unknown" } else { "" };
                quote!({ &#rt::Node::structure(#header, { &[#(#fields),*] }) })
            }
        }
    }

    /// An unnamed field.
    fn element(&mut self, field: &Field<'_>, has_default: bool) -> TokenStream {
        let rt = self.rt;
        let shape = self.field_shape(field);
        let flags = [("SENT", true), ("RECEIVED", true), ("DEFAULT", has_default)];
        let flags = self.flags(&flags, Some(&FieldOptions::read(&field.original.attrs)));
        quote!(#rt::Member::new("", #flags, #shape, &#rt::Docs::NONE))
    }

    fn field(&mut self, field: &Field<'_>, has_default: bool) -> TokenStream {
        let rt = self.rt;
        let attrs = &field.attrs;
        let (is_sent, is_received) = (!attrs.skip_serializing(), !attrs.skip_deserializing());
        let word = MemberWord::new(attrs.name(), attrs.aliases(), is_sent, is_received)
            .with("omitted", is_sent && attrs.skip_serializing_if().is_some())
            .text();
        let shape = self.field_shape(field);
        let docs = docs::constant(&field.original.attrs, rt);
        let options = FieldOptions::read(&field.original.attrs);
        let flags = [
            ("SENT", is_sent),
            ("RECEIVED", is_received),
            // Serde never uses the default of a flattened field.
            (
                "DEFAULT",
                is_received && !attrs.flatten() && (has_default || !attrs.default().is_none()),
            ),
            ("FLATTENED", attrs.flatten()),
            ("OMITTED", is_sent && attrs.skip_serializing_if().is_some()),
            ("IGNORED", options.ignored),
        ];
        let flags = self.flags(&flags, Some(&options));
        quote!(#rt::Member::new(#word, #flags, #shape, #docs))
    }

    /// The flags that are set, with those of the field that the member is or holds.
    fn flags(&self, flags: &[(&str, bool)], field: Option<&FieldOptions>) -> TokenStream {
        let rt = self.rt;
        let set = flags.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| *name);
        let lossy = field.filter(|options| options.lossy).map(|_| "LOSSY");
        let integers = field.and_then(|options| options.integers.as_ref()).map(Integers::flag);
        let set = set.chain(lossy).chain(integers);
        let set = set.map(|name| Ident::new(name, Span::call_site()));
        quote!(0 #(| #rt::Member::#set)*)
    }

    fn container_node(&self, kind: &str, parts: &[TokenStream]) -> TokenStream {
        let rt = self.rt;
        let kind = Ident::new(kind, Span::call_site());
        quote! {
            {
                &#rt::Node::container(
                    #rt::NodeKind::#kind,
                    { &[#(#rt::Member::part(#parts)),*] },
                )
            }
        }
    }

    /// What a field is sent and read as.
    fn field_shape(&mut self, field: &Field<'_>) -> TokenStream {
        let options = FieldOptions::read(&field.original.attrs);
        let shape = self.shape_of(field, &options);
        let ty = options.looks_like.as_ref().unwrap_or(field.ty);
        if let Some(asked) = options.integers.as_ref().filter(|_| !options.recursive) {
            // What a parameter stands for isn't known here.
            if !self.shapes.mentions_parameters(ty) {
                self.shapes.require_integers(asked, std::slice::from_ref(&shape), Use::default());
            }
        }
        shape
    }

    fn shape_of(&mut self, field: &Field<'_>, options: &FieldOptions) -> TokenStream {
        let (sent, received) = (field.attrs.serialize_with(), field.attrs.deserialize_with());
        let is_ours = |path: &ExprPath| written(path).contains("__private::array::");
        let converted = sent.or(received).is_some_and(|path| !is_ours(path));
        let how = Use { recursive: options.recursive, lossy: options.lossy, cfgs: &[] };
        if let Some(ty) = &options.looks_like {
            if !converted && !options.lossy {
                self.shapes.check_outline(field.ty);
            }
            let shape = self.shapes.of(ty, Use { lossy: true, ..how });
            // With functions of its own, an `Option` may not be left out.
            return match received {
                Some(_) => self.newtype(&shape),
                None => shape,
            };
        }
        if !converted {
            return self.shapes.of(field.ty, how);
        }
        let own = match (sent, received) {
            (Some(_), Some(_)) => TokenStream::new(),
            _ => self.shapes.of(field.ty, Use { lossy: true, ..how }),
        };
        self.converted(&name_of(field.ty), sent, received, &own)
    }

    /// The shape of what functions of the user's write or read; `own` in the other direction.
    fn converted(
        &mut self,
        name: &str,
        sent: Option<&ExprPath>,
        received: Option<&ExprPath>,
        own: &TokenStream,
    ) -> TokenStream {
        let of = |path: &ExprPath, last: &str| {
            let text = written(path);
            text.strip_suffix(last).map(str::to_owned).unwrap_or(text)
        };
        let sent = sent.map(|path| of(path, "::serialize"));
        let received = received.map(|path| of(path, "::deserialize"));
        match (sent, received) {
            (Some(sent), Some(received)) if sent == received => {
                self.shapes.opaque(name, Some(&sent))
            }
            (sent, received) => {
                let opaque =
                    |path: Option<String>| path.map(|path| self.shapes.opaque(name, Some(&path)));
                let sent = opaque(sent).unwrap_or_else(|| own.clone());
                let received = opaque(received).unwrap_or_else(|| own.clone());
                self.asymmetric(&sent, &received)
            }
        }
    }

    fn newtype(&self, inner: &TokenStream) -> TokenStream {
        let rt = self.rt;
        quote!({ &#rt::Node::newtype({ &[#rt::Member::part(#inner)] }) })
    }

    fn asymmetric(&self, sent: &TokenStream, received: &TokenStream) -> TokenStream {
        let rt = self.rt;
        quote! {
            {
                &#rt::Node::asymmetric(
                    { &[#rt::Member::part(#sent), #rt::Member::part(#received)] },
                )
            }
        }
    }
}

/// The type as it is written, without the path to it.
fn name_of(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|last| written(last.to_token_stream()))
            .unwrap_or_default(),
        other => written(other),
    }
}
