//! The process of a window.

use std::error::Error;

use example_stage::{orders, say};
use ipc_runtime::{
    CallError, Frontend,
    store::{Change, Revision, StoreError, StoreReplica},
};
use tokio::select;

use crate::keys::{AUTOSAVE, FONT_SIZE, THEME};

/// Does what its user types, until that ends.
pub(crate) async fn run(endpoint: &str) -> Result<(), Box<dyn Error>> {
    // Before it is connected, so that no line is missed.
    let frontend = Frontend::builder()
        .on("log", |_, (line,): (String,)| say(format_args!("log | {line}")))?
        .connect(endpoint)
        .await?;
    // With all values of one moment: nothing has to be waited for later.
    let settings = StoreReplica::open(&frontend).await?;
    say(format_args!("begins with write {}: {}", settings.revision(), shown(&settings)?));
    settings.changes().on(tell);
    let mut themes = settings.watch(&THEME);

    let (mut orders, mut looked_at) = (orders(), None);
    loop {
        select! {
            order = orders.recv() => match order {
                Some(order) => obey(&order, &frontend, &settings, &mut looked_at).await?,
                None => break,
            },
            Some(theme) = themes.next() => {
                say(format_args!("paints itself {}", theme?.unwrap_or_default()));
            }
        }
    }
    frontend.close().await;
    Ok(())
}

fn tell(change: &Change) {
    if let Some(value) = change.value() {
        say(format_args!("{} is {value} since write {}", change.key(), change.revision()));
    }
}

/// Reads without waiting: the values are here.
fn shown(settings: &StoreReplica) -> Result<String, StoreError> {
    let theme = settings.get(&THEME)?.unwrap_or_default();
    let size = settings.get(&FONT_SIZE)?.unwrap_or(12);
    // `false` is a value, and not as if there were none.
    let autosave = settings.get(&AUTOSAVE)?.unwrap_or(true);
    Ok(format!("{theme}, {size} pt, autosave {}", if autosave { "on" } else { "off" }))
}

async fn obey(
    order: &str,
    frontend: &Frontend,
    settings: &StoreReplica,
    looked_at: &mut Option<Revision>,
) -> Result<(), Box<dyn Error>> {
    match order.split_once(' ') {
        None if order == "read" => say(format_args!("has {}", shown(settings)?)),
        None if order == "look" => {
            *looked_at = settings.revision_of(&FONT_SIZE);
            say(format_args!("sees {:?} pt", settings.get(&FONT_SIZE)?.unwrap_or(12)));
        }
        Some(("theme", name)) => {
            settings.set(&THEME, &name.to_owned()).await?;
            say(format_args!("has set the theme, and has {}", shown(settings)?));
        }
        Some(("autosave", state)) => {
            settings.set(&AUTOSAVE, &(state == "on")).await?;
            say("has set autosave");
        }
        Some(("font", size)) => {
            // Only over what this user has seen.
            match settings.compare_and_set(&FONT_SIZE, *looked_at, &size.parse()?).await {
                Ok(_) => say(format_args!("has set the font to {size} pt")),
                Err(CallError::Method(error @ StoreError::Conflict { .. })) => {
                    // What it has lost against is here by now.
                    let now = settings.get(&FONT_SIZE)?.unwrap_or(12);
                    say(format_args!("was too late, it is {now} pt: {error}"));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Some(("log", text)) => {
            let bytes: usize = frontend.call("log.append", &(text,)).await?;
            say(format_args!("has logged {bytes} bytes"));
        }
        _ => return Err(format!("`{order}` is no order").into()),
    }
    Ok(())
}
