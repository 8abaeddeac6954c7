//! The handshake: who fits whom, and what a mismatch tells.

use ipc_runtime::{
    Backend, Client, Compat, ConnectError, Frontend, IpcError, VersionMismatch, ipc_interface,
    ipc_type,
};
use ipc_tests::{Gates, Place, SlowClient, SlowHandler, on_every_carrier};

/// An interface of one sync method, under a version of its own.
macro_rules! version {
    ($name:ident, $version:literal) => {
        version!($name, $version, "semver");
    };
    ($name:ident, $version:literal, $compat:literal) => {
        mod $name {
            use ipc_runtime::ipc_interface;

            /// One version.
            #[ipc_interface(channel = "test.versions", version = $version, compat = $compat)]
            pub(crate) trait Versioned {
                /// Its name.
                fn name(&self) -> String;
            }

            #[derive(Debug)]
            pub(crate) struct Named;

            impl Versioned for Named {
                fn name(&self) -> String {
                    $version.into()
                }
            }
        }
    };
}

version!(v1_0_0, "1.0.0");
version!(v1_2_0, "1.2.0");
version!(v1_2_3, "1.2.3");
version!(v2_0_0, "2.0.0");
version!(v0_1_0, "0.1.0");
version!(v0_1_5, "0.1.5");
version!(v0_2_0, "0.2.0");
version!(v0_0_1, "0.0.1");
version!(v0_0_2, "0.0.2");
version!(pre_1, "1.3.0-beta.1");
version!(pre_2, "1.3.0-beta.2");
version!(exact_1_2_0, "1.2.0", "exact");
version!(exact_1_2_3, "1.2.3", "exact");
version!(build_a, "1.2.0+a");
version!(build_b, "1.2.0+b.7");
version!(exact_build_a, "1.2.0+a", "exact");
version!(exact_build_b, "1.2.0+b.7", "exact");

/// Connects a frontend of one version with a backend of another.
macro_rules! fits {
    ($frontend:ident with $backend:ident) => {{
        let backend = Backend::new();
        let handler = $backend::VersionedHandler::new($backend::Named);
        backend.register(handler).unwrap();
        let frontend = Place::memory().connect(&backend).await;
        let opened = frontend.open::<$frontend::VersionedClient>().await;
        let later: $frontend::VersionedClient = frontend.client();
        let called = later.name().await;
        match (opened, called) {
            (Ok(_), Ok(name)) => {
                assert_eq!(name, $backend::VersionedClient::INTERFACE.version);
                true
            }
            (Err(IpcError::VersionMismatch(opened)), Err(IpcError::VersionMismatch(called))) => {
                assert_eq!(opened.to_string(), called.to_string());
                let ours = $frontend::VersionedClient::INTERFACE.version;
                let theirs = $backend::VersionedClient::INTERFACE.version;
                assert_eq!((opened.our_version, &*opened.their_version), (ours, theirs));
                let text = opened.to_string();
                assert!(text.contains(ours) && text.contains(theirs), "{text}");
                assert!(text.contains("test.versions") && text.contains("memory:"), "{text}");
                false
            }
            other => panic!("{other:?}"),
        }
    }};
}

#[tokio::test]
async fn a_newer_backend_serves_an_older_frontend() {
    assert!(fits!(v1_2_0 with v1_2_0));
    assert!(fits!(v1_0_0 with v1_2_0));
    assert!(fits!(v1_2_0 with v1_2_3));
    assert!(fits!(v0_1_0 with v0_1_5));
    assert!(fits!(v0_0_1 with v0_0_1));
    assert!(fits!(pre_1 with pre_1));
    assert!(fits!(pre_1 with pre_2));
}

#[tokio::test]
async fn an_older_backend_does_not_serve_a_newer_frontend() {
    assert!(!fits!(v1_2_0 with v1_0_0));
    assert!(!fits!(v1_2_3 with v1_2_0));
    assert!(!fits!(v0_1_5 with v0_1_0));
    assert!(!fits!(pre_2 with pre_1));
}

#[tokio::test]
async fn another_major_does_not_fit_and_before_one_the_minor_counts_as_that() {
    assert!(!fits!(v1_2_0 with v2_0_0));
    assert!(!fits!(v2_0_0 with v1_2_0));
    assert!(!fits!(v0_1_0 with v0_2_0));
    assert!(!fits!(v0_2_0 with v0_1_5));
    assert!(!fits!(v0_0_1 with v0_0_2));
    assert!(!fits!(v0_1_0 with v1_0_0));
}

#[tokio::test]
async fn exact_versions_must_be_equal_whichever_side_asks_for_it() {
    assert!(fits!(exact_1_2_0 with exact_1_2_0));
    assert!(!fits!(exact_1_2_0 with exact_1_2_3));
    assert!(!fits!(exact_1_2_0 with v1_2_3), "the frontend's rule");
    assert!(!fits!(v1_2_0 with exact_1_2_3), "the backend's rule");
    assert!(fits!(v1_2_0 with exact_1_2_0));
}

#[tokio::test]
async fn build_metadata_does_not_count() {
    assert!(fits!(build_a with build_b));
    assert!(fits!(build_b with build_a));
    assert!(fits!(v1_2_0 with build_a));
    assert!(fits!(build_a with v1_2_0));
    assert!(fits!(build_b with v1_2_3));
    assert!(!fits!(v1_2_3 with build_a));
    assert!(fits!(exact_build_a with exact_build_b));
    assert!(fits!(exact_build_b with exact_build_a));
    assert!(fits!(exact_1_2_0 with exact_build_a));
    assert!(!fits!(exact_build_a with exact_1_2_3));
}

mod shop {
    use super::*;

    pub(crate) mod old {
        use super::*;

        /// An item.
        #[ipc_type]
        #[derive(Debug)]
        pub(crate) struct Item {
            /// Its name.
            pub name: String,
            /// What it is wrapped in.
            pub wrapping: Wrapping,
        }

        /// What an item is wrapped in.
        #[ipc_type]
        #[derive(Debug)]
        pub(crate) enum Wrapping {
            /// Paper.
            Paper,
            /// A box of this size.
            Box(u32),
        }

        /// A shop.
        #[ipc_interface(channel = "test.shop", version = "1.0.0")]
        pub(crate) trait Shop {
            /// All items.
            async fn items(&self) -> Vec<Item>;
            /// Buys.
            async fn buy(&self, name: &str, count: u32) -> bool;
            /// Goes away.
            fn opened(&self) -> bool;
            /// Stays as it is.
            fn untouched(&self, of: Option<String>) -> u8;
        }
    }

    pub(crate) mod new {
        use super::*;

        /// An item, with one field more.
        #[ipc_type]
        #[derive(Debug)]
        pub(crate) struct Item {
            /// Its name.
            pub name: String,
            /// What it is wrapped in.
            pub wrapping: Wrapping,
            /// In cents.
            pub price: u64,
        }

        /// What an item is wrapped in, with one variant more.
        #[ipc_type]
        #[derive(Debug)]
        pub(crate) enum Wrapping {
            /// Paper.
            Paper,
            /// A box of this size.
            Box(u32),
            /// Nothing.
            Bare,
        }

        /// The same shop, changed without another version.
        #[ipc_interface(channel = "test.shop", version = "1.0.0")]
        pub(crate) trait Shop {
            /// All items.
            async fn items(&self) -> Vec<Item>;
            /// Buys more.
            async fn buy(&self, name: &str, count: u64) -> bool;
            /// Is new.
            fn closed(&self, when: String) -> bool;
            /// Stays as it is.
            fn untouched(&self, of: Option<String>) -> u8;
        }

        #[derive(Debug)]
        pub(crate) struct Corner;

        impl Shop for Corner {
            async fn items(&self) -> Vec<Item> {
                Vec::new()
            }

            async fn buy(&self, _: &str, _: u64) -> bool {
                true
            }

            fn closed(&self, _: String) -> bool {
                false
            }

            fn untouched(&self, _: Option<String>) -> u8 {
                1
            }
        }
    }
}

on_every_carrier! {
    a_changed_interface_of_the_same_version_is_refused_and_explained,
    an_unknown_channel_is_told_with_those_that_there_are,
    an_unchecked_client_reports_the_mismatch_with_its_first_call,
}

async fn mismatch(place: &Place) -> Box<VersionMismatch> {
    let backend = Backend::new();
    backend.register(shop::new::ShopHandler::new(shop::new::Corner)).unwrap();
    let frontend = place.connect(&backend).await;
    match frontend.open::<shop::old::ShopClient>().await {
        Err(IpcError::VersionMismatch(mismatch)) => mismatch,
        other => panic!("{other:?}"),
    }
}

async fn a_changed_interface_of_the_same_version_is_refused_and_explained(place: Place) {
    let mismatch = mismatch(&place).await;
    assert_eq!((mismatch.our_version, &*mismatch.their_version), ("1.0.0", "1.0.0"));
    assert_eq!(mismatch.compat, Compat::Semver);
    assert_ne!(mismatch.our_fingerprint, mismatch.their_fingerprint);

    let names: Vec<_> = mismatch.methods.iter().map(|method| &*method.name).collect();
    assert!(!names.contains(&"untouched"), "{names:?}");
    let method = |name: &str| {
        let method = mismatch.methods.iter().find(|method| method.name == name);
        method.unwrap_or_else(|| panic!("{name} is missing in {names:?}")).clone()
    };
    let buy = method("buy");
    assert!(buy.ours.as_ref().is_some_and(|ours| ours.contains("u32")), "{buy:?}");
    assert!(buy.theirs.as_ref().is_some_and(|theirs| theirs.contains("u64")), "{buy:?}");
    let opened = method("opened");
    assert!(opened.ours.is_some() && opened.theirs.is_none(), "{opened:?}");
    let closed = method("closed");
    assert!(closed.ours.is_none() && closed.theirs.is_some(), "{closed:?}");
    let items = method("items");
    assert_eq!(items.ours, items.theirs, "it differs by its types alone");
    assert_eq!(names.len(), 4, "{names:?}");

    let kind = |name: &str| {
        let kind = mismatch.types.iter().find(|kind| kind.name == name);
        kind.unwrap_or_else(|| panic!("{name} is missing in {:?}", mismatch.types)).clone()
    };
    let item = kind("Item");
    assert_eq!(item.ours.as_deref(), Some("struct { name: String, wrapping: Wrapping }"));
    let theirs = "struct { name: String, wrapping: Wrapping, price: u64 }";
    assert_eq!(item.theirs.as_deref(), Some(theirs));
    let wrapping = kind("Wrapping");
    assert!(!wrapping.ours.unwrap().contains("Bare"));
    assert!(wrapping.theirs.unwrap().contains("Bare"));
    assert_eq!(mismatch.types.len(), 2);

    let text = mismatch.to_string();
    for part in ["test.shop", "1.0.0", "buy", "u32", "u64", "opened", "closed", "price", "Bare"] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
    // What `main` prints of the error that it returns.
    let returned: Box<dyn std::error::Error> = Box::new(IpcError::VersionMismatch(mismatch));
    assert_eq!(format!("{returned:?}"), text);
}

async fn an_unknown_channel_is_told_with_those_that_there_are(place: Place) {
    let backend = Backend::new();
    let frontend = place.connect(&backend).await;
    let failed = frontend.open::<shop::old::ShopClient>().await;
    match failed {
        Err(IpcError::NotFound { method, message, .. }) => {
            assert_eq!(method, "test.shop");
            assert!(message.contains("nothing is registered"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    backend.register(SlowHandler::new(Gates::new())).unwrap();
    backend.register(v1_0_0::VersionedHandler::new(v1_0_0::Named)).unwrap();
    match frontend.open::<shop::old::ShopClient>().await {
        Err(error @ IpcError::NotFound { .. }) => {
            let text = error.to_string();
            assert!(text.contains("test.slow") && text.contains("test.versions"), "{text}");
            assert!(text.contains("test.shop"), "{text}");
        }
        other => panic!("{other:?}"),
    }
    assert!(frontend.open::<SlowClient>().await.is_ok(), "the others are served");
}

async fn an_unchecked_client_reports_the_mismatch_with_its_first_call(place: Place) {
    let backend = Backend::new();
    let frontend = place.connect(&backend).await;
    let shop: shop::old::ShopClient = frontend.client();
    assert!(matches!(shop.opened().await, Err(IpcError::NotFound { .. })));
    let registration = backend.register(shop::new::ShopHandler::new(shop::new::Corner)).unwrap();
    for _ in 0..2 {
        let failed = shop.untouched(None).await;
        assert!(matches!(failed, Err(IpcError::VersionMismatch(_))), "{failed:?}");
    }
    registration.remove();

    // It asks again with each call, until both fit.
    let versioned: v1_0_0::VersionedClient = frontend.client();
    assert!(versioned.name().await.is_err());
    backend.register(v1_2_0::VersionedHandler::new(v1_2_0::Named)).unwrap();
    let many: Vec<_> = (0..20).map(|_| tokio::spawn(versioned.name())).collect();
    for call in many {
        assert_eq!(call.await.unwrap().unwrap(), "1.2.0");
    }
}

#[tokio::test]
async fn an_unchecked_client_checks_once_for_all_its_clones() {
    let backend = Backend::new();
    let registration = backend.register(v1_0_0::VersionedHandler::new(v1_0_0::Named)).unwrap();
    let frontend = Place::memory().connect(&backend).await;
    let first: v1_0_0::VersionedClient = frontend.client();
    let clone = first.clone();
    assert_eq!(first.name().await.unwrap(), "1.0.0");
    registration.remove();
    // Checked before, so it's the call itself that finds nobody.
    match clone.name().await {
        Err(IpcError::NotFound { method, .. }) => assert_eq!(method, "test.versions.name"),
        other => panic!("{other:?}"),
    }
}

mod raw {
    use ipc_runtime::{DisconnectReason, Limits, Reconnect};
    use ipc_tests::{Frames, Lines, LocalListener, Scratch, endpoint_of, eventually, in_time};
    use serde_json::{Value, json};

    use super::*;

    async fn served() -> (Backend, Scratch, Lines) {
        let mut limits = Limits::default();
        limits.max_message_bytes = 123_456;
        limits.max_in_flight = 77;
        let backend = Backend::builder().limits(limits).build();
        backend.register(v1_2_0::VersionedHandler::new(v1_2_0::Named)).unwrap();
        backend.register(shop::new::ShopHandler::new(shop::new::Corner)).unwrap();
        let directory = Scratch::new();
        backend.listen(endpoint_of(&directory.socket("s"))).await.unwrap();
        let raw = Lines::connect(directory.socket("s")).await;
        (backend, directory, raw)
    }

    async fn shake(raw: &mut Lines, params: Value) -> Value {
        let request =
            json!({ "jsonrpc": "2.0", "id": "h", "method": "rpc.handshake", "params": params });
        let answer = raw.ask(request.to_string()).await;
        assert_eq!(answer["id"], "h");
        answer
    }

    #[tokio::test]
    async fn the_answer_tells_limits_and_everything_that_is_exposed() {
        let (_backend, _directory, mut raw) = served().await;
        let answer = shake(&mut raw, json!({ "protocol": 1, "window": 5, "unknown": {} })).await;
        let hello = &answer["result"];
        assert_eq!(hello["protocol"], 1, "{answer}");
        assert_eq!(hello["limits"], json!({ "maxMessageBytes": 123_456, "maxInFlight": 77 }));
        assert_eq!(hello["uses"], json!([]));
        let exposed = |interface: &ipc_runtime::InterfaceInfo| {
            json!({
                "channel": interface.channel,
                "version": interface.version,
                "fingerprint": interface.fingerprint.to_string(),
            })
        };
        let both = json!([
            exposed(v1_2_0::VersionedClient::INTERFACE),
            exposed(shop::new::ShopClient::INTERFACE),
        ]);
        assert_eq!(hello["exposes"], both);
        let fingerprint = hello["exposes"][0]["fingerprint"].as_str().unwrap();
        assert!(fingerprint.starts_with("1:"), "{fingerprint}");
    }

    #[tokio::test]
    async fn each_use_is_answered_for_itself() {
        let (_backend, _directory, mut raw) = served().await;
        let use_of = |interface: &ipc_runtime::InterfaceInfo| {
            json!({
                "channel": interface.channel,
                "version": interface.version,
                "fingerprint": interface.fingerprint.to_string(),
            })
        };
        let uses = json!([
            use_of(v1_0_0::VersionedClient::INTERFACE),
            use_of(shop::old::ShopClient::INTERFACE),
            use_of(SlowClient::INTERFACE),
        ]);
        let answer = shake(&mut raw, json!({ "protocol": 1, "uses": uses })).await;
        let uses = answer["result"]["uses"].as_array().unwrap();
        assert_eq!(uses.len(), 3);
        assert_eq!(uses[0], use_of(v1_2_0::VersionedClient::INTERFACE));

        assert_eq!(uses[1]["channel"], "test.shop");
        let error = &uses[1]["error"];
        assert_eq!(error["code"], -32003, "{error}");
        let data = &error["data"];
        assert_eq!(data["channel"], "test.shop");
        assert_eq!(data["version"], "1.0.0");
        assert!(data["fingerprint"].is_string(), "{data}");
        assert!(data["methods"]["buy"]["signature"].as_str().unwrap().contains("u64"));
        assert!(data["methods"]["buy"]["fingerprint"].is_string());
        assert!(data["types"]["Item"].as_str().unwrap().contains("price: u64"));

        assert_eq!(uses[2]["channel"], "test.slow");
        assert_eq!(uses[2]["error"]["code"], -32601);

        // A mismatch refuses one stub; everything else goes on, and may be asked for again.
        let call = r#"{"jsonrpc":"2.0","id":1,"method":"test.versions.name"}"#;
        assert_eq!(raw.ask(call).await["result"], "1.2.0");
        let again = shake(&mut raw, json!({ "protocol": 1, "uses": [] })).await;
        assert_eq!(again["result"]["uses"], json!([]));
    }

    #[tokio::test]
    async fn too_many_uses_are_refused() {
        let (_backend, _directory, mut raw) = served().await;
        let uses = |count: usize| {
            let used = json!({
                "channel": "test.none", "version": "1.0.0", "fingerprint": "1:0000000000000000"
            });
            json!({ "protocol": 1, "uses": vec![used; count] })
        };
        let refused = shake(&mut raw, uses(257)).await;
        assert_eq!(refused["error"]["code"], -32009, "{refused}");
        assert_eq!(refused["error"]["data"], json!({ "limit": "uses", "value": 256 }));
        let answered = shake(&mut raw, uses(256)).await;
        assert_eq!(answered["result"]["uses"].as_array().map(Vec::len), Some(256));
    }

    #[tokio::test]
    async fn a_handshake_that_cannot_be_read_is_told_in_words_of_the_protocol() {
        let (_backend, _directory, mut raw) = served().await;
        for params in [
            json!(null),
            json!([]),
            json!([1]),
            json!({}),
            json!({ "protocol": "1" }),
            json!({ "protocol": 1, "uses": 7 }),
            json!({ "protocol": 1, "uses": [7] }),
            json!({ "protocol": 1, "uses": [{ "channel": "c", "version": "1.0.0" }] }),
            json!({ "protocol": 1, "exposes": [7] }),
            json!({ "protocol": 1, "limits": 7 }),
            json!({ "protocol": 1, "session": 7 }),
            json!({ "protocol": 1, "token": 7 }),
        ] {
            let answer = shake(&mut raw, params.clone()).await;
            assert_eq!(answer["error"]["code"], -32602, "{params}: {answer}");
            let message = answer["error"]["message"].as_str().unwrap();
            assert!(message.starts_with("rpc.handshake: "), "{params}: {message}");
            // Names of types are none of the protocol's words.
            assert!(!message.contains("struct "), "{params}: {message}");
        }
    }

    #[tokio::test]
    async fn builds_of_one_version_with_other_fingerprints_do_not_fit() {
        let (_backend, _directory, mut raw) = served().await;
        let answer = shake(&mut raw, json!({ "protocol": 1 })).await;
        let exposed = answer["result"]["exposes"][0].clone();
        for fingerprint in [exposed["fingerprint"].clone(), json!("1:0123456789abcdef")] {
            let version = format!("{}+other", exposed["version"].as_str().unwrap());
            let used = json!({
                "channel": exposed["channel"], "version": version, "fingerprint": fingerprint
            });
            let answer = shake(&mut raw, json!({ "protocol": 1, "uses": [used] })).await;
            let verdict = &answer["result"]["uses"][0];
            let fits = fingerprint == exposed["fingerprint"];
            let expected = if fits { json!(null) } else { json!(-32003) };
            assert_eq!(verdict["error"]["code"], expected, "{verdict}");
        }
    }

    #[tokio::test]
    async fn another_protocol_is_refused() {
        let (_backend, _directory, mut raw) = served().await;
        for protocol in [0, 2, 99] {
            let answer = shake(&mut raw, json!({ "protocol": protocol })).await;
            assert!(answer.get("result").is_none(), "{answer}");
            assert_eq!(answer["error"]["code"], -32003, "{answer}");
            assert_eq!(answer["error"]["data"]["protocol"], 1);
        }
        for params in [json!({}), json!(null), json!([]), json!({ "protocol": "1" })] {
            let answer = shake(&mut raw, params).await;
            assert_eq!(answer["error"]["code"], -32602, "{answer}");
        }
        assert!(shake(&mut raw, json!({ "protocol": 1 })).await.get("result").is_some());
    }

    #[tokio::test]
    async fn fingerprints_of_another_algorithm_are_not_compared() {
        let (_backend, _directory, mut raw) = served().await;
        let uses = json!([{
            "channel": "test.versions", "version": "1.2.0", "fingerprint": "2:00000000000000ff"
        }]);
        let answer = shake(&mut raw, json!({ "protocol": 1, "uses": uses })).await;
        assert!(answer["result"]["uses"][0].get("error").is_none(), "{answer}");
    }

    #[tokio::test]
    async fn the_limits_that_a_peer_tells_are_kept() {
        let (_backend, _directory, mut raw) = served().await;
        let limits = json!({ "maxMessageBytes": 60, "maxInFlight": 1 });
        shake(&mut raw, json!({ "protocol": 1, "limits": limits })).await;
        let call = r#"{"jsonrpc":"2.0","id":1,"method":"test.shop.items"}"#;
        assert_eq!(raw.ask(call).await["result"], json!([]));
        let call = r#"{"jsonrpc":"2.0","id":"0123456789012345678901234567890123456789","method":"test.shop.items"}"#;
        let answer = raw.ask(call).await;
        assert_eq!(answer["error"]["code"], -32008, "{answer}");
        assert_eq!(answer["error"]["data"]["limit"], 60);
    }

    /// A frontend whose handshake gets this answer.
    async fn greeted(mut answer: Value) -> Result<Frontend, ConnectError> {
        let directory = Scratch::new();
        let listener = LocalListener::bind(directory.socket("s")).unwrap();
        let endpoint = endpoint_of(&directory.socket("s"));
        let connecting = tokio::spawn(async move { Frontend::connect(endpoint).await });
        let mut raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
        let hello = raw.next().await;
        assert_eq!(hello["method"], "rpc.handshake");
        assert_eq!(hello["params"]["protocol"], 1);
        answer["id"] = hello["id"].clone();
        raw.send(answer.to_string()).await;
        in_time(connecting).await.unwrap()
    }

    #[tokio::test]
    async fn a_backend_of_another_protocol_is_not_taken_for_one_of_ours() {
        let limits = json!({ "maxInFlight": 7 });
        for outcome in [
            json!({ "result": { "protocol": 2 } }),
            json!({ "result": { "protocol": 2, "uses": [], "limits": limits } }),
            // Whatever else an answer of that protocol may be.
            json!({ "result": { "protocol": 2, "uses": 7, "limits": "none" } }),
            json!({ "error": { "code": -32003, "message": "no", "data": { "protocol": 2 } } }),
        ] {
            let mut answer = outcome.clone();
            answer["jsonrpc"] = json!("2.0");
            let error = greeted(answer).await.unwrap_err();
            let text = error.to_string();
            let ConnectError::Handshake(IpcError::ProtocolMismatch { ours, theirs, .. }) = error
            else {
                panic!("{outcome}: {error:?}");
            };
            assert_eq!((ours, theirs), (1, 2));
            assert!(text.contains("protocol 1") && text.contains("protocol 2"), "{text}");
        }
    }

    #[tokio::test]
    async fn a_backend_that_comes_back_in_another_protocol_ends_its_frontend() {
        let directory = Scratch::new();
        let listener = LocalListener::bind(directory.socket("s")).unwrap();
        let endpoint = endpoint_of(&directory.socket("s"));
        let frontend =
            Frontend::builder().reconnect(Reconnect::default()).connect_lazily(endpoint).unwrap();
        let mut raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
        raw.shake_hands(16).await;
        eventually("it is connected", || frontend.is_connected()).await;
        drop(raw);
        let mut raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
        let id = raw.next().await["id"].clone();
        let answer = json!({ "jsonrpc": "2.0", "id": id, "result": { "protocol": 2 } });
        raw.send(answer.to_string()).await;
        let reason = in_time(frontend.closed()).await;
        assert!(
            matches!(reason, DisconnectReason::ProtocolMismatch { ours: 1, theirs: 2, .. }),
            "{reason}"
        );
        let error = frontend.call::<()>("test.shop.items", &()).await.unwrap_err();
        assert!(matches!(error, IpcError::ProtocolMismatch { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_handshake_of_another_protocol_is_refused_whatever_else_it_says() {
        let (_backend, _directory, mut raw) = served().await;
        let params = json!({ "protocol": 2, "uses": { "everything": true }, "limits": "none" });
        let answer = shake(&mut raw, params).await;
        assert_eq!(answer["error"]["code"], -32003, "{answer}");
        assert_eq!(answer["error"]["data"], json!({ "protocol": 1 }));
    }

    #[tokio::test]
    async fn a_frontend_says_what_it_uses_and_what_it_takes() {
        let directory = Scratch::new();
        let listener = LocalListener::bind(directory.socket("s")).unwrap();
        let endpoint = endpoint_of(&directory.socket("s"));
        let mut limits = Limits::default();
        limits.max_message_bytes = 55_555;
        limits.max_in_flight = 33;
        let frontend = tokio::spawn(async move {
            let frontend = Frontend::builder().limits(limits).connect(endpoint).await.unwrap();
            frontend.open::<v1_0_0::VersionedClient>().await
        });
        let mut raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
        let hello = raw.next().await;
        assert_eq!(hello["method"], "rpc.handshake");
        assert!(hello["id"].as_u64().is_some_and(|id| (1..1 << 53).contains(&id)), "{hello}");
        assert!(hello.get("ipc").is_none(), "what it may hold isn't agreed yet: {hello}");
        assert_eq!(hello["params"]["protocol"], 1);
        let told = json!({ "maxMessageBytes": 55_555, "maxInFlight": 33 });
        assert_eq!(hello["params"]["limits"], told);
        let result = json!({ "protocol": 1, "uses": [], "exposes": [] });
        let reply = json!({ "jsonrpc": "2.0", "id": hello["id"], "result": result });
        raw.send(reply.to_string()).await;

        let hello = raw.next().await;
        assert!(hello.get("ipc").is_none(), "{hello}");
        assert_eq!(hello["params"]["uses"][0]["channel"], "test.versions");
        assert_eq!(hello["params"]["uses"][0]["version"], "1.0.0");
        // A backend that is older than it says to fit: the frontend looks for itself.
        let uses = json!([{
            "channel": "test.versions", "version": "0.9.0", "fingerprint": "1:0000000000000000"
        }]);
        let result = json!({ "protocol": 1, "uses": uses });
        let reply = json!({ "jsonrpc": "2.0", "id": hello["id"], "result": result });
        raw.send(reply.to_string()).await;
        let opened = in_time(frontend).await.unwrap();
        assert!(matches!(opened, Err(IpcError::VersionMismatch(_))), "{opened:?}");
    }
}
