//! What a function by name takes and gives.

use crate::shape::{ipc_type::IpcType, node::Node};

/// The types of a function by name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FunctionTypes {
    /// The type of its `params`.
    pub(crate) arguments: &'static Node,
    /// What it returns: a value, or a `Result`.
    pub(crate) output: &'static Node,
}

impl FunctionTypes {
    pub(crate) const fn of<A: IpcType, R: IpcType>() -> Self {
        Self { arguments: A::NODE, output: R::NODE }
    }
}
