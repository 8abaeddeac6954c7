//! What becomes of a connection's bytes.

use std::time::Duration;

use crate::random::Random;

/// Which way bytes go, as the side sees it that has the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To the other side.
    Sent,
    /// From the other side.
    Received,
}

impl Direction {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Sent, Self::Received];
}

/// What happens to bytes that go on all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// These come in between.
    Insert(Vec<u8>),
    /// These bits of the next byte are the other way round.
    Flip(u8),
    /// So many of the bytes before come again.
    Repeat(usize),
}

/// What happens behind the last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The connection is cut in both directions: an error on this side, the end of input on the
    /// other.
    Cut,
    /// This direction ends in an orderly way, the other one goes on.
    HalfClose,
    /// Nothing moves any more in this direction, and nobody is told.
    Stall,
}

/// What becomes of a connection's bytes. Positions count the bytes that this side wrote, or that
/// the other side did, from 0: before damage.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub(super) sent: DirectionPlan,
    pub(super) received: DirectionPlan,
}

/// One direction of it.
#[derive(Debug, Clone, Default)]
pub(super) struct DirectionPlan {
    pub(super) piece: Option<usize>,
    pub(super) delay: Option<Duration>,
    /// In the order of their positions.
    pub(super) damage: Vec<(u64, Damage)>,
    pub(super) ending: Option<(u64, Ending)>,
}

impl Plan {
    /// Everything goes through.
    pub fn harmless() -> Self {
        Self::default()
    }

    fn way(&mut self, direction: Direction) -> &mut DirectionPlan {
        match direction {
            Direction::Sent => &mut self.sent,
            Direction::Received => &mut self.received,
        }
    }

    /// This direction ends in this way when so many bytes have passed.
    pub fn ends(mut self, direction: Direction, after: u64, ending: Ending) -> Self {
        self.way(direction).ending = Some((after, ending));
        self
    }

    /// Both directions carry at most so many bytes at a time.
    pub fn in_pieces(mut self, bytes: usize) -> Self {
        for direction in Direction::BOTH {
            self.way(direction).piece = Some(bytes.max(1));
        }
        self
    }

    /// Each piece waits so long.
    pub fn delayed(mut self, direction: Direction, delay: Duration) -> Self {
        self.way(direction).delay = Some(delay);
        self
    }

    /// The bytes of this direction are damaged at this place.
    pub fn damaged(mut self, direction: Direction, at: u64, damage: Damage) -> Self {
        let all = &mut self.way(direction).damage;
        all.push((at, damage));
        all.sort_by_key(|(at, _)| *at);
        self
    }

    /// One piece of damage, somewhere in so many bytes of each direction. The same number leads to
    /// the same plan.
    pub fn damaged_at_random(seed: u64, lengths: [u64; 2]) -> Self {
        let mut random = Random::new(seed);
        let direction = Direction::BOTH[random.below(2) as usize];
        let at = random.below(lengths[direction as usize]);
        let damage = match random.below(3) {
            0 => {
                let count = 1 + random.below(40);
                Damage::Insert(random.bytes(count as usize))
            }
            1 => Damage::Flip(1 << random.below(8)),
            _ => Damage::Repeat(1 + random.below(120) as usize),
        };
        Self::harmless().damaged(direction, at, damage)
    }
}
