//! Namespaces, and the names of events in them.

use std::borrow::Cow;

use crate::{
    interface::{InterfaceInfo, MethodInfo},
    message::is_reserved,
    socket_io::packet::ROOT,
};

/// What the events of a namespace lead to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Namespace {
    /// Everything, by its full name.
    Root,
    /// The methods of a channel, by their short names. `declared`: other names lead to functions.
    Channel { interface: &'static InterfaceInfo, declared: bool },
    /// Functions, by their names.
    Declared,
}

/// The channel that a namespace of this name has.
pub(crate) fn channel_of(name: &str) -> Option<&str> {
    name.strip_prefix('/').filter(|channel| !channel.is_empty())
}

/// Whether this is the name of the namespace that is always there.
pub(crate) fn is_root(name: &str) -> bool {
    name == ROOT
}

impl Namespace {
    /// The method that an event leads to.
    pub(crate) fn method<'a>(&self, event: &'a str) -> Cow<'a, str> {
        match self {
            Self::Channel { interface, declared } if !is_reserved(event) => {
                let mut names = interface.methods.iter().flat_map(MethodInfo::full_names);
                match names.find(|name| self.event(name) == event) {
                    Some(name) => Cow::Borrowed(name),
                    None if *declared => Cow::Borrowed(event),
                    None => Cow::Owned(format!("{}.{event}", interface.channel)),
                }
            }
            _ => Cow::Borrowed(event),
        }
    }

    /// The event that a method of this name is.
    pub(crate) fn event<'a>(&self, method: &'a str) -> &'a str {
        let Self::Channel { interface, .. } = self else { return method };
        let short = method.strip_prefix(interface.channel);
        short.and_then(|short| short.strip_prefix('.')).unwrap_or(method)
    }
}

#[cfg(test)]
mod tests {
    use super::Namespace;
    use crate::{Client, ipc_interface};

    #[ipc_interface(channel = "demo.arm", version = "1.1.0", crate = "crate")]
    trait Arm {
        #[ipc(alias = "go")]
        async fn travel(&self, to: u32);
    }

    #[test]
    fn an_event_of_an_old_name_leads_to_the_method_that_had_it() {
        let interface = ArmClient::INTERFACE;
        for declared in [false, true] {
            let namespace = Namespace::Channel { interface, declared };
            for (event, method) in [("travel", "demo.arm.travel"), ("go", "demo.arm.go")] {
                assert_eq!(namespace.method(event), method);
                assert_eq!(namespace.event(method), event);
            }
        }
        let namespace = Namespace::Channel { interface, declared: true };
        assert_eq!(namespace.method("stop"), "stop");
    }
}
