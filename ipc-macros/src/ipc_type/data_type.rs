//! A type with `#[ipc_type]`, as the macro understands it.

use syn::{Attribute, Generics, Ident};

use super::fields::Content;
use crate::{model::Runtime, serde_attributes::SerdeAttributes};

/// A type with `#[ipc_type]`, as the macro understands it.
pub(super) struct DataType {
    pub runtime: Runtime,
    pub ident: Ident,
    pub generics: Generics,
    pub cfgs: Vec<Attribute>,
    pub serde: SerdeAttributes,
    pub content: Content,
}
