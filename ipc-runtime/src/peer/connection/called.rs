//! What was called, without the means to call it.

use std::{fmt, sync::Arc};

use crate::interface::{ArgumentInfo, MethodInfo, MethodKind};

/// What was called, without the means to call it: a [`Target`] for errors, logs and middleware.
#[derive(Clone)]
pub(crate) enum Called {
    /// A method. `asked`: the full name by which it was called, an old one perhaps. Only the items
    /// of a subscription have it, for whoever listens to it: middleware and logs see one name.
    Method {
        info: &'static MethodInfo,
        asked: &'static str,
    },
    Function(Arc<str>),
}

impl Called {
    /// Returns the name on the wire.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Method { info, .. } => info.full_name,
            Self::Function(name) => name,
        }
    }

    /// Returns the description of a method; `None` for a function.
    pub(crate) fn info(&self) -> Option<&'static MethodInfo> {
        match self {
            Self::Method { info, .. } => Some(info),
            Self::Function(_) => None,
        }
    }

    pub(crate) fn kind(&self) -> MethodKind {
        self.info().map_or(MethodKind::Request, |info| info.kind)
    }

    /// Returns whether the handler is stopped when the caller cancels the call.
    pub(crate) fn cancellable(&self) -> bool {
        self.info().is_none_or(|info| info.cancellable)
    }

    /// Returns the declared arguments. A function declares none: only its own code knows them.
    pub(crate) fn arguments(&self) -> &'static [ArgumentInfo] {
        self.info().map_or(&[], |info| info.arguments)
    }
}

impl fmt::Debug for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.name(), f)
    }
}
