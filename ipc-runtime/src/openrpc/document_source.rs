//! What a document is made of.

use crate::{
    interface::{InterfaceInfo, MethodInfo},
    openrpc::function_types::FunctionTypes,
    shape::node::Node,
};

/// One thing that a document is made of.
#[derive(Debug, Clone)]
pub(crate) enum DocumentSource {
    /// An interface, with those of its methods that nothing has replaced.
    Interface { info: &'static InterfaceInfo, methods: Vec<&'static MethodInfo> },
    /// A function by name, of which the types may be unknown.
    Function { name: String, types: Option<FunctionTypes> },
}

impl DocumentSource {
    pub(crate) fn interface(info: &'static InterfaceInfo) -> Self {
        Self::Interface { info, methods: info.methods.iter().collect() }
    }

    /// All that it looks like.
    pub(super) fn nodes(&self) -> Vec<&'static Node> {
        match self {
            Self::Interface { methods, .. } => {
                methods.iter().flat_map(|method| method.nodes()).collect()
            }
            Self::Function { types: Some(types), .. } => vec![types.arguments, types.output],
            Self::Function { types: None, .. } => Vec::new(),
        }
    }

    /// Whether it takes the place of the other.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Interface { info, .. }, Self::Interface { info: other, .. }) => {
                info.channel == other.channel
            }
            (Self::Function { name, .. }, Self::Function { name: other, .. }) => name == other,
            _ => false,
        }
    }

    /// Takes what has a name of the other away. `false` if that is all of a function.
    pub(super) fn yields_to(&mut self, other: &Self) -> bool {
        match self {
            Self::Interface { methods, .. } => {
                methods.retain(|method| !other.has(method.full_name));
                true
            }
            Self::Function { name, .. } => !other.has(name),
        }
    }

    /// Whether it has a method of this name.
    fn has(&self, name: &str) -> bool {
        match self {
            Self::Interface { methods, .. } => {
                methods.iter().any(|method| method.full_name == name)
            }
            Self::Function { name: own, .. } => own == name,
        }
    }
}
