//! Clients that lose their connection, and have their peers back.

use std::time::Duration;

use ipc_runtime::{
    Backend, BackendBuilder, Bytes, ErrorKind, Limits, Peer, PeerId, Token, config::SocketIo,
};
use ipc_tests::{HandlerEnding, eventually, in_time};
use serde_json::{Value, json};

use crate::client::{Client, Served, served, served_by};

fn recovering(limits: Limits) -> BackendBuilder {
    let socket_io = SocketIo::new().connection_state_recovery(true).namespace("/tools");
    Backend::builder().limits(limits).socket_io(socket_io)
}

async fn served_with(change: impl FnOnce(&mut Limits)) -> Served {
    let mut limits = Limits::default();
    change(&mut limits);
    served_by(recovering(limits)).await
}

fn small(limits: &mut Limits) {
    limits.max_message_bytes = 4096;
    limits.max_queued_bytes = 4096;
}

/// What a stock client knows of itself: it says so when it comes back.
#[derive(Clone)]
struct Memory {
    namespace: &'static str,
    sid: Value,
    pid: Value,
    offset: Option<String>,
}

impl Memory {
    /// Joins a namespace for the first time.
    async fn of(client: &mut Client, namespace: &'static str) -> Self {
        let joined = client.asks(&format!("0{namespace}"), &format!("0{namespace}")).await;
        let [sid, pid] = ["sid", "pid"].map(|name| joined[name].clone());
        assert!(sid.is_string() && pid.is_string(), "{joined}");
        Self { namespace, sid, pid, offset: None }
    }

    /// Hears an event, and notes its offset.
    async fn hear(&mut self, client: &mut Client) -> Vec<Value> {
        let event = client.hear_json(&format!("2{}", self.namespace)).await;
        let Value::Array(mut content) = event else { panic!("{event}") };
        match content.pop() {
            Some(Value::String(offset)) => self.offset = Some(offset),
            other => panic!("there is no offset: {other:?}"),
        }
        content
    }

    async fn hears_numbers(&mut self, client: &mut Client, numbers: std::ops::Range<u32>) {
        for number in numbers {
            assert_eq!(self.hear(client).await, [json!("news"), json!(number)]);
        }
    }

    fn auth(&self) -> Value {
        let mut auth = json!({ "pid": self.pid });
        if let Some(offset) = &self.offset {
            auth["offset"] = offset.as_str().into();
        }
        auth
    }

    /// Asks for the peer again. Returns whether this is it.
    async fn asks_in(&mut self, client: &mut Client, auth: &Value) -> bool {
        let namespace = self.namespace;
        let joined = client.asks(&format!("0{namespace}{auth}"), &format!("0{namespace}")).await;
        let is_back = joined["pid"] == self.pid;
        assert_eq!(is_back, joined["sid"] == self.sid, "{joined}");
        self.pid = joined["pid"].clone();
        self.sid = joined["sid"].clone();
        is_back
    }

    async fn comes_back(&mut self, client: &mut Client) -> bool {
        let auth = self.auth();
        self.asks_in(client, &auth).await
    }
}

/// A client that has joined `/`, and its peer.
async fn joined(served: &Served) -> (Client, Memory, Peer) {
    let mut client = Client::connect(served).await;
    let memory = Memory::of(&mut client, "").await;
    (client, memory, served.peer())
}

async fn send(peer: &Peer, numbers: std::ops::Range<u32>) {
    for number in numbers {
        peer.notify("news", &(number,)).await.unwrap();
    }
}

/// Waits until the backend has noticed that the client of this peer is gone.
async fn is_away(peer: &Peer) {
    let lost = in_time(peer.call::<Value>("confirm", &())).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Disconnected);
}

fn ids(served: &Served) -> Vec<PeerId> {
    served.backend.peers().into_iter().map(|peer| peer.id()).collect()
}

#[tokio::test]
async fn without_the_setting_there_is_no_secret_and_no_offset() {
    let served = served().await;
    let mut client = Client::connect(&served).await;
    let joined = client.asks("0", "0").await;
    assert_eq!(joined.as_object().unwrap().len(), 1, "{joined}");
    send(&served.peer(), 0..1).await;
    assert_eq!(client.hear().await, "2[\"news\",0]");
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_it_missed_once_and_in_order() {
    let served = served_with(|_| {}).await;
    let (mut client, mut memory, peer) = joined(&served).await;
    served.backend.group("readers").join(&peer);
    send(&peer, 0..3).await;
    memory.hears_numbers(&mut client, 0..2).await;
    // The third one is on its way when the connection breaks.
    drop(client);
    send(&peer, 3..5).await;
    is_away(&peer).await;
    send(&peer, 5..7).await;

    eventually("it is counted", || served.backend.usage().disconnected_peers == 1).await;
    let mut client = Client::connect(&served).await;
    assert!(memory.comes_back(&mut client).await);
    memory.hears_numbers(&mut client, 2..7).await;
    assert_eq!(ids(&served), [peer.id()]);
    eventually("it is here again", || served.backend.usage().disconnected_peers == 0).await;
    let group = served.backend.group("readers").peers();
    group.notify("news", &(7,)).await;
    memory.hears_numbers(&mut client, 7..8).await;
    client.is_served().await;
}

#[tokio::test]
async fn what_is_missed_comes_with_its_attachments() {
    let served = served_with(|_| {}).await;
    let (client, mut memory, peer) = joined(&served).await;
    drop(client);
    is_away(&peer).await;
    for block in [b"ab", b"cd"] {
        peer.notify("block", &(Bytes::from(block.to_vec()),)).await.unwrap();
    }
    let mut client = Client::connect(&served).await;
    assert!(memory.comes_back(&mut client).await);
    for block in [b"ab", b"cd"] {
        let event = client.hear_json("51-").await;
        assert_eq!(event[1], json!({ "_placeholder": true, "num": 0 }));
        assert_eq!(client.hear_bytes().await, block);
    }
}

#[tokio::test]
async fn a_client_that_has_got_no_event_yet_misses_none() {
    let served = served_with(|_| {}).await;
    let (client, mut memory, peer) = joined(&served).await;
    drop(client);
    is_away(&peer).await;
    send(&peer, 0..2).await;
    // Stock clients tell the offset that they have from an earlier peer.
    memory.offset = Some("12345678-5".to_owned());
    let mut client = Client::connect(&served).await;
    assert!(memory.comes_back(&mut client).await);
    memory.hears_numbers(&mut client, 0..2).await;
}

#[tokio::test]
async fn a_client_may_go_and_come_back_many_times() {
    let served = served_with(|_| {}).await;
    let (mut client, mut memory, peer) = joined(&served).await;
    for round in 0..20 {
        send(&peer, 3 * round..3 * round + 3).await;
        memory.hears_numbers(&mut client, 3 * round..3 * round + 1).await;
        client = Client::connect(&served).await;
        assert!(memory.comes_back(&mut client).await);
        memory.hears_numbers(&mut client, 3 * round + 1..3 * round + 3).await;
    }
    assert_eq!(ids(&served), [peer.id()]);
}

#[tokio::test]
async fn calls_that_a_lost_client_owes_answers_fail_at_once_and_later_ones_too() {
    let served = served_with(|_| {}).await;
    let (mut client, mut memory, peer) = joined(&served).await;
    let asking = {
        let peer = peer.clone();
        tokio::spawn(async move { peer.call::<Value>("confirm", &("sure?",)).await })
    };
    let asked = client.hear().await;
    assert!(asked.ends_with("[\"confirm\",\"sure?\"]"), "{asked}");
    drop(client);
    let lost = in_time(asking).await.unwrap().unwrap_err();
    assert_eq!((lost.kind(), lost.may_have_run()), (ErrorKind::Disconnected, true));
    is_away(&peer).await;

    let mut client = Client::connect(&served).await;
    assert!(memory.comes_back(&mut client).await);
    let asking = tokio::spawn(async move { peer.call::<Value>("confirm", &("now?",)).await });
    let asked = client.hear().await;
    let id = asked.strip_prefix('2').unwrap().strip_suffix("[\"confirm\",\"now?\"]").unwrap();
    client.say(&format!("3{id}[true]")).await;
    assert_eq!(in_time(asking).await.unwrap().unwrap(), json!(true));
}

#[tokio::test]
async fn what_a_client_has_called_goes_on_and_is_not_acknowledged_to_the_next_session() {
    let served = served_with(|_| {}).await;
    let (mut client, mut memory, peer) = joined(&served).await;
    client.say("21[\"test.slow.wait\",1]").await;
    in_time(served.gates.began(1)).await;
    drop(client);
    is_away(&peer).await;
    served.gates.release(1);
    assert_eq!(in_time(served.gates.ended(1)).await, HandlerEnding::Finished);
    let mut client = Client::connect(&served).await;
    assert!(memory.comes_back(&mut client).await);
    client.is_served().await;
}

#[tokio::test]
async fn subscriptions_go_on() {
    let served = served_with(|_| {}).await;
    let (mut client, mut memory, peer) = joined(&served).await;
    let number = client.asks("21[\"test.feed.count\",5000]", "31").await[0].clone();
    let mut next = 0;
    let mut hears = async |client: &mut Client, memory: &mut Memory, until: u64| {
        while next < until {
            let item = memory.hear(client).await;
            let expected = json!({ "subscription": number, "result": next });
            assert_eq!(item, [json!("test.feed.count"), expected]);
            next += 1;
        }
    };
    hears(&mut client, &mut memory, 100).await;
    drop(client);
    is_away(&peer).await;
    let mut client = Client::connect(&served).await;
    assert!(memory.comes_back(&mut client).await);
    hears(&mut client, &mut memory, 5000).await;
}

#[tokio::test]
async fn who_leaves_a_namespace_is_not_waited_for() {
    let served = served_with(|_| {}).await;
    let (mut client, mut memory, peer) = joined(&served).await;
    client.say("1").await;
    in_time(peer.closed()).await;
    drop(client);
    let mut client = Client::connect(&served).await;
    assert!(!memory.comes_back(&mut client).await);
}

#[tokio::test]
async fn who_breaks_the_protocol_is_not_waited_for() {
    let served = served_with(|_| {}).await;
    let (mut client, mut memory, peer) = joined(&served).await;
    client.say("nonsense").await;
    in_time(peer.closed()).await;
    let mut client = Client::connect(&served).await;
    assert!(!memory.comes_back(&mut client).await);
}

#[tokio::test]
async fn who_comes_too_late_is_a_new_peer() {
    let served = served_with(|limits| limits.session_grace = Duration::from_millis(200)).await;
    let (client, mut memory, peer) = joined(&served).await;
    drop(client);
    in_time(peer.closed()).await;
    served.has_peers(0).await;
    let mut client = Client::connect(&served).await;
    assert!(!memory.comes_back(&mut client).await);
    assert_ne!(ids(&served), [peer.id()]);
    client.is_served().await;
}

#[tokio::test]
async fn if_too_many_are_away_the_one_that_went_first_is_not_waited_for() {
    let served = served_with(|limits| limits.max_disconnected_peers = 1).await;
    let (client, mut first, first_peer) = joined(&served).await;
    drop(client);
    is_away(&first_peer).await;
    let mut client = Client::connect(&served).await;
    let mut second = Memory::of(&mut client, "").await;
    drop(client);
    in_time(first_peer.closed()).await;
    let mut client = Client::connect(&served).await;
    assert!(second.comes_back(&mut client).await);
    let mut client = Client::connect(&served).await;
    assert!(!first.comes_back(&mut client).await);
}

#[tokio::test]
async fn a_backend_that_waits_for_nobody_recovers_nothing() {
    for change in [(|limits| limits.session_grace = Duration::ZERO) as fn(&mut Limits), |limits| {
        limits.max_disconnected_peers = 0
    }] {
        let served = served_with(change).await;
        let mut client = Client::connect(&served).await;
        let joined = client.asks("0", "0").await;
        let peer = served.peer();
        drop(client);
        in_time(peer.closed()).await;
        let mut client = Client::connect(&served).await;
        let again = client.asks(&format!("0{}", json!({ "pid": joined["pid"] })), "0").await;
        assert_ne!(again["sid"], joined["sid"]);
    }
}

#[tokio::test]
async fn who_has_missed_more_than_is_kept_is_a_new_peer() {
    let served = served_with(small).await;
    let (mut client, mut memory, peer) = joined(&served).await;
    send(&peer, 0..1000).await;
    memory.hears_numbers(&mut client, 0..1000).await;
    drop(client);
    is_away(&peer).await;
    let latest = memory.clone();
    memory.offset = memory.offset.map(|offset| offset.replace("-999", "-5"));
    let mut client = Client::connect(&served).await;
    assert!(!memory.comes_back(&mut client).await);
    in_time(peer.closed()).await;
    let mut client = Client::connect(&served).await;
    assert!(!latest.clone().comes_back(&mut client).await, "the peer is gone for good");
}

#[tokio::test]
async fn what_is_beyond_the_kept_events_waits_and_comes_in_order() {
    let served = served_with(small).await;
    let (client, mut memory, peer) = joined(&served).await;
    drop(client);
    is_away(&peer).await;
    let mut sending = {
        let peer = peer.clone();
        tokio::spawn(async move {
            for number in 0..1000 {
                // As long as it takes.
                peer.notify("news", &(number,)).queued().await.unwrap();
            }
        })
    };
    let early = tokio::time::timeout(Duration::from_millis(300), &mut sending).await;
    assert!(early.is_err(), "a thousand events were taken in for nobody");
    let mut client = Client::connect(&served).await;
    assert!(memory.comes_back(&mut client).await);
    memory.hears_numbers(&mut client, 0..1000).await;
    in_time(sending).await.unwrap();
}

#[tokio::test]
async fn a_new_session_takes_a_peer_over_from_one_that_seems_alive() {
    let served = served_with(|_| {}).await;
    let (mut client, mut memory, peer) = joined(&served).await;
    send(&peer, 0..1).await;
    memory.hears_numbers(&mut client, 0..1).await;
    let mut next = Client::connect(&served).await;
    assert!(memory.comes_back(&mut next).await);
    client.ends().await;
    send(&peer, 1..2).await;
    memory.hears_numbers(&mut next, 1..2).await;
    assert_eq!(ids(&served), [peer.id()]);
}

#[tokio::test]
async fn sessions_that_fight_for_a_peer_leave_one_that_has_it() {
    let served = served_with(|_| {}).await;
    let (client, memory, peer) = joined(&served).await;
    drop(client);
    let fights = (0..8).map(|_| {
        let (endpoint, memory) = (served.endpoint.clone(), memory.clone());
        tokio::spawn(async move {
            let mut client = Client::connect_to(&endpoint, &[]).await;
            let auth = memory.auth();
            if !client.try_say(&format!("0{auth}")).await {
                return None;
            }
            client.try_say("27[\"test.everything.add\",2,3]").await.then_some(client)
        })
    });
    let mut left = Vec::new();
    for fight in fights.collect::<Vec<_>>() {
        left.extend(in_time(fight).await.unwrap());
    }
    let mut client = Client::connect(&served).await;
    assert!(memory.clone().comes_back(&mut client).await);
    client.is_served().await;
    assert_eq!(ids(&served), [peer.id()]);
}

#[tokio::test]
async fn each_namespace_has_its_own_peer_back() {
    let served = served_with(|limits| limits.max_connections = 6).await;
    let mut client = Client::connect(&served).await;
    let mut memories = Vec::new();
    for namespace in ["/tools,", "/test.everything,", ""] {
        memories.push(Memory::of(&mut client, namespace).await);
    }
    let before = ids(&served);
    for _ in 0..10 {
        drop(client);
        is_away(&served.backend.peers().into_iter().next().unwrap()).await;
        for peer in &served.backend.peers() {
            send(peer, 0..2).await;
        }
        client = Client::connect(&served).await;
        for memory in memories.iter().rev() {
            client.say(&format!("0{}{}", memory.namespace, memory.auth())).await;
        }
        let mut events = [0; 3];
        let mut joined = 0;
        while joined + events.iter().sum::<usize>() < 9 {
            let packet = client.hear().await;
            let (kind, rest) = packet.split_at(1);
            let index = memories.iter().position(|memory| rest.starts_with(memory.namespace));
            let memory = &mut memories[index.unwrap()];
            let content: Value = serde_json::from_str(&rest[memory.namespace.len()..]).unwrap();
            if kind == "0" {
                assert_eq!([&content["sid"], &content["pid"]], [&memory.sid, &memory.pid]);
                joined += 1;
            } else {
                memory.offset = Some(content[2].as_str().unwrap().to_owned());
                events[index.unwrap()] += 1;
            }
        }
        assert_eq!((joined, events), (3, [2; 3]));
        assert_eq!(ids(&served), before);
        client.is_served().await;
    }
}

#[tokio::test]
async fn a_secret_is_good_for_its_own_namespace_alone() {
    let served = served_with(|_| {}).await;
    let (client, memory, peer) = joined(&served).await;
    drop(client);
    is_away(&peer).await;
    let mut client = Client::connect(&served).await;
    let mut other = Memory { namespace: "/tools,", ..memory.clone() };
    assert!(!other.comes_back(&mut client).await);
    for pid in [json!(""), json!(7), json!(null), json!("AAAAAAAAAAAAAAAAAAAAAA"), json!([])] {
        let mut client = Client::connect(&served).await;
        assert!(!memory.clone().asks_in(&mut client, &json!({ "pid": pid })).await);
    }
    assert!(memory.clone().comes_back(&mut client).await);
}

#[tokio::test]
async fn who_comes_back_without_the_token_is_refused_and_the_peer_stays() {
    let token = Token::generate().unwrap();
    let builder = recovering(Limits::default()).token(token.clone());
    let served = served_by(builder).await;
    let mut client = Client::connect(&served).await;
    let shown = json!({ "token": token.expose_secret() });
    let joined = client.asks(&format!("0{shown}"), "0").await;
    let peer = served.peer();
    drop(client);
    is_away(&peer).await;
    let mut auth = json!({ "pid": joined["pid"] });
    for wrong in [Value::Null, json!("x".repeat(43))] {
        auth["token"] = wrong;
        let mut client = Client::connect(&served).await;
        let refused = client.asks(&format!("0{auth}"), "4").await;
        assert!(refused["message"].is_string(), "{refused}");
    }
    auth["token"] = shown["token"].clone();
    let mut client = Client::connect(&served).await;
    assert_eq!(client.asks(&format!("0{auth}"), "0").await["sid"], joined["sid"]);
    assert_eq!(ids(&served), [peer.id()]);
}

#[tokio::test]
async fn a_peer_that_is_closed_while_its_client_is_away_is_gone() {
    let served = served_with(|_| {}).await;
    let (client, mut memory, peer) = joined(&served).await;
    drop(client);
    is_away(&peer).await;
    in_time(peer.close()).await;
    served.has_peers(0).await;
    let mut client = Client::connect(&served).await;
    assert!(!memory.comes_back(&mut client).await);
}

#[tokio::test]
async fn a_backend_stops_at_once_although_clients_are_away() {
    let served = served_with(|_| {}).await;
    let (client, _, peer) = joined(&served).await;
    drop(client);
    is_away(&peer).await;
    in_time(served.backend.stop(Duration::from_secs(600))).await;
    in_time(peer.closed()).await;
}

#[tokio::test]
async fn who_leaves_and_joins_again_in_one_session_keeps_its_other_namespaces() {
    let served = served_with(|_| {}).await;
    let mut client = Client::connect(&served).await;
    Memory::of(&mut client, "").await;
    let mut tools = Memory::of(&mut client, "/tools,").await;
    for _ in 0..100 {
        // What is on its way keeps the peer from being gone at once.
        client.say("2/tools,[\"nothing\"]").await;
        client.say("1/tools,").await;
        assert!(!tools.comes_back(&mut client).await);
    }
    client.is_served().await;
}
