//! A panel that reads twenty samples a second, of a thousand.

use std::{error::Error, time::Duration};

use example_stage::{orders, say};
use tokio::{select, time::interval};

use crate::panel::{self, Connected};

/// Few samples may be on their way: each is 50 ms older than the one before.
const AHEAD: u32 = 4;

/// Reads until its input ends.
pub(crate) async fn run(endpoint: &str) -> Result<(), Box<dyn Error>> {
    let connected = panel::connect(endpoint, "slow panel").await?;
    let Connected { frontend, machine, mut stopped } = connected;
    let mut samples = machine.telemetry().window(AHEAD).await?;
    let (mut last, mut lost, mut reports) = (0, 0, 0);
    say("reads a sample every 50 ms");

    let (mut clock, mut orders) = (interval(Duration::from_millis(50)), orders());
    loop {
        select! {
            order = orders.recv() => match order {
                Some(order) => return Err(format!("`{order}`: it takes no orders").into()),
                None => break,
            },
            Ok(()) = stopped.changed() => {
                let reason = stopped.borrow_and_update().clone().unwrap_or_default();
                say(format_args!("MACHINE STOPPED: {reason}"));
            }
            _ = clock.tick() => match samples.next().await {
                Some(Ok(sample)) => {
                    // The panel learns exactly how many samples it has lost.
                    if last > 0 && sample.number != last + lost + 1 {
                        let number = sample.number;
                        return Err(format!("{number} came after {last}, and {lost} lost").into());
                    }
                    if lost > 0 && reports < 2 {
                        say(format_args!("Lagged: {lost} samples lost; it goes on behind them"));
                        reports += 1;
                    }
                    (last, lost) = (sample.number, 0);
                }
                Some(Err(error)) => match error.missed_items() {
                    Some(count) => lost += count,
                    None => return Err(error.into()),
                },
                None => return Err("the telemetry has ended".into()),
            },
        }
    }
    frontend.close().await;
    Ok(())
}
