//! The robot, made up: it swings its joints until it is stopped.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ipc_runtime::event::Emitter;
use tokio::time::{interval, sleep};

use crate::interface::{JOINTS, Sample};

/// A thousand samples each second.
const PERIOD: Duration = Duration::from_millis(1);

/// What is kept for panels that don't keep up: one second.
const KEPT: usize = 1000;

/// How long a tenth of the way home takes at full speed.
const TENTH: Duration = Duration::from_millis(15);

/// Everything that the machine's process has to know of the arm.
pub(crate) struct Arm {
    motion: Mutex<Motion>,
    pub(crate) samples: Emitter<Sample>,
    /// Why it was stopped. Replayed, so that late panels get it too.
    pub(crate) stops: Emitter<String>,
}

struct Motion {
    newest: Sample,
    is_stopped: bool,
}

impl Arm {
    pub(crate) fn new() -> Arc<Self> {
        let newest = Sample { number: 0, joints: [0.0; JOINTS], temperature: 20.0 };
        Arc::new(Self {
            motion: Mutex::new(Motion { newest, is_stopped: false }),
            samples: Emitter::builder().capacity(KEPT).build(),
            stops: Emitter::builder().replay(1).build(),
        })
    }

    /// Measures for ever.
    pub(crate) async fn measure(&self) {
        let mut clock = interval(PERIOD);
        loop {
            clock.tick().await;
            let sample = self.motion().step();
            self.samples.fire(sample);
        }
    }

    pub(crate) fn stop(&self, reason: String) {
        self.motion().is_stopped = true;
        self.stops.fire(reason);
    }

    /// Drives a tenth of the way home.
    pub(crate) async fn drive_a_tenth(&self, speed: u32) {
        sleep(TENTH * 100 / speed.clamp(1, 100)).await;
    }

    fn motion(&self) -> MutexGuard<'_, Motion> {
        self.motion.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Motion {
    fn step(&mut self) -> Sample {
        let sample = &mut self.newest;
        sample.number += 1;
        if !self.is_stopped {
            let seconds = sample.number as f64 / 1000.0;
            for (joint, angle) in sample.joints.iter_mut().enumerate() {
                *angle = 120.0 * (seconds * (joint + 1) as f64).sin();
            }
            sample.temperature += (65.0 - sample.temperature) / 5000.0;
        }
        sample.clone()
    }
}
