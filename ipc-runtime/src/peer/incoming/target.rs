//! What a message leads to.

use std::{fmt, sync::Arc};

use crate::{
    functions::Function,
    interface::{ArgumentInfo, MethodInfo, MethodKind},
    peer::incoming::service::{Flow, Incoming, Service},
    support::name::Name,
};

/// What a message leads to: a method of a handler, or a function that was exposed.
#[derive(Clone)]
pub(crate) enum Target {
    Method {
        service: Arc<dyn Service>,
        /// Its place in [`InterfaceInfo::methods`](crate::InterfaceInfo::methods).
        index: usize,
        info: &'static MethodInfo,
    },
    Function(Arc<Function>),
}

/// What a [`Target`] is to those who only speak about it.
#[derive(Clone)]
pub(crate) enum Called {
    Method(&'static MethodInfo),
    Function(Arc<str>),
}

impl Target {
    /// Begins a call of it.
    pub(crate) fn call(&self, incoming: Incoming<'_>) -> Flow {
        match self {
            Self::Method { service, index, .. } => service.call(*index, incoming),
            Self::Function(function) => function.call(incoming),
        }
    }

    pub(crate) fn called(&self) -> Called {
        match self {
            Self::Method { info, .. } => Called::Method(info),
            Self::Function(function) => Called::Function(function.name().clone()),
        }
    }

    /// Notifications with the same one run one after another.
    pub(crate) fn channel(&self) -> Name {
        match self {
            Self::Method { service, .. } => Name::Written(service.interface().channel),
            Self::Function(function) => Name::Made(function.name().clone()),
        }
    }
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
