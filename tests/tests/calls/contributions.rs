//! Handlers that modules contribute without a central list.

use ipc_runtime::Backend;
use ipc_tests::{TestCarrier, on_every_carrier};

on_every_carrier! {
    contributed_handlers_serve_every_backend_that_asks_for_them,
    a_contributed_factory_makes_a_handler_for_each_peer,
}

mod search {
    use ipc_runtime::ipc_interface;

    /// Searches.
    #[ipc_interface(channel = "test.contributed.search", version = "1.0.0")]
    pub(crate) trait Search {
        /// How many bytes of it there are.
        fn size(&self, text: &str) -> usize;
    }

    struct Bytes;

    impl Search for Bytes {
        fn size(&self, text: &str) -> usize {
            text.len()
        }
    }

    ipc_runtime::contribute!(SearchHandler::new(Bytes));
}

mod window {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ipc_runtime::{Peer, ipc_interface};

    /// Counts.
    #[ipc_interface(channel = "test.contributed.visits", version = "1.0.0")]
    pub(crate) trait Visits {
        /// How often this window was here, and who it is.
        fn visit(&self) -> (usize, String);
    }

    struct Counted(AtomicUsize, Peer);

    impl Visits for Counted {
        fn visit(&self) -> (usize, String) {
            (self.0.fetch_add(1, Ordering::Relaxed) + 1, self.1.id().to_string())
        }
    }

    ipc_runtime::contribute!(|peer| VisitsHandler::new(Counted(AtomicUsize::new(0), peer)));
}

mod cursor {
    use std::sync::atomic::{AtomicU32, Ordering};

    use ipc_runtime::ipc_interface;

    /// Where a window's cursor is.
    #[ipc_interface(channel = "test.contributed.cursor", version = "1.0.0")]
    pub(crate) trait Cursor {
        /// Moves on.
        fn advance(&self) -> u32;
    }

    struct At(AtomicU32);

    impl Cursor for At {
        fn advance(&self) -> u32 {
            self.0.fetch_add(1, Ordering::Relaxed) + 1
        }
    }

    ipc_runtime::contribute!(|_| CursorHandler::new(At(AtomicU32::new(0))));
}

mod name {
    use ipc_runtime::{Peer as Window, ipc_interface};

    /// What a window is called.
    #[ipc_interface(channel = "test.contributed.name", version = "1.0.0")]
    pub(crate) trait Name {
        /// Its name.
        fn name(&self) -> Option<String>;
    }

    struct Of(Window);

    impl Name for Of {
        fn name(&self) -> Option<String> {
            self.0.name().map(|name| name.to_string())
        }
    }

    ipc_runtime::contribute!(|window: Window| NameHandler::new(Of(window)));
}

async fn contributed_handlers_serve_every_backend_that_asks_for_them(carrier: TestCarrier) {
    let bare = Backend::new();
    let frontend = TestCarrier::memory().connect(&bare).await;
    assert!(frontend.open::<search::SearchClient>().await.is_err(), "it didn't ask");
    for backend in [Backend::new(), Backend::new()] {
        let registrations = backend.register_contributions().unwrap();
        let names: Vec<_> = registrations.iter().map(|it| it.name().to_owned()).collect();
        let expected = ["search", "visits", "cursor", "name"];
        assert_eq!(names, expected.map(|name| format!("test.contributed.{name}")));
        let frontend = carrier.connect(&backend).await;
        let search: search::SearchClient = frontend.open().await.unwrap();
        assert_eq!(search.size("four").await.unwrap(), 4);
        backend.stop(std::time::Duration::from_secs(5)).await;
    }
}

async fn a_contributed_factory_makes_a_handler_for_each_peer(carrier: TestCarrier) {
    let backend = Backend::new();
    backend.register_contributions().unwrap();
    let endpoint = carrier.listen(&backend).await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let frontend = carrier.builder().connect(endpoint.clone()).await.unwrap();
        let visits: window::VisitsClient = frontend.open().await.unwrap();
        assert_eq!(visits.visit().await.unwrap().0, 1);
        let (count, peer) = visits.visit().await.unwrap();
        assert_eq!(count, 2);
        let cursor: cursor::CursorClient = frontend.open().await.unwrap();
        assert_eq!(cursor.advance().await.unwrap(), 1);
        let name: name::NameClient = frontend.open().await.unwrap();
        assert_eq!(name.name().await.unwrap(), None);
        seen.push(peer);
    }
    assert_ne!(seen[0], seen[1]);
}

#[test]
fn contributions_are_registered_once() {
    let backend = Backend::new();
    backend.register_contributions().unwrap();
    let error = backend.register_contributions().unwrap_err();
    assert!(error.to_string().contains("contributions.rs"), "{error}");
}
