//! Everything that two sides may say to each other, in some hundred messages; and what must hold of
//! it, whatever becomes of the connection.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{future::join_all, stream};
use ipc_runtime::{
    Backend, BackendBuilder, CallError, ErrorKind, Frontend, FrontendBuilder, IpcError, Limits,
    Streaming, Subscription,
    error::RegisterError,
    store::{Key, Store, StoreReplica},
};

use crate::{Fate, LedgerClient, LedgerHandler, RunLog, eventually, poll_once};

/// What both sides write.
const SCORE: Key<u32> = Key::new("score");

/// How often everything is said.
pub const ROUNDS: u32 = 3;

/// How often in each round something is fired.
pub const FIRED_PER_ROUND: u32 = 2;

/// Both sides of a conversation, without a connection.
#[derive(Debug, Clone)]
pub struct Parties {
    /// The backend, which serves [`Ledger`](crate::Ledger) and a store.
    pub backend: Backend,
    /// What ran there.
    pub book: RunLog,
    /// What ran in the frontend, which serves the same.
    pub window: RunLog,
    /// How often the connection is cut, so that idempotent calls run once more.
    pub cuts: u32,
    store: Store,
}

/// What the one who began a conversation was told.
#[derive(Debug, Default)]
pub struct Notes {
    /// Of each call by its number: what it was told, and how often it may run at most.
    calls: BTreeMap<u32, (Fate, u32)>,
    /// Of each write to the store, by its value.
    writes: BTreeMap<u32, Fate>,
    /// What is wrong.
    wrong: Vec<String>,
    news: Vec<u32>,
    /// The subscriptions to news that were opened one after the other by this side itself.
    openings: u32,
    gaps: u32,
    streams_ended: u32,
    next: u32,
}

/// How often what was told.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// Conversations.
    pub conversations: u64,
    /// Calls that were made.
    pub calls: u64,
    /// Those that were answered.
    pub answered: u64,
    /// Those that were told to have run perhaps.
    pub may_have_run: u64,
    /// Of these, those that had run.
    pub had_run: u64,
    /// Those that were told not to have run.
    pub has_not_run: u64,
    /// Runs of calls that may run twice, and did.
    pub ran_again: u64,
    /// Items of events that were received.
    pub news: u64,
    /// How often a gap was told.
    pub gaps: u64,
    /// Streams that were ended by the connection's end.
    pub streams_ended: u64,
}

impl Tally {
    /// Adds those of others.
    pub fn add(&mut self, other: &Self) {
        self.conversations += other.conversations;
        self.calls += other.calls;
        self.answered += other.answered;
        self.may_have_run += other.may_have_run;
        self.had_run += other.had_run;
        self.has_not_run += other.has_not_run;
        self.ran_again += other.ran_again;
        self.news += other.news;
        self.gaps += other.gaps;
        self.streams_ended += other.streams_ended;
    }
}

/// No deadline and no heartbeat helps out: what doesn't end by itself hangs.
pub fn limits_without_timers() -> Limits {
    let mut limits = Limits::default();
    (limits.call_timeout, limits.heartbeat) = (None, None);
    // Of a frontend that was cut off before it was answered nobody comes back.
    limits.session_grace = Duration::from_millis(300);
    limits
}

impl Parties {
    /// Of a backend that is set up like this.
    pub fn new(builder: BackendBuilder) -> Self {
        let backend = builder.build();
        let (book, window, store) = (RunLog::default(), RunLog::default(), Store::new());
        backend.register(LedgerHandler::new(book.clone())).unwrap();
        store.serve(&backend).unwrap();
        Self { backend, book, window, cuts: 1, store }
    }

    /// A frontend that serves what the backend calls.
    pub fn frontend(&self, builder: FrontendBuilder) -> Result<FrontendBuilder, RegisterError> {
        builder.register(LedgerHandler::new(self.window.clone()))
    }

    /// Says everything. Each wait in it ends, however the connection goes.
    pub async fn converse(&self, frontend: &Frontend) -> Notes {
        let mut notes = Notes::default();
        let ledger: LedgerClient = frontend.client();
        let mut news = None;
        let replica = StoreReplica::open(frontend).await.ok();
        for round in 0..ROUNDS {
            if news.is_none() {
                news = ledger.news().await.ok();
                notes.openings += u32::from(news.is_some());
            }
            self.one_round(round, frontend, &ledger, &mut notes, &mut news, replica.as_ref()).await;
        }
        notes
    }

    async fn one_round(
        &self,
        round: u32,
        frontend: &Frontend,
        ledger: &LedgerClient,
        notes: &mut Notes,
        news: &mut Option<Subscription<u32>>,
        replica: Option<&StoreReplica>,
    ) {
        let call = notes.number();
        notes.expect(call, call, ledger.run(call).await);
        let call = notes.number();
        notes.expect(call, call, ledger.now(call).await);
        let call = notes.number();
        notes.expect(call, call, ledger.again(call).await);
        notes.may_run_again(call, self.cuts);
        for _ in 0..2 {
            let call = notes.number();
            // That it is written tells nothing of whether it runs.
            let fate = match ledger.tell(call).await {
                Err(error) if !error.may_have_run() => Fate::HasNotRun,
                _ => Fate::MayHaveRun,
            };
            notes.calls.insert(call, (fate, 1));
        }
        let together: Vec<_> = (0..3).map(|_| notes.number()).collect();
        let outcomes = join_all(together.iter().map(|call| ledger.run(*call))).await;
        for (call, outcome) in together.into_iter().zip(outcomes) {
            notes.expect(call, call, outcome);
        }
        let call = notes.number();
        let mut never = Box::pin(ledger.never(call));
        let ended = poll_once(&mut never).await.is_some();
        // Behind it, so that it is known to have come when there is an answer.
        let behind = notes.number();
        notes.expect(behind, behind, ledger.now(behind).await);
        drop(never);
        notes.calls.insert(call, (if ended { Fate::HasNotRun } else { Fate::MayHaveRun }, 1));
        let call = notes.number();
        let sum = ledger.sum(call, Streaming::new(stream::iter(1..=3))).await;
        notes.expect(call, 6, sum);
        let call = notes.number();
        let back = ledger.back(call).await.map(|asked| {
            // It could ask, so it was asked.
            u32::from(asked)
        });
        notes.expect(call, 1, back);
        self.count(ledger, notes).await;
        if let Some(replica) = replica {
            let value = round + 1;
            let outcome = replica.set(&SCORE, &value).await;
            notes.writes.insert(value, Fate::of_call(&outcome));
            match (&outcome, self.store.get(&SCORE)) {
                (Ok(_), Ok(Some(now))) if now != value => {
                    notes.wrong.push(format!("the store holds {now}, not {value}"));
                }
                (Err(error @ CallError::Ipc(ipc)), Ok(Some(now)))
                    if now == value && !ipc.may_have_run() =>
                {
                    notes.wrong.push(format!("written, and told otherwise: {error}"));
                }
                _ => {}
            }
        }
        for number in 0..FIRED_PER_ROUND {
            self.book.news().fire(round * FIRED_PER_ROUND + number);
        }
        if let Some(news) = news {
            notes.read(news, ((round + 1) * FIRED_PER_ROUND) as usize).await;
        }
        let call = notes.number();
        let by_name = frontend.call::<u32>("ledger.now", &(call,)).await;
        notes.expect(call, call, by_name);
    }

    /// A subscription that comes to its own end.
    async fn count(&self, ledger: &LedgerClient, notes: &mut Notes) {
        const END: u32 = 4;
        let call = notes.number();
        let opened = ledger.count(call, END).await;
        // It may be opened again, which runs it again, however often it is cut.
        notes.calls.insert(call, (Fate::of(&opened), u32::MAX));
        let Ok(mut numbers) = opened else { return };
        let mut expected = 0;
        loop {
            match numbers.next().await {
                Some(Ok(number)) if number == expected => expected += 1,
                Some(Ok(number)) => {
                    return notes.wrong.push(format!("{number} was counted behind {expected}"));
                }
                Some(Err(error)) if error.kind() == ErrorKind::Gap => {
                    notes.gaps += 1;
                    expected = 0;
                }
                Some(Err(error)) if error.kind() == ErrorKind::Disconnected => {
                    notes.streams_ended += 1;
                    return if numbers.next().await.is_some() {
                        notes.wrong.push("something came behind the end of counting".into());
                    };
                }
                Some(Err(error)) => return notes.wrong.push(format!("counting: {error}")),
                None if expected == END => return,
                None => return notes.wrong.push(format!("counting has ended at {expected}")),
            }
        }
    }

    /// Whether everything holds that must when a connection is cut, and nothing is left over. Ends
    /// the frontend.
    pub async fn end_and_check(&self, frontend: Frontend, notes: &Notes) -> Result<Tally, String> {
        let lives_on = frontend.is_connected();
        let usage = frontend.clone();
        frontend.close().await;
        drop(frontend);
        eventually("nothing is left", || {
            usage.usage().is_zero()
                && self.backend.usage().is_zero()
                && self.book.alive() + self.window.alive() == 0
        })
        .await;
        if lives_on {
            let stored = self.store.get(&SCORE).map_err(|error| error.to_string())?;
            let written = notes.writes.iter().rev().find(|(_, fate)| **fate == Fate::Answered);
            if written.is_some_and(|(value, _)| stored < Some(*value)) {
                return Err(format!("a write was lost: {stored:?} of {:?}", notes.writes));
            }
        }
        self.check(notes)
    }

    /// The same, without an end.
    pub fn check(&self, notes: &Notes) -> Result<Tally, String> {
        if let Some(wrong) = notes.wrong.first() {
            return Err(wrong.clone());
        }
        let mut tally = Tally {
            conversations: 1,
            news: notes.news.len() as u64,
            gaps: notes.gaps.into(),
            streams_ended: notes.streams_ended.into(),
            ..Tally::default()
        };
        for (call, (fate, most)) in &notes.calls {
            let runs = self.book.runs(*call);
            if !fate.allows(runs, *most) {
                return Err(format!(
                    "call {call} ran {runs} times of at most {most}, told {fate:?}"
                ));
            }
            tally.calls += 1;
            tally.ran_again += u64::from(runs.saturating_sub(1));
            match fate {
                Fate::Answered => tally.answered += 1,
                Fate::HasNotRun => tally.has_not_run += 1,
                Fate::MayHaveRun => {
                    tally.may_have_run += 1;
                    tally.had_run += u64::from(runs.min(1));
                }
            }
        }
        // And what the backend was told of its own calls to the window.
        for (call, fate) in self.book.fates() {
            let runs = self.window.runs(call);
            if !fate.allows(runs, 1) {
                return Err(format!("the window ran call {call} {runs} times, told {fate:?}"));
            }
        }
        if let Some((call, runs)) = self.window.all_runs().iter().find(|(_, runs)| **runs > 1) {
            return Err(format!("the window ran call {call} {runs} times"));
        }
        // From wherever a subscription began, everything came once and in order.
        let expected: Vec<u32> = (0..notes.news.len() as u32).collect();
        if notes.openings <= 1 && notes.news != expected {
            return Err(format!("news came as {:?}", notes.news));
        }
        Ok(tally)
    }
}

impl Notes {
    /// The number of the next call.
    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn expect(&mut self, call: u32, answer: u32, outcome: Result<u32, IpcError>) {
        self.calls.insert(call, (Fate::of(&outcome), 1));
        if matches!(outcome, Ok(other) if other != answer) {
            self.wrong.push(format!("call {call} was answered by {outcome:?}, not {answer}"));
        }
    }

    fn may_run_again(&mut self, call: u32, times: u32) {
        if let Some((_, most)) = self.calls.get_mut(&call) {
            *most = 1 + times;
        }
    }

    /// Reads news until there are so many in all.
    async fn read(&mut self, news: &mut Subscription<u32>, count: usize) {
        while self.news.len() < count {
            match news.next().await {
                Some(Ok(number)) => self.news.push(number),
                // Before the first item nobody knows where it stood.
                Some(Err(error)) if error.kind() == ErrorKind::Gap && self.news.is_empty() => {
                    self.gaps += 1
                }
                Some(Err(error)) if error.kind() == ErrorKind::Gap => {
                    self.wrong.push("a gap, where everything is replayed".into());
                }
                Some(Err(error)) if error.kind() == ErrorKind::Disconnected => {
                    self.streams_ended += 1
                }
                Some(Err(error)) => return self.wrong.push(format!("news: {error}")),
                None => return,
            }
        }
    }

    /// Whether events were subscribed to: each opening may have been cut.
    pub fn has_subscribed(&self) -> bool {
        self.openings > 0
    }

    /// How many items of events came.
    pub fn news(&self) -> usize {
        self.news.len()
    }

    /// How many streams were ended by the connection's end.
    pub fn streams_ended(&self) -> u32 {
        self.streams_ended
    }
}
