//! Who asks for a token has no peer until it was shown.

use std::sync::{Arc, PoisonError};

use super::Connection;
use crate::{
    Token,
    message::{ErrorObject, code},
    token::ShownToken,
};

/// What the other side of a connection must show before it is a peer.
pub(crate) struct Admission {
    pub(crate) token: Token,
    /// Makes it one, before anything else that it has said is done. `false`: too late.
    pub(crate) admit: Admit,
}

type Admit = Box<dyn FnOnce(&Arc<Connection>) -> bool + Send>;

impl Connection {
    /// Whether the other side has yet to show a token: it is nobody's peer until then.
    pub(in crate::peer) fn is_stranger(&self) -> bool {
        self.admission.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Checks what the other side has shown, where it is asked for and wasn't shown before.
    pub(crate) fn check_token(&self, shown: Option<&ShownToken>) -> Result<(), ErrorObject> {
        let admission = self.admission.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Admission { token, .. }) = &*admission else { return Ok(()) };
        match shown {
            Some(shown) if token.is(shown.as_str()) => Ok(()),
            Some(_) => Err(ErrorObject::unauthorized(
                "the token is not the one of this backend, which may have been started anew",
            )),
            None => Err(ErrorObject::unauthorized(
                "this backend asks for a token, and none was sent: Frontend::builder().token(…), \
                 or the member `token` of rpc.handshake",
            )),
        }
    }

    /// The other side has shown what it must: it is a peer from here on.
    pub(crate) fn admit(self: &Arc<Self>) -> Result<(), ErrorObject> {
        let admission = self.admission.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Without the lock: whoever hears of a new peer is the app's code.
        let is_let_in = admission.is_none_or(|admission| (admission.admit)(self));
        if is_let_in {
            Ok(())
        } else {
            Err(ErrorObject::new(code::CLOSING, "this side is closing"))
        }
    }
}
