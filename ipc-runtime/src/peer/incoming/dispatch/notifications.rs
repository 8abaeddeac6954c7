//! Notifications from the peer.

use crate::support::warnings::warn_rarely;
use crate::{
    interface::MethodKind,
    limits::NotificationOverflow,
    message::{self, Invocation},
    peer::{
        connection::Phase,
        incoming::{
            control,
            dispatch::{Dispatch, fatal_input::FatalInput},
            run,
            service::Incoming,
            target::Target,
        },
        state::notification_queue::Queued,
        streams::delivery,
    },
    transport::carrier::CloseKind,
};

impl Dispatch {
    pub(crate) fn notification(&mut self, call: &Invocation<'_>) -> Result<(), FatalInput> {
        self.settle();
        if self.connection.session().is_plain() && message::is_of_plain_server(&call.method) {
            return self.notify_listeners(call);
        }
        if &*call.method == "$/stream" {
            let params = call.params.unwrap_or(self.encoding().empty_map());
            if let Some(of) = delivery::stream_item(&self.connection, params) {
                self.item_runs.parsed(&self.connection, &call.method, of);
            }
            return Ok(());
        }
        if message::is_reserved(&call.method) {
            control::notification(&self.connection, call);
            return Ok(());
        }
        // Items come first, even if both sides expose the channel.
        if self.connection.with_state(|state| state.inboxes.expects(&call.method)) {
            let empty = self.encoding().empty_map();
            if let Some(of) = delivery::item(&self.connection, call.params.unwrap_or(empty)) {
                self.item_runs.parsed(&self.connection, &call.method, of);
            }
            return Ok(());
        }
        if self.connection.must_greet() {
            self.unheard("there was no handshake");
            return Ok(());
        }
        let listeners = self.handlers.listeners(&call.method);
        match self.handlers.find(&call.method) {
            Ok(target) => self.notify(&target, call)?,
            Err(why) if listeners.is_empty() => self.unheard(&why.message),
            Err(_) => {}
        }
        for listener in listeners {
            self.notify(&Target::Function(listener), call)?;
        }
        Ok(())
    }

    /// Dispatches a notification that goes to listeners only.
    fn notify_listeners(&mut self, call: &Invocation<'_>) -> Result<(), FatalInput> {
        for listener in self.handlers.listeners(&call.method) {
            self.notify(&Target::Function(listener), call)?;
        }
        Ok(())
    }

    fn unheard(&self, why: &str) {
        let peer = self.connection.info().id;
        tracing::debug!(%peer, why = control::told(why), "dropped a notification");
    }

    fn notify(&mut self, target: &Target, call: &Invocation<'_>) -> Result<(), FatalInput> {
        if target.called().kind() == MethodKind::Subscription {
            // An item of a subscription that was closed meanwhile, or a request without an id.
            return Ok(());
        }
        let channel = target.channel();
        let queued = self.connection.with_state(|state| match state.phase {
            Phase::Open => {
                let bytes = call.params.map_or(0, <[u8]>::len);
                let waiting = || run::waiting(target, call.params);
                Some(state.notifications.offer(&channel, bytes, waiting))
            }
            _ => None,
        });
        match queued {
            Some(Queued::RunNow) => {
                let Some(responder) = run::notified(&self.connection, target, call.params) else {
                    return Ok(());
                };
                let incoming = Incoming::new(call.params, responder);
                if let Some(rest) = run::begin(target, incoming, 0, None) {
                    run::spawn_notifications(&self.connection, channel, rest);
                }
            }
            Some(Queued::Dropped(count)) => {
                let limits = self.connection.limits();
                if limits.notification_overflow == NotificationOverflow::Close {
                    let what = format!("more notifications of {channel} than are handled in time");
                    return Err(FatalInput::new(&what, CloseKind::Refused));
                }
                if count == 1 {
                    let (peer, warnings) = (self.connection.info().id, self.connection.warnings());
                    warn_rarely!(
                        warnings, DroppedNotifications, %peer, %channel,
                        "too many notifications wait: dropping the newest"
                    );
                }
            }
            Some(Queued::Waits) => {}
            // This side is closing: the notification is refused, like a request.
            None => run::tell_dropped(&self.connection, &channel, 1),
        }
        Ok(())
    }
}
