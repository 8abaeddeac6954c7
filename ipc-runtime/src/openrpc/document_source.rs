//! What a document is made of.

use crate::{
    interface::{InterfaceInfo, MethodInfo},
    openrpc::function_types::FunctionTypes,
    shape::node::Node,
};

/// One thing that a document is made of.
#[derive(Debug, Clone)]
pub(crate) enum DocumentSource {
    Interface(&'static InterfaceInfo),
    /// A function by name, of which the types may be unknown.
    Function {
        name: String,
        types: Option<FunctionTypes>,
    },
}

impl DocumentSource {
    /// All that it looks like.
    pub(super) fn nodes(&self) -> Vec<&'static Node> {
        match self {
            Self::Interface(info) => info.methods.iter().flat_map(MethodInfo::nodes).collect(),
            Self::Function { types: Some(types), .. } => vec![types.arguments, types.output],
            Self::Function { types: None, .. } => Vec::new(),
        }
    }

    /// Whether it takes the place of the other.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Interface(info), Self::Interface(other)) => info.channel == other.channel,
            (Self::Function { name, .. }, Self::Function { name: other, .. }) => name == other,
            _ => false,
        }
    }
}
