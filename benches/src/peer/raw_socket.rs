//! The floor of local sockets: a tokio Unix socket and frames of a length and as many bytes.
//! Nothing is encoded; the bytes of `echo` are the record's JSON. A client has all of its window
//! written at once, and a server answers all that it has read at once.

use std::{
    io,
    time::{Duration, Instant},
};

use bytes::{Buf, BufMut, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, Interest},
    net::{UnixListener, UnixStream},
};

use super::{BoundPlace, Link, Peer, Source, Stop};
use crate::{error::Result, record::Record, workload::Payload};

const PREFIX: usize = 4;
/// The first byte of a frame that asks for events; others are sent back.
const EVENTS: u8 = 0;
const READ: usize = 64 * 1024;

pub struct RawSocket;

impl Peer for RawSocket {
    type Link = RawSocketLink;

    async fn serve(place: BoundPlace) -> Result<()> {
        let listener = UnixListener::bind(place.socket())?;
        place.announce(place.socket().display());
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(answer(stream));
        }
    }

    async fn connect(endpoint: &str) -> Result<Self::Link> {
        Ok(RawSocketLink { stream: UnixStream::connect(endpoint).await?, read: BytesMut::new() })
    }
}

async fn answer(mut stream: UnixStream) -> io::Result<()> {
    let mut read = BytesMut::new();
    loop {
        read.reserve(READ);
        if stream.read_buf(&mut read).await? == 0 {
            return Ok(());
        }
        if let Some(count) = asked_for_events(&read) {
            read.clear();
            push(&mut stream, count).await?;
            continue;
        }
        let whole = whole_frames(&read).bytes;
        if whole > 0 {
            stream.write_all(&read[..whole]).await?;
            read.advance(whole);
        }
    }
}

async fn push(stream: &mut UnixStream, count: u64) -> io::Result<()> {
    let mut out = BytesMut::with_capacity(2 * READ);
    for number in 0..count {
        out.put_u32(8);
        out.put_u64(number);
        if out.len() >= READ {
            stream.write_all(&out).await?;
            out.clear();
        }
    }
    stream.write_all(&out).await
}

fn asked_for_events(read: &[u8]) -> Option<u64> {
    let mut frame = read.get(..PREFIX + 9)?;
    (frame.get_u32() == 9 && frame.get_u8() == EVENTS).then(|| frame.get_u64())
}

/// The frames at the beginning that are all there.
struct Whole {
    frames: u64,
    bytes: usize,
}

fn whole_frames(read: &[u8]) -> Whole {
    let mut whole = Whole { frames: 0, bytes: 0 };
    while let Some(mut prefix) = read.get(whole.bytes..whole.bytes + PREFIX) {
        let end = whole.bytes + PREFIX + prefix.get_u32() as usize;
        if end > read.len() {
            break;
        }
        whole = Whole { frames: whole.frames + 1, bytes: end };
    }
    whole
}

fn frame(payload: Payload) -> Result<Vec<u8>> {
    let body = match payload {
        Payload::Add => vec![1; 8],
        Payload::Echo => serde_json::to_vec(&Record::sample())?,
        Payload::Blob(size) => vec![b'b'; size],
        Payload::Rows(count) => serde_json::to_vec(&vec![Record::sample(); count])?,
    };
    let mut frame = Vec::with_capacity(PREFIX + body.len());
    frame.put_u32(u32::try_from(body.len())?);
    frame.extend_from_slice(&body);
    Ok(frame)
}

pub struct RawSocketLink {
    stream: UnixStream,
    read: BytesMut,
}

impl RawSocketLink {
    /// Drops the whole frames that were read, gives how many.
    fn take_frames(&mut self) -> u64 {
        let whole = whole_frames(&self.read);
        self.read.advance(whole.bytes);
        whole.frames
    }

    async fn receive(&mut self) -> Result<u64> {
        loop {
            self.read.reserve(READ);
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err("the server has gone".into());
            }
            let frames = self.take_frames();
            if frames > 0 {
                return Ok(frames);
            }
        }
    }
}

impl Link for RawSocketLink {
    async fn once(&mut self) -> Result<()> {
        self.stream.write_all(&frame(Payload::Add)?).await?;
        self.receive().await?;
        Ok(())
    }

    async fn sequential(&mut self, payload: Payload, stop: &Stop) -> Result<Vec<u64>> {
        let frame = frame(payload)?;
        let mut times = Vec::with_capacity(1 << 18);
        while !stop.is_time() {
            let begun = Instant::now();
            self.stream.write_all(&frame).await?;
            self.receive().await?;
            times.push(begun.elapsed().as_nanos() as u64);
        }
        Ok(times)
    }

    /// Writes and reads by turns, as the socket lets it: whoever only writes until everything is
    /// written waits for a server that waits for its reader.
    async fn in_flight(&mut self, payload: Payload, window: usize, stop: &Stop) -> Result<u64> {
        let frame = frame(payload)?;
        let all = frame.repeat(window);
        // How much is to be written, and how far the first frame of it has been already.
        let (mut owed, mut written) = (all.len(), 0);
        let (mut waiting, mut answered) = (window as u64, 0);
        while waiting > 0 {
            let interest = match owed {
                0 => Interest::READABLE,
                _ => Interest::READABLE | Interest::WRITABLE,
            };
            let ready = self.stream.ready(interest).await?;
            if owed > 0 && ready.is_writable() {
                let end = all.len().min(written + owed);
                if let Some(count) = unless_blocked(self.stream.try_write(&all[written..end]))? {
                    owed -= count;
                    written = (written + count) % frame.len();
                }
            }
            if ready.is_readable() {
                self.read.reserve(READ);
                match unless_blocked(self.stream.try_read_buf(&mut self.read))? {
                    Some(0) => return Err("the server has gone".into()),
                    Some(_) => {
                        let frames = self.take_frames();
                        answered += frames;
                        if stop.is_time() {
                            waiting -= frames;
                        } else {
                            owed += frames as usize * frame.len();
                        }
                    }
                    None => {}
                }
            }
        }
        Ok(answered)
    }

    async fn events(&mut self, count: u64, _: Source) -> Result<()> {
        let mut request = Vec::new();
        request.put_u32(9);
        request.put_u8(EVENTS);
        request.put_u64(count);
        self.stream.write_all(&request).await?;
        let mut received = 0;
        while received < count {
            received += self.receive().await?;
        }
        Ok(())
    }

    async fn both_directions(&mut self, _: usize, _: Duration) -> Result<u64> {
        Err("an echo has one direction".into())
    }
}

fn unless_blocked(outcome: io::Result<usize>) -> io::Result<Option<usize>> {
    match outcome {
        Ok(count) => Ok(Some(count)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_frames_are_taken() {
        let one = frame(Payload::Blob(10)).unwrap();
        let mut read = one.repeat(3);
        read.truncate(read.len() - 1);
        let whole = whole_frames(&read);
        assert_eq!((whole.frames, whole.bytes), (2, 28));
    }
}
