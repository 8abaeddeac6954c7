//! What bindings are made of.

use crate::{
    interface::{InterfaceInfo, MethodInfo},
    notation::type_form::TypeForm,
    shape::node::Node,
};

/// Who calls an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// TypeScript calls it, and the backend implements it.
    Called,
    /// TypeScript implements it, and the backend calls it.
    Implemented,
}

impl Role {
    /// The form of arguments.
    pub(super) fn arguments(self) -> TypeForm {
        if self == Self::Called { TypeForm::SENT } else { TypeForm::RECEIVED }
    }

    /// The form of what comes back.
    pub(super) fn results(self) -> TypeForm {
        if self == Self::Called { TypeForm::RECEIVED } else { TypeForm::SENT }
    }
}

/// One thing that bindings are made of.
#[derive(Debug, Clone)]
pub(super) enum BindingSource {
    Interface {
        info: &'static InterfaceInfo,
        role: Role,
    },
    /// A key of the store.
    Key {
        name: String,
        value: &'static Node,
    },
    /// A notification by name.
    Event {
        name: String,
        arguments: &'static Node,
    },
    /// A function by name.
    Function {
        name: String,
        arguments: &'static Node,
        output: &'static Node,
    },
}

impl BindingSource {
    /// All that it looks like.
    pub(super) fn nodes(&self) -> Vec<&'static Node> {
        match self {
            Self::Interface { info, .. } => {
                info.methods.iter().flat_map(MethodInfo::nodes).collect()
            }
            Self::Key { value, .. } => vec![value],
            Self::Event { arguments, .. } => vec![arguments],
            Self::Function { arguments, output, .. } => vec![arguments, output],
        }
    }

    /// Whether it takes the place of the other.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Interface { info, role }, Self::Interface { info: other, role: of_other }) => {
                let identity = |info: &InterfaceInfo| (info.name, info.channel, info.version);
                role == of_other && identity(info) == identity(other)
            }
            (Self::Key { name, .. }, Self::Key { name: other, .. })
            | (Self::Event { name, .. }, Self::Event { name: other, .. })
            | (Self::Function { name, .. }, Self::Function { name: other, .. }) => name == other,
            _ => false,
        }
    }
}
