//! An interface's shapes with a name for each type, as they travel and as text.

pub(crate) mod builder;
mod catalog;
mod chains;
mod comparison;
mod cursor;
pub(crate) mod description;
pub(crate) mod difference;
mod digests;
pub(crate) mod excerpt;
mod members;
mod names;
mod optional;
pub(crate) mod parse_error;
mod parser;
mod shapes;
pub(crate) mod summary;
pub(crate) mod text;
mod type_origin;
pub(crate) mod type_schema;
mod words;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::{
    interface::{MethodKind, schema::type_origin::TypeOrigin},
    shape::{name::Docs, nodes::Shape},
};

/// An interface's shapes with a name for each type.
///
/// Its `Display` is a text with one fact a line, from which it can be parsed again. The text is
/// complete for everything that is visible on the wire. It is what a side sends of its interface
/// when versions don't fit. The guide to the wire protocol, `docs/wire-protocol.md`, has its
/// grammar.
///
/// A text of a later release of this crate may have words that this one doesn't know. They are no
/// error: such a shape is a [`Shape::Unknown`], and [`unknown`](Self::unknown) tells the rest.
///
/// ```
/// use ipc_runtime::{Client, interface::Schema, ipc_interface, ipc_type};
///
/// #[ipc_type]
/// pub struct FileInfo { name: String, size: u64 }
///
/// #[ipc_interface(channel = "docs.schema", version = "1.0.0")]
/// pub trait Files {
///     async fn list(&self, dir: &str) -> Vec<FileInfo>;
/// }
///
/// let schema = Schema::of(FilesClient::INTERFACE);
/// let text = schema.to_string();
/// assert_eq!(text, "\
/// channel docs.schema 1.0.0
/// method request list(dir: text) -> seq<FileInfo>
/// type FileInfo struct
/// type FileInfo.name: text
/// type FileInfo.size: u64
/// ");
///
/// let theirs: Schema = text.replace("size: u64", "size: f64").parse()?;
/// let differences = schema.compare(&theirs);
/// assert_eq!(differences[0].to_string(), "type FileInfo, field size: here u64, there f64");
/// # Ok::<(), ipc_runtime::interface::ParseSchemaError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Schema {
    pub(crate) channel: String,
    pub(crate) version: String,
    pub(crate) methods: Vec<SchemaMethod>,
    pub(crate) types: Vec<SchemaType>,
    /// Where each type is, by its name.
    pub(crate) places: HashMap<String, usize>,
    pub(crate) unknown: Vec<String>,
}

/// A method of a [`Schema`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SchemaMethod {
    /// The name on the wire, without the channel.
    pub name: String,
    /// Names that it had before, by which it is called too.
    pub aliases: Vec<String>,
    /// Whether it is answered.
    pub kind: MethodKind,
    /// Whether it may run twice.
    pub idempotent: bool,
    /// The arguments that travel, in order.
    pub arguments: Vec<SchemaArgument>,
    /// The result: a unit for notifications and subscriptions.
    pub value: Shape,
    /// The error of a call, or of opening a subscription.
    pub error: Option<Shape>,
    /// Each item of a subscription.
    pub item: Option<Shape>,
    /// The error that ends a subscription.
    pub item_error: Option<Shape>,
    /// Each report of the method's progress.
    pub progress: Option<Shape>,
}

/// An argument of a [`SchemaMethod`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SchemaArgument {
    /// The name on the wire.
    pub name: String,
    /// What it looks like: an item of it, if it is a stream.
    pub shape: Shape,
    /// Whether it is a stream of items.
    pub is_stream: bool,
}

/// A type of a [`Schema`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SchemaType {
    /// Its name, which no other type of the schema has: the name of the Rust type with its generic
    /// arguments, and with the end of its module's path if that is needed to tell it apart.
    pub name: String,
    /// What it looks like. Other types, and the type itself, are a [`Shape::Reference`] in it.
    pub shape: Shape,
    /// What its author has written about it, unless the schema was parsed: the text doesn't have
    /// it.
    pub docs: Docs,
    #[cfg_attr(
        not(any(feature = "openrpc", feature = "typescript")),
        allow(dead_code, reason = "read by generators")
    )]
    pub(crate) origin: TypeOrigin,
}

impl Schema {
    /// How many bytes of text are parsed.
    pub const MAX_TEXT: usize = 256 * 1024;

    /// The channel.
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// The interface's semantic version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The methods, in the order of the trait.
    pub fn methods(&self) -> &[SchemaMethod] {
        &self.methods
    }

    /// The types, in the order in which the methods reach them.
    pub fn types(&self) -> &[SchemaType] {
        &self.types
    }

    /// Returns the type of this name.
    pub fn get(&self, name: &str) -> Option<&SchemaType> {
        self.types.get(self.place(name)?)
    }

    /// Calls `each` with the shapes of all arguments, results, errors, items and reports of
    /// progress, those of the types that they reach, and all within them. Each type is visited
    /// once.
    pub fn visit<'a>(&'a self, each: &mut dyn FnMut(&'a Shape)) {
        for method in &self.methods {
            method.arguments.iter().for_each(|argument| argument.shape.visit(each));
            method.value.visit(each);
            let others = [&method.error, &method.item, &method.item_error, &method.progress];
            others.into_iter().flatten().for_each(|shape| shape.visit(each));
        }
        self.types.iter().for_each(|one| one.shape.visit(each));
    }

    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// What the parser skipped, because a later release of this crate must have written it: words
    /// and lines, for people to read.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }
}
