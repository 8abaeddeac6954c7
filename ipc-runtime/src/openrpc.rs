//! OpenRPC documents: what a side exposes, for tools and for clients that nobody here wrote.
//!
//! [OpenRPC](https://open-rpc.org) is for JSON-RPC what OpenAPI is for HTTP. A [`Document`] is one
//! of version 1.3.2. It is made from interfaces, or from what a backend has registered, by
//! [`Backend::openrpc`](crate::Backend::openrpc). A backend also answers with it to the method
//! `rpc.discover`: see [`BackendBuilder::discover`](crate::BackendBuilder::discover).
//!
//! ```
//! use ipc_runtime::{ipc_interface, ipc_type, openrpc::Document};
//!
//! /// A file.
//! #[ipc_type]
//! pub struct FileInfo {
//!     pub name: String,
//!     /// In bytes.
//!     pub size: u64,
//! }
//!
//! /// Files of the backend's machine.
//! #[ipc_interface(channel = "docs.openrpc", version = "1.0.0")]
//! pub trait Files {
//!     /// Lists a directory.
//!     async fn list(&self, dir: &str) -> Vec<FileInfo>;
//! }
//!
//! let document = serde_json::to_value(Document::new().interface::<FilesClient>())?;
//! assert_eq!(document["openrpc"], "1.3.2");
//! let list = &document["methods"][0];
//! assert_eq!(list["name"], "docs.openrpc.list");
//! assert_eq!(list["description"], "Lists a directory.");
//! assert_eq!(list["params"][0]["name"], "dir");
//! assert_eq!(list["result"]["schema"]["items"]["$ref"], "#/components/schemas/FileInfo");
//! let size = &document["components"]["schemas"]["FileInfo"]["properties"]["size"];
//! assert_eq!(size["format"], "uint64");
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! What becomes of each type is in the guide `docs/openrpc.md`.

// document        what is asked for, and the whole of it
// document_source one interface or function
// method_object   one method
// schema_model    what all of these know: the types, their names, and which of their forms differ
// json_schema     the notation
// function_types  what a function by name takes and gives
// reserved_errors the errors of the protocol
// doc_text        docs as descriptions
// json_tree       a value whose members stay in their order

pub(crate) mod doc_text;
pub(crate) mod document;
pub(crate) mod document_source;
pub(crate) mod function_types;
pub(crate) mod json_schema;
pub(crate) mod json_tree;
pub(crate) mod method_object;
pub(crate) mod reserved_errors;
pub(crate) mod schema_model;

#[cfg(test)]
mod tests;

pub use crate::openrpc::document::Document;
