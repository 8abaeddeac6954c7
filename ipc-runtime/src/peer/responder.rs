//! Answers one request, whatever happens.

use std::{
    cell::RefCell,
    fmt::{self, Display},
    sync::Arc,
};

use serde::Serialize;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{CallContext, Connection, batch::Recipient};
use crate::{
    MethodInfo,
    message::{ErrorObject, Id, ResponseBody, code},
};

/// What a thread keeps of its buffer between two replies.
const KEPT_BUFFER: usize = 64 * 1024;

thread_local! {
    /// Replies are serialized here, outside of any lock: that runs the user's code.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Answers one request, exactly once: dropped without an answer it says why there is none.
///
/// It lives inside the handler's future, so that dropping that (which is cancelling) answers too.
#[doc(hidden)]
pub struct Responder {
    connection: Arc<Connection>,
    /// `None` for a notification, and once it has answered.
    to: Option<Recipient>,
    method: &'static MethodInfo,
    deadline: Option<Instant>,
}

impl Responder {
    pub(super) fn new(
        connection: Arc<Connection>,
        to: Option<Recipient>,
        method: &'static MethodInfo,
        deadline: Option<Instant>,
    ) -> Self {
        Self { connection, to, method, deadline }
    }

    pub(super) fn method(&self) -> &'static MethodInfo {
        self.method
    }

    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// Called by generated code.
    pub fn context(&self) -> CallContext {
        CallContext::new(self.connection.clone(), self.method, self.deadline)
    }

    /// Called by generated code: answers with what the method returned.
    pub fn value<T: Serialize>(mut self, value: T) {
        if self.to.is_none() {
            return;
        }
        // Taken out, since serializing may answer another request on the way.
        let mut buffer = BUFFER.take();
        buffer.clear();
        let encoded = self.connection.encoding().encode(&mut buffer, &value);
        // Only now: serializing runs the user's code, and if that panics, the drop answers.
        let Some(to) = self.to.take() else { return };
        match encoded {
            Ok(()) => self.connection.answer(&to, ResponseBody::Result(&buffer)),
            Err(why) => self.connection.answer_error(&to, &self.unwritable("result", &why)),
        }
        if buffer.capacity() <= KEPT_BUFFER {
            BUFFER.set(buffer);
        }
    }

    /// Called by generated code: answers with what the method returned, or its own error.
    pub fn result<T: Serialize, E: Serialize + Display>(mut self, result: Result<T, E>) {
        let error = match result {
            Ok(value) => return self.value(value),
            Err(error) => error,
        };
        if self.to.is_none() {
            return;
        }
        let mut data = Vec::new();
        let encoded = self.connection.encoding().encode(&mut data, &error);
        let data = encoded.and_then(|()| {
            let text = String::from_utf8(data).map_err(|error| error.to_string())?;
            RawValue::from_string(text).map_err(|error| error.to_string())
        });
        let object = match data {
            Ok(data) => ErrorObject {
                code: code::METHOD_ERROR,
                message: error.to_string(),
                data: Some(data),
            },
            Err(why) => self.unwritable("error", &why),
        };
        let Some(to) = self.to.take() else { return };
        self.connection.answer_error(&to, &object);
    }

    /// Answers with an error of the runtime's.
    pub(super) fn fail(mut self, error: &ErrorObject) {
        if let Some(to) = self.to.take() {
            self.connection.answer_error(&to, error);
        }
    }

    /// The message as a whole was no JSON, as only a look into its payload has shown: that is
    /// answered with id null, whatever id was read, and also if none was (JSON-RPC 2.0, section 5).
    pub(super) fn not_understood(mut self, why: &str) {
        let unknown = match self.to.take() {
            Some(to) => Recipient { id: Id::Null, ..to },
            None => Recipient::unknown(None),
        };
        let error = ErrorObject::new(code::PARSE_ERROR, why);
        self.connection.answer_beside(&unknown, ResponseBody::Error(&error));
    }

    fn unwritable(&self, what: &str, why: &str) -> ErrorObject {
        let method = self.method.full_name;
        tracing::error!(method, what, why, "can't be serialized");
        let message = format!("the {what} of {method} can't be serialized: {why}");
        ErrorObject::new(code::INTERNAL_ERROR, message)
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        let Some(to) = self.to.take() else { return };
        let method = self.method.full_name;
        let error = if std::thread::panicking() {
            ErrorObject::new(code::INTERNAL_ERROR, format!("the handler of {method} panicked"))
        } else if self.connection.is_closing() {
            // Nobody has cancelled it: what ends it is the connection's end, and the peer is told
            // that, whichever of both would be written first.
            return self.connection.forget(&to);
        } else {
            ErrorObject::new(code::CANCELLED, format!("{method} was cancelled"))
        };
        self.connection.answer_error(&to, &error);
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder")
            .field("method", &self.method.full_name)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}
