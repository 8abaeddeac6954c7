//! A panel that takes every sample, and gives commands.

use std::{error::Error, future::pending, time::Instant};

use example_stage::{orders, say};
use ipc_runtime::{IpcError, Subscription};
use machine_panel_interface::{MachineClient, Sample};
use tokio::select;

use crate::panel::{self, Connected};

/// Records until its input ends.
pub(crate) async fn run(endpoint: &str) -> Result<(), Box<dyn Error>> {
    let connected = panel::connect(endpoint, "recorder").await?;
    let Connected { frontend, machine, mut stopped } = connected;
    // As many on their way as there may be: nothing may be lost here.
    let mut samples = Some(machine.telemetry().await?);
    let (begun, mut recorded, mut last) = (Instant::now(), 0_u32, None);
    say("records");

    let mut orders = orders();
    loop {
        let order = select! {
            sample = next(&mut samples) => {
                let number = sample.ok_or("the telemetry has ended")??.number;
                if last.is_some_and(|last| number != last + 1) {
                    return Err(format!("{number} came after {last:?}: samples are missing").into());
                }
                (recorded, last) = (recorded + 1, Some(number));
                continue;
            }
            Ok(()) = stopped.changed() => {
                let reason = stopped.borrow_and_update().clone().unwrap_or_default();
                say(format_args!("MACHINE STOPPED: {reason}"));
                continue;
            }
            order = orders.recv() => order,
        };
        let Some(order) = order else { break };
        match order.split_once(' ') {
            Some(("home", speed)) => drop(tokio::spawn(home(machine.clone(), speed.parse()?))),
            Some(("stop", reason)) => machine.emergency_stop(reason.to_owned()).await?,
            None if order == "report" => {
                let rate = f64::from(recorded) / begun.elapsed().as_secs_f64();
                say(format_args!("has {recorded} samples, none missing, {rate:.0} a second"));
            }
            // Dropping a subscription is how it is ended.
            None if order == "unsubscribe" => samples = None,
            _ => return Err(format!("`{order}` is no order").into()),
        }
    }
    frontend.close().await;
    Ok(())
}

/// The next sample, where it is subscribed to them.
async fn next(samples: &mut Option<Subscription<Sample>>) -> Option<Result<Sample, IpcError>> {
    match samples {
        Some(samples) => samples.next().await,
        None => pending().await,
    }
}

async fn home(machine: MachineClient, speed: u32) {
    let way = machine.home(speed).with_progress(|way| {
        if way.percent % 10 == 0 {
            say(format_args!("homing {} %", way.percent));
        }
    });
    match way.await {
        Ok(()) => say("the arm is home"),
        Err(error) => say(format_args!("the arm isn't home: {error}")),
    }
}
