//! The process of a window.

use std::{
    collections::VecDeque,
    error::Error,
    sync::{Arc, Mutex, PoisonError},
};

use example_stage::{orders, say};
use ipc_runtime::Frontend;
use tokio::{
    select,
    sync::{mpsc, oneshot},
};

use crate::interface::{Window, WindowError, WindowHandler, WorkbenchClient};

/// Where the answer of the user goes.
type Question = oneshot::Sender<bool>;

/// What the backend may ask of this window.
struct Pane {
    files: Mutex<Vec<String>>,
    questions: mpsc::UnboundedSender<Question>,
}

impl Pane {
    fn files<T>(&self, with: impl FnOnce(&mut Vec<String>) -> T) -> T {
        with(&mut self.files.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Window for Pane {
    fn reveal(&self, file: &str) -> Result<(), WindowError> {
        if !self.files(|files| files.iter().any(|open| open == file)) {
            return Err(WindowError::NotOpen(file.to_owned()));
        }
        say(format_args!("brings {file} to the front"));
        Ok(())
    }

    async fn save_all(&self) -> usize {
        self.files(|files| files.len())
    }

    async fn may_quit(&self) -> bool {
        let (question, answer) = oneshot::channel();
        let _ = self.questions.send(question);
        // Without a user there is nobody to object.
        answer.await.unwrap_or(true)
    }
}

/// Does what its user types, until that ends.
pub(crate) async fn run(endpoint: &str, title: &str, project: &str) -> Result<(), Box<dyn Error>> {
    let (sender, mut questions) = mpsc::unbounded_channel();
    let pane = Arc::new(Pane { files: Mutex::default(), questions: sender });
    let frontend = Frontend::builder()
        .name(title)
        .register(WindowHandler::new(pane.clone()))?
        .on("theme", |_, (name,): (String,)| say(format_args!("the theme is {name}")))?
        .connect(endpoint)
        .await?;
    let workbench: WorkbenchClient = frontend.open().await?;
    workbench.work_on(project).await?;

    let (mut orders, mut unanswered) = (orders(), VecDeque::new());
    loop {
        select! {
            order = orders.recv() => match order {
                Some(order) => obey(&order, &frontend, &workbench, &pane, &mut unanswered).await?,
                None => break,
            },
            Some(question) = questions.recv() => {
                say("asks its user: may the app quit?");
                unanswered.push_back(question);
            }
        }
    }
    frontend.close().await;
    Ok(())
}

async fn obey(
    order: &str,
    frontend: &Frontend,
    workbench: &WorkbenchClient,
    pane: &Pane,
    unanswered: &mut VecDeque<Question>,
) -> Result<(), Box<dyn Error>> {
    let words: Vec<_> = order.split(' ').collect();
    match words[..] {
        ["open", file] => {
            pane.files(|files| files.push(file.to_owned()));
            let open = workbench.open(file.to_owned()).await?;
            say(format_args!("has opened {file}, which makes {open}"));
        }
        ["files"] => say(format_args!("has {}", workbench.files().await?.join(", "))),
        ["count"] => {
            let windows: usize = frontend.call("workbench.windows", &()).await?;
            say(format_args!("is one of {windows} windows"));
        }
        ["zoomable"] => {
            frontend.expose("zoom", async |(percent,): (u32,)| format!("shows {percent} %"))?;
            say("can be zoomed from now on");
        }
        ["yes" | "no"] => {
            let question = unanswered.pop_front().ok_or("nobody has asked")?;
            let _ = question.send(order == "yes");
        }
        _ => return Err(format!("`{order}` is no order").into()),
    }
    Ok(())
}
