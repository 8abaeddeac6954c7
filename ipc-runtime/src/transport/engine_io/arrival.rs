//! HTTP connections of our own listeners that have begun with an Engine.IO request.

use std::{
    convert::Infallible,
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use futures_util::future::{Either, select};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn, upgrade::Upgraded};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_tungstenite::tungstenite::{
    handshake::server::write_response,
    http::{
        HeaderValue, Request, Response,
        header::{CONNECTION, CONTENT_LENGTH},
    },
};

use crate::{
    support::rt::{spawn, timeout},
    transport::{
        byte_stream::Io,
        config::CarrierConfig,
        engine_io::{
            door::{EngineDoor, asks_for_upgrade},
            host::EngineHost,
            refusal::EngineRefusal,
            server::EngineServer,
            stall_guard::StallGuard,
        },
        http_arrival::HttpArrival,
        websocket::{gate::Door, http_refusal, io_error::into_io, upgrade},
    },
};

/// The largest size of a request's head, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// Serves the connection until it ends, or until its WebSocket is served by a session's task.
pub(crate) async fn serve<H: EngineHost>(
    arrival: HttpArrival,
    server: &Arc<EngineServer>,
    host: &Arc<H>,
    config: &CarrierConfig,
) -> io::Result<()> {
    if asks_for_upgrade(arrival.request.headers()) {
        return serve_web_socket(arrival, server, host, config).await;
    }
    serve_http(arrival, server, host, config).await
}

async fn serve_web_socket<H: EngineHost>(
    arrival: HttpArrival,
    server: &Arc<EngineServer>,
    host: &Arc<H>,
    config: &CarrierConfig,
) -> io::Result<()> {
    let HttpArrival { mut io, request, is_followed, host: bound, is_tls, .. } = arrival;
    let door = Door::Own { host: &bound, is_tls };
    let door = EngineDoor { server, host, config, door };
    let answered = upgrade::answer(&request).map_err(EngineRefusal::from);
    let head = request.into_parts().0;
    let answered = answered.and_then(|response| {
        // The client has to wait for the answer.
        if is_followed {
            return Err(EngineRefusal::BAD_REQUEST);
        }
        Ok((response, door.admit(&head)?))
    });
    let (response, admitted) = match answered {
        Ok(answered) => answered,
        Err(refusal) => return refuse(io, &refusal, config).await,
    };
    let mut answer = Vec::new();
    write_response(&mut answer, &response).map_err(into_io)?;
    let writing = async {
        io.write_all(&answer).await?;
        io.flush().await
    };
    timeout(config.handshake_timeout, writing).await??;
    door.attach(io, admitted).await
}

async fn serve_http<H: EngineHost>(
    arrival: HttpArrival,
    server: &Arc<EngineServer>,
    host: &Arc<H>,
    config: &CarrierConfig,
) -> io::Result<()> {
    let HttpArrival { io, read, host: bound, is_tls, .. } = arrival;
    let Some(_place) = server.http_place() else {
        let no = EngineRefusal::full("too many HTTP connections at once".to_owned());
        return refuse(io, &no, config).await;
    };
    let guarded = StallGuard::new(io, server.config().stall_time);
    let io = TokioIo::new(Replayed { read, io: Box::new(guarded) });
    let service = service_fn(|request: Request<Incoming>| {
        let door = Door::Own { host: &bound, is_tls };
        let door = EngineDoor { server, host, config, door };
        async move {
            let response = door.serve_request(request).await;
            Ok::<_, Infallible>(response.map(Full::new))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(server.config().patience())
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(io, service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let stopped = pin!(server.until_stopped());
    let served = match select(connection.as_mut(), stopped).await {
        Either::Left((served, _)) => served,
        Either::Right(_) => {
            connection.as_mut().graceful_shutdown();
            // Sessions are over, so what is being answered ends soon.
            let rest = timeout(config.handshake_timeout, connection).await;
            rest.unwrap_or(Ok(()))
        }
    };
    served.map_err(io::Error::other)
}

impl<H: EngineHost> EngineDoor<'_, H> {
    async fn serve_request(&self, mut request: Request<Incoming>) -> Response<Bytes> {
        if !self.server.config().is_path(request.uri().path()) {
            return EngineRefusal::BAD_REQUEST.response();
        }
        if !asks_for_upgrade(request.headers()) {
            return self.poll(request).await;
        }
        let answered = upgrade::answer(&request).map_err(EngineRefusal::from);
        let upgrading = hyper::upgrade::on(&mut request);
        let head = request.into_parts().0;
        let answered = answered.and_then(|response| Ok((response, self.admit(&head)?)));
        let (response, admitted) = match answered {
            Ok(answered) => answered,
            Err(refusal) => return refusal.response(),
        };
        let (server, host) = (self.server.clone(), self.host.clone());
        let config = self.config.clone();
        // Which door it is matters for the check alone, which is done.
        spawn(async move {
            let door = EngineDoor::of_app(&server, &host, &config);
            let Ok(Ok(upgraded)) = timeout(config.handshake_timeout, upgrading).await else {
                return;
            };
            let Some(io) = taken_back(upgraded) else { return };
            if let Err(error) = door.attach(io, admitted).await {
                tracing::debug!(%error, "a WebSocket came to nothing");
            }
        });
        response.map(|()| Bytes::new())
    }
}

/// The stream below hyper, with what hyper has read too much.
fn taken_back(upgraded: Upgraded) -> Option<Box<dyn Io>> {
    let parts = upgraded.downcast::<TokioIo<Replayed>>().ok()?;
    let io = parts.io.into_inner();
    Some(Box::new(Replayed { read: parts.read_buf, io: io.io }))
}

/// Sends an answer and ends the connection.
async fn refuse(
    io: Box<dyn Io>,
    refusal: &EngineRefusal,
    config: &CarrierConfig,
) -> io::Result<()> {
    let refusing = refuse_in_any_time(io, refusal);
    timeout(config.handshake_timeout, refusing).await.unwrap_or(Ok(()))
}

async fn refuse_in_any_time(mut io: Box<dyn Io>, refusal: &EngineRefusal) -> io::Result<()> {
    let (mut head, body) = refusal.response().into_parts();
    head.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    head.headers.insert(CONTENT_LENGTH, body.len().into());
    let mut answer = Vec::new();
    write_response(&mut answer, &Response::from_parts(head, ())).map_err(into_io)?;
    answer.extend(&body);
    io.write_all(&answer).await?;
    io.shutdown().await?;
    http_refusal::discard(io).await;
    Ok(())
}

/// A stream of which something was read already.
struct Replayed {
    read: Bytes,
    io: Box<dyn Io>,
}

impl Io for Replayed {}

impl AsyncRead for Replayed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read.is_empty() {
            return Pin::new(&mut *self.io).poll_read(cx, buffer);
        }
        let some = self.read.len().min(buffer.remaining());
        buffer.put_slice(&self.read[..some]);
        self.read.advance(some);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Replayed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.io).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
