//! Who asks for a token has no peer until it was shown.

use crate::{
    message::error_object::ErrorObject, peer::connection::Connection, peer_info::PeerInfo,
    support::warnings::warn_rarely, token::ShownToken,
};

impl Connection {
    /// Whether the other side has yet to show a token: it is nobody's peer until then.
    pub(crate) fn is_stranger(&self) -> bool {
        self.token.lock().is_some()
    }

    /// Checks what the other side has shown, where it is asked for and wasn't shown before.
    pub(crate) fn check_token(&self, shown: Option<&ShownToken>) -> Result<(), ErrorObject> {
        let token = self.token.lock();
        let Some(token) = &*token else { return Ok(()) };
        match shown {
            Some(shown) if token.is(shown.as_str()) => Ok(()),
            Some(_) => {
                let why =
                    "the token is not the one of this backend, which may have been started anew";
                let PeerInfo { id, endpoint } = self.info();
                warn_rarely!(
                    self.warnings(), WrongToken, peer = %id, %endpoint, why,
                    "refused a handshake"
                );
                Err(ErrorObject::unauthorized(why))
            }
            None => Err(ErrorObject::unauthorized(
                "this backend asks for a token, and none was sent: Frontend::builder().token(…), \
                 or the member `token` of rpc.handshake",
            )),
        }
    }

    /// The other side has shown what it must, and needn't any more.
    pub(crate) fn let_in(&self) {
        let token = self.token.lock().take();
        drop(token);
    }
}
