//! What a message calls.

use std::sync::Arc;

use crate::{
    interface::MethodInfo,
    peer::{
        connection::called::Called,
        incoming::{
            function::Function,
            service::{Flow, Incoming, Service},
        },
    },
    support::name::Name,
};

/// What a message calls: a method of a handler, or an exposed function.
#[derive(Clone)]
pub(crate) enum Target {
    Method {
        service: Arc<dyn Service>,
        /// The method's index in
        /// [`InterfaceInfo::methods`](crate::interface::InterfaceInfo::methods).
        index: usize,
        info: &'static MethodInfo,
        /// The full name by which it is called: an old one, perhaps.
        asked: &'static str,
    },
    Function(Arc<Function>),
}

impl Target {
    /// Begins a call of the target.
    pub(crate) fn call(&self, incoming: Incoming<'_>) -> Flow {
        match self {
            Self::Method { service, index, .. } => service.call(*index, incoming),
            Self::Function(function) => function.call(incoming),
        }
    }

    pub(crate) fn called(&self) -> Called {
        match self {
            Self::Method { info, asked, .. } => Called::Method { info, asked },
            Self::Function(function) => Called::Function(function.name().clone()),
        }
    }

    /// Returns the target's channel: notifications with the same one run one after another.
    pub(crate) fn channel(&self) -> Name {
        match self {
            Self::Method { service, .. } => Name::Written(service.interface().channel),
            Self::Function(function) => Name::Made(function.name().clone()),
        }
    }
}
