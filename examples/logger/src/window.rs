//! The process of a window.

use std::{error::Error, future::pending};

use example_stage::{orders, say};
use ipc_runtime::{Frontend, IpcError, Subscription};
use tokio::select;

use crate::interface::{Level, Line, LogView, LogViewHandler, LoggerClient};

/// What the logger may call in this window.
struct View;

impl LogView for View {
    async fn level_changed(&self, level: Level) {
        say(format_args!("the level is {level}"));
    }
}

/// Does what its user types, until that ends.
pub(crate) async fn run(endpoint: &str, name: &str) -> Result<(), Box<dyn Error>> {
    let frontend = Frontend::builder().name(name).register(LogViewHandler::new(View))?;
    let frontend = frontend.connect(endpoint).await?;
    let logger: LoggerClient = frontend.open().await?;
    let mut orders = orders();
    let mut lines = None;
    loop {
        select! {
            order = orders.recv() => match order {
                Some(order) => obey(&order, &logger, &mut lines).await?,
                None => break,
            },
            line = next(&mut lines) => match line {
                Some(line) => say(format_args!("| {}", line?)),
                None => return Err("the log has ended".into()),
            },
        }
    }
    frontend.close().await;
    Ok(())
}

/// The next line of the log, where somebody looks at it.
async fn next(lines: &mut Option<Subscription<Line>>) -> Option<Result<Line, IpcError>> {
    match lines {
        Some(lines) => lines.next().await,
        None => pending().await,
    }
}

async fn obey(
    order: &str,
    logger: &LoggerClient,
    lines: &mut Option<Subscription<Line>>,
) -> Result<(), Box<dyn Error>> {
    let words: Vec<_> = order.splitn(3, ' ').collect();
    match words[..] {
        ["log", level, text] => logger.log(level.parse()?, text.to_owned()).await?,
        ["set", level] => logger.set_level(level.parse()?).await?,
        ["level"] => say(format_args!("the logger has {}", logger.level().await?)),
        ["show"] => *lines = Some(logger.lines().await?),
        ["hide"] => *lines = None,
        _ => return Err(format!("`{order}` is no order").into()),
    }
    Ok(())
}
