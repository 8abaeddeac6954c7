//! The robot, made up: it swings its joints, drives home when it is asked to, and can be stopped.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ipc_runtime::event::Emitter;
use machine_panel_interface::{JOINTS, MachineError, Sample};
use tokio::{sync::watch, time::interval};

/// A thousand samples each second.
const PERIOD: Duration = Duration::from_millis(1);

/// What is kept for panels that don't keep up: one second.
const KEPT: usize = 1000;

/// How many periods the whole way home takes at full speed, and the way back into the swing.
const WAY: f64 = 1000.0;

/// How far joints swing to each side, in degrees.
const SWING: f64 = 120.0;

/// What the motors come to while they work, in °C.
const WARM: f64 = 65.0;

/// What they come to while they don't, in °C.
const COLD: f64 = 20.0;

/// Everything that the machine's process has to know of the arm.
pub(crate) struct Arm {
    motion: Mutex<Motion>,
    pub(crate) samples: Emitter<Sample>,
    /// Why it is stopped, or nothing while it isn't. Replayed, so that late panels get it too.
    pub(crate) stops: Emitter<Option<String>>,
}

struct Motion {
    newest: Sample,
    is_stopped: bool,
    /// Why it was stopped last.
    reason: String,
    /// How long it has swung, in seconds.
    swung: f64,
    /// How far the arm is from home: 1 is as far as it swings, 0 is home.
    width: f64,
    way: Option<Way>,
}

/// On the way home.
struct Way {
    /// How far from home it began.
    from: f64,
    /// How much nearer each period brings it.
    step: f64,
    /// How far it is, in percent. Nobody listens once the command was cancelled.
    percent: watch::Sender<u32>,
}

impl Arm {
    pub(crate) fn new() -> Arc<Self> {
        let stops = Emitter::builder().replay(1).build();
        stops.fire(None);
        Arc::new(Self {
            motion: Mutex::new(Motion {
                newest: Sample { number: 0, joints: [0.0; JOINTS], temperature: COLD },
                is_stopped: false,
                reason: String::new(),
                swung: 0.0,
                width: 1.0,
                way: None,
            }),
            samples: Emitter::builder().capacity(KEPT).build(),
            stops,
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
        let mut motion = self.motion();
        motion.is_stopped = true;
        motion.reason.clone_from(&reason);
        // Dropped here: whoever drives home fails at once.
        motion.way = None;
        // Still locked, so that nobody hears of it after what comes next.
        self.stops.fire(Some(reason));
    }

    pub(crate) fn release(&self) {
        let mut motion = self.motion();
        motion.is_stopped = false;
        self.stops.fire(None);
    }

    /// Drives home, and tells each percent of the way. Dropping it lets the arm swing again.
    pub(crate) async fn drive_home(
        &self,
        speed: u32,
        report: impl Fn(u32),
    ) -> Result<(), MachineError> {
        let mut way = self.motion().begin_way(speed)?;
        let mut percent = 0;
        loop {
            report(percent);
            if percent == 100 {
                return Ok(());
            }
            if way.changed().await.is_err() {
                return Err(MachineError::Stopped(self.motion().reason.clone()));
            }
            percent = *way.borrow_and_update();
        }
    }

    fn motion(&self) -> MutexGuard<'_, Motion> {
        self.motion.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Motion {
    fn begin_way(&mut self, speed: u32) -> Result<watch::Receiver<u32>, MachineError> {
        if self.is_stopped {
            return Err(MachineError::Stopped(self.reason.clone()));
        }
        if self.way.as_ref().is_some_and(|way| !way.percent.is_closed()) {
            return Err(MachineError::Busy);
        }
        let (percent, told) = watch::channel(0);
        let step = f64::from(speed.clamp(1, 100)) / 100.0 / WAY;
        self.way = Some(Way { from: self.width, step, percent });
        Ok(told)
    }

    fn step(&mut self) -> Sample {
        self.newest.number += 1;
        if !self.is_stopped {
            self.move_on();
            for (joint, angle) in self.newest.joints.iter_mut().enumerate() {
                *angle = SWING * self.width * (self.swung * (joint + 1) as f64).sin();
            }
        }
        let target = if self.is_stopped { COLD } else { WARM };
        self.newest.temperature += (target - self.newest.temperature) / 5000.0;
        self.newest.clone()
    }

    /// A step home, or in the swing.
    fn move_on(&mut self) {
        if let Some(way) = self.way.take().filter(|way| !way.percent.is_closed()) {
            self.width = (self.width - way.step).max(0.0);
            let done = 1.0 - self.width / way.from;
            // Only 100 ends the way: it mustn't be there before the arm is.
            let percent = if self.width > 0.0 { ((done * 100.0) as u32).min(99) } else { 100 };
            way.percent.send_if_modified(|told| mem::replace(told, percent) != percent);
            self.way = (percent < 100).then_some(way);
        } else {
            self.swung += PERIOD.as_secs_f64();
            self.width = (self.width + 1.0 / WAY).min(1.0);
        }
    }
}
