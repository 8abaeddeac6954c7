//! Where the messages of a peer go.

use std::{
    io,
    sync::Arc,
    task::{Context, Poll, ready},
};

use crate::{
    message::error_object::ErrorObject,
    socket_io::{
        hub::Hub,
        seat::{Seat, SeatNews},
    },
    support::lock::Lock,
    transport::carrier::Outgoing,
};

/// Where the messages of a peer go: to a session, or nowhere while its client has none. It isn't
/// locked by whoever holds a [`Hub`].
pub(crate) struct SeatLink {
    place: Lock<SeatPlace>,
}

enum SeatPlace {
    /// In a session, which knows the seat by this key.
    Hub(Arc<Lock<Hub>>, u64),
    /// The client may come back.
    Away(Box<Seat>),
    /// It won't.
    Gone,
}

impl SeatLink {
    pub(crate) fn new(hub: Arc<Lock<Hub>>, key: u64) -> Arc<Self> {
        Arc::new(Self { place: Lock::new(SeatPlace::Hub(hub, key)) })
    }

    /// What the peer reads next, in `message`.
    pub(crate) fn poll_next(
        &self,
        cx: &mut Context<'_>,
        message: &mut Vec<u8>,
    ) -> Poll<io::Result<SeatNews>> {
        match &mut *self.place.lock() {
            SeatPlace::Hub(hub, key) => hub.lock().poll_next(cx, *key, message),
            // Who moves the seat, or gives it up, has the peer look again.
            SeatPlace::Away(seat) => {
                seat.next(message).map_or(Poll::Pending, |it| Poll::Ready(Ok(it)))
            }
            SeatPlace::Gone => Poll::Ready(Ok(SeatNews::End)),
        }
    }

    /// Sends messages, each with its length in front.
    pub(crate) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        out: &mut Outgoing,
    ) -> Poll<io::Result<()>> {
        let mut place = self.place.lock();
        match &mut *place {
            SeatPlace::Hub(hub, key) => {
                let mut hub = hub.lock();
                while let Some((message, length)) = first(out.unwritten()) {
                    ready!(hub.poll_ready(cx, *key))?;
                    hub.send(cx, *key, message);
                    out.advance(length);
                }
                hub.poll_flush(cx, *key)
            }
            SeatPlace::Away(seat) => {
                while let Some((message, length)) = first(out.unwritten()) {
                    if !seat.has_room() {
                        return Poll::Pending;
                    }
                    if seat.send_later(message) {
                        cx.waker().wake_by_ref();
                    }
                    out.advance(length);
                }
                Poll::Ready(Ok(()))
            }
            SeatPlace::Gone => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// Keeps a client out of the namespace that it asks for.
    pub(crate) fn refuse(&self, error: &ErrorObject) {
        if let SeatPlace::Hub(hub, key) = &*self.place.lock() {
            hub.lock().refuse_seat(*key, error);
        }
    }

    /// Tells the client that its peer is about to be gone.
    pub(crate) fn poll_close(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut place = self.place.lock();
        let SeatPlace::Hub(hub, key) = &mut *place else {
            *place = SeatPlace::Gone;
            return Poll::Ready(Ok(()));
        };
        let mut hub = hub.lock();
        hub.leave(*key);
        if hub.ending().is_some() {
            return Poll::Ready(Ok(()));
        }
        hub.poll_told(cx)
    }

    /// Called when the peer is gone.
    pub(crate) fn vacate(&self) {
        let place = std::mem::replace(&mut *self.place.lock(), SeatPlace::Gone);
        if let SeatPlace::Hub(hub, key) = place {
            hub.lock().vacate(key);
        }
    }
}

/// The first of the messages, and its length with that of its head.
fn first(messages: &[u8]) -> Option<(&[u8], usize)> {
    let (head, rest) = messages.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*head) as usize;
    Some((&rest[..length], head.len() + length))
}

/// For clients that come back.
impl SeatLink {
    /// Whether the peer stays when the session of this hub ends, since its client may come back, or
    /// has come back elsewhere already.
    pub(crate) fn outlives(&self, hub: &Arc<Lock<Hub>>) -> bool {
        match &*self.place.lock() {
            SeatPlace::Hub(at, key) if Arc::ptr_eq(at, hub) => at.lock().stays(*key),
            SeatPlace::Hub(..) | SeatPlace::Away(_) => true,
            SeatPlace::Gone => false,
        }
    }

    /// Whether the client has yet to be let in.
    pub(crate) fn is_asking(&self) -> bool {
        match &*self.place.lock() {
            SeatPlace::Hub(hub, key) => hub.lock().is_asking(*key),
            SeatPlace::Away(_) | SeatPlace::Gone => false,
        }
    }

    /// Takes the seat out of the session of this hub, which ends. `false`: it isn't there any more.
    pub(crate) fn part_from(&self, hub: &Arc<Lock<Hub>>) -> bool {
        let mut place = self.place.lock();
        if let SeatPlace::Hub(at, key) = &*place {
            let is_there = Arc::ptr_eq(at, hub);
            let seat = is_there.then(|| at.lock().surrender(*key)).flatten();
            if let Some(seat) = seat {
                *place = SeatPlace::Away(Box::new(seat));
                return true;
            }
        }
        false
    }

    /// Waits for the client no longer. The peer has to look again.
    pub(crate) fn give_up(&self) {
        let mut place = self.place.lock();
        if let SeatPlace::Away(_) = &*place {
            *place = SeatPlace::Gone;
        }
    }

    /// Goes on in the session of `hub`, where the client has asked for it. `offset`: of the last
    /// event that it got. `false`: the client can't have all that it missed, so that the peer has
    /// to end.
    pub(crate) fn move_to(&self, hub: &Arc<Lock<Hub>>, offset: Option<&str>) -> bool {
        let mut place = self.place.lock();
        let seat = match &mut *place {
            SeatPlace::Hub(former, key) => {
                let mut former = former.lock();
                let seat = former.surrender(*key);
                match seat {
                    // Its client wouldn't ask here if it still had that session.
                    Some(_) => former.end_from_elsewhere(),
                    // It has left the namespace, perhaps in this very session.
                    None => former.vacate(*key),
                }
                seat
            }
            SeatPlace::Away(_) => match std::mem::replace(&mut *place, SeatPlace::Gone) {
                SeatPlace::Away(seat) => Some(*seat),
                _ => None,
            },
            SeatPlace::Gone => None,
        };
        let key = seat.and_then(|seat| hub.lock().resume(seat, offset));
        *place = match key {
            Some(key) => SeatPlace::Hub(hub.clone(), key),
            None => SeatPlace::Gone,
        };
        key.is_some()
    }
}
