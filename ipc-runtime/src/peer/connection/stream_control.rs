//! Control messages of subscriptions and streams.

use std::sync::Arc;

use serde::Serialize;

use crate::{
    message::{encoded, error_object::ErrorObject, id::Id, response_body::ResponseBody},
    peer::{
        connection::{
            Connection, ConnectionCore, Phase,
            answering::Unanswered,
            own_requests::ask,
            refusals::{no_subscription_number, subscription_in_use, too_many_subscriptions},
        },
        state::{
            batch::Recipient,
            flows::{FlowId, FlowKind},
            inbox::Inbox,
        },
    },
};

/// A place among the peer's open streams, for a request that is about to open a subscription. The
/// limit refuses a request before its method runs, and not when the method has a stream to send.
pub(crate) struct SubscriptionPlace {
    connection: Arc<Connection>,
    /// The number that the caller has chosen for it.
    chosen: Option<FlowId>,
    is_used: bool,
}

impl Drop for SubscriptionPlace {
    fn drop(&mut self) {
        if !self.is_used {
            self.connection.with_state(|state| state.flows.give_place_back(self.chosen));
        }
    }
}

impl Connection {
    /// Reserves a place for a subscription of the peer; `Err` if there is none.
    pub(crate) fn reserve_subscription(
        self: &Arc<Self>,
        method: &str,
        chosen: Option<Option<u64>>,
    ) -> Result<SubscriptionPlace, ErrorObject> {
        let chosen = match chosen {
            None => None,
            Some(number) => {
                let id = number.and_then(FlowId::chosen);
                Some(id.ok_or_else(|| no_subscription_number(method))?)
            }
        };
        let limit = self.limits().max_subscriptions;
        self.with_state(|state| {
            if state.open_streams() >= limit {
                return Err(too_many_subscriptions(method, limit));
            }
            match chosen {
                Some(id) if state.flows.is_in_use(id.on_wire()) => {
                    Err(subscription_in_use(method, id.on_wire()))
                }
                _ => {
                    state.flows.reserve_place(chosen);
                    Ok(())
                }
            }
        })?;
        Ok(SubscriptionPlace { connection: self.clone(), chosen, is_used: false })
    }

    /// Answers a request by opening a subscription. The request is no longer in flight then; its
    /// abort handle and its cancellation are the subscription's from now on.
    pub(crate) fn open_subscription(
        &self,
        to: &Recipient,
        method: &'static str,
        window: Option<u64>,
        place: Option<SubscriptionPlace>,
    ) -> Result<FlowId, Unanswered> {
        let chosen = place.as_ref().and_then(|place| place.chosen);
        let opened = self.with_state(|state| {
            let id = chosen.unwrap_or_else(|| state.flows.unchosen());
            let abort = state.running.abort_handle(&to.id);
            let cancellation = state.running.cancellation_of(&to.id);
            state.running.remove(&to.id);
            let result = self.encoding().own(&id.on_wire());
            self.queue_answer(state, to, ResponseBody::Result(&result))?;
            state.flows.open(id, FlowKind::Subscription(method), abort);
            if place.is_some() {
                state.flows.use_place();
            }
            if let Some(items) = window {
                state.flows.narrow(id, items);
            }
            if let Some(cancellation) = cancellation {
                state.flows.set_cancellation(id, cancellation);
            }
            if to.batch.is_none() {
                state.flows.was_told(id);
            }
            Ok(id)
        });
        if let (Ok(_), Some(mut place)) = (&opened, place) {
            place.is_used = true;
        }
        opened
    }

    /// Reports a handler's progress to the caller of its request. The report is dropped if too many
    /// bytes wait to be written already.
    pub(crate) fn report_progress(&self, token: &Id, value: &[u8]) {
        let encoding = self.encoding();
        self.with_state(|state| {
            let open = matches!(state.phase, Phase::Open | Phase::Draining);
            if !open || !state.outbox.has_room_for(value.len()) {
                return;
            }
            let mut params = Vec::with_capacity(value.len() + 32);
            encoded::progress_params(encoding, &mut params, token, value);
            let _ = state.outbox.push(self.peer_max_message(), |out| {
                encoded::notification(encoding, out, "$/progress", &params);
            });
        });
    }

    /// Sends credit to the producer of an inbox.
    pub(crate) fn give_credit(&self, credit: &impl Serialize) {
        self.notify_peer("rpc.credit", credit);
    }

    /// Called when this subscription's reader is gone: asks the peer to stop the subscription,
    /// unless it has ended.
    pub(crate) fn unsubscribe(&self, id: &Id, inbox: &Arc<Inbox>) {
        self.with_state(|state| {
            if state.inboxes.unsubscribed(id, inbox) && !inbox.has_ended_by_producer() {
                self.send_unsubscribe(state, id);
            }
        });
    }

    /// Asks the peer to drop the producer of a subscription. Nothing waits for the answer.
    pub(crate) fn send_unsubscribe(&self, state: &mut ConnectionCore, id: &Id) {
        if matches!(state.phase, Phase::Closing(_) | Phase::Ended(_)) {
            return;
        }
        let encoding = self.encoding();
        ask(state, encoding, "rpc.unsubscribe", &encoding.own(&(id,)));
    }

    /// Called when this stream argument's reader is gone: asks the peer to stop the stream, unless
    /// it has ended.
    pub(crate) fn close_stream(&self, id: u64, inbox: &Arc<Inbox>) {
        self.with_state(|state| {
            let open = !matches!(state.phase, Phase::Closing(_) | Phase::Ended(_))
                && !self.session().is_plain();
            if state.inboxes.close_stream(id, inbox) && !inbox.has_ended_by_producer() && open {
                let encoding = self.encoding();
                let params = encoding.own(&(id,));
                let _ = state.outbox.push(usize::MAX, |out| {
                    encoded::notification(encoding, out, "rpc.closeStream", &params);
                });
            }
        });
    }
}
