//! What a WebSocket becomes once its request was answered: a session of its own, or the new
//! transport of one that has polled until then.

use std::{future::poll_fn, io, time::Duration};

use crate::{
    support::rt::timeout,
    transport::{
        byte_stream::Io,
        engine_io::{
            door::{Admission, Admitted, EngineDoor},
            host::EngineHost,
            packet::Packet,
            session::UpgradeClaim,
            socket::EngineSocket,
            web_socket::{LinkEnd, WebSocketLink},
        },
    },
};

/// How long a client may take to close a WebSocket that isn't used.
const GOODBYE: Duration = Duration::from_secs(2);

impl<H: EngineHost> EngineDoor<'_, H> {
    /// Takes over a stream whose request was let in and answered. Returns when the session is
    /// served by a task of its own, and within the time that an upgrade may take.
    pub(crate) async fn attach(
        &self,
        io: Box<dyn Io>,
        admitted: Admitted<H::Place>,
    ) -> io::Result<()> {
        let config = self.server.config();
        match admitted.admission {
            Admission::Session { place, opening } => {
                let mut link = WebSocketLink::new(io, admitted.base64, config).await;
                let Ok(session) = self.begin(opening) else { return Ok(()) };
                session.begin_on_web_socket();
                link.queue(self.server.open_packet(&session, true));
                let socket = EngineSocket::web_socket(session, self.server.clone(), link);
                self.host.serve(socket, place);
                Ok(())
            }
            Admission::Upgrade(claim) => {
                let link = WebSocketLink::new(io, admitted.base64, config).await;
                let mut link = Box::new(link);
                let probed = timeout(config.upgrade_timeout, probe(&mut link, &claim)).await;
                let unused = match probed {
                    Ok(true) => claim.complete(link).err(),
                    // Polling goes on at once.
                    Ok(false) | Err(_) => {
                        drop(claim);
                        Some(link)
                    }
                };
                if let Some(mut link) = unused {
                    let closing = poll_fn(|cx| link.poll_close(cx));
                    let _ = timeout(GOODBYE, closing).await;
                }
                Ok(())
            }
        }
    }
}

/// Waits until the client goes on with the WebSocket. `false`: it doesn't.
async fn probe(link: &mut WebSocketLink, claim: &UpgradeClaim) -> bool {
    let mut is_probed = false;
    loop {
        match poll_fn(|cx| link.poll_packet(cx)).await {
            Ok(Packet::Ping { probe: true }) => {
                link.queue(Packet::Pong { probe: true });
                if poll_fn(|cx| link.poll_flush(cx)).await.is_err() {
                    return false;
                }
                claim.probed();
                is_probed = true;
            }
            Ok(Packet::Upgrade) if is_probed => return true,
            Ok(_) => {
                link.broken(LinkEnd::Broken);
                return false;
            }
            Err(_) => return false,
        }
    }
}
