//! The process that has the log.

use std::{error::Error, sync::Arc, time::Duration};

use example_stage::{orders, say};
use ipc_runtime::Backend;
use tokio::select;

use crate::{
    interface::{Level, LoggerHandler},
    service::{Log, WindowLogger, name_of},
};

/// Serves until its input ends.
pub(crate) async fn serve(endpoint: &str) -> Result<(), Box<dyn Error>> {
    let log = Arc::new(Log::new(Level::Info));
    let backend = Backend::new();
    backend.register_with(move |peer| LoggerHandler::new(WindowLogger::new(log.clone(), &peer)))?;
    let mut leaving = backend.peer_disconnected().listen();
    say(format_args!("listening on {}", backend.listen(endpoint).await?));

    let mut orders = orders();
    loop {
        select! {
            order = orders.recv() => match order {
                Some(order) => return Err(format!("`{order}`: the backend takes no orders").into()),
                None => break,
            },
            Some((peer, _)) = leaving.next() => {
                // Its logger has been dropped, and so has what that was doing.
                let left = backend.usage().peer_handlers;
                say(format_args!("{} has gone, loggers left: {left}", name_of(&peer)));
            }
        }
    }
    backend.stop(Duration::from_secs(5)).await;
    Ok(())
}
