//! Callers that go on with those methods of another version that fit.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use ipc_runtime::{
    Backend, CallContext, Encoding, ErrorKind, Frontend, IpcError, Reconnect, Stream,
    config::CallsWhileDisconnected, interface::Compat, ipc_interface, usable,
};
use ipc_tests::TestCarrier;

/// What the lines are that were logged.
type Logged = Arc<Mutex<Vec<String>>>;

mod old {
    use super::*;

    #[ipc_interface(channel = "test.used", version = "1.0.0")]
    pub(super) trait Shelf {
        async fn same(&self, text: &str) -> String;
        async fn wider(&self) -> u8;
        async fn other(&self, number: u8) -> u8;
        async fn gone(&self) -> u8;
        #[ipc(notification)]
        async fn log(&self, line: String);
        #[ipc(subscription)]
        async fn count(&self, from: u32) -> impl Stream<Item = u32>;
        #[ipc(subscription)]
        async fn names(&self) -> impl Stream<Item = String>;
    }

    impl Shelf for Logged {
        async fn same(&self, text: &str) -> String {
            format!("old {text}")
        }

        async fn wider(&self) -> u8 {
            8
        }

        async fn other(&self, number: u8) -> u8 {
            number
        }

        async fn gone(&self) -> u8 {
            1
        }

        async fn log(&self, line: String) {
            self.lock().unwrap().push(line);
        }

        async fn count(&self, from: u32) -> impl Stream<Item = u32> {
            stream::iter(from..from + 2)
        }

        async fn names(&self) -> impl Stream<Item = String> {
            stream::iter(["a".to_owned()])
        }
    }
}

mod new {
    use super::*;

    #[ipc_interface(channel = "test.used", version = "2.0.0")]
    pub(super) trait Shelf {
        async fn same(&self, text: &str) -> String;
        async fn wider(&self) -> u16;
        async fn other(&self, number: String) -> u8;
        async fn added(&self) -> u8;
        #[ipc(notification)]
        async fn log(&self, line: Vec<String>);
        #[ipc(subscription)]
        async fn count(&self, from: u32) -> impl Stream<Item = u32>;
        #[ipc(subscription)]
        async fn names(&self) -> impl Stream<Item = u64>;
    }

    impl Shelf for Logged {
        async fn same(&self, text: &str) -> String {
            format!("new {text}")
        }

        async fn wider(&self) -> u16 {
            300
        }

        async fn other(&self, number: String) -> u8 {
            number.len() as u8
        }

        async fn added(&self) -> u8 {
            2
        }

        async fn log(&self, line: Vec<String>) {
            self.lock().unwrap().extend(line);
        }

        async fn count(&self, from: u32) -> impl Stream<Item = u32> {
            stream::iter(from..from + 2)
        }

        async fn names(&self) -> impl Stream<Item = u64> {
            stream::iter([1])
        }
    }
}

/// Nothing of it fits.
#[ipc_interface(channel = "test.used", version = "3.0.0")]
trait Elsewhere {
    async fn elsewhere(&self) -> u8;
}

/// An error of a call that wasn't sent, since its method doesn't fit.
fn is_refused(error: &IpcError, method: &str) {
    assert_eq!(error.kind(), ErrorKind::VersionMismatch, "{error}");
    assert_eq!(error.method(), format!("test.used.{method}"), "{error}");
    assert!(error.version_mismatch().is_some() && !error.may_have_run(), "{error}");
}

async fn each_way(each: impl AsyncFn(TestCarrier, Encoding)) {
    for encoding in [Encoding::Json, Encoding::MessagePack] {
        for carrier in [TestCarrier::memory(), TestCarrier::local(), TestCarrier::web_socket()] {
            each(carrier, encoding).await;
        }
    }
}

#[tokio::test]
async fn a_newer_frontend_calls_what_an_older_backend_understands() {
    each_way(async |carrier, encoding| {
        let (backend, logged) = (Backend::new(), Logged::default());
        backend.register(old::ShelfHandler::new(logged.clone())).unwrap();
        let endpoint = carrier.listen(&backend).await;
        let frontend = Frontend::builder().encoding(encoding).connect(endpoint).await.unwrap();
        let refused = frontend.open::<new::ShelfClient>().await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::VersionMismatch);

        let shelf: new::ShelfClient = frontend.open_with(Compat::Used).await.unwrap();
        assert_eq!(shelf.same("a").await.unwrap(), "old a");
        // It differs, and can be read.
        assert_eq!(shelf.wider().await.unwrap(), 8);
        is_refused(&shelf.other("7".into()).await.unwrap_err(), "other");
        is_refused(&shelf.added().await.unwrap_err(), "added");
        is_refused(&shelf.log(vec!["lost".into()]).await.unwrap_err(), "log");
        let items: Vec<_> = shelf.count(7).await.unwrap().map(Result::unwrap).collect().await;
        assert_eq!(items, [7, 8]);
        is_refused(&shelf.names().await.err().unwrap(), "names");

        usable(&shelf, &["same", "wider", "count"]).await.unwrap();
        is_refused(&usable(&shelf, &["same", "other"]).await.unwrap_err(), "other");
        let unknown = usable(&shelf, &["smae"]).await.unwrap_err();
        assert_eq!(unknown.kind(), ErrorKind::NotFound, "{unknown}");
        assert!(unknown.to_string().contains("`Shelf` has no method `smae`"), "{unknown}");
        assert!(logged.lock().unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_older_frontend_calls_what_a_newer_backend_understands() {
    each_way(async |carrier, encoding| {
        let backend = Backend::new();
        backend.register(new::ShelfHandler::new(Logged::default())).unwrap();
        let endpoint = carrier.listen(&backend).await;
        let builder = Frontend::builder().encoding(encoding).compat(Compat::Used);
        let frontend = builder.connect(endpoint).await.unwrap();
        // At once: the versions are compared before the first call.
        let shelf: old::ShelfClient = frontend.client();
        is_refused(&shelf.gone().await.unwrap_err(), "gone");
        assert_eq!(shelf.same("a").await.unwrap(), "new a");
        // It may be larger than what this side reads.
        is_refused(&shelf.wider().await.unwrap_err(), "wider");
        let shelf: old::ShelfClient = frontend.open().await.unwrap();
        is_refused(&shelf.other(7).await.unwrap_err(), "other");
    })
    .await;
}

#[tokio::test]
async fn a_backend_calls_what_an_older_window_understands() {
    #[ipc_interface(channel = "test.used-by", version = "1.0.0")]
    trait Asking {
        async fn ask(&self, #[ipc(context)] call: &CallContext) -> String;
    }

    struct Asker;

    impl Asking for Asker {
        async fn ask(&self, call: &CallContext) -> String {
            let strictly = call.peer().open::<new::ShelfClient>().await;
            assert_eq!(strictly.unwrap_err().kind(), ErrorKind::VersionMismatch);
            let window: new::ShelfClient = call.peer().open_with(Compat::Used).await.unwrap();
            is_refused(&window.added().await.unwrap_err(), "added");
            window.same("window").await.unwrap()
        }
    }

    each_way(async |carrier, encoding| {
        let backend = Backend::new();
        backend.register(AskingHandler::new(Asker)).unwrap();
        let endpoint = carrier.listen(&backend).await;
        let builder = Frontend::builder().encoding(encoding);
        let builder = builder.register(old::ShelfHandler::new(Logged::default())).unwrap();
        let frontend = builder.connect(endpoint).await.unwrap();
        let asking: AskingClient = frontend.open().await.unwrap();
        assert_eq!(asking.ask().await.unwrap(), "old window");
    })
    .await;
}

#[tokio::test]
async fn what_fits_is_found_out_anew_after_a_reconnect() {
    let carrier = TestCarrier::local();
    let first = Backend::new();
    first.register(old::ShelfHandler::new(Logged::default())).unwrap();
    let endpoint = carrier.listen(&first).await;
    let mut reconnect = Reconnect::default();
    (reconnect.first_delay, reconnect.max_delay) =
        (Duration::from_millis(10), Duration::from_millis(50));
    reconnect.calls_while_disconnected = CallsWhileDisconnected::Wait;
    let builder = Frontend::builder().reconnect(reconnect);
    let frontend = builder.connect(endpoint.clone()).await.unwrap();
    let old: old::ShelfClient = frontend.open_with(Compat::Used).await.unwrap();
    let new: new::ShelfClient = frontend.open_with(Compat::Used).await.unwrap();
    assert_eq!(old.gone().await.unwrap(), 1);
    is_refused(&new.added().await.unwrap_err(), "added");
    // Made before the change, and sent after it.
    let (late_gone, late_added) = (old.gone(), new.added());

    first.stop(Duration::from_secs(5)).await;
    let second = Backend::new();
    second.register(new::ShelfHandler::new(Logged::default())).unwrap();
    second.listen(endpoint).await.unwrap();
    is_refused(&late_gone.await.unwrap_err(), "gone");
    assert_eq!(late_added.await.unwrap(), 2);
    assert_eq!(old.same("a").await.unwrap(), "new a");
    is_refused(&old.gone().await.unwrap_err(), "gone");
    usable(&new, &["added", "other"]).await.unwrap();
}

#[tokio::test]
async fn what_does_not_fit_stays_so_until_the_backend_is_asked_again() {
    let (backend, carrier) = (Backend::new(), TestCarrier::memory());
    let old = backend.register(old::ShelfHandler::new(Logged::default())).unwrap();
    let frontend = Frontend::connect(carrier.listen(&backend).await).await.unwrap();
    let shelf: new::ShelfClient = frontend.open_with(Compat::Used).await.unwrap();
    old.remove();
    assert_eq!(shelf.same("a").await.unwrap_err().kind(), ErrorKind::NotFound);
    is_refused(&shelf.added().await.unwrap_err(), "added");

    backend.register(new::ShelfHandler::new(Logged::default())).unwrap();
    usable(&shelf, &["same", "added", "other"]).await.unwrap();
    assert_eq!(shelf.added().await.unwrap(), 2);
}

#[tokio::test]
async fn what_fits_nowhere_or_is_not_there_is_an_error_of_opening() {
    let backend = Backend::new();
    let carrier = TestCarrier::memory();
    let endpoint = carrier.listen(&backend).await;
    let frontend = Frontend::connect(endpoint).await.unwrap();
    let missing = frontend.open_with::<new::ShelfClient>(Compat::Used).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound, "{missing}");
    backend.register(old::ShelfHandler::new(Logged::default())).unwrap();
    let refused = frontend.open_with::<ElsewhereClient>(Compat::Used).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::VersionMismatch, "{refused}");
    // By another rule than the interface's own.
    let exact = frontend.open_with::<old::ShelfClient>(Compat::Exact).await;
    assert_eq!(exact.unwrap().gone().await.unwrap(), 1);
}
