//! One launch of the app: everything is set up, a window is opened, and it goes on until the last
//! window is closed.

use std::{
    env,
    error::Error,
    fmt,
    io::{self, IsTerminal, Write},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ipc_runtime::{Backend, Registration, Token, config::OriginPolicy, store::Store};
use notes_interface::{INDEX, NotesHandler};
use tokio::{
    net::TcpListener,
    select,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
};

use crate::{
    arguments::Arguments, browser, desk::Desk, disk_watch::DiskWatch, door::Door, page, pinned,
    places, presence, vault::Vault, windows::Windows,
};

/// Has the token of the launch before, so that its windows come back to this one.
pub(crate) const TOKEN_VARIABLE: &str = "NOTES_TOKEN";

/// How long the browser that has the profile already may take for a window.
const HANDED_ON: Duration = Duration::from_secs(10);

const WELCOME: &str = include_str!("welcome.md");

pub(crate) async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let vault = Arc::new(open_vault(arguments.folder)?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port)).await;
    let listener = listener.map_err(|error| format!("port {}: {error}", arguments.port))?;
    let token = token()?;
    let door = Arc::new(Door::new(listener.local_addr()?, token.clone()));

    let own = OriginPolicy::allow([door.origin()]);
    let backend = Backend::builder().token_cookie(door.cookie(), token).origins(own).build();
    let store = Store::new();
    let windows = Windows::new(store.clone());
    let _windows = windows.follow(&backend);
    let desk = Desk::new(Arc::clone(&vault), store.clone(), windows);
    backend.register(NotesHandler::new(desk))?;
    store.serve(&backend)?;
    let _pinned = pinned::keep(&vault, &store)?;
    let _indexed = tell_of_index(&vault, &store);
    let _watch = DiskWatch::start(Arc::clone(&vault));
    if let Err(error) = &_watch {
        say(format_args!("changes that other programs make aren't seen: {error}"));
    }
    let mut serving = JoinSet::new();
    serving.spawn(page::serve(listener, backend.clone(), Arc::clone(&door)));

    let ending = told_to_end()?;
    say(format_args!("the notes are in {}", vault.folder().display()));
    let (vanished, mut in_vain) = unbounded_channel();
    let mut window = Window { door, profile: None, vanished };
    if !arguments.no_window {
        window.profile = Some(places::data_dir()?.join("window"));
    }
    window.open()?;
    let mut asked = asked_for_window();
    let left = async {
        presence::until_all_have_left(&backend).await;
        if arguments.stay {
            std::future::pending::<()>().await;
        }
    };
    tokio::pin!(left, ending);
    loop {
        select! {
            ended = &mut ending => break ended?,
            () = &mut left => {
                say(format_args!("the last window is closed"));
                break;
            }
            Some(()) = asked.recv() => window.open()?,
            Some(()) = in_vain.recv() => {
                say(format_args!("the browser has ended without a window"));
                tell_address(&window.door.address()?);
            }
            Some(ended) = serving.join_next() => ended??,
        }
    }
    backend.stop(Duration::from_secs(2)).await;
    Ok(())
}

/// By Ctrl-C, or as a service is. It is heard from the call on.
#[cfg(unix)]
fn told_to_end() -> io::Result<impl Future<Output = io::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        select! {
            _ = interrupt.recv() => Ok(()),
            _ = terminate.recv() => Ok(()),
        }
    })
}

#[cfg(not(unix))]
fn told_to_end() -> io::Result<impl Future<Output = io::Result<()>>> {
    Ok(tokio::signal::ctrl_c())
}

/// How somebody gets to the page.
struct Window {
    door: Arc<Door>,
    /// Of the browser; none, where no window is wanted.
    profile: Option<PathBuf>,
    /// Told when a browser has ended, and nobody has used its address.
    vanished: UnboundedSender<()>,
}

impl Window {
    fn open(&self) -> io::Result<()> {
        let address = self.door.address()?;
        let opened = self.profile.as_deref().and_then(|profile| browser::open(&address, profile));
        match opened {
            Some(Ok(mut browser)) => {
                say(format_args!("a window is being opened, and the app ends with the last one"));
                // It ends with its last window, or at once where another one has the profile. A task
                // of tokio that waits for it would keep the app from ending before it.
                let (door, vanished) = (Arc::clone(&self.door), self.vanished.clone());
                std::thread::spawn(move || {
                    if browser.wait().is_ok_and(|status| status.success()) {
                        std::thread::sleep(HANDED_ON);
                    }
                    if door.is_waited_for() {
                        // Without a receiver the app ends.
                        let _ = vanished.send(());
                    }
                });
            }
            Some(Err(error)) => {
                say(format_args!("the browser can't be started: {error}"));
                tell_address(&address);
            }
            None => tell_address(&address),
        }
        Ok(())
    }
}

fn tell_address(address: &str) {
    say(format_args!("open this within 30 s; it works once: {address}"));
    if io::stdin().is_terminal() {
        say(format_args!("for another address press Enter"));
    }
}

/// Somebody has pressed Enter at the terminal.
fn asked_for_window() -> UnboundedReceiver<()> {
    let (sender, receiver) = unbounded_channel();
    if io::stdin().is_terminal() {
        // Reading can't be cancelled: a task of tokio would keep the app from ending.
        std::thread::spawn(move || {
            for _ in io::stdin().lines().map_while(Result::ok) {
                let _ = sender.send(());
            }
        });
    }
    receiver
}

fn token() -> Result<Token, Box<dyn Error>> {
    match env::var(TOKEN_VARIABLE) {
        Ok(token) => Ok(token.parse().map_err(|error| format!("{TOKEN_VARIABLE}: {error}"))?),
        Err(env::VarError::NotPresent) => Ok(Token::generate()?),
        Err(error) => Err(format!("{TOKEN_VARIABLE}: {error}").into()),
    }
}

fn open_vault(folder: Option<PathBuf>) -> Result<Vault, Box<dyn Error>> {
    let (folder, is_own) = match folder {
        Some(folder) => (folder, false),
        None => (places::data_dir()?.join("notes"), true),
    };
    let is_new = !folder.exists();
    let told = |path: &Path, error| format!("{}: {error}", path.display());
    let vault = Vault::open(&folder).map_err(|error| told(&folder, error))?;
    if is_own && is_new {
        vault.save("Welcome", WELCOME, None)?;
    }
    Ok(vault)
}

/// All windows see in the store what the index has.
fn tell_of_index(vault: &Vault, store: &Store) -> Registration {
    let store = store.clone();
    vault.indexed().event().on(move |indexed| {
        // Two numbers always find room.
        let _ = store.set(&INDEX, indexed);
    })
}

fn say(what: fmt::Arguments<'_>) {
    // Whoever has closed the output doesn't want to know.
    let _ = writeln!(io::stdout(), "{what}");
}
