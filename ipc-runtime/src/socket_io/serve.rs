//! Serves one session.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::task::coop;

use crate::{
    socket_io::{
        attachments::GatheringStage,
        carrier::NamespaceCarrier,
        connect::{self, Wish},
        handshake::SocketHandshake,
        host::{SocketArrival, SocketHost},
        hub::{Ending, Hub},
        namespace::{Namespace, channel_of, is_root},
        packet::Breach,
        seat::{PacketStyle, Seat},
        seat_link::SeatLink,
        seated_peer::{HeldPeer, SeatedPeer},
    },
    support::{
        lock::Lock,
        rt::{Instant, Sleep, sleep_until, spawn, timeout},
    },
    transport::engine_io::{message::EngineText, socket::EngineSocket},
};

/// How long the end of a session may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// How many characters of an unknown namespace's name are logged.
const MAX_TOLD: usize = 100;

/// Serves a session until it ends, with the peers of all its namespaces, on one task.
pub(crate) async fn serve(engine: EngineSocket, host: impl SocketHost) {
    tracing::debug!(transport = ?engine.transport_name(), "a socket.io session has begun");
    let limits = host.limits();
    let mut session = ServedSession {
        hub: Arc::new(Lock::new(Hub::new(engine, limits.message_bytes(), limits.json_depth()))),
        peers: Vec::new(),
        timer: None,
        idle_until: Instant::now().checked_add(limits.handshake_timeout),
        gathering: None,
        host,
    };
    poll_fn(|cx| session.poll(cx)).await;
    let ServedSession { hub, peers, host, .. } = session;
    let recovery = host.recovery().filter(|_| !host.is_stopped());
    for Attendee { peer, .. } in peers {
        match recovery {
            Some(recovery) if peer.peer.link.part_from(&hub) => {
                let recovery = recovery.clone();
                spawn(async move { recovery.wait(peer).await });
            }
            // It has gone on elsewhere, or ends here.
            _ => drop(peer),
        }
    }
    let _ = timeout(GOODBYE, poll_fn(|cx| hub.lock().poll_close(cx))).await;
}

/// A peer that the session serves.
struct Attendee<P> {
    peer: HeldPeer,
    /// Its place among the connections, unless it has the session's own.
    _place: Option<P>,
}

struct ServedSession<H: SocketHost> {
    host: H,
    hub: Arc<Lock<Hub>>,
    peers: Vec<Attendee<H::Place>>,
    timer: Option<Pin<Box<Sleep>>>,
    /// When the session ends if no namespace is joined until then.
    idle_until: Option<Instant>,
    /// How far a packet has come that waits for attachments, and until when it has to go on.
    gathering: Option<(GatheringStage, Option<Instant>)>,
}

impl<H: SocketHost> ServedSession<H> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let before = self.peers.len();
            let recovery = self.host.recovery();
            self.peers.retain(|Attendee { peer, .. }| {
                let goes_on = peer.poll(cx).is_pending();
                if let (false, Some(recovery)) = (goes_on, recovery) {
                    recovery.forget(&peer.peer);
                }
                goes_on
            });
            if self.peers.is_empty() && before > 0 {
                if self.host.is_stopped() {
                    return Poll::Ready(());
                }
                // Who was only refused has no more time for that.
                if self.hub.lock().take_joined() {
                    let time = self.host.limits().handshake_timeout;
                    self.idle_until = Instant::now().checked_add(time);
                }
            }
            let (news, wish, ending) = {
                let mut hub = self.hub.lock();
                hub.owned_by(cx);
                let news = hub.poll_read(cx).is_ready();
                (news, hub.take_wish(), hub.ending())
            };
            if let Some(wish) = wish {
                self.join(wish);
                continue;
            }
            if news {
                continue;
            }
            if ending.is_some() {
                // Nobody waits for the answer any more.
                self.peers.retain(|it| !it.peer.peer.link.is_asking());
            }
            let stays = |it: &Attendee<_>| it.peer.peer.link.outlives(&self.hub);
            if ending.is_some() && self.peers.iter().all(stays) {
                return Poll::Ready(());
            }
            // Whether it fails shows when something is read.
            let _ = self.hub.lock().poll_told(cx);
            if ending.is_none() && self.poll_due(cx).is_ready() {
                continue;
            }
            return Poll::Pending;
        }
    }

    /// Begins to serve a namespace that the client asks for, or tells it why not.
    fn join(&mut self, mut wish: Wish) {
        // The end of the session has stock clients come back, and a CONNECT_ERROR hasn't.
        if self.host.is_stopped() {
            return self.hub.lock().end(Ending::Over);
        }
        let Some(namespace) = self.namespace(&wish.namespace) else {
            let name: String = wish.namespace.chars().take(MAX_TOLD).collect();
            tracing::debug!(namespace = ?name, "a socket.io client asked for what isn't there");
            return self.hub.lock().say(connect::unknown(&wish.namespace));
        };
        let is_further = !self.hub.lock().is_empty();
        let place = match is_further.then(|| self.host.place()).transpose() {
            Ok(place) => place,
            Err(error) => return self.hub.lock().say(connect::refused(&wish.namespace, &error)),
        };
        let peer = match self.returning(&mut wish) {
            Some(peer) => Ok(peer),
            None => self.arriving(wish, namespace),
        };
        match peer {
            Ok(peer) => self.peers.push(Attendee { peer, _place: place }),
            Err(refused) => self.hub.lock().say(refused),
        }
    }

    /// The peer of a client that has come back to it.
    fn returning(&self, wish: &mut Wish) -> Option<HeldPeer> {
        let recovery = self.host.recovery()?;
        let (pid, offset) = wish.take_returning()?;
        let _one_after_another = recovery.moving();
        let peer = recovery.find(&pid)?;
        let is_let_in = self.hub.lock().showed_token() || self.host.lets_in(wish.token());
        if *peer.name != *wish.namespace || !is_let_in {
            return None;
        }
        if peer.link.move_to(&self.hub, offset.as_deref()) {
            tracing::debug!(namespace = %peer.name, "a socket.io client is back");
            return Some(peer.hold());
        }
        peer.wake();
        None
    }

    /// A new peer. `Err`: why there is none.
    fn arriving(&self, mut wish: Wish, namespace: Namespace) -> Result<HeldPeer, EngineText> {
        let name: Arc<str> = wish.namespace.as_str().into();
        let handshake = self.handshake(&name, &wish);
        if self.host.lets_in(None) {
            wish.without_token();
        }
        let mut hello = Vec::new();
        wish.handshake(self.host.protocol(), &mut hello);
        let recovery = self.host.recovery();
        let seat_recovery = recovery.and_then(|recovery| recovery.seat());
        let pid = seat_recovery.as_ref().map(|recovery| recovery.pid.clone());
        let style = PacketStyle::new(self.host.options());
        let seat =
            Seat::new(name.clone(), namespace, style, connect::new_sid(), seat_recovery, hello);
        let (key, showed_token) = {
            let mut hub = self.hub.lock();
            (hub.seat(seat), hub.showed_token())
        };
        let link = SeatLink::new(self.hub.clone(), key);
        let limit = self.host.limits().message_bytes();
        let carrier = NamespaceCarrier::new(link.clone(), limit, showed_token);
        let opened = self.host.open(carrier, SocketArrival { namespace: name.clone(), handshake });
        let peer = opened.map_err(|error| connect::refused(&name, &error))?;
        self.hub.lock().begin(key);
        let peer = SeatedPeer::new(name, pid, link, peer);
        if let Some(recovery) = recovery {
            recovery.enter(&peer);
        }
        Ok(peer.hold())
    }

    /// What the app wants to see of the client. Strangers without the token aren't shown to it.
    fn handshake(&self, name: &Arc<str>, wish: &Wish) -> Option<SocketHandshake> {
        let (request, showed_token) = {
            let hub = self.hub.lock();
            (hub.opening_request()?, hub.showed_token())
        };
        let is_let_in = showed_token || self.host.lets_in(wish.token());
        is_let_in.then(|| SocketHandshake::new(name.clone(), wish.auth().clone(), request))
    }

    fn namespace(&self, name: &str) -> Option<Namespace> {
        if is_root(name) {
            return Some(Namespace::Root);
        }
        let declared = self.host.options().namespaces.contains(name);
        match channel_of(name).and_then(|channel| self.host.interface(channel)) {
            Some(interface) => Some(Namespace::Channel { interface, declared }),
            None => declared.then_some(Namespace::Declared),
        }
    }

    /// Ends the session if it is time to. Ready if so.
    fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let (is_empty, gathering) = {
            let hub = self.hub.lock();
            (hub.is_empty(), hub.waits_for_attachments())
        };
        let now = Instant::now();
        let idle = self.idle_until.filter(|_| is_empty);
        match (gathering, self.gathering) {
            (Some(stage), Some((before, _))) if stage == before => {}
            (Some(stage), _) => {
                let time = self.host.limits().frame_time();
                let until = time.and_then(|time| now.checked_add(time));
                self.gathering = Some((stage, until));
            }
            (None, _) => self.gathering = None,
        }
        let gathered = self.gathering.and_then(|(_, until)| until);
        let Some(at) = idle.into_iter().chain(gathered).min() else { return Poll::Pending };
        if !self.poll_timer(cx, at) {
            return Poll::Pending;
        }
        let why = if idle == Some(at) {
            "no namespace was joined in time"
        } else {
            "a packet's attachments did not come in time"
        };
        tracing::debug!(why, "a socket.io session ends");
        self.hub.lock().end(Ending::Breach(Breach(why)));
        Poll::Ready(())
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>, at: Instant) -> bool {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if timer.deadline() != at {
            timer.as_mut().reset(at);
        }
        // Without regard to the task's budget: the timer has to be registered even if that is used
        // up.
        pin!(coop::unconstrained(timer.as_mut())).poll(cx).is_ready()
    }
}
