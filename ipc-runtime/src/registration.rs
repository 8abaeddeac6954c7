//! What was registered, and can be removed again.

use std::{fmt, sync::Weak};

use crate::support::name::Name;

/// A handler, a function or a callback that is registered.
///
/// Dropping a registration changes nothing: the handler, function or callback stays until you call
/// [`remove`](Self::remove), or until its owner ends (the backend, the frontend's connection, the
/// event's last emitter). A registration doesn't keep the owner alive; but what a callback captures
/// lives as long as the callback: one that captures its own emitter, store, backend or frontend
/// keeps that alive until it is removed.
///
/// To remove something at the end of a scope, or together with a value, turn its registration into
/// a guard with [`into_guard`](Self::into_guard):
///
/// ```
/// use ipc_runtime::event::Emitter;
///
/// let saved = Emitter::<String>::new();
/// let log = saved.event().on(|name| println!("saved {name}"));
/// {
///     let _guard = saved.event().on(|name| println!("uploading {name}")).into_guard();
///     assert_eq!(saved.listener_count(), 2);
/// }
/// assert_eq!(saved.listener_count(), 1);
/// log.remove();
/// assert_eq!(saved.listener_count(), 0);
/// ```
///
/// All registrations have this one type, so those of different kinds go into one `Vec`.
pub struct Registration {
    registrar: Weak<dyn Registrar>,
    name: Name,
    id: u64,
}

impl Registration {
    pub(crate) fn new(registrar: Weak<dyn Registrar>, name: Name, id: u64) -> Self {
        Self { registrar, name, id }
    }

    /// The channel of a handler, the name of a function or notification, or the type of an event's
    /// values.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Removes what was registered, and frees its channel or name. Calls that run already run on;
    /// later ones fail with [`NotFound`](crate::ErrorKind::NotFound). A callback may still run on
    /// another thread when this returns, but isn't called again.
    ///
    /// If it was removed already, nothing happens.
    pub fn remove(self) {
        if let Some(registrar) = self.registrar.upgrade() {
            registrar.remove(self.id);
        }
    }

    /// The same registration once more.
    fn again(&self) -> Self {
        Self { registrar: self.registrar.clone(), name: self.name.clone(), id: self.id }
    }

    /// A guard that removes what was registered when it is dropped.
    pub fn into_guard(self) -> RegistrationGuard {
        RegistrationGuard { registration: self, is_kept: false }
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Removes what was registered when it is dropped; see [`Registration::into_guard`].
#[derive(Debug)]
#[must_use = "dropping the guard removes what was registered"]
pub struct RegistrationGuard {
    registration: Registration,
    is_kept: bool,
}

impl RegistrationGuard {
    /// The name of what was registered; see [`Registration::name`].
    pub fn name(&self) -> &str {
        self.registration.name()
    }

    /// Turns the guard into a registration again, which keeps what was registered when it is
    /// dropped.
    pub fn keep(mut self) -> Registration {
        self.is_kept = true;
        self.registration.again()
    }
}

impl Drop for RegistrationGuard {
    fn drop(&mut self) {
        if !self.is_kept {
            self.registration.again().remove();
        }
    }
}

/// Where something is registered.
pub(crate) trait Registrar: Send + Sync {
    /// Removes what has this id, if it is still there.
    fn remove(&self, id: u64);
}
