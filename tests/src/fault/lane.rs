//! One direction of a connection that goes by a plan.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Sleep, sleep};

use super::plan::{Damage, DirectionPlan, Ending};

/// So much of what has passed is remembered, to be said again.
const REMEMBERED: usize = 256;

/// One direction of a connection: what has come in, and what of it has still to go out.
#[derive(Debug)]
pub(super) struct Lane {
    piece: usize,
    delay: Option<Duration>,
    damage: VecDeque<(u64, Damage)>,
    ending: Option<(u64, Ending)>,
    passed: u64,
    /// What is on its way out.
    out: VecDeque<u8>,
    last: VecDeque<u8>,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Lane {
    pub(super) fn new(way: DirectionPlan) -> Self {
        Self {
            piece: way.piece.unwrap_or(usize::MAX),
            delay: way.delay,
            damage: way.damage.into(),
            ending: way.ending,
            passed: 0,
            out: VecDeque::new(),
            last: VecDeque::new(),
            waiting: None,
        }
    }

    /// How many bytes may come in at once; `Err`: none ever, since this is the end.
    pub(super) fn room(&self) -> Result<usize, Ending> {
        let Some((after, ending)) = self.ending else { return Ok(self.piece) };
        match usize::try_from(after.saturating_sub(self.passed)).unwrap_or(usize::MAX) {
            0 => Err(ending),
            left => Ok(left.min(self.piece)),
        }
    }

    /// Waits as long as each piece has to.
    pub(super) fn poll_delay(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(delay) = self.delay {
            let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(delay)));
            ready!(waiting.as_mut().poll(cx));
            self.waiting = None;
        }
        Poll::Ready(())
    }

    /// Bytes have come in.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let mut byte = byte;
            while self.damage.front().is_some_and(|(at, _)| *at <= self.passed) {
                match self.damage.pop_front() {
                    Some((_, Damage::Insert(more))) => self.out.extend(more),
                    Some((_, Damage::Flip(bits))) => byte ^= bits,
                    Some((_, Damage::Repeat(count))) => {
                        let from = self.last.len().saturating_sub(count);
                        self.out.extend(self.last.range(from..));
                    }
                    None => {}
                }
            }
            self.passed += 1;
            self.out.push_back(byte);
            self.last.push_back(byte);
            if self.last.len() > REMEMBERED {
                self.last.pop_front();
            }
        }
    }

    /// What is on its way out.
    pub(super) fn out(&mut self) -> &mut VecDeque<u8> {
        &mut self.out
    }

    /// How many of these bytes may go out at once.
    pub(super) fn piece(&self) -> usize {
        self.piece
    }
}
