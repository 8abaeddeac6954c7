//! Who handles which channel.

use std::sync::{Arc, Mutex};

use ipc_runtime::{
    Backend, Client, ErrorKind, Frontend, Registration, error::RegisterError, ipc_interface,
};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, Gates, HandlerEnding, SlowClient,
    SlowHandler, TestCarrier, eventually, in_time, on_every_carrier,
};

on_every_carrier! {
    a_removed_handler_is_not_found_and_what_runs_runs_on,
    a_handler_can_be_registered_while_connections_are_open,
    a_handler_that_a_connection_lets_go_of_may_remove_another_one,
}

/// Another interface that claims the same channel.
#[ipc_interface(channel = "test.slow", version = "3.0.0")]
trait Impostor {
    /// Anything.
    fn ping(&self) -> u32;
}

struct Claims;

impl Impostor for Claims {
    fn ping(&self) -> u32 {
        0
    }
}

#[tokio::test]
async fn a_channel_has_one_handler_and_the_second_is_told_who_holds_it() {
    let backend = Backend::new();
    let registration = backend.register(SlowHandler::new(Gates::new())).unwrap();
    assert_eq!(registration.name(), "test.slow");
    let refused = backend.register(ImpostorHandler::new(Claims)).unwrap_err();
    let told = refused.to_string();
    assert!(told.starts_with("the channel `test.slow` is taken by Slow, registered at "), "{told}");
    assert_eq!(told.matches("registry.rs:").count(), 2, "both places are named: {told}");
    match refused {
        RegisterError::ChannelTaken { channel, holder, .. } => {
            assert_eq!((channel, holder), ("test.slow", "Slow"));
        }
        other => panic!("{other:?}"),
    }
    assert!(backend.register(SlowHandler::new(Gates::new())).is_err());
    registration.remove();
    let frontend = TestCarrier::memory().connect(&backend).await;
    backend.register(ImpostorHandler::new(Claims)).unwrap();
    let claims: ImpostorClient = frontend.open().await.unwrap();
    assert_eq!(claims.ping().await.unwrap(), 0);
    assert_eq!(ImpostorClient::INTERFACE.channel, SlowClient::INTERFACE.channel);
}

#[tokio::test]
async fn a_dropped_registration_stays() {
    let backend = Backend::new();
    drop(backend.register(SlowHandler::new(Gates::new())).unwrap());
    let frontend = TestCarrier::memory().connect(&backend).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    assert_eq!(slow.ping().await.unwrap(), 7);
}

#[tokio::test]
async fn a_registration_outlives_its_backend_harmlessly() {
    let backend = Backend::new();
    let registration = backend.register(SlowHandler::new(Gates::new())).unwrap();
    drop(backend);
    registration.remove();
}

async fn a_removed_handler_is_not_found_and_what_runs_runs_on(carrier: TestCarrier) {
    let backend = Backend::new();
    let gates = Gates::new();
    let registration = backend.register(SlowHandler::new(gates.clone())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    let running = tokio::spawn(slow.wait(1));
    gates.began(1).await;
    registration.remove();
    match slow.ping().await {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let (method, message) = (error.method(), error.message().unwrap());
            assert_eq!(method, "test.slow.ping");
            assert!(message.contains("there is no channel `test.slow`"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    assert!(
        matches!(&frontend.open::<SlowClient>().await, Err(error) if error.kind() == ErrorKind::NotFound)
    );
    gates.release(1);
    assert_eq!(running.await.unwrap().unwrap(), 1);
    assert_eq!(gates.ended(1).await, HandlerEnding::Finished);

    let next = Gates::new();
    backend.register(SlowHandler::new(next.clone())).unwrap();
    next.release_all();
    assert_eq!(slow.wait(2).await.unwrap(), 2, "the same client finds the new handler");
    assert_eq!((gates.order(), next.order()), (vec![1], vec![2]));
}

async fn a_handler_can_be_registered_while_connections_are_open(carrier: TestCarrier) {
    let backend = Backend::new();
    let frontend = carrier.connect(&backend).await;
    assert!(frontend.open::<EverythingClient>().await.is_err());
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let all: EverythingClient = frontend.open().await.unwrap();
    assert_eq!(all.add(1, 2).await.unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_backend_serves_several_endpoints_at_once() {
    let backend = Backend::new();
    let handler = Arc::new(EverythingService::default());
    backend.register(EverythingHandler::new(handler.clone())).unwrap();
    let mut places =
        vec![TestCarrier::web_socket(), TestCarrier::web_socket(), TestCarrier::memory()];
    places.push(TestCarrier::local());
    #[cfg(unix)]
    places.push(TestCarrier::unix());
    let mut frontends = Vec::new();
    for carrier in &places {
        let endpoint = carrier.listen(&backend).await;
        let frontend = Frontend::connect(&endpoint).await.unwrap();
        assert_eq!(&**frontend.peer().endpoint(), endpoint.to_string());
        frontends.push(frontend);
    }
    for (number, frontend) in frontends.iter().enumerate() {
        let all: EverythingClient = frontend.open().await.unwrap();
        all.mark(number as u32).await.unwrap();
        assert_eq!(all.noted().await.unwrap().len(), number + 1, "one handler for all");
    }
    assert_eq!(backend.connection_count(), places.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_is_taken_is_told_and_goes_on() {
    let backend = Backend::new();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    for carrier in [TestCarrier::memory(), TestCarrier::local(), TestCarrier::unix()] {
        let frontend = carrier.connect(&backend).await;
        for other in [&backend, &Backend::new()] {
            let refused = other.listen(&carrier.endpoint).await.unwrap_err().to_string();
            assert!(refused.contains("in use") && refused.contains(&carrier.endpoint), "{refused}");
        }
        assert!(frontend.open::<EverythingClient>().await.is_ok());
    }
}

/// Something that owns another registration.
#[ipc_interface(channel = "test.owner", version = "1.0.0")]
trait Owner {
    /// Answers at once.
    fn owns(&self) -> bool;
}

struct Owns(Mutex<Option<Registration>>);

impl Owner for Owns {
    fn owns(&self) -> bool {
        self.0.lock().unwrap().is_some()
    }
}

impl Drop for Owns {
    fn drop(&mut self) {
        if let Some(owned) = self.0.lock().unwrap().take() {
            owned.remove();
        }
    }
}

/// A handler whose drop removes the slow one's registration.
fn owner(backend: &Backend) -> Registration {
    let owned = backend.register(SlowHandler::new(Gates::new())).unwrap();
    backend.register(OwnerHandler::new(Owns(Mutex::new(Some(owned))))).unwrap()
}

#[tokio::test]
async fn a_handler_whose_drop_removes_another_one_can_be_removed() {
    let backend = Backend::new();
    let owner = owner(&backend);
    // On a thread of its own: a deadlock would not let this one tell it.
    let (removed, done) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        owner.remove();
        let _ = removed.send(());
    });
    in_time(done).await.unwrap();
    assert!(backend.register(SlowHandler::new(Gates::new())).is_ok(), "its channel is free");
    assert!(!format!("{backend:?}").contains("test.owner"));
}

async fn a_handler_that_a_connection_lets_go_of_may_remove_another_one(carrier: TestCarrier) {
    let backend = Backend::new();
    let owner = owner(&backend);
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    // From now on the connection holds the handlers as well.
    assert!(frontend.call::<bool>("test.owner.owns", &()).await.unwrap());
    let all: EverythingClient = frontend.open().await.unwrap();
    owner.remove();
    assert_eq!(in_time(all.add(1, 2)).await.unwrap(), 3);
    let is_free = || backend.register(SlowHandler::new(Gates::new())).is_ok();
    eventually("the other one is removed", is_free).await;
    assert_eq!(in_time(frontend.call::<u32>("test.slow.ping", &())).await.unwrap(), 7);
}
