//! Serves the sessions of Engine.IO, which socket.io clients use.

use std::{io, sync::Arc};

use bytes::Bytes;
use http_body::Body;
use tokio_tungstenite::tungstenite::http::{Request, Response, StatusCode, request::Parts};

use crate::{
    backend::{
        core::BackendCore, serve::ConnectionPermit, socket_peers::SocketPeers,
        turning_away::NoPlace,
    },
    socket_io::serve::serve,
    support::rt::spawn,
    transport::{
        byte_stream::Io,
        engine_io::{
            door::{EngineDoor, is_engine_io},
            host::EngineHost,
            server::EngineServer,
            socket::EngineSocket,
        },
    },
};

impl EngineHost for BackendCore {
    type Place = ConnectionPermit;

    fn place(self: &Arc<Self>) -> Result<ConnectionPermit, String> {
        if self.state().stopped {
            return Err("this backend has stopped".to_owned());
        }
        ConnectionPermit::take(self).ok_or_else(|| NoPlace::new(self).why)
    }

    fn serve(self: &Arc<Self>, socket: EngineSocket, place: ConnectionPermit) {
        let host = SocketPeers::new(self.clone());
        spawn(async move {
            serve(socket, host).await;
            drop(place);
        });
    }
}

fn door<'a>(
    shared: &'a Arc<BackendCore>,
    server: &'a Arc<EngineServer>,
) -> EngineDoor<'a, BackendCore> {
    EngineDoor::of_app(server, shared, &shared.carrier)
}

/// See [`Backend::poll`](crate::Backend::poll).
pub(super) async fn poll<B: Body>(
    shared: &Arc<BackendCore>,
    request: Request<B>,
) -> Response<Bytes> {
    let Some(server) = &shared.engine_io else {
        let why = "this backend serves no socket.io: Backend::builder().socket_io(SocketIo::new())";
        let mut response = Response::new(Bytes::from_static(why.as_bytes()));
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    door(shared, server).poll(request).await
}

/// The answer to a request for an Engine.IO WebSocket at the app's own server. `None`: it asks for
/// something else.
pub(super) fn upgrade<B>(
    shared: &Arc<BackendCore>,
    request: &Request<B>,
) -> Option<Result<Response<()>, Response<Option<String>>>> {
    let server = shared.engine_io.as_ref()?;
    let mut head = Request::new(()).into_parts().0;
    head.method = request.method().clone();
    head.uri = request.uri().clone();
    head.version = request.version();
    head.headers = request.headers().clone();
    if !is_engine_io(&head) {
        return None;
    }
    Some(door(shared, server).upgrade(head))
}

/// Serves an Engine.IO WebSocket that the app's own server has upgraded. `Err`: it is none.
pub(super) fn accept_upgraded(
    shared: &Arc<BackendCore>,
    io: Box<dyn Io>,
    head: &Parts,
) -> Result<io::Result<()>, Box<dyn Io>> {
    let Some(server) = shared.engine_io.clone().filter(|_| is_engine_io(head)) else {
        return Err(io);
    };
    let admitted = match door(shared, &server).admit(head) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            return Ok(Err(io::Error::new(io::ErrorKind::PermissionDenied, refusal.to_string())));
        }
    };
    shared.state().was_brought_some = true;
    let shared = shared.clone();
    spawn(async move {
        if let Err(error) = door(&shared, &server).attach(io, admitted).await {
            tracing::debug!(%error, "a WebSocket came to nothing");
        }
    });
    Ok(Ok(()))
}
