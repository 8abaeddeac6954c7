//! Values that an encoding has no form for: whoever gives one is told at once, or whoever waits for
//! it. None is lost without a word.

use futures_util::{StreamExt, stream};
use ipc_runtime::{
    Backend, CallContext, CallError, Encoding, ErrorKind, Frontend, Stream, Streaming,
    error::ErrorObject,
    event::Emitter,
    impl_ipc_type, ipc_interface,
    store::{Key, Store, StoreError, StoreReplica},
};
use ipc_tests::{eventually, in_time};
use serde::{Deserialize, Serialize, Serializer, ser::Error};

/// What NaN is, in JSON alone; and what an infinity is, which no encoding takes here.
#[derive(Debug, Clone, Deserialize, thiserror::Error)]
#[error("odd")]
struct Odd(f64);

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_infinite() {
            return Err(S::Error::custom("there is no form for it"));
        }
        serializer.serialize_f64(self.0)
    }
}

impl_ipc_type!(Odd as serde_json::Value);

/// Which one is meant goes by number.
const NAN: u8 = 1;
const INFINITE: u8 = 2;

fn odd(which: u8) -> Odd {
    Odd(if which == NAN { f64::NAN } else { f64::INFINITY })
}

#[ipc_interface(channel = "test.odds", version = "1.0.0")]
trait Odds {
    fn hear(&self, odd: Odd);
    #[ipc(notification)]
    fn note(&self, odd: Odd);
    fn tell(&self, which: u8) -> Odd;
    fn fail(&self, which: u8) -> Result<(), Odd>;
    #[ipc(subscription)]
    fn list(&self, which: u8) -> impl Stream<Item = Odd>;
    #[ipc(subscription)]
    fn end(&self, which: u8) -> impl Stream<Item = Result<u8, Odd>>;
    #[ipc(subscription)]
    fn events(&self) -> impl Stream<Item = Odd>;
    async fn upload(&self, odds: Streaming<Odd>) -> String;
    async fn work(&self, #[ipc(context)] call: &CallContext<Odd>, which: u8) -> u8;
    async fn give_up(
        &self,
        #[ipc(context)] call: &CallContext<Odd>,
        which: u8,
    ) -> Result<(), String>;
}

struct Handler(Emitter<Odd>);

impl Odds for Handler {
    fn hear(&self, _odd: Odd) {}

    fn note(&self, _odd: Odd) {}

    fn tell(&self, which: u8) -> Odd {
        odd(which)
    }

    fn fail(&self, which: u8) -> Result<(), Odd> {
        Err(odd(which))
    }

    fn list(&self, which: u8) -> impl Stream<Item = Odd> {
        stream::iter([odd(which), Odd(1.0)])
    }

    fn end(&self, which: u8) -> impl Stream<Item = Result<u8, Odd>> {
        stream::iter([Err(odd(which))])
    }

    fn events(&self) -> impl Stream<Item = Odd> {
        self.0.event().listen()
    }

    async fn upload(&self, mut odds: Streaming<Odd>) -> String {
        match odds.next().await {
            Some(Ok(odd)) => odd.0.to_string(),
            Some(Err(error)) => error.to_string(),
            None => "nothing".to_owned(),
        }
    }

    async fn work(&self, call: &CallContext<Odd>, which: u8) -> u8 {
        call.progress(&odd(which));
        call.progress(&Odd(1.0));
        7
    }

    async fn give_up(&self, call: &CallContext<Odd>, which: u8) -> Result<(), String> {
        call.progress(&odd(which));
        Err("of its own".to_owned())
    }
}

struct Scene {
    backend: Backend,
    frontend: Frontend,
    client: OddsClient,
    store: Store,
    events: Emitter<Odd>,
}

impl Scene {
    async fn new(name: &str, encoding: Encoding) -> Self {
        let backend = Backend::new();
        let events = Emitter::new();
        backend.register(OddsHandler::new(Handler(events.clone()))).unwrap();
        backend.expose("same", async |(which,): (u8,)| Ok::<_, String>(odd(which))).unwrap();
        let store = Store::new();
        store.serve(&backend).unwrap();
        let endpoint = format!("memory:unwritable-{name}-{encoding:?}");
        backend.listen(endpoint.as_str()).await.unwrap();
        let connecting = Frontend::builder().encoding(encoding).connect(endpoint.as_str());
        let frontend = in_time(connecting).await.unwrap();
        let client = in_time(frontend.open()).await.unwrap();
        Self { backend, frontend, client, store, events }
    }

    /// What becomes of such a value at each place where one may be given.
    async fn outcomes(&self, which: u8) -> Vec<(&'static str, Result<(), String>)> {
        let Self { backend, frontend, client, store, events } = self;
        let key: Key<Odd> = Key::new("odd");
        let replica = in_time(StoreReplica::open(frontend)).await.unwrap();
        let peers = backend.peers();
        let uploaded = Streaming::from(vec![odd(which)]);
        let fired = async {
            let mut heard = client.events().await.unwrap();
            eventually("it listens", || events.listener_count() == 1).await;
            events.fire(odd(which));
            let first = heard.next().await;
            drop(heard);
            eventually("it doesn't listen", || events.listener_count() == 0).await;
            first.unwrap()
        };
        let as_text = in_time(client.upload(uploaded)).await.unwrap();
        vec![
            ("an argument", fails(in_time(client.hear(odd(which))).await)),
            ("a notification", fails(in_time(client.note(odd(which))).await)),
            ("params", fails(in_time(frontend.call::<()>("none", &(odd(which),))).await)),
            (
                "a notification by name",
                fails(in_time(frontend.notify("none", &[odd(which)])).await),
            ),
            ("a notification of peers", {
                let mut told = in_time(peers.notify("none", &[odd(which)])).await;
                fails(told.pop().unwrap().1)
            }),
            ("a result", fails(in_time(client.tell(which)).await)),
            ("a function's result", fails(in_time(frontend.call::<Odd>("same", &(which,))).await)),
            (
                "an error",
                match in_time(client.fail(which)).await {
                    Err(CallError::Method(_)) => Ok(()),
                    other => fails(other),
                },
            ),
            ("an item", fails(first(client.list(which).await.unwrap()).await)),
            (
                "a stream's error",
                match first(client.end(which).await.unwrap()).await {
                    Err(CallError::Method(_)) => Ok(()),
                    other => fails(other),
                },
            ),
            ("an event", fails(in_time(fired).await)),
            ("an item of a stream argument", if as_text == "NaN" { Ok(()) } else { Err(as_text) }),
            ("progress", fails(in_time(client.work(which).with_progress(drop)).await)),
            (
                "a store's value",
                match store.set(&key, &odd(which)) {
                    Err(error @ StoreError::Encode { .. }) => Err(error.to_string()),
                    other => panic!("{other:?}"),
                },
            ),
            (
                "a replica's value",
                match in_time(replica.set(&key, &odd(which))).await {
                    Err(CallError::Method(error @ StoreError::Encode { .. })) => {
                        Err(error.to_string())
                    }
                    other => panic!("{other:?}"),
                },
            ),
        ]
    }
}

async fn first<T>(mut items: impl Stream<Item = T> + Unpin) -> T {
    in_time(items.next()).await.unwrap()
}

fn fails<T, E: std::fmt::Display>(outcome: Result<T, E>) -> Result<(), String> {
    outcome.map(drop).map_err(|error| error.to_string())
}

#[tokio::test]
async fn what_can_not_be_written_is_told_to_who_gives_it_or_waits_for_it() {
    for (encoding, which, why) in [
        (Encoding::Json, NAN, "NaN can't be written as JSON"),
        (Encoding::Json, INFINITE, "there is no form for it"),
        (Encoding::MessagePack, INFINITE, "there is no form for it"),
    ] {
        let scene = Scene::new(&format!("told-{which}"), encoding).await;
        for (what, outcome) in scene.outcomes(which).await {
            let told = outcome.expect_err(what);
            assert!(told.contains(why), "{encoding:?}, {what}: {told}");
        }
        assert!(ErrorObject::new(5, "x").with_data(&odd(which)).data.is_none());
        // The connection goes on.
        in_time(scene.client.hear(Odd(1.0))).await.unwrap();
    }
}

#[tokio::test]
async fn nan_travels_in_message_pack_but_not_in_errors_and_the_store() {
    let scene = Scene::new("nan", Encoding::MessagePack).await;
    for (what, outcome) in scene.outcomes(NAN).await {
        let is_json = ["error", "store", "replica"].iter().any(|word| what.contains(word));
        // Nobody has such a method.
        let is_unknown = what == "params";
        assert_eq!(outcome.is_err(), is_json || is_unknown, "{what}: {outcome:?}");
    }
}

#[tokio::test]
async fn progress_that_can_not_be_written_fails_a_call_that_asks_for_it() {
    for encoding in [Encoding::Json, Encoding::MessagePack] {
        let scene = Scene::new("progress", encoding).await;
        let mut heard = 0;
        let call = scene.client.work(INFINITE).with_progress(|_| heard += 1);
        match in_time(call).await {
            Err(error) if error.kind() == ErrorKind::HandlerFailed => {
                let (method, message) = (error.method(), error.message().unwrap());
                assert_eq!(method, "test.odds.work");
                assert!(message.contains("a report of progress of test.odds.work"), "{message}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(heard, 1, "what can be written comes");
        // Nobody wants to know.
        assert_eq!(in_time(scene.client.work(INFINITE)).await.unwrap(), 7);
        // The method's own error says more.
        match in_time(scene.client.give_up(INFINITE).with_progress(drop)).await {
            Err(CallError::Method(own)) => assert_eq!(own, "of its own"),
            other => panic!("{other:?}"),
        }
    }
}
