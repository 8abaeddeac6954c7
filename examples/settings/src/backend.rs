//! The process that keeps the settings, and writes the log.

use std::{error::Error, path::Path, sync::Arc, time::Duration};

use example_stage::{orders, say};
use ipc_runtime::{Backend, CallContext, store::Store};
use tokio::select;

use crate::{keys::THEME, log_file::LogFile, settings_file::SettingsFile};

/// Serves, and carries out what is typed into it, until its input ends.
pub(crate) async fn serve(endpoint: &str, directory: &Path) -> Result<(), Box<dyn Error>> {
    let file = SettingsFile::new(directory);
    let store = file.load()?;
    let log = Arc::new(LogFile::open(directory)?);

    let backend = Backend::new();
    store.serve(&backend)?;
    let appending = log.clone();
    backend.expose_with("log.append", move |call: CallContext, (text,): (String,)| {
        let (log, from) = (appending.clone(), format!("window {}", call.peer().id()));
        async move { log.append(&from, &text).map_err(|error| error.to_string()) }
    })?;
    let (mut changes, mut lines) = (store.changes().listen(), log.appended().listen());
    say(format_args!("listening on {}", backend.listen(endpoint).await?));

    let mut orders = orders();
    loop {
        select! {
            // What was changed and logged is worth more than an order: it comes first.
            biased;
            Some(change) = changes.next() => {
                file.save(&store.snapshot())?;
                say(format_args!("{} was written to settings.json", change.key()));
            }
            Some(line) = lines.next() => {
                backend.peers().notify("log", &(line,)).await;
            }
            order = orders.recv() => match order {
                Some(order) => obey(&order, &store, &log)?,
                None => break,
            },
        }
    }
    backend.stop(Duration::from_secs(5)).await;
    Ok(())
}

fn obey(order: &str, store: &Store, log: &LogFile) -> Result<(), Box<dyn Error>> {
    match order.split_once(' ') {
        Some(("theme", name)) => {
            let revision = store.set(&THEME, &name.to_owned())?;
            say(format_args!("sets the theme, which is write {revision}"));
        }
        Some(("log", text)) => drop(log.append("backend", text)?),
        _ => return Err(format!("`{order}` is no order").into()),
    }
    Ok(())
}
