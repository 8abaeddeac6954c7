//! What a call named, for those who only speak about it.

use std::{fmt, sync::Arc};

use crate::interface::{ArgumentInfo, MethodInfo, MethodKind};

/// What a [`Target`] is to those who only speak about it.
#[derive(Clone)]
pub(crate) enum Called {
    Method(&'static MethodInfo),
    Function(Arc<str>),
}

impl Called {
    /// The name on the wire.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Method(info) => info.full_name,
            Self::Function(name) => name,
        }
    }

    /// Its description, if it is a method of an interface.
    pub(crate) fn info(&self) -> Option<&'static MethodInfo> {
        match self {
            Self::Method(info) => Some(info),
            Self::Function(_) => None,
        }
    }

    pub(crate) fn kind(&self) -> MethodKind {
        self.info().map_or(MethodKind::Request, |info| info.kind)
    }

    /// Whether it ends when its caller doesn't want it any more.
    pub(crate) fn cancellable(&self) -> bool {
        self.info().is_none_or(|info| info.cancellable)
    }

    /// What its arguments are; those of a function are known by itself alone.
    pub(crate) fn arguments(&self) -> &'static [ArgumentInfo] {
        self.info().map_or(&[], |info| info.arguments)
    }
}

impl fmt::Debug for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.name(), f)
    }
}
