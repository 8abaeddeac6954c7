//! Unix sockets: where they lie, who may use them, and who removes them.
#![cfg(unix)]

#[cfg(target_os = "linux")]
use ipc_runtime::Limits;
use std::{
    collections::BTreeSet,
    fs,
    os::unix::{
        fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink},
        net::SocketAddr,
    },
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ipc_runtime::{Backend, ConnectError, Frontend, ListenError};
use ipc_tests::{
    AllOfIt, EverythingHandler, Gates, Scratch, SlowClient, SlowHandler, eventually, in_time,
    poll_once,
    process::{NOBODY, Process, copy_for_others, starts_as_another_user},
};
use rustix::fs::{FlockOperation, flock};
use tokio::{
    net::{UnixListener, UnixSocket, UnixStream},
    process::Command,
    sync::Barrier,
};

const PEER: &str = env!("CARGO_BIN_EXE_ipc-test-peer");

fn endpoint(path: &Path) -> String {
    format!("unix:{}", path.display())
}

fn backend() -> Backend {
    let backend = Backend::new();
    backend.register(SlowHandler::new(Gates::new())).unwrap();
    backend
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

async fn refused(path: &Path) -> String {
    match Backend::new().listen(endpoint(path)).await {
        Err(error @ ListenError::Io { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

async fn works(endpoint: &str) {
    let frontend = in_time(Frontend::connect(endpoint)).await.unwrap();
    let slow: SlowClient = in_time(frontend.open()).await.unwrap();
    assert_eq!(in_time(slow.ping()).await.unwrap(), 7);
}

/// The peer, with its local sockets in a directory of the test's.
fn with_runtime_directory(directory: &Path, arguments: [&str; 2]) -> Command {
    let mut command = Command::new(PEER);
    command.args(arguments).env("XDG_RUNTIME_DIR", directory);
    command
}

async fn told(command: Command) -> String {
    Process::run(command).rest().await
}

#[tokio::test]
async fn a_local_socket_and_its_directory_are_closed_to_others() {
    let runtime = Scratch::new();
    fs::set_permissions(runtime.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let serve = with_runtime_directory(runtime.path(), ["serve", "local:closed"]);
    let mut process = Process::run(serve);
    assert_eq!(process.line().await, "ready local:closed");
    let directory = runtime.join("ipc-runtime");
    assert_eq!(mode(&directory), 0o700);
    assert!(fs::symlink_metadata(&directory).unwrap().is_dir());
    let socket = directory.join("closed.sock");
    assert!(fs::symlink_metadata(&socket).unwrap().file_type().is_socket());
    assert_eq!(mode(&socket), 0o600);
    let ping = with_runtime_directory(runtime.path(), ["ping", "local:closed"]);
    assert_eq!(told(ping).await, "ok");
    works(&endpoint(&socket)).await;
}

#[tokio::test]
async fn a_socket_is_made_for_this_user_alone_wherever_it_lies() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let backend = backend();
    backend.listen(endpoint(&path)).await.unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[tokio::test]
async fn nothing_but_the_socket_is_left_beside_it() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let backend = backend();
    backend.listen(endpoint(&path)).await.unwrap();
    refused(&path).await;
    let names = fs::read_dir(directory.path()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["s"]);
}

#[tokio::test]
async fn a_directory_that_others_could_have_made_is_refused() {
    let runtime = Scratch::new();
    let directory = runtime.join("ipc-runtime");
    let listen = || told(with_runtime_directory(runtime.path(), ["listen", "local:x"]));
    let ping = || told(with_runtime_directory(runtime.path(), ["ping", "local:x"]));

    let elsewhere = runtime.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o700)).unwrap();
    symlink(&elsewhere, &directory).unwrap();
    for told in [listen().await, ping().await] {
        assert!(told.starts_with("error: ") && told.contains("symbolic link"), "{told}");
    }
    fs::remove_file(&directory).unwrap();

    fs::write(&directory, "").unwrap();
    let told = listen().await;
    assert!(told.starts_with("error: ") && told.contains("no directory"), "{told}");
    fs::remove_file(&directory).unwrap();

    fs::create_dir(&directory).unwrap();
    for open in [0o701, 0o710, 0o750, 0o755, 0o777, 0o1777] {
        fs::set_permissions(&directory, fs::Permissions::from_mode(open)).unwrap();
        for told in [listen().await, ping().await] {
            assert!(told.starts_with("error: "), "{open:o}: {told}");
            assert!(told.contains("chmod 700"), "{open:o}: {told}");
        }
    }
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(listen().await, "ok local:x");
    assert!(fs::read_dir(&elsewhere).unwrap().next().is_none(), "nothing was made there");
}

#[tokio::test]
async fn a_runtime_directory_that_is_none_is_passed_over_by_both_sides() {
    let (runtime, temporary) = (Scratch::new(), Scratch::new());
    let user = fs::metadata(temporary.path()).unwrap().uid();
    let file = runtime.join("file");
    fs::write(&file, "").unwrap();
    for none in [runtime.join("missing"), file.clone(), file.join("below")] {
        let with_both = |arguments: [&str; 2]| {
            let mut command = with_runtime_directory(&none, arguments);
            command.env("TMPDIR", temporary.path());
            command
        };
        let mut process = Process::run(with_both(["serve", "local:own"]));
        assert_eq!(process.line().await, "ready local:own", "{none:?}");
        assert_eq!(told(with_both(["ping", "local:own"])).await, "ok", "{none:?}");
        let socket = temporary.join(&format!("ipc-runtime-{user}")).join("own.sock");
        works(&endpoint(&socket)).await;
        process.kill().await;
    }
    assert_eq!(fs::read_dir(runtime.path()).unwrap().count(), 1, "nothing was made there");
}

#[tokio::test]
async fn without_a_runtime_directory_the_sockets_lie_in_one_for_each_user() {
    let temporary = Scratch::new();
    fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut serve = Command::new(PEER);
    serve.args(["serve", "local:own"]).env_remove("XDG_RUNTIME_DIR");
    serve.env("TMPDIR", temporary.path());
    let mut process = Process::run(serve);
    assert_eq!(process.line().await, "ready local:own");
    let user = fs::metadata(temporary.path()).unwrap().uid();
    let directory = temporary.join(&format!("ipc-runtime-{user}"));
    assert_eq!(mode(&directory), 0o700);
    works(&endpoint(&directory.join("own.sock"))).await;
}

#[tokio::test]
async fn the_runtime_directory_of_another_user_is_left_alone() {
    let (runtime, temporary) = (Scratch::new(), Scratch::new());
    let user = fs::metadata(temporary.path()).unwrap().uid();
    if std::os::unix::fs::chown(runtime.path(), Some(NOBODY), Some(NOBODY)).is_err() {
        // Only root may, who meets this by `su` and `sudo`.
        return;
    }
    let mut serve = with_runtime_directory(runtime.path(), ["serve", "local:own"]);
    serve.env("TMPDIR", temporary.path());
    let mut process = Process::run(serve);
    assert_eq!(process.line().await, "ready local:own");
    works(&endpoint(&temporary.join(&format!("ipc-runtime-{user}")).join("own.sock"))).await;
    assert!(fs::read_dir(runtime.path()).unwrap().next().is_none(), "nothing was made there");
}

#[tokio::test]
async fn what_a_killed_backend_has_left_is_replaced() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let mut process = Process::start(PEER, ["serve", &endpoint(&path)]);
    assert_eq!(process.line().await, format!("ready {}", endpoint(&path)));
    process.kill().await;
    assert!(path.exists(), "it could not clean up");
    let error = Frontend::connect(endpoint(&path)).await.unwrap_err().to_string();
    assert!(error.contains("the backend has ended"), "{error}");

    let backend = backend();
    backend.listen(endpoint(&path)).await.unwrap();
    assert_eq!(mode(&path), 0o600);
    works(&endpoint(&path)).await;
}

#[tokio::test]
async fn a_live_socket_is_in_use() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let mut process = Process::start(PEER, ["serve", &endpoint(&path)]);
    process.line().await;
    for _ in 0..3 {
        let why = refused(&path).await;
        assert!(why.contains("in use") && why.contains(&endpoint(&path)), "{why}");
    }
    works(&endpoint(&path)).await;

    let backend = backend();
    let own = directory.join("own");
    backend.listen(endpoint(&own)).await.unwrap();
    let again = backend.listen(endpoint(&own)).await.unwrap_err().to_string();
    assert!(again.contains("in use"), "{again}");
    works(&endpoint(&own)).await;
}

#[tokio::test]
async fn what_is_no_socket_is_left_alone() {
    let directory = Scratch::new();
    let path = directory.join("s");
    fs::write(&path, "precious").unwrap();
    let why = refused(&path).await;
    assert!(why.contains("is no socket"), "{why}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");

    let target = directory.join("target");
    let link = directory.join("link");
    symlink(&target, &link).unwrap();
    refused(&link).await;
    assert!(!target.exists() && fs::symlink_metadata(&link).unwrap().is_symlink());
    refused(&directory.join("missing").join("s")).await;
}

/// A path in a directory, of so many bytes.
fn of_length(directory: &Scratch, length: usize) -> PathBuf {
    let rest = length - directory.path().as_os_str().len() - 1;
    directory.join(&"x".repeat(rest))
}

/// A path of so many bytes, most of which are its directory's, which is made.
fn deep(directory: &Scratch, length: usize) -> PathBuf {
    let below = of_length(directory, length - "/s".len());
    fs::create_dir(&below).unwrap();
    below.join("s")
}

/// How many bytes a path may have here, for the system.
fn longest() -> usize {
    let fits = |length: &usize| SocketAddr::from_pathname("x".repeat(*length)).is_ok();
    (1..1000).take_while(fits).last().unwrap()
}

#[tokio::test]
async fn a_path_that_is_too_long_is_told_before_anything_is_bound() {
    let directory = Scratch::new();
    let long = of_length(&directory, 150);
    let why = refused(&long).await;
    assert!(why.contains("150 bytes") && why.contains("shorter"), "{why}");
    match Frontend::connect(endpoint(&long)).await {
        Err(ConnectError::Io { error, .. }) => {
            let error = error.to_string();
            assert!(error.contains("150 bytes"), "{error}");
            assert!(error.contains(&format!("can have {}", longest())), "{error}");
        }
        other => panic!("{other:?}"),
    }
    // The longest one that `listen` names really is.
    let longest: usize = why
        .split("can have ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("{why}"));
    refused(&of_length(&directory, longest + 1)).await;
    let backend = backend();
    backend.listen(endpoint(&of_length(&directory, longest))).await.unwrap();
    works(&endpoint(&of_length(&directory, longest))).await;
}

#[tokio::test]
async fn connect_takes_the_longest_path_of_the_system_however_often() {
    let directory = Scratch::new();
    let path = deep(&directory, longest());
    let listener = UnixListener::bind(&path).unwrap();
    let backend = backend();
    let accepting = tokio::spawn(async move {
        loop {
            backend.accept(listener.accept().await.unwrap().0);
        }
    });
    for _ in 0..40 {
        works(&endpoint(&path)).await;
    }
    accepting.abort();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn listen_takes_the_longest_path_of_the_system_however_often() {
    let directory = Scratch::new();
    let path = deep(&directory, longest());
    for _ in 0..40 {
        let backend = backend();
        backend.listen(endpoint(&path)).await.unwrap();
        works(&endpoint(&path)).await;
        backend.stop(Duration::ZERO).await;
    }
}

/// What takes a socket for a dead one that it doesn't find there removes it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_kernel_knows_a_socket_by_its_path() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let backend = backend();
    backend.listen(endpoint(&path)).await.unwrap();
    let sockets = fs::read_to_string("/proc/net/unix").unwrap();
    let paths = sockets.lines().filter_map(|line| line.split(' ').next_back());
    let own: Vec<_> =
        paths.filter(|known| Path::new(known).starts_with(directory.path())).collect();
    assert_eq!(own, [path.to_str().unwrap()]);
}

/// Connects until the accept queue of a socket is full.
#[cfg(target_os = "linux")]
async fn fill(path: &Path) -> Vec<UnixStream> {
    let mut waiting = Vec::new();
    loop {
        match UnixStream::connect(path).await {
            Ok(stream) => waiting.push(stream),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return waiting,
            Err(error) => panic!("{error}"),
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_accept_queue_is_tried_again() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let socket = UnixSocket::new_stream().unwrap();
    socket.bind(&path).unwrap();
    let listener = socket.listen(1).unwrap();
    let waiting = fill(&path).await;
    let mut connecting = Box::pin(Frontend::connect(endpoint(&path)));
    assert!(poll_once(&mut connecting).await.is_none(), "it waits");

    let backend = backend();
    let accepting = tokio::spawn(async move {
        loop {
            backend.accept(listener.accept().await.unwrap().0);
        }
    });
    drop(waiting);
    let frontend = in_time(connecting).await.unwrap();
    let slow: SlowClient = in_time(frontend.open()).await.unwrap();
    assert_eq!(in_time(slow.ping()).await.unwrap(), 7);
    accepting.abort();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_accept_queue_that_stays_full_is_told() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let socket = UnixSocket::new_stream().unwrap();
    socket.bind(&path).unwrap();
    let _listener = socket.listen(1).unwrap();
    let _waiting = fill(&path).await;
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(300);
    let connecting = Frontend::builder().limits(limits).connect(endpoint(&path));
    let error = in_time(connecting).await.unwrap_err().to_string();
    let told = format!("the accept queue of {} is full", path.display());
    assert!(error.contains(&told) && error.contains("frozen"), "{error}");
}

#[tokio::test]
async fn nobody_there_is_told_with_the_path() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let error = Frontend::connect(endpoint(&path)).await.unwrap_err().to_string();
    assert!(error.contains("there is no socket"), "{error}");
    assert!(error.contains(&path.display().to_string()), "{error}");
}

#[tokio::test]
async fn the_file_goes_with_its_backend() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let first = backend();
    first.listen(endpoint(&path)).await.unwrap();
    works(&endpoint(&path)).await;
    first.stop(Duration::ZERO).await;
    assert!(!path.exists(), "a stop has removed it when it returns");

    let second = backend();
    second.listen(endpoint(&path)).await.unwrap();
    drop(second);
    eventually("a drop removes it too", || !path.exists()).await;
}

#[tokio::test]
async fn what_somebody_else_has_put_in_its_place_stays() {
    let directory = Scratch::new();
    let path = directory.join("s");
    for attempt in 0..20 {
        let first = backend();
        first.listen(endpoint(&path)).await.unwrap();
        fs::remove_file(&path).unwrap();
        // Many file systems give it the inode number that has just become free.
        let other = UnixListener::bind(&path).unwrap();
        first.stop(Duration::ZERO).await;
        assert!(path.exists(), "attempt {attempt}");
        drop(other);
        fs::remove_file(&path).unwrap();
    }
}

#[tokio::test]
async fn a_file_that_was_given_another_mode_still_goes() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let backend = backend();
    backend.listen(endpoint(&path)).await.unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    works(&endpoint(&path)).await;
    backend.stop(Duration::ZERO).await;
    assert!(!path.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_replace_a_stale_socket_one_wins() {
    const CONTENDERS: usize = 8;

    let directory = Scratch::new();
    let path = directory.join("s");
    for round in 0..50 {
        drop(UnixListener::bind(&path).unwrap());
        let start = Arc::new(Barrier::new(CONTENDERS));
        let contenders: Vec<_> = (0..CONTENDERS)
            .map(|_| {
                let (start, endpoint) = (start.clone(), endpoint(&path));
                tokio::spawn(async move {
                    let backend = backend();
                    start.wait().await;
                    let won = backend.listen(endpoint).await.is_ok();
                    (won, backend)
                })
            })
            .collect();
        let mut ended = Vec::new();
        for contender in contenders {
            ended.push(in_time(contender).await.unwrap());
        }
        let winners = ended.iter().filter(|(won, _)| *won).count();
        assert_eq!(winners, 1, "round {round}: so many believe to be listening there");
        works(&endpoint(&path)).await;
        for (_, backend) in ended {
            backend.stop(Duration::ZERO).await;
        }
        assert!(!path.exists());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backend_that_goes_leaves_its_successor_alone() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let listens = async |backend: &Backend| {
        while backend.listen(endpoint(&path)).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    let mut old = Backend::new();
    listens(&old).await;
    for round in 0..500 {
        let next = Backend::new();
        let stop = tokio::spawn(async move { old.stop(Duration::ZERO).await });
        in_time(listens(&next)).await;
        in_time(stop).await.unwrap();
        assert!(path.exists(), "round {round}");
        old = next;
    }
    in_time(Frontend::connect(endpoint(&path))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_socket_is_closed_to_others_from_its_first_moment() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let over = Arc::new(AtomicBool::new(false));
    let watcher = std::thread::spawn({
        let (path, over) = (path.clone(), over.clone());
        move || {
            let mut modes = BTreeSet::new();
            while !over.load(Ordering::Relaxed) {
                if let Ok(found) = fs::symlink_metadata(&path) {
                    modes.insert(found.permissions().mode() & 0o7777);
                }
            }
            modes
        }
    });
    for _ in 0..300 {
        let backend = Backend::new();
        backend.listen(endpoint(&path)).await.unwrap();
        backend.stop(Duration::ZERO).await;
    }
    over.store(true, Ordering::Relaxed);
    assert_eq!(watcher.join().unwrap(), BTreeSet::from([0o600]));
}

/// The file that a backend locks while it binds.
fn lock_of(path: &Path) -> PathBuf {
    path.with_file_name(format!(".{}.lock", path.file_name().unwrap().to_str().unwrap()))
}

fn locked(path: &Path) -> fs::File {
    let file = fs::File::create(lock_of(path)).unwrap();
    flock(&file, FlockOperation::NonBlockingLockExclusive).unwrap();
    file
}

#[tokio::test]
async fn what_a_backend_leaves_that_was_killed_amid_listen_is_in_nobodys_way() {
    let directory = Scratch::new();
    let path = directory.join("s");
    for is_bound in [false, true] {
        // The lock went with its process, its file didn't.
        drop(locked(&path));
        if is_bound {
            let socket = UnixSocket::new_stream().unwrap();
            socket.bind(&path).unwrap();
        }
        let backend = backend();
        backend.listen(endpoint(&path)).await.unwrap();
        works(&endpoint(&path)).await;
        let names = fs::read_dir(directory.path()).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["s"], "all of it was cleared away");
        backend.stop(Duration::ZERO).await;
    }
}

#[tokio::test]
async fn a_socket_that_does_not_listen_yet_is_not_taken_for_a_dead_one() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let lock = locked(&path);
    let socket = UnixSocket::new_stream().unwrap();
    socket.bind(&path).unwrap();
    let backend = backend();
    let mut listening = Box::pin(backend.listen(endpoint(&path)));
    assert!(poll_once(&mut listening).await.is_none(), "it waits for the one who has the lock");
    let _listener = socket.listen(1).unwrap();
    drop(lock);
    let why = in_time(listening).await.unwrap_err().to_string();
    assert!(why.contains("in use"), "{why}");
    UnixStream::connect(&path).await.unwrap();
}

#[tokio::test]
async fn a_lock_file_that_was_removed_locks_nothing() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let lock = locked(&path);
    let first = backend();
    let mut waiting = Box::pin(first.listen(endpoint(&path)));
    assert!(poll_once(&mut waiting).await.is_none());
    // As is done with old files in a directory for temporary ones.
    fs::remove_file(lock_of(&path)).unwrap();
    let successor = locked(&path);
    drop(lock);
    let yet = tokio::time::timeout(Duration::from_millis(100), &mut waiting).await;
    assert!(yet.is_err(), "another file has that name, and is locked: {yet:?}");
    drop(successor);
    in_time(waiting).await.unwrap();
    works(&endpoint(&path)).await;
}

#[tokio::test]
async fn a_lock_that_somebody_keeps_is_told() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let _lock = locked(&path);
    let why = in_time(refused(&path)).await;
    assert!(why.contains(lock_of(&path).to_str().unwrap()) && why.contains("frozen"), "{why}");
}

#[tokio::test]
async fn a_lock_file_is_no_link_that_is_followed() {
    let directory = Scratch::new();
    let (path, target) = (directory.join("s"), directory.join("target"));
    symlink(&target, lock_of(&path)).unwrap();
    let why = refused(&path).await;
    assert!(why.contains(lock_of(&path).to_str().unwrap()), "{why}");
    assert!(!target.exists());
}

#[tokio::test]
async fn a_backend_whose_socket_was_removed_leaves_that_of_its_successor() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let first = backend();
    first.listen(endpoint(&path)).await.unwrap();
    fs::remove_file(&path).unwrap();
    let second = backend();
    second.listen(endpoint(&path)).await.unwrap();
    first.stop(Duration::ZERO).await;
    works(&endpoint(&path)).await;
}

#[tokio::test]
async fn an_open_connection_needs_no_more_descriptors() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let backend = backend();
    backend.register(EverythingHandler::new(AllOfIt::default())).unwrap();
    backend.listen(endpoint(&path)).await.unwrap();
    let mut exhausted = Command::new("sh");
    exhausted.args(["-c", r#"ulimit -n 40; exec "$0" exhausted "$1""#, PEER, &endpoint(&path)]);
    assert_eq!(told(exhausted).await, "ok");
}

#[tokio::test]
async fn the_peer_is_known_by_its_credentials() {
    let directory = Scratch::new();
    let path = directory.join("s");
    let backend = backend();
    backend.listen(endpoint(&path)).await.unwrap();
    let frontend = Frontend::connect(endpoint(&path)).await.unwrap();
    let credentials = frontend.peer().credentials().unwrap();
    assert_eq!(credentials.user, Some(fs::metadata(directory.path()).unwrap().uid()));
    if let Some(process) = credentials.process {
        assert_eq!(process, i32::try_from(std::process::id()).unwrap());
    }
}

#[tokio::test]
async fn another_user_is_refused_though_the_socket_lets_them_in() {
    let directory = Scratch::new();
    let peer = copy_for_others(PEER, &directory);
    let path = directory.join("s");
    let backend = backend();
    backend.listen(endpoint(&path)).await.unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();

    let mut own = Command::new(&peer);
    own.args(["ping", &endpoint(&path)]);
    assert_eq!(told(own).await, "ok");
    let mut other = Command::new(&peer);
    other.args(["ping", &endpoint(&path)]).uid(NOBODY).gid(NOBODY);
    if !starts_as_another_user(&mut other, &directory) {
        return;
    }
    let refused = told(other).await;
    assert!(refused.starts_with("error: rpc.handshake is not allowed at "), "{refused}");
    assert!(refused.contains(&format!("you are user {NOBODY}")), "{refused}");
    // In the words of whoever speaks, whatever they have to say.
    let hello = r#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}"#;
    let framed = format!("Content-Length: {}\r\n\r\n{hello}", hello.len());
    for (said, begins) in [
        (format!("{hello}\n"), "{\"jsonrpc\""),
        ("[".into(), "{\"jsonrpc\""),
        (framed, "Content-Length: "),
        ("IPC\u{1}\\0".into(), "IPC\u{1}\0"),
    ] {
        let mut other = Command::new(&peer);
        other.args(["say", &endpoint(&path), &said]).uid(NOBODY).gid(NOBODY);
        let answer = told(other).await;
        assert!(answer.starts_with(begins), "{answer}");
        assert!(answer.contains("\"id\":null") && answer.contains("-32001"), "{answer}");
    }
    works(&endpoint(&path)).await;
    eventually("nothing is left", || backend.usage().is_zero()).await;
}

#[tokio::test]
async fn a_backend_of_another_user_is_not_talked_to() {
    let directory = Scratch::new();
    let peer = copy_for_others(PEER, &directory);
    // Unless that is root, who may do anything to this process anyway.
    let theirs = directory.join("theirs");
    fs::create_dir(&theirs).unwrap();
    let mut serve = Command::new(&peer);
    serve.args(["serve", &endpoint(&theirs.join("s"))]).uid(NOBODY).gid(NOBODY);
    if !starts_as_another_user(&mut serve, &directory) {
        return;
    }
    std::os::unix::fs::chown(&theirs, Some(NOBODY), Some(NOBODY)).unwrap();
    let mut process = Process::run(serve);
    assert!(process.line().await.starts_with("ready "));
    match in_time(Frontend::connect(endpoint(&theirs.join("s")))).await {
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains(&format!("user {NOBODY}")), "{text}");
        }
        Ok(_) => panic!("it has connected to the backend of another user"),
    }
}
