//! Strangers: peers that have yet to send the token. Little is accepted from them, and nothing is
//! kept for them.

use crate::{
    error::disconnect_reason::DisconnectReason,
    message::{
        Message, batch, envelope,
        error_object::{ErrorObject, code},
        id::Id,
        response_body::ResponseBody,
    },
    peer::{
        incoming::dispatch::{Dispatch, fatal_input::FatalInput},
        state::batch::Recipient,
    },
    transport::carrier::{CloseKind, Frame},
};

/// How large a stranger's messages may be, and how much of the answers may wait to be written, in
/// bytes.
const MOST: usize = 64 * 1024;

impl Dispatch {
    /// Returns whether the other side has yet to send the token.
    pub(crate) fn is_stranger(&self) -> bool {
        self.is_stranger
    }

    /// Returns the largest message that is accepted at the moment, in bytes.
    pub(crate) fn max_message_bytes(&self) -> usize {
        let limit = self.connection.limits().message_bytes();
        if self.is_stranger { limit.min(MOST) } else { limit }
    }

    /// Dispatches a stranger's frame: a handshake, or a ping. Anything else is answered as if a
    /// required handshake were missing, and ends the connection.
    pub(crate) fn stranger(&mut self, frame: Frame<'_>) -> Result<(), FatalInput> {
        if self.connection.with_state(|state| state.outbox.unwritten() > MOST) {
            let reason = DisconnectReason::SlowReader;
            return Err(FatalInput { reason, kind: CloseKind::Refused });
        }
        if let Frame::Message(bytes) = frame {
            if batch::is_batch(self.encoding(), bytes) {
                let why = "a batch did not run: call rpc.handshake first, by itself";
                let error = ErrorObject::new(code::HANDSHAKE_REQUIRED, why);
                let to = Recipient::new(Id::Null, None);
                self.connection.answer_beside(&to, ResponseBody::Error(&error));
                return Err(Self::not_let_in());
            }
            if self.may_ask(bytes) {
                self.message(bytes, None)?;
                self.is_stranger = self.connection.is_stranger();
                return Ok(());
            }
        }
        // The rest of a message that is too large is thrown away as it comes in. If the connection
        // were closed before that, the answer could be lost with it.
        let goes_on = matches!(frame, Frame::TooLarge { .. });
        self.peer(frame)?;
        if goes_on { Ok(()) } else { Err(Self::not_let_in()) }
    }

    fn not_let_in() -> FatalInput {
        FatalInput::new("it said something else ahead of the token", CloseKind::Refused)
    }

    fn may_ask(&self, bytes: &[u8]) -> bool {
        let max_depth = self.connection.limits().json_depth();
        match envelope::parse(self.encoding(), bytes, max_depth) {
            Ok(Message::Request { call, .. }) => {
                matches!(&*call.method, "rpc.handshake" | "rpc.ping")
            }
            _ => false,
        }
    }
}
