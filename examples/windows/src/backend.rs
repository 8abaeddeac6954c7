//! The process that all windows are connected to.

use std::{error::Error, fmt::Display, time::Duration};

use example_stage::{orders, say};
use ipc_runtime::{Backend, Peer, Usage};
use tokio::time::sleep;

use crate::{
    interface::{WindowClient, WorkbenchHandler},
    workbench::{Project, WindowWorkbench, name_of},
};

/// Serves, and carries out what is typed into it, until its input ends.
pub(crate) async fn serve(endpoint: &str) -> Result<(), Box<dyn Error>> {
    let backend = Backend::new();
    // Weak: else the backend's handlers would keep the backend.
    let weak = backend.downgrade();
    backend.register_with(move |_| WorkbenchHandler::new(WindowWorkbench::new(weak.clone())))?;
    let weak = backend.downgrade();
    // For scripts and plugins, which have no trait.
    backend.expose("workbench.windows", move |()| {
        let windows = weak.upgrade().map_or(0, |backend| backend.connection_count());
        async move { windows }
    })?;

    backend.peer_connected().on(|peer| say(format_args!("window {} connects", peer.id())));
    backend.peer_disconnected().on(|(peer, reason)| match peer.extensions().get::<Project>() {
        Some(project) => {
            say(format_args!("{}, of {}, has gone: {reason}", name_of(peer), project.0));
        }
        None => say(format_args!("{} has gone: {reason}", name_of(peer))),
    });
    say(format_args!("listening on {}", backend.listen(endpoint).await?));

    let mut orders = orders();
    while let Some(order) = orders.recv().await {
        let words: Vec<_> = order.split(' ').collect();
        match words[..] {
            ["reveal", window, file] => reveal(&window_of(&backend, window)?, file).await,
            ["save", project] => save(&backend, project).await,
            ["quit?"] => ask_to_quit(&backend).await,
            ["zoom", window, percent] => {
                zoom(&window_of(&backend, window)?, percent.parse()?).await;
            }
            ["theme", name] => {
                backend.peers().notify("theme", &(name,)).await;
            }
            ["usage"] => usage(&backend).await,
            _ => return Err(format!("`{order}` is no order").into()),
        }
    }
    backend.stop(Duration::from_secs(5)).await;
    Ok(())
}

fn window_of(backend: &Backend, number: &str) -> Result<Peer, String> {
    let peers = backend.peers().filter(|peer| peer.id().to_string() == number);
    peers.into_iter().next().ok_or_else(|| format!("there is no window {number}"))
}

/// Calls one window.
async fn reveal(peer: &Peer, file: &str) {
    let window: WindowClient = peer.client();
    tell(peer, window.reveal(file).await.map(|()| format!("shows {file}")));
}

/// Calls the windows of a project.
async fn save(backend: &Backend, project: &str) {
    let windows = backend.group(project).peers();
    for (peer, saved) in windows.broadcast(|window: WindowClient| window.save_all()).await {
        tell(&peer, saved.map(|files| format!("has saved, files: {files}")));
    }
}

/// Calls all windows, and waits for each one's answer.
async fn ask_to_quit(backend: &Backend) {
    let answers = backend.peers().broadcast(|window: WindowClient| window.may_quit()).await;
    for (peer, answer) in answers {
        tell(&peer, answer.map(|may| if may { "says yes" } else { "says no" }));
    }
}

/// Calls a function that a window has exposed, or hasn't.
async fn zoom(peer: &Peer, percent: u32) {
    tell(peer, peer.call::<String>("zoom", &(percent,)).await);
}

/// Says what there is. Waits first until nothing is left of connections that have ended.
async fn usage(backend: &Backend) {
    let mut usage = backend.usage();
    while usage.connections > backend.connection_count() {
        sleep(Duration::from_millis(5)).await;
        usage = backend.usage();
    }
    if usage.is_zero() {
        return say("nothing is left of any window");
    }
    let Usage { connections, peer_handlers: handlers, pending_calls: calls, .. } = usage;
    say(format_args!("connections: {connections}, handlers: {handlers}, calls: {calls}"));
    for peer in backend.peers() {
        if let Some(project) = peer.extensions().get::<Project>() {
            let (name, project) = (name_of(&peer), &*project.0);
            let others = backend.group(project).peers().filter(|other| *other != peer).len();
            say(format_args!("{name} works on {project}, others: {others}"));
        }
    }
}

fn tell<T: Display, E: Display>(peer: &Peer, outcome: Result<T, E>) {
    match outcome {
        Ok(what) => say(format_args!("window {} {what}", peer.id())),
        Err(error) => say(format_args!("window {} fails: {error}", peer.id())),
    }
}
