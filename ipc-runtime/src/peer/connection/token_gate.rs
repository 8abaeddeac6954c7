//! The token that a backend may require before anything else.

use crate::{
    message::error_object::ErrorObject, peer::connection::Connection, peer_info::PeerInfo,
    support::warnings::warn_rarely, token::ShownToken,
};

impl Connection {
    /// Returns whether the other side has yet to send the token. Until then it is no peer.
    pub(crate) fn is_stranger(&self) -> bool {
        self.token.lock().is_some()
    }

    /// Checks the token that the other side has sent, unless none is required (any more).
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

    /// Called when the token is accepted: this connection requires none any more.
    pub(crate) fn let_in(&self) {
        let token = self.token.lock().take();
        drop(token);
    }
}
