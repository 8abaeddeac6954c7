//! Turns a reply into what the caller gets.

use std::time::Duration;

use crate::{
    error::{
        call_error::{Failure, failure},
        disconnect_reason::DisconnectReason,
        ipc_error::{ErrorDetail, IpcError, MessagePart},
    },
    message::error_object::{ErrorObject, code},
    peer::{
        outgoing::raw_call::{Answer, RawCall},
        state::{call_reply::Reply, raw_result::Payload},
    },
};

impl RawCall {
    /// Returns the result of an answer, or its error in the caller's type.
    pub(crate) fn decode_answer<E: Failure>(&self, answer: Answer) -> Result<Payload, E> {
        let is_plain = self.link().session().is_plain();
        let from = if is_plain { IpcError::from_plain_object } else { IpcError::from_object };
        let as_ipc = |error: ErrorObject, unreadable: Option<String>| {
            let failed = from(self.method().clone(), self.endpoint(), error);
            // A plain server's errors have no type that this side could expect.
            let unreadable = unreadable.filter(|_| !is_plain);
            failed.unreadable(unreadable).ran_before(self.may_have_run)
        };
        answer.map_err(|error| failure(error, as_ipc))
    }

    pub(crate) fn read(&mut self, reply: Reply) -> Result<Answer, IpcError> {
        if !matches!((&reply, &self.inbox), (Reply::Result(_), Some(_))) {
            // Also if the call has ended without an answer.
            self.uploads.clear();
        }
        match reply {
            // The middleware gets the result's length before it is decoded, so its end must be
            // found.
            Reply::Result(result) if self.watched.is_some() => {
                let settled = result.settle(self.link.session().encoding());
                settled.map(Ok).map_err(|why| self.decode(why))
            }
            Reply::Result(result) => Ok(Ok(result)),
            Reply::Error(error) => {
                match ErrorObject::decode(self.link.session().encoding(), &error) {
                    Ok(error) => {
                        self.note_error(&error);
                        Ok(Err(error))
                    }
                    Err(why) => Err(self.decode(format!("the error object: {why}"))),
                }
            }
            Reply::Malformed(why) => Err(self.decode(why.to_owned())),
            Reply::TooLarge { size } => {
                let limit = self.link.session().limits().message_bytes();
                Err(self.too_large(MessagePart::Reply, size, limit as u64))
            }
            Reply::DeadlineExceeded => Err(self.deadline_exceeded()),
            Reply::Disconnected { may_have_run } => {
                let reason =
                    self.connection.as_ref().and_then(|connection| connection.end_reason());
                let reason = reason.unwrap_or(DisconnectReason::ClosedByPeer(None));
                Err(self.disconnected(reason, may_have_run))
            }
        }
    }

    fn note_error(&self, error: &ErrorObject) {
        if let (code::METHOD_NOT_FOUND, Some(connection)) = (error.code, &self.connection) {
            connection.forget_served(&self.method);
        }
    }

    /// Names this call's method in an error of its gate. The error is about the same connection,
    /// but another method met it.
    pub(crate) fn named(&self, error: IpcError) -> IpcError {
        match error.detail() {
            ErrorDetail::Disconnected { reason, .. } => self.disconnected(reason.clone(), false),
            ErrorDetail::NotConnected(_) => error.of_method(self.method.clone()),
            _ => error,
        }
    }

    pub(crate) fn decode(&self, message: String) -> IpcError {
        self.error(ErrorDetail::Decode(message))
    }

    pub(crate) fn disconnected(&self, reason: DisconnectReason, may_have_run: bool) -> IpcError {
        self.error(ErrorDetail::Disconnected { may_have_run, reason })
    }

    pub(crate) fn deadline_exceeded(&self) -> IpcError {
        let timeout = self.link.session().limits().deadline(self.timeout).unwrap_or(Duration::MAX);
        self.error(ErrorDetail::DeadlineExceeded(timeout))
    }

    pub(crate) fn too_large(&self, part: MessagePart, size: u64, limit: u64) -> IpcError {
        self.error(ErrorDetail::TooLarge { part, size, limit })
    }

    fn error(&self, detail: ErrorDetail) -> IpcError {
        IpcError::new(self.method.clone(), self.endpoint().clone(), detail)
    }
}
