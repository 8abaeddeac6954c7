//! Methods that have other names than they had: frontends of an earlier version go on.

use std::sync::{Arc, Mutex};

use futures_util::{StreamExt, stream};
use ipc_runtime::{Backend, CallContext, Client, Encoding, Frontend, Stream, interface::Schema};
use ipc_tests::{Lines, Scratch, TestCarrier, endpoint_of, eventually};
use serde_json::json;

mod old {
    use ipc_runtime::{Stream, ipc_interface};

    #[ipc_interface(channel = "test.renamed", version = "1.0.0")]
    pub(super) trait Library {
        async fn list(&self, dir: &str) -> String;
        #[ipc(notification)]
        async fn log(&self, line: String);
        #[ipc(subscription)]
        async fn watch(&self, from: u32) -> impl Stream<Item = u32>;
    }
}

/// The new names, with the old ones as aliases.
macro_rules! library {
    ($name:ident, $version:literal) => {
        mod $name {
            use super::*;

            #[ipc_runtime::ipc_interface(channel = "test.renamed", version = $version)]
            pub(super) trait Library {
                #[ipc(alias = "list")]
                async fn search(&self, #[ipc(context)] call: &CallContext, dir: &str) -> String;
                #[ipc(notification, alias = "log")]
                async fn note(&self, line: String);
                #[ipc(subscription, alias = "look", alias = "watch")]
                async fn follow(&self, from: u32) -> impl Stream<Item = u32>;
            }

            impl Library for Shelf {
                async fn search(&self, call: &CallContext, dir: &str) -> String {
                    format!("{} in {dir}", call.method())
                }

                async fn note(&self, line: String) {
                    self.0.lock().unwrap().push(line);
                }

                async fn follow(&self, from: u32) -> impl Stream<Item = u32> {
                    stream::iter(from..from + 2)
                }
            }
        }
    };
}

library!(new, "1.1.0");
library!(next, "2.0.0");

#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<Vec<String>>>);

#[tokio::test]
async fn an_older_frontend_reaches_renamed_methods_by_their_old_names() {
    for carrier in [TestCarrier::memory(), TestCarrier::local(), TestCarrier::web_socket()] {
        let (backend, shelf) = (Backend::new(), Shelf::default());
        backend.register(new::LibraryHandler::new(shelf.clone())).unwrap();
        let endpoint = carrier.listen(&backend).await;
        for encoding in [Encoding::Json, Encoding::MessagePack] {
            let builder = Frontend::builder().encoding(encoding);
            let frontend = builder.connect(endpoint.clone()).await.unwrap();
            let library: old::LibraryClient = frontend.open().await.unwrap();
            // Handlers and middleware see the name that the method has.
            assert_eq!(library.list("a").await.unwrap(), "test.renamed.search in a");
            library.log("noted".into()).await.unwrap();
            eventually("the note is there", || {
                shelf.0.lock().unwrap().pop().is_some_and(|line| line == "noted")
            })
            .await;
            let items: Vec<_> = library.watch(7).await.unwrap().collect().await;
            let items: Vec<_> = items.into_iter().map(Result::unwrap).collect();
            assert_eq!(items, [7, 8]);
            let library: new::LibraryClient = frontend.open().await.unwrap();
            assert_eq!(library.search("a").await.unwrap(), "test.renamed.search in a");
        }
    }
}

#[tokio::test]
async fn items_have_the_name_that_was_subscribed_to() {
    let backend = Backend::new();
    backend.register(new::LibraryHandler::new(Shelf::default())).unwrap();
    let directory = Scratch::new();
    backend.listen(endpoint_of(&directory.socket("s"))).await.unwrap();
    let mut raw = Lines::connect(directory.socket("s")).await;
    for name in ["follow", "watch", "look"] {
        let method = format!("test.renamed.{name}");
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": [3] });
        let opened = raw.ask(request.to_string()).await;
        for result in [3, 4] {
            let item = raw.next().await;
            assert_eq!(item["method"], method, "{item}");
            assert_eq!(item["params"]["result"], result, "{item}");
            assert_eq!(item["params"]["subscription"], opened["result"], "{item}");
        }
        let end = raw.next().await;
        assert_eq!(
            (&end["method"], &end["params"]["done"]),
            (&json!(method), &json!(true)),
            "{end}"
        );
    }
}

#[tokio::test]
async fn an_old_name_goes_with_its_handler_and_is_taken_as_long() {
    let backend = Backend::new();
    let registration = backend.register(new::LibraryHandler::new(Shelf::default())).unwrap();
    let taken = backend.expose("test.renamed.list", async |(): ()| 1);
    assert!(taken.unwrap_err().to_string().contains("test.renamed.list"));
    registration.remove();
    backend.expose("test.renamed.list", async |(): ()| 1).unwrap();
}

#[tokio::test]
async fn a_mismatch_tells_a_renamed_method_as_renamed_and_not_as_missing() {
    let backend = Backend::new();
    backend.register(next::LibraryHandler::new(Shelf::default())).unwrap();
    let frontend = TestCarrier::memory().connect(&backend).await;
    let error = frontend.open::<old::LibraryClient>().await.err().unwrap();
    let text = error.to_string();
    assert!(!text.contains("missing"), "{text}");
    assert!(text.contains("method list, name: was list, is search"), "{text}");
    let mismatch = error.version_mismatch().unwrap();
    let list = mismatch.methods.iter().find(|one| one.name == "list" || one.name == "search");
    let list = list.unwrap();
    assert!(list.ours.as_ref().unwrap().starts_with("list("), "{list:?}");
    assert!(list.theirs.as_ref().unwrap().starts_with("search("), "{list:?}");
    assert_eq!(mismatch.methods.len(), 3);
}

#[test]
fn an_alias_is_in_the_schema_and_changes_the_fingerprint() {
    let text = Schema::of(new::LibraryClient::INTERFACE).to_string();
    assert!(text.contains(" -> text alias \"list\"\n"), "{text}");
    assert!(text.contains(" alias \"look\" alias \"watch\"\n"), "{text}");
    let read: Schema = text.parse().unwrap();
    assert_eq!(read.to_string(), text);
    assert!(read.compare(&Schema::of(new::LibraryClient::INTERFACE)).is_empty());

    let without: Schema = text.replace(" alias \"list\"", "").parse().unwrap();
    let differences = read.compare(&without);
    assert_eq!(differences[0].to_string(), "method search, aliases: here list, there none");
    let [search, ..] = new::LibraryClient::INTERFACE.methods else { panic!("{text}") };
    let mut unnamed = *search;
    unnamed.aliases = &[];
    assert_ne!(search.fingerprint(), unnamed.fingerprint());
    assert_ne!(search.lock_hash(), unnamed.lock_hash());
}
