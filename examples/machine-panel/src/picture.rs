//! The panel that draws: it only wants the newest sample.

use std::{error::Error, time::Duration};

use example_stage::Screen;
use machine_panel_interface::Sample;
use tokio::time::interval;

use crate::panel::{self, Connected};

/// A picture every 50 ms.
const FRAME: Duration = Duration::from_millis(50);

/// How wide a bar is.
const WIDTH: usize = 41;

/// The panel of the process that shows the example.
pub(crate) struct Picture {
    connected: Connected,
}

impl Picture {
    pub(crate) async fn connect(endpoint: &str) -> Result<Self, Box<dyn Error>> {
        Ok(Self { connected: panel::connect(endpoint, "picture").await? })
    }

    /// Draws, over and over on a terminal, and else only what came last.
    pub(crate) async fn draw(&self, screen: &Screen) -> Result<(), Box<dyn Error>> {
        let frames = if screen.is_terminal() { 40 } else { 10 };
        // One sample on its way, and no more: else the newest would wait behind older ones.
        let mut samples = self.connected.machine.newest().window(1).await?;
        let mut clock = interval(FRAME);
        let (mut first, mut last) = (0, 0);
        for frame in 1..=frames {
            clock.tick().await;
            // Never an error: samples that were replaced by newer ones don't count as lost.
            let sample = samples.next().await.ok_or("the telemetry has ended")??;
            if sample.number <= last {
                return Err(format!("{} came after {last}", sample.number).into());
            }
            last = sample.number;
            first = if frame == 1 { last } else { first };
            if screen.is_terminal() || frame == frames {
                screen.picture(&lines(&sample), screen.is_terminal() && frame > 1);
            }
        }
        let skipped = last - first + 1 - frames;
        screen.line(format_args!("  {frames} pictures, and {skipped} samples that nobody drew"));
        Ok(())
    }

    /// Waits until the machine is stopped, and returns the reason.
    pub(crate) async fn stopped(&self) -> Result<String, Box<dyn Error>> {
        let mut stopped = self.connected.stopped.clone();
        let reason = stopped.wait_for(Option::is_some).await?;
        Ok(reason.clone().unwrap_or_default())
    }

    pub(crate) async fn close(self) {
        self.connected.frontend.close().await;
    }
}

fn lines(sample: &Sample) -> Vec<String> {
    let joint = |(at, angle): (usize, &f64)| {
        let place = place((angle + 180.0) / 360.0);
        let bar: String = (0..WIDTH).map(|cell| if cell == place { '●' } else { '─' }).collect();
        format!("  joint {}      {bar} {angle:>+7.1}°", at + 1)
    };
    let warm = place(sample.temperature / 100.0);
    let bar: String = (0..WIDTH).map(|cell| if cell <= warm { '█' } else { '░' }).collect();
    let temperature = format!("  temperature  {bar} {:>6.1} °C", sample.temperature);
    sample.joints.iter().enumerate().map(joint).chain([temperature]).collect()
}

/// Which cell of a bar a part of the whole is.
fn place(part: f64) -> usize {
    (part.clamp(0.0, 1.0) * (WIDTH - 1) as f64).round() as usize
}
