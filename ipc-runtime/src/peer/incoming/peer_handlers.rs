//! The handlers that were made for one peer.

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

/// The handlers that were made for one peer. Their registrations keep them, this one knows them:
/// who removes a registration removes them with it.
pub(crate) struct PeerHandlers {
    /// Unique in this process.
    id: u64,
    made: Lock<KeptHandlers>,
}

#[derive(Default)]
struct KeptHandlers {
    handlers: Vec<Own>,
    /// The peer is gone for good: what comes later isn't kept.
    released: bool,
}

struct Own {
    /// The number of what made it, and keeps it.
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
    /// Lets go of those of a session that is over, if there are any. One that is made later finds it
    /// over, and keeps none.
    pub(crate) fn release_of(session: &Session) {
        if let Some(own) = session.extensions().get::<Self>() {
            own.release();
        }
    }

    /// Those of the peer whose session this is.
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

    /// The one that this registration has made.
    pub(crate) fn get(&self, registered: &Registered) -> Option<Arc<dyn Service>> {
        let made = self.made();
        let own = made.handlers.iter().find(|own| own.id == registered.id);
        own.and_then(|own| own.service.upgrade())
    }

    /// Keeps one. If two connections of the peer have made one at once, the first is kept. Gives
    /// the one to be called.
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
            // Meanwhile.
            per_peer.release(self.id);
        }
        service
    }

    /// The peer is gone for good. They may hold it, and it them.
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
