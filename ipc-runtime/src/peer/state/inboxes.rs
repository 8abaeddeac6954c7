//! The inboxes of one connection.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use crate::{message::id::Id, peer::state::inbox::Inbox};

/// The inboxes of one connection.
#[derive(Debug, Default)]
pub(crate) struct Inboxes {
    subscriptions: HashMap<Id, (Cow<'static, str>, Arc<Inbox>)>,
    /// How many subscriptions there are to each method. Items carry the method's name.
    methods: HashMap<Cow<'static, str>, usize>,
    streams: HashMap<u64, Arc<Inbox>>,
}

impl Inboxes {
    /// How many stream arguments of the peer are open.
    pub(crate) fn stream_count(&self) -> usize {
        self.streams.len()
    }

    /// Adds a subscription that the peer has opened. Returns the inbox whose id it has reused.
    pub(crate) fn subscribed(
        &mut self,
        id: Id,
        method: Cow<'static, str>,
        inbox: Arc<Inbox>,
    ) -> Option<Arc<Inbox>> {
        *self.methods.entry(method.clone()).or_default() += 1;
        let (method, old) = self.subscriptions.insert(id, (method, inbox))?;
        old.detach();
        self.forget(&method);
        Some(old)
    }

    /// Whether notifications of this method are items of a subscription.
    pub(crate) fn expects(&self, method: &str) -> bool {
        !self.methods.is_empty() && self.methods.contains_key(method)
    }

    /// The inbox of a subscription.
    pub(crate) fn subscription(&self, id: &Id) -> Option<Arc<Inbox>> {
        self.subscriptions.get(id).map(|(_, inbox)| inbox.clone())
    }

    /// The inbox of a subscription, if it is one to this method.
    pub(crate) fn subscription_of(&self, method: &str, id: &Id) -> Option<Arc<Inbox>> {
        let (of, inbox) = self.subscriptions.get(id)?;
        (of == method).then(|| inbox.clone())
    }

    /// Removes a subscription that nobody reads any more. `false`: it wasn't here.
    pub(crate) fn unsubscribed(&mut self, id: &Id, inbox: &Arc<Inbox>) -> bool {
        let here = self.subscriptions.get(id).is_some_and(|(_, known)| Arc::ptr_eq(known, inbox));
        if here {
            if let Some((method, _)) = self.subscriptions.remove(id) {
                self.forget(&method);
            }
            inbox.detach();
        }
        here
    }

    fn forget(&mut self, method: &str) {
        if let Some(count) = self.methods.get_mut(method) {
            *count -= 1;
            if *count == 0 {
                self.methods.remove(method);
            }
        }
    }

    /// Adds a stream argument. `false`: there is one with this number.
    pub(crate) fn open_stream(&mut self, id: u64, inbox: Arc<Inbox>) -> bool {
        match self.streams.entry(id) {
            std::collections::hash_map::Entry::Occupied(_) => false,
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(inbox);
                true
            }
        }
    }

    /// The inbox of a stream argument.
    pub(crate) fn stream(&self, id: u64) -> Option<Arc<Inbox>> {
        self.streams.get(&id).cloned()
    }

    /// Removes a stream argument that nobody reads any more. `false`: it wasn't here.
    pub(crate) fn close_stream(&mut self, id: u64, inbox: &Arc<Inbox>) -> bool {
        let here = self.streams.get(&id).is_some_and(|known| Arc::ptr_eq(known, inbox));
        if here {
            self.streams.remove(&id);
            inbox.detach();
        }
        here
    }

    /// Removes all inboxes at the end of the connection. Returns them, so that they are ended too.
    pub(crate) fn clear(&mut self) -> Vec<Arc<Inbox>> {
        self.methods.clear();
        let subscriptions = self.subscriptions.drain().map(|(_, (_, inbox))| inbox);
        let all: Vec<_> =
            subscriptions.chain(self.streams.drain().map(|(_, inbox)| inbox)).collect();
        all.iter().for_each(|inbox| inbox.detach());
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Window;

    #[test]
    fn an_inbox_that_the_connection_has_forgotten_knows_it() {
        let window = Window { items: 10, bytes: 100 };
        let mut inboxes = Inboxes::default();
        let open: Vec<_> = (0..5).map(|_| Inbox::new(window)).collect();
        let [replaced, left, ended, closed, stream] = &open[..] else { return };
        let id = Id::Number;
        let subscribed = |inboxes: &mut Inboxes, number, inbox: &Arc<Inbox>| {
            inboxes.subscribed(id(number), "a.b".into(), inbox.clone())
        };
        assert!(subscribed(&mut inboxes, 1, replaced).is_none());
        assert!(subscribed(&mut inboxes, 1, left).is_some());
        assert!(subscribed(&mut inboxes, 2, ended).is_none());
        assert!(inboxes.open_stream(1, closed.clone()) && inboxes.open_stream(2, stream.clone()));
        assert!(inboxes.unsubscribed(&id(1), left) && inboxes.close_stream(1, closed));
        let detached = |inbox: &Arc<Inbox>| inbox.is_detached();
        assert_eq!(open.iter().map(detached).collect::<Vec<_>>(), [true, true, false, true, false]);
        inboxes.clear();
        assert!(open.iter().all(detached));
    }
}
