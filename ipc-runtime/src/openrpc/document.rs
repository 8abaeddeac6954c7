//! `Document`: an OpenRPC document, as it is asked for and as a whole.

use std::fmt::{self, Display, Formatter};

use serde::{Serialize, Serializer};

use crate::{
    openrpc::{
        document_source::DocumentSource,
        function_types::FunctionTypes,
        json_tree::{JsonMembers, JsonTree},
        method_object,
        reserved_errors::reserved_errors,
        schema_model::{SchemaModel, Schemas},
    },
    shape::ipc_type::IpcType,
};

/// The version that tools take: not all of them know 1.4.
const OPENRPC: &str = "1.3.2";

/// What a document is called, and its version, unless an interface or the app says more.
const TITLE: &str = "ipc-runtime";
const VERSION: &str = "0.0.0";

/// An OpenRPC document of interfaces and of functions by name.
///
/// It serializes as the document, and its `Display` is the document as indented JSON, for a file.
/// The members of objects stand in the order of the Rust source, and the same interfaces give the
/// same bytes. The descriptions are the doc comments.
///
/// ```
/// use ipc_runtime::openrpc::Document;
///
/// let document = Document::new()
///     .title("Calculator")
///     .version("1.0.0")
///     .function::<(i32, i32), Result<i32, String>>("divide");
/// let value = serde_json::to_value(&document)?;
/// assert_eq!(value["info"]["title"], "Calculator");
/// assert_eq!(value["methods"][0]["params"][1]["schema"]["minimum"], i32::MIN);
/// assert_eq!(value["methods"][0]["errors"][0]["data"]["x-ipc-schema"]["type"], "string");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a document does nothing until it is serialized or turned into text"]
pub struct Document {
    title: Option<String>,
    version: Option<String>,
    sources: Vec<DocumentSource>,
}

impl Document {
    /// Returns a document of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the title; default: the name of the interface if there is one alone, else
    /// `ipc-runtime`.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Sets the version of what is described; default: that of the interface if there is one alone,
    /// else `0.0.0`. Each method has the version of its own interface in any case.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Adds a function by name, from the types of its arguments and of what it returns: a value, or
    /// a `Result`. Its arguments are a tuple, `()` if it has none, or a struct, whose fields are
    /// arguments by name. It replaces what was added under this name before, also a method of an
    /// interface.
    pub fn function<A: IpcType, R: IpcType>(self, name: impl Into<String>) -> Self {
        let types = Some(FunctionTypes::of::<A, R>());
        self.with(DocumentSource::Function { name: name.into(), types })
    }

    /// Adds one thing, in the place of what is the same. Nothing else keeps a name that it has.
    pub(crate) fn with(mut self, source: DocumentSource) -> Self {
        let place = self.sources.iter().position(|known| source.replaces(known));
        let place = place.unwrap_or(self.sources.len());
        let rest = self.sources.split_off(place);
        let keep = |mut known: DocumentSource| known.yields_to(&source).then_some(known);
        let before: Vec<_> = self.sources.into_iter().filter_map(keep).collect();
        let after: Vec<_> = rest.into_iter().skip(1).filter_map(keep).collect();
        self.sources = before;
        self.sources.push(source);
        self.sources.extend(after);
        self
    }

    /// The whole document.
    pub(crate) fn to_json(&self) -> JsonTree {
        let model = SchemaModel::of(&self.sources);
        let mut schemas = Schemas::new(&model);
        let mut methods = Vec::new();
        for source in &self.sources {
            match source {
                DocumentSource::Interface { info: interface, methods: own } => {
                    for info in own {
                        methods.push(method_object::method(&mut schemas, interface, info));
                    }
                }
                DocumentSource::Function { name, types } => {
                    methods.push(method_object::function(&mut schemas, name, *types));
                }
            }
        }
        let components = JsonMembers::new()
            .with("schemas", schemas.components())
            .with("errors", reserved_errors());
        JsonMembers::new()
            .with("openrpc", OPENRPC)
            .with("info", self.info())
            .with("methods", methods)
            .with("components", components)
            .into()
    }

    fn info(&self) -> JsonMembers {
        let mut interfaces = self.sources.iter().filter_map(|source| match source {
            DocumentSource::Interface { info, .. } => Some(info),
            DocumentSource::Function { .. } => None,
        });
        let only = interfaces.next().filter(|_| interfaces.next().is_none());
        let title = self.title.as_deref().or(only.map(|info| info.name)).unwrap_or(TITLE);
        let version = self.version.as_deref().or(only.map(|info| info.version)).unwrap_or(VERSION);
        JsonMembers::new().with("title", title).with("version", version)
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

/// The document as indented JSON.
impl Display for Document {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string_pretty(&self.to_json()).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}
