//! Messages between the runtimes of both sides: methods whose names begin with `rpc.` or `$/`.

use serde::Deserialize;

use crate::support::warnings::warn_rarely;
use crate::{
    message::{
        Invocation, encoded,
        error_object::{ErrorObject, code},
        id::Id,
    },
    peer::{
        connection::Connection,
        state::{
            call_id::CallId,
            flows::{FlowId, Flows},
        },
    },
};

/// How many characters are kept of a text that the other side sends for people to read.
const LONGEST_TEXT: usize = 256;

/// Makes a text from the other side fit for people to read: one line, and not too long.
pub(crate) fn told(text: &str) -> String {
    let plain = |sign: char| if sign.is_control() { char::REPLACEMENT_CHARACTER } else { sign };
    text.chars().take(LONGEST_TEXT).map(plain).collect()
}

/// Answers an `rpc.unsubscribe`: drops the producer of a subscription.
pub(crate) fn unsubscribe(
    connection: &Connection,
    params: Option<&[u8]>,
) -> Result<Vec<u8>, ErrorObject> {
    let encoding = connection.encoding();
    let id = params.and_then(|params| encoding.decode::<(u64,)>(params).ok());
    let Some((id,)) = id else {
        let why = "rpc.unsubscribe takes the id of a subscription: [7]";
        return Err(ErrorObject::new(code::INVALID_PARAMS, why));
    };
    Ok(encoding.own(&stop_flow(connection, |flows| flows.subscription(id))))
}

/// Stops a producer that the peer wants nothing more of. Returns `false` if there is none.
fn stop_flow(connection: &Connection, find: impl FnOnce(&Flows) -> Option<FlowId>) -> bool {
    let stopped = connection.with_state(|state| {
        let id = find(&state.flows)?;
        let abort = state.flows.abort_handle(id);
        let cancellation = state.flows.cancellation(id);
        Some((abort, cancellation, state.flows.close(id)))
    });
    let Some((abort, cancellation, waker)) = stopped else { return false };
    drop(waker);
    if let Some(cancellation) = cancellation {
        cancellation.cancel();
    }
    if let Some(abort) = abort {
        abort.abort();
    }
    true
}

fn credit(connection: &Connection, params: &[u8]) {
    #[derive(Deserialize)]
    struct Given {
        subscription: Option<u64>,
        stream: Option<u64>,
        #[serde(default)]
        n: u64,
        bytes: Option<u64>,
    }
    let Ok(given) = connection.encoding().decode::<Given>(params) else { return };
    let waker = connection.with_state(|state| {
        let id = match (given.subscription, given.stream) {
            (Some(number), _) => state.flows.subscription(number),
            (None, Some(number)) => state.flows.argument(number),
            (None, None) => None,
        }?;
        state.flows.credit(id, given.n, given.bytes)
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}

fn progress(connection: &Connection, params: &[u8]) {
    let progress = encoded::parse_progress(connection.encoding(), params);
    let Some((Id::Number(token), value)) = progress else { return };
    let waker =
        connection.with_state(|state| state.calls.progress(CallId::from_wire(token)?, value));
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Does what one of the runtime's own notifications asks for, unless it is an item.
pub(crate) fn notification(connection: &Connection, call: &Invocation<'_>) {
    let peer = connection.info().id;
    let encoding = connection.encoding();
    let params = call.params.unwrap_or(encoding.empty_map());
    match &*call.method {
        "$/cancelRequest" => {
            let Some(id) = encoded::parse_cancel(encoding, params) else { return };
            let (running, cancellation) = connection.with_state(|state| {
                (state.running.abort_handle(&id), state.running.cancellation_of(&id))
            });
            // A request that is unknown or answered: nothing to do.
            if let Some(cancellation) = cancellation {
                cancellation.cancel();
            }
            if let Some(running) = running {
                running.abort();
            }
        }
        "rpc.credit" => credit(connection, params),
        "$/progress" => progress(connection, params),
        "rpc.closeStream" => {
            if let Ok((id,)) = encoding.decode::<(u64,)>(params) {
                stop_flow(connection, |flows| flows.argument(id));
            }
        }
        "rpc.closing" => {
            #[derive(Deserialize)]
            struct Closing {
                reason: Option<String>,
                #[serde(default, rename = "final")]
                is_final: bool,
            }
            let Ok(closing) = encoding.decode::<Closing>(params) else { return };
            connection.with_state(|state| {
                state.farewell = closing.reason.map(|reason| told(&reason).into());
                state.dismissed = closing.is_final;
            });
        }
        "rpc.dropped" => {
            #[derive(Deserialize)]
            struct Dropped {
                channel: String,
                n: u64,
            }
            let Ok(Dropped { channel, n }) = encoding.decode(params) else { return };
            let channel = told(&channel);
            let warnings = connection.warnings();
            warn_rarely!(
                warnings, ToldDropped, %peer, channel, n,
                "the other side had to drop notifications of ours"
            );
        }
        name => tracing::debug!(%peer, name = told(name), "dropped an unknown notification"),
    }
}
