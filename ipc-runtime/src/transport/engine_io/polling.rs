//! HTTP long-polling: a GET waits for packets, a POST brings some.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Buf, Bytes};
use http_body::Body;
use tokio_tungstenite::tungstenite::http::{
    HeaderMap, HeaderValue, Response, header::CONTENT_LENGTH, header::CONTENT_TYPE,
};

use crate::{
    support::rt::{Sleep, sleep, timeout},
    transport::engine_io::{
        config::EngineConfig,
        packet::{Packet, write_payload},
        payload::PostedBody,
        refusal::{EngineRefusal, accepted},
        session::{EngineSession, PollOutcome, SessionEnd},
    },
};

/// How long a GET waits that comes while its client upgrades. The client may already have gone on.
const WHILE_UPGRADING: Duration = Duration::from_millis(100);

/// A body that has grown by so many bytes has made progress.
const PROGRESS: usize = 256 * 1024;

const TEXT: &str = "text/plain; charset=UTF-8";

/// The answer to the request that opens a session.
pub(super) fn opened(open: Packet) -> Response<Bytes> {
    accepted(TEXT, write_payload([open]))
}

/// Waits for packets. If the future is dropped before it is ready, the session ends.
pub(super) async fn get(
    session: &Arc<EngineSession>,
    config: &EngineConfig,
) -> Result<Response<Bytes>, EngineRefusal> {
    let mut request = session.begin_get()?;
    let mut late = pin!(sleep(config.patience()));
    let mut upgrading: Option<Pin<Box<Sleep>>> = None;
    let mut has_waited = false;
    let found = poll_fn(|cx| match request.poll_payload(cx) {
        Poll::Ready(PollOutcome::Upgrading) if has_waited => Poll::Ready(PollOutcome::Upgrading),
        Poll::Ready(PollOutcome::Upgrading) => {
            let timer = upgrading.get_or_insert_with(|| Box::pin(sleep(WHILE_UPGRADING)));
            timer.as_mut().poll(cx).map(|()| PollOutcome::Upgrading)
        }
        Poll::Ready(found) => Poll::Ready(found),
        Poll::Pending => {
            has_waited = true;
            late.as_mut().poll(cx).map(|()| PollOutcome::Upgrading)
        }
    })
    .await;
    request.answered();
    match found {
        PollOutcome::Payload(payload) => Ok(accepted(TEXT, payload)),
        PollOutcome::Upgrading => Ok(accepted(TEXT, write_payload([Packet::Noop]))),
        PollOutcome::Upgraded => Err(EngineRefusal::BAD_REQUEST),
    }
}

/// Takes packets. If the future is dropped before it is ready, the session ends.
pub(super) async fn post<B: Body>(
    session: &Arc<EngineSession>,
    config: &EngineConfig,
    headers: &HeaderMap,
    body: B,
) -> Result<Response<Bytes>, EngineRefusal> {
    let mut request = session.begin_post()?;
    let taken = async {
        if headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/octet-stream") {
            return Err(EngineRefusal::BAD_REQUEST);
        }
        let body = read(body, headers.get(CONTENT_LENGTH), config).await?;
        let (payload, signs) = PostedBody::read(body).ok_or(EngineRefusal::BAD_REQUEST)?;
        request.deliver(payload, signs)
    };
    if let Err(refusal) = taken.await {
        session.finish_unless_upgraded(SessionEnd::Lost);
        request.answered();
        return Err(refusal);
    }
    poll_fn(|cx| request.poll_received(cx)).await;
    request.answered();
    // Some browsers would offer plain text as a download.
    Ok(accepted("text/html", "ok"))
}

/// Reads a body that fits and comes in time.
async fn read<B: Body>(
    body: B,
    length: Option<&HeaderValue>,
    config: &EngineConfig,
) -> Result<Vec<u8>, EngineRefusal> {
    let told = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let told = told.unwrap_or_else(|| body.size_hint().lower());
    if told > config.max_payload as u64 {
        return Err(EngineRefusal::TOO_LARGE);
    }
    let mut body = pin!(body);
    let mut read = Vec::new();
    loop {
        let some = poll_fn(|cx| poll_read(body.as_mut(), cx, &mut read, config.max_payload));
        let is_complete = match config.stall_time {
            Some(time) => timeout(time, some).await.unwrap_or(Err(EngineRefusal::BAD_REQUEST)),
            None => some.await,
        }?;
        if is_complete {
            return Ok(read);
        }
    }
}

/// Reads until there is progress, or the end: `true`.
fn poll_read<B: Body>(
    mut body: Pin<&mut B>,
    cx: &mut Context<'_>,
    read: &mut Vec<u8>,
    most: usize,
) -> Poll<Result<bool, EngineRefusal>> {
    let goal = (read.len() / PROGRESS + 1) * PROGRESS;
    while read.len() < goal {
        match body.as_mut().poll_frame(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => return Poll::Ready(Ok(true)),
            Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(EngineRefusal::BAD_REQUEST)),
            Poll::Ready(Some(Ok(frame))) => {
                let Ok(mut data) = frame.into_data() else { continue };
                if data.remaining() > most - read.len() {
                    return Poll::Ready(Err(EngineRefusal::TOO_LARGE));
                }
                while data.has_remaining() {
                    let chunk = data.chunk();
                    read.extend_from_slice(chunk);
                    let taken = chunk.len();
                    data.advance(taken);
                }
            }
        }
    }
    Poll::Ready(Ok(false))
}
