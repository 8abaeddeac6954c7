//! Bindings for frontends in TypeScript.
//!
//! [`Bindings`] turns interfaces into one file of TypeScript, which the npm package `ipc-runtime`
//! works with: a page or a Node program then calls the backend with types. Neither Node nor a build
//! step is needed to make it. It takes the feature `typescript`, which is best one of the
//! dev-dependencies: then a test keeps the file up to date, and no release build knows of it.
//!
//! ```
//! use ipc_runtime::{ipc_interface, ipc_type, typescript::Bindings};
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
//! #[ipc_interface(channel = "docs.bindings", version = "1.0.0")]
//! pub trait Files {
//!     /// Lists a directory.
//!     async fn list(&self, dir: &str) -> Vec<FileInfo>;
//! }
//!
//! let text = Bindings::new().interface::<FilesClient>().to_string();
//! assert!(text.contains("\
//! /** A file. */
//! export interface FileInfo {
//!   name: string;
//!   /** In bytes. */
//!   size: number;
//! }
//!
//! /** Files of the backend's machine. */
//! export interface FilesMethods {
//!   /** Lists a directory. */
//!   list: $.Request<[dir: string], FileInfo[]>;
//! }
//! "));
//! ```

// From what is asked for to the text:
//
// bindings        what is asked for; bindings_file, difference: the text against a file
// binding_source  one interface, key, event or function
// document        the whole text
// member          one method, event or function: its type and its constant
// declarations    types and plans, before what reaches them
// model           what all of these know: the types, their names, and which of their forms differ
// names           a name for each form of a type, and for each plan; constants: for each constant
// form_set        which forms of a type look alike
// plan            a shape as a plan; plan_text: its text; object_names: what a map doesn't take
// type_text       the notation; object_text: its objects
// type_data       the same as data, for checks
// doc_comment, hints, identifier, integers   small things

mod binding_source;
mod bindings;
mod bindings_file;
mod constants;
mod declarations;
mod difference;
mod doc_comment;
mod document;
mod form_set;
mod hints;
mod identifier;
mod integers;
mod member;
mod model;
mod names;
mod object_names;
mod object_text;
mod plan;
mod plan_text;
mod planner;
mod type_data;
mod type_text;

#[cfg(test)]
mod tests;

pub use crate::{
    shape::integers::Integers,
    typescript::{bindings::Bindings, bindings_file::BindingsError},
};
