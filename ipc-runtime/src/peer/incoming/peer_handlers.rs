//! The handlers that were created for one peer.

use std::sync::{Arc, MutexGuard, Weak};

use crate::{
    peer::{
        incoming::{
            registry::{Provider, Registered},
            service::Service,
        },
        session::Session,
    },
    support::{ids::next_id, lock::Lock},
    usage::Counted,
};

/// The handlers that were created for one peer. Their registrations own them, this only knows them:
/// code that removes a registration removes its handlers too.
pub(crate) struct PeerHandlers {
    /// Unique in this process.
    id: u64,
    made: Lock<KeptHandlers>,
}

#[derive(Default)]
struct KeptHandlers {
    handlers: Vec<Own>,
    /// The peer is gone for good: what is created later isn't kept.
    released: bool,
}

struct Own {
    /// The id of the registration that created it, and owns it.
    id: u64,
    made_by: Weak<Registered>,
    service: Weak<dyn Service>,
}

impl Default for PeerHandlers {
    fn default() -> Self {
        Self { id: next_id(), made: Lock::default() }
    }
}

impl PeerHandlers {
    /// Drops the handlers of a session that has ended, if there are any. Those that are created
    /// later aren't kept.
    pub(crate) fn release_of(session: &Session) {
        if let Some(own) = session.extensions().get::<Self>() {
            own.release();
        }
    }

    /// Returns the handlers of the session's peer.
    pub(crate) fn of(session: &Session) -> Arc<Self> {
        session.extensions().get().unwrap_or_else(|| {
            let own = session.extension_or_insert(Self::default());
            session.on_release({
                let own = own.clone();
                move || own.release()
            });
            own
        })
    }

    fn made(&self) -> MutexGuard<'_, KeptHandlers> {
        self.made.lock()
    }

    /// Returns the handler that this registration has created.
    pub(crate) fn get(&self, registered: &Registered) -> Option<Arc<dyn Service>> {
        let made = self.made();
        let own = made.handlers.iter().find(|own| own.id == registered.id);
        own.and_then(|own| own.service.upgrade())
    }

    /// Keeps a handler, and returns the one to call: if two connections of the peer have created
    /// one at the same time, the first is kept.
    pub(crate) fn keep(
        &self,
        registered: &Arc<Registered>,
        service: Arc<dyn Service>,
        counted: Counted,
    ) -> Arc<dyn Service> {
        let Provider::PerPeer(per_peer) = &registered.provider else { return service };
        {
            let mut made = self.made();
            if made.released {
                return service;
            }
            made.handlers.retain(|own| own.made_by.strong_count() > 0);
            if let Some(own) = made.handlers.iter().find(|own| own.id == registered.id) {
                if let Some(first) = own.service.upgrade() {
                    return first;
                }
            }
            made.handlers.retain(|own| own.id != registered.id);
            let (made_by, weak) = (Arc::downgrade(registered), Arc::downgrade(&service));
            made.handlers.push(Own { id: registered.id, made_by, service: weak });
        }
        per_peer.keep(self.id, service.clone(), counted);
        if self.made().released {
            // The peer was gone meanwhile.
            per_peer.release(self.id);
        }
        service
    }

    /// Drops the handlers, because the peer is gone for good. They may keep it alive, and it them.
    pub(crate) fn release(&self) {
        let handlers = {
            let mut made = self.made();
            made.released = true;
            std::mem::take(&mut made.handlers)
        };
        for own in handlers {
            let made_by = own.made_by.upgrade();
            if let Some(Provider::PerPeer(per_peer)) = made_by.as_ref().map(|it| &it.provider) {
                per_peer.release(self.id);
            }
        }
    }
}
