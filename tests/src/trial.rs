//! One [conversation](crate::conversation) over a connection with a fault, and what came of it.

use std::{
    fmt,
    sync::{
        Once,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use ipc_runtime::{Backend, Frontend, Limits};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    time::timeout,
};

use crate::{
    conversation::{Parties, Tally},
    eventually,
    fault::{Faulty, Plan, Traffic},
};

/// Longer than anything takes that ends by itself: by a clock that stands still meanwhile.
const FOR_EVER: Duration = Duration::from_secs(24 * 3_600);

/// Whose end of the connection has the fault: that one notices a cut as an error. The other one
/// finds its input ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialSide {
    /// The frontend's.
    Frontend,
    /// The backend's.
    Backend,
}

/// What came of a number of trials.
#[derive(Debug, Default, Clone, Copy)]
pub struct TrialTotals {
    /// How often the plan's end was met.
    pub struck: u64,
    /// How often there never was a frontend.
    pub never_connected: u64,
    /// What was told in the others.
    pub tally: Tally,
}

impl TrialTotals {
    /// Adds one trial.
    pub fn count(&mut self, tally: Option<Tally>, traffic: &Traffic) {
        self.struck += u64::from(traffic.was_struck());
        match tally {
            Some(tally) => self.tally.add(&tally),
            None => self.never_connected += 1,
        }
    }

    /// Of all of these together.
    pub fn of(all: &[Self]) -> Self {
        let mut sum = Self::default();
        all.iter().for_each(|one| sum.add(one));
        sum
    }

    /// Adds those of others.
    pub fn add(&mut self, other: &Self) {
        self.struck += other.struck;
        self.never_connected += other.never_connected;
        self.tally.add(&other.tally);
    }
}

impl fmt::Display for TrialTotals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { struck, never_connected, tally } = self;
        write!(
            f,
            "the fault was met {struck} times, {never_connected} of them before there was a \
             frontend; {} calls: {} answered, {} may have run and {} of them had, {} had not run; \
             {} ran again; {} items, {} gaps told, {} streams ended; nothing lost unsaid, doubled \
             or hung",
            tally.calls,
            tally.answered,
            tally.may_have_run,
            tally.had_run,
            tally.has_not_run,
            tally.ran_again,
            tally.news,
            tally.gaps,
            tally.streams_ended,
        )
    }
}

/// A runtime whose clock stands still while something can go on.
pub fn paused_runtime() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

/// Says everything once inside of this process, over a connection that goes by this plan. `None`:
/// there never was a frontend. `Err`: what should not be.
///
/// For a [`paused_runtime`] runtime, where what hangs is found at once.
pub async fn try_in_memory(
    side: TrialSide,
    plan: Plan,
    limits: Limits,
) -> Result<(Option<Tally>, Traffic), String> {
    let parties = Parties::new(Backend::builder().limits(limits.clone()));
    let builder = parties.frontend(Frontend::builder().limits(limits)).unwrap();
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (connecting, traffic) = match side {
        TrialSide::Frontend => {
            parties.backend.accept(theirs);
            let faulty = Faulty::new(ours, plan);
            let traffic = faulty.traffic();
            (timeout(FOR_EVER, builder.over(faulty)).await, traffic)
        }
        TrialSide::Backend => {
            let faulty = Faulty::new(theirs, plan);
            let traffic = faulty.traffic();
            parties.backend.accept(faulty);
            (timeout(FOR_EVER, builder.over(ours)).await, traffic)
        }
    };
    let tally = match connecting.map_err(|_| "connecting hangs")? {
        Ok(frontend) => {
            let conversation = timeout(FOR_EVER, parties.converse(&frontend));
            let notes = conversation.await.map_err(|_| "the conversation hangs")?;
            Some(parties.end_and_check(frontend, &notes).await?)
        }
        Err(_) => {
            eventually("nothing is left", || parties.backend.usage().is_zero()).await;
            None
        }
    };
    drop(parties);
    no_task_is_left().await;
    Ok((tally, traffic))
}

/// Waits until no task of this runtime is left.
pub async fn no_task_is_left() {
    eventually("no task is left", || Handle::current().metrics().num_alive_tasks() == 0).await;
}

/// Has as many threads as there are processors do each its share of what is numbered from 0 up to
/// `count`.
///
/// # Panics
///
/// When one of them does.
pub fn on_all_threads<T: Send>(
    count: u64,
    work: impl Fn(&mut dyn Iterator<Item = u64>) -> T + Sync,
) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    let work = &work;
    thread::scope(|scope| {
        let shares = (0..threads).map(|first| (first..count).step_by(threads as usize));
        let workers: Vec<_> =
            shares.map(|mut share| scope.spawn(move || work(&mut share))).collect();
        workers.into_iter().map(|worker| worker.join().expect("a trial failed")).collect()
    })
}

/// Tries each of so many plans inside of this process.
///
/// # Panics
///
/// When something comes of one that should not.
pub fn try_all(
    side: TrialSide,
    limits: &Limits,
    count: u64,
    plan: impl Fn(u64) -> Plan + Sync,
) -> TrialTotals {
    let sums = on_all_threads(count, |numbers| {
        let (runtime, mut sum) = (paused_runtime(), TrialTotals::default());
        for number in numbers {
            let (tally, traffic) = runtime
                .block_on(try_in_memory(side, plan(number), limits.clone()))
                .unwrap_or_else(|why| panic!("{side:?}, {:?}: {why}", plan(number)));
            sum.count(tally, &traffic);
        }
        sum
    });
    TrialTotals::of(&sums)
}

/// How many panics there were from the first call of this on, of all threads, also of those that
/// the library turns into errors. For a test that is [`alone!`](crate::alone!) in its process.
pub fn panic_count() -> u64 {
    static PANICS: AtomicU64 = AtomicU64::new(0);
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            PANICS.fetch_add(1, Ordering::SeqCst);
            before(info);
        }));
    });
    PANICS.load(Ordering::SeqCst)
}

/// Whether everything is to be tried, by `IPC_FAULTS=full`; else a sample is enough where that is
/// allowed.
pub fn is_full_run() -> bool {
    std::env::var_os("IPC_FAULTS").is_some_and(|value| value == "full")
}

/// One of so many, and one of how many if everything is to be tried.
pub fn every_nth(one_of: u64, if_full: u64) -> u64 {
    if is_full_run() { if_full } else { one_of }
}
