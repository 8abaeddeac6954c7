//! The handshake as it stands on the wire: what each side says of itself, and how it is answered.

use ipc_runtime::{
    Backend, Client, ConnectError, ErrorKind, Frontend, Limits, Reconnect, error::DisconnectReason,
};
use ipc_tests::{
    Frames, Lines, LocalListener, Scratch, SlowClient, endpoint_of, eventually, in_time,
};
use serde_json::{Value, json};

use super::{
    shop,
    versioned_interface::{v1_0_0, v1_2_0},
};

async fn served_lines() -> (Backend, Scratch, Lines) {
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

async fn handshake(raw: &mut Lines, params: Value) -> Value {
    let request =
        json!({ "jsonrpc": "2.0", "id": "h", "method": "rpc.handshake", "params": params });
    let answer = raw.ask(request.to_string()).await;
    assert_eq!(answer["id"], "h");
    answer
}

#[tokio::test]
async fn the_answer_tells_limits_and_everything_that_is_exposed() {
    let (_backend, _directory, mut raw) = served_lines().await;
    let answer = handshake(&mut raw, json!({ "protocol": 1, "window": 5, "unknown": {} })).await;
    let hello = &answer["result"];
    assert_eq!(hello["protocol"], 1, "{answer}");
    assert_eq!(hello["limits"], json!({ "maxMessageBytes": 123_456, "maxInFlight": 77 }));
    assert_eq!(hello["uses"], json!([]));
    let exposed = |interface: &ipc_runtime::interface::InterfaceInfo| {
        json!({
            "channel": interface.channel,
            "version": interface.version,
            "fingerprint": interface.fingerprint().to_string(),
        })
    };
    let both = json!([
        exposed(v1_2_0::VersionedClient::INTERFACE),
        exposed(shop::new::ShopClient::INTERFACE),
    ]);
    assert_eq!(hello["exposes"], both);
    let fingerprint = hello["exposes"][0]["fingerprint"].as_str().unwrap();
    assert!(fingerprint.starts_with("2:"), "{fingerprint}");
}

#[tokio::test]
async fn each_use_is_answered_for_itself() {
    let (_backend, _directory, mut raw) = served_lines().await;
    let use_of = |interface: &ipc_runtime::interface::InterfaceInfo| {
        json!({
            "channel": interface.channel,
            "version": interface.version,
            "fingerprint": interface.fingerprint().to_string(),
        })
    };
    let uses = json!([
        use_of(v1_0_0::VersionedClient::INTERFACE),
        use_of(shop::old::ShopClient::INTERFACE),
        use_of(SlowClient::INTERFACE),
    ]);
    let answer = handshake(&mut raw, json!({ "protocol": 1, "uses": uses })).await;
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
    assert!(data["shapes"].as_str().unwrap().contains("\ntype Item.price: u64\n"), "{data}");

    assert_eq!(uses[2]["channel"], "test.slow");
    assert_eq!(uses[2]["error"]["code"], -32601);

    // A mismatch refuses one stub; everything else goes on, and may be asked for again.
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"test.versions.name"}"#;
    assert_eq!(raw.ask(call).await["result"], "1.2.0");
    let again = handshake(&mut raw, json!({ "protocol": 1, "uses": [] })).await;
    assert_eq!(again["result"]["uses"], json!([]));
}

#[tokio::test]
async fn too_many_uses_are_refused() {
    let (_backend, _directory, mut raw) = served_lines().await;
    let uses = |count: usize| {
        let used = json!({
            "channel": "test.none", "version": "1.0.0", "fingerprint": "2:0000000000000000"
        });
        json!({ "protocol": 1, "uses": vec![used; count] })
    };
    let refused = handshake(&mut raw, uses(257)).await;
    assert_eq!(refused["error"]["code"], -32009, "{refused}");
    assert_eq!(refused["error"]["data"], json!({ "limit": "uses", "value": 256 }));
    let answered = handshake(&mut raw, uses(256)).await;
    assert_eq!(answered["result"]["uses"].as_array().map(Vec::len), Some(256));
}

#[tokio::test]
async fn a_handshake_that_cannot_be_read_is_told_in_words_of_the_protocol() {
    let (_backend, _directory, mut raw) = served_lines().await;
    for params in [
        json!(null),
        json!([]),
        json!([1]),
        json!({}),
        json!({ "protocol": "1" }),
        json!({ "protocol": 1, "uses": 7 }),
        json!({ "protocol": 1, "uses": [7] }),
        json!({ "protocol": 1, "uses": [{ "channel": "c" }] }),
        json!({ "protocol": 1, "uses": [{ "channel": "c", "version": "1.0.0", "fingerprint": 7 }] }),
        json!({ "protocol": 1, "exposes": [7] }),
        json!({ "protocol": 1, "limits": 7 }),
        json!({ "protocol": 1, "session": 7 }),
        json!({ "protocol": 1, "token": 7 }),
    ] {
        let answer = handshake(&mut raw, params.clone()).await;
        assert_eq!(answer["error"]["code"], -32602, "{params}: {answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("rpc.handshake: "), "{params}: {message}");
        // Names of types are none of the protocol's words.
        assert!(!message.contains("struct "), "{params}: {message}");
    }
}

#[tokio::test]
async fn without_a_fingerprint_only_versions_are_compared() {
    let (_backend, _directory, mut raw) = served_lines().await;
    for (version, expected) in
        [("1.2.0", json!(null)), ("1.0.0", json!(null)), ("1.3.0", json!(-32003))]
    {
        let used = json!({ "channel": "test.versions", "version": version });
        let answer = handshake(&mut raw, json!({ "protocol": 1, "uses": [used] })).await;
        let verdict = &answer["result"]["uses"][0];
        assert_eq!(verdict["error"]["code"], expected, "{version}: {verdict}");
    }
}

#[tokio::test]
async fn builds_of_one_version_with_other_fingerprints_do_not_fit() {
    let (_backend, _directory, mut raw) = served_lines().await;
    let answer = handshake(&mut raw, json!({ "protocol": 1 })).await;
    let exposed = answer["result"]["exposes"][0].clone();
    for fingerprint in [exposed["fingerprint"].clone(), json!("2:0123456789abcdef")] {
        let version = format!("{}+other", exposed["version"].as_str().unwrap());
        let used = json!({
            "channel": exposed["channel"], "version": version, "fingerprint": fingerprint
        });
        let answer = handshake(&mut raw, json!({ "protocol": 1, "uses": [used] })).await;
        let verdict = &answer["result"]["uses"][0];
        let fits = fingerprint == exposed["fingerprint"];
        let expected = if fits { json!(null) } else { json!(-32003) };
        assert_eq!(verdict["error"]["code"], expected, "{verdict}");
    }
}

#[tokio::test]
async fn another_protocol_is_refused() {
    let (_backend, _directory, mut raw) = served_lines().await;
    for protocol in [0, 2, 99] {
        let answer = handshake(&mut raw, json!({ "protocol": protocol })).await;
        assert!(answer.get("result").is_none(), "{answer}");
        assert_eq!(answer["error"]["code"], -32003, "{answer}");
        assert_eq!(answer["error"]["data"]["protocol"], 1);
    }
    for params in [json!({}), json!(null), json!([]), json!({ "protocol": "1" })] {
        let answer = handshake(&mut raw, params).await;
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
    assert!(handshake(&mut raw, json!({ "protocol": 1 })).await.get("result").is_some());
}

#[tokio::test]
async fn fingerprints_of_another_algorithm_are_not_compared() {
    let (_backend, _directory, mut raw) = served_lines().await;
    let uses = json!([{
        "channel": "test.versions", "version": "1.2.0", "fingerprint": "3:00000000000000ff"
    }]);
    let answer = handshake(&mut raw, json!({ "protocol": 1, "uses": uses })).await;
    assert!(answer["result"]["uses"][0].get("error").is_none(), "{answer}");
}

#[tokio::test]
async fn the_limits_that_a_peer_tells_are_kept() {
    let (_backend, _directory, mut raw) = served_lines().await;
    let limits = json!({ "maxMessageBytes": 60, "maxInFlight": 1 });
    handshake(&mut raw, json!({ "protocol": 1, "limits": limits })).await;
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"test.shop.items"}"#;
    assert_eq!(raw.ask(call).await["result"], json!([]));
    let call = r#"{"jsonrpc":"2.0","id":"0123456789012345678901234567890123456789","method":"test.shop.items"}"#;
    let answer = raw.ask(call).await;
    assert_eq!(answer["error"]["code"], -32008, "{answer}");
    assert_eq!(answer["error"]["data"]["limit"], 60);
}

/// A frontend whose handshake gets this answer.
async fn connect_answered_by(mut answer: Value) -> Result<Frontend, ConnectError> {
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
        let error = connect_answered_by(answer).await.unwrap_err();
        let text = error.to_string();
        let ConnectError::Handshake(error) = error else { panic!("{outcome}: {error:?}") };
        let mismatch = error.protocol_mismatch().unwrap();
        assert_eq!((mismatch.ours, mismatch.theirs), (1, 2));
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
    raw.handshake(16).await;
    eventually("it is connected", || frontend.is_connected()).await;
    drop(raw);
    let mut raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
    let id = raw.next().await["id"].clone();
    let answer = json!({ "jsonrpc": "2.0", "id": id, "result": { "protocol": 2 } });
    raw.send(answer.to_string()).await;
    let reason = in_time(frontend.closed()).await;
    assert!(
        matches!(&reason, DisconnectReason::ProtocolMismatch(it) if (it.ours, it.theirs) == (1, 2)),
        "{reason}"
    );
    let error = frontend.call::<()>("test.shop.items", &()).await.unwrap_err();
    assert!(error.kind() == ErrorKind::ProtocolMismatch, "{error}");
}

#[tokio::test]
async fn a_handshake_of_another_protocol_is_refused_whatever_else_it_says() {
    let (_backend, _directory, mut raw) = served_lines().await;
    let params = json!({ "protocol": 2, "uses": { "everything": true }, "limits": "none" });
    let answer = handshake(&mut raw, params).await;
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
        "channel": "test.versions", "version": "0.9.0", "fingerprint": "2:0000000000000000"
    }]);
    let result = json!({ "protocol": 1, "uses": uses });
    let reply = json!({ "jsonrpc": "2.0", "id": hello["id"], "result": result });
    raw.send(reply.to_string()).await;
    let opened = in_time(frontend).await.unwrap();
    assert!(
        matches!(&opened, Err(error) if error.kind() == ErrorKind::VersionMismatch),
        "{opened:?}"
    );
}
