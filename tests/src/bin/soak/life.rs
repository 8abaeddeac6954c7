//! One window after another, each with a short and busy life.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, future::join_all, stream};
use ipc_runtime::{
    Backend, Bytes, CallError, ConnectError, Endpoint, ErrorKind, Frontend, IpcError, Streaming,
    store::{StoreError, StoreReplica},
};
use ipc_tests::random::Random;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    cut::Cut,
    desk::{COUNTER, DeskClient, Pane, WindowHandler, newer::NewerDeskClient},
};

/// Longer than anything here can take, if it ends at all.
const HANGS: Duration = Duration::from_secs(30);

/// What all windows have in common.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) backend: Backend,
    pub(crate) endpoints: Arc<Vec<Endpoint>>,
    pub(crate) until: Instant,
    pub(crate) lives: Arc<AtomicU64>,
    pub(crate) deeds: Arc<AtomicU64>,
}

/// Why something went no further.
enum Trouble {
    /// The connection has ended: windows that are cut off have to expect it.
    Lost,
    /// A bug.
    Wrong(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost => f.write_str("its connection was lost"),
            Self::Wrong(what) => f.write_str(what),
        }
    }
}

impl From<IpcError> for Trouble {
    fn from(error: IpcError) -> Self {
        match error.kind() {
            ErrorKind::Disconnected | ErrorKind::NotConnected => Self::Lost,
            _ => Self::Wrong(error.to_string()),
        }
    }
}

impl<E: fmt::Display> From<CallError<E>> for Trouble {
    fn from(error: CallError<E>) -> Self {
        match error {
            CallError::Ipc(error) => error.into(),
            // A handler that calls its window back is told, too, when that has gone.
            CallError::Method(error) => Self::Wrong(error.to_string()),
        }
    }
}

/// How a window ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Closes,
    IsDropped,
    IsKicked,
    /// Its connection breaks by itself, some time.
    IsCut,
}

/// Lives again and again, until it is time. `Err`: what went wrong.
pub(crate) async fn live(world: World, number: u64, seed: u64) -> Result<(), String> {
    let mut random = Random::new(seed.wrapping_mul(1_000).wrapping_add(number));
    while Instant::now() < world.until {
        let end = match random.below(4) {
            0 => End::Closes,
            1 => End::IsDropped,
            2 => End::IsKicked,
            _ => End::IsCut,
        };
        let life = timeout(HANGS, one_life(&world, end, &mut random)).await;
        match life {
            Ok(Ok(())) => {}
            Ok(Err(Trouble::Lost)) if end == End::IsCut => {}
            Ok(Err(trouble)) => return Err(format!("window {number} that {end:?}: {trouble}")),
            Err(_) => return Err(format!("window {number} that {end:?}: hangs")),
        }
        world.lives.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

async fn one_life(world: &World, end: End, random: &mut Random) -> Result<(), Trouble> {
    let wrong = |error: &dyn fmt::Display| Trouble::Wrong(error.to_string());
    let builder =
        Frontend::builder().register(WindowHandler::new(Pane)).map_err(|error| wrong(&error))?;
    let connected = if end == End::IsCut {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        world.backend.accept(theirs);
        let after = random.below(400_000) as usize;
        builder.over(Cut::new(ours, after)).await.map_err(|_| Trouble::Lost)
    } else {
        let endpoint = &world.endpoints[random.below(world.endpoints.len() as u64) as usize];
        builder.connect(endpoint.clone()).await.map_err(|error: ConnectError| wrong(&error))
    };
    let frontend = connected?;
    let desk: DeskClient = frontend.open().await?;
    let mut replica = None;
    for _ in 0..random.below(30) {
        // A window that has to be cut dies where it stands.
        act(&frontend, &desk, &mut replica, random).await?;
        world.deeds.fetch_add(1, Ordering::Relaxed);
    }
    let usage_of = frontend.clone();
    match end {
        End::Closes | End::IsCut => frontend.close().await,
        End::IsDropped => drop(frontend),
        End::IsKicked => {
            desk.kick_me().await?;
            frontend.closed().await;
        }
    }
    drop((desk, replica));
    // The handle that looks is itself one that keeps it open.
    if end == End::IsDropped {
        usage_of.close().await;
    }
    while !usage_of.usage().is_zero() {
        sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

/// One thing that a window may do.
async fn act(
    frontend: &Frontend,
    desk: &DeskClient,
    replica: &mut Option<StoreReplica>,
    random: &mut Random,
) -> Result<(), Trouble> {
    let some = random.below(50) as u32;
    match random.below(19) {
        0 => expect(desk.add(some.into(), 1).await?, i64::from(some) + 1),
        1 => {
            let text = "x".repeat(random.below(64 * 1024) as usize);
            expect(desk.echo(text.clone()).await?.len(), text.len())
        }
        2 => {
            // Sent or not, answered or not: it is dropped.
            let _ = timeout(Duration::from_millis(random.below(3)), desk.never()).await;
            Ok(())
        }
        3 => match desk.never().timeout(Duration::from_millis(random.below(5))).await {
            Err(error) if error.kind() == ErrorKind::DeadlineExceeded => Ok(()),
            Err(error) => Err(error.into()),
            Ok(()) => Err(Trouble::Wrong("`never` has answered".into())),
        },
        4 => expect(desk.sum_bytes(Bytes::from(vec![1; some as usize])).await?, some.into()),
        5 => {
            for _ in 0..some {
                desk.note("a line".into()).await?;
            }
            Ok(())
        }
        6 => match desk.ask_back(some.min(5)).await {
            Ok(answered) => expect(answered, some.min(5)),
            Err(CallError::Ipc(error)) => Err(error.into()),
            // That the backend has lost this window may be told by itself, just in time.
            Err(CallError::Method(_)) if !frontend.is_connected() => Err(Trouble::Lost),
            Err(error) => Err(error.into()),
        },
        7 => expect(desk.work(some).with_progress(|_| {}).await?, some),
        8 => {
            let counted = desk.count(some).await?.count().await;
            if frontend.is_connected() {
                expect(counted, some as usize)
            } else {
                Err(Trouble::Lost)
            }
        }
        9 => {
            let few = desk.count(10_000).await?.take(some as usize);
            few.for_each(async |_| ()).await;
            Ok(())
        }
        10 => {
            let ticks = desk.ticks().await?.take(3).collect::<Vec<_>>();
            let _ = timeout(Duration::from_millis(20), ticks).await;
            Ok(())
        }
        11 => expect(desk.sum(Streaming::new(stream::iter(0..100))).await?, 4950),
        12 => {
            let numbers = Streaming::new(stream::iter(0..1_000));
            desk.doubled(numbers).await?.take(some as usize).for_each(async |_| ()).await;
            Ok(())
        }
        13 => {
            if replica.is_none() {
                *replica = Some(StoreReplica::open(frontend).await?);
            }
            match &*replica {
                Some(replica) => write(replica, random).await,
                None => Ok(()),
            }
        }
        14 => {
            *replica = None;
            let own = StoreReplica::open_own(frontend).await?;
            own.set(&COUNTER, &u64::from(some)).await?;
            expect(own.get(&COUNTER).ok().flatten(), Some(some.into()))
        }
        15 => expect(frontend.call::<u64>("plus", &(some, 1)).await?, u64::from(some) + 1),
        16 => {
            desk.visit(some % 2 == 0).await?;
            Ok(())
        }
        17 => match frontend.open::<NewerDeskClient>().await {
            Err(error) if error.kind() == ErrorKind::VersionMismatch => Ok(()),
            Err(error) => Err(error.into()),
            Ok(_) => Err(Trouble::Wrong("another version was served".into())),
        },
        _ => {
            let calls = (0..i64::from(some)).map(|number| desk.add(number, 0));
            for (expected, sum) in join_all(calls).await.into_iter().enumerate() {
                expect(sum?, expected as i64)?;
            }
            Ok(())
        }
    }
}

/// Writes to the store in one of the ways in which that can be done.
async fn write(replica: &StoreReplica, random: &mut Random) -> Result<(), Trouble> {
    let mut watch = replica.watch(&COUNTER);
    let number = random.below(1_000);
    match random.below(3) {
        0 => {
            let revision = replica.set(&COUNTER, &number).await?;
            if replica.revision() < revision {
                return Err(Trouble::Wrong("a write isn't seen where it was made".into()));
            }
        }
        1 => {
            replica.remove(&COUNTER).await?;
        }
        _ => {
            let expected = replica.revision_of(&COUNTER);
            match replica.compare_and_set(&COUNTER, expected, &number).await {
                Ok(_) | Err(CallError::Method(StoreError::Conflict { .. })) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    let _ = watch.next().await;
    Ok(())
}

fn expect<T: PartialEq + fmt::Debug>(is: T, expected: T) -> Result<(), Trouble> {
    if is == expected {
        Ok(())
    } else {
        Err(Trouble::Wrong(format!("{is:?} instead of {expected:?}")))
    }
}
