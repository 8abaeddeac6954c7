//! When to ping the client, and when it has been silent for too long.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use crate::{
    support::rt::{Instant, Sleep, sleep_until},
    transport::engine_io::config::EngineConfig,
};

/// After how many messages in a row the clock is read.
const LOOK_AFTER: u32 = 32;

/// Much more than a year overflows the clock.
const LONGEST: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// What the time has come for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beat {
    Ping,
    /// The last ping wasn't answered in time.
    TimedOut,
}

/// Sends a ping some time after the last pong.
pub(super) struct PingTimer {
    interval: Duration,
    timeout: Duration,
    due: Instant,
    /// Whether a ping is unanswered.
    awaits_pong: bool,
    timer: Option<Pin<Box<Sleep>>>,
    messages: u32,
}

impl PingTimer {
    pub(super) fn new(config: &EngineConfig) -> Self {
        let interval = config.ping_interval.min(LONGEST);
        Self {
            interval,
            timeout: config.ping_timeout.min(LONGEST),
            due: Instant::now() + interval,
            awaits_pong: false,
            timer: None,
            messages: 0,
        }
    }

    /// Notes a pong. Returns whether it answers a ping.
    pub(super) fn pong(&mut self, at: Instant) -> bool {
        let answers = std::mem::take(&mut self.awaits_pong);
        if answers {
            self.set(at + self.interval);
        }
        answers
    }

    /// Waits until something has to be done.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Beat> {
        let due = self.due;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        match timer.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(self.beat()),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Reads the clock now and then while messages come in without a pause, so that nobody waits.
    pub(super) fn look(&mut self) -> Option<Beat> {
        self.messages += 1;
        if self.messages < LOOK_AFTER {
            return None;
        }
        self.messages = 0;
        (Instant::now() >= self.due).then(|| self.beat())
    }

    /// Gives the client the time for its pong again, since something large is under way.
    pub(super) fn excuse(&mut self) {
        self.awaits_pong = true;
        self.set(Instant::now() + self.timeout);
    }

    fn beat(&mut self) -> Beat {
        if self.awaits_pong {
            return Beat::TimedOut;
        }
        self.awaits_pong = true;
        self.set(Instant::now() + self.timeout);
        Beat::Ping
    }

    fn set(&mut self, due: Instant) {
        self.due = due;
        if let Some(timer) = &mut self.timer {
            timer.as_mut().reset(due);
        }
    }
}
