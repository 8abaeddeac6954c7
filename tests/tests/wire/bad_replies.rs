//! A backend that answers wrongly: each wrong reply fails the call that it is for, and no other.

use ipc_runtime::{ErrorKind, Frontend};
use ipc_tests::{FeedClient, Frames, LocalListener, Scratch, endpoint_of, in_time};

/// A frontend whose backend is the test itself.
async fn pair() -> (Scratch, Frontend, Frames) {
    let directory = Scratch::new();
    let path = directory.socket("s");
    let listener = LocalListener::bind(&path).unwrap();
    let connecting = tokio::spawn(async move { Frontend::connect(endpoint_of(&path)).await });
    let mut raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
    raw.handshake(16).await;
    (directory, in_time(connecting).await.unwrap().unwrap(), raw)
}

#[tokio::test]
async fn a_reply_that_breaks_the_protocol_fails_its_call_at_once() {
    let (_directory, frontend, mut raw) = pair().await;
    for members in [
        "",
        r#","result":1,"error":{"code":1,"message":"x"}"#,
        r#","error":"no object""#,
        r#","error":{"message":"no code"}"#,
        r#","result":"no number""#,
        r#","result":[1,"#,
        r#","result":1]"#,
        r#","result":1,"error":[1]"#,
    ] {
        let call = frontend.call::<u32>("some.method", &());
        let call = tokio::spawn(call);
        let request = raw.next().await;
        raw.send(format!(r#"{{"jsonrpc":"2.0","id":{}{members}}}"#, request["id"])).await;
        match in_time(call).await.unwrap() {
            Err(error) if error.kind() == ErrorKind::Decode => {
                assert_eq!(error.method(), "some.method")
            }
            other => panic!("{members}: {other:?}"),
        }
    }
    for behind in ["", r#","newer":[1]"#, r#" , "ipc":{}"#] {
        let call = tokio::spawn(frontend.call::<u32>("some.method", &()));
        let request = raw.next().await;
        raw.send(format!(r#"{{"jsonrpc":"2.0","id":{},"result":7{behind}}}"#, request["id"])).await;
        assert_eq!(in_time(call).await.unwrap().unwrap(), 7, "{behind}");
    }
}

#[tokio::test]
async fn members_behind_the_answer_to_a_handshake_are_ignored() {
    let directory = Scratch::new();
    let path = directory.socket("s");
    let listener = LocalListener::bind(&path).unwrap();
    let connecting = tokio::spawn(async move { Frontend::connect(endpoint_of(&path)).await });
    let mut raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
    let id = raw.next().await["id"].clone();
    let hello = r#"{"protocol":1,"uses":[],"limits":{"maxMessageBytes":1000000,"maxInFlight":5}}"#;
    raw.send(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{hello},"newer":1}}"#)).await;
    in_time(connecting).await.unwrap().unwrap();
}

#[tokio::test]
async fn members_behind_the_id_of_a_subscription_are_ignored() {
    let (_directory, frontend, mut raw) = pair().await;
    let feed = frontend.client::<FeedClient>();
    let opening = tokio::spawn(feed.count(1));
    let mut request = raw.next().await;
    while request["method"] == "rpc.handshake" {
        let uses = &request["params"]["uses"];
        let answer = format!(r#"{{"protocol":1,"uses":{uses}}}"#);
        raw.send(format!(r#"{{"jsonrpc":"2.0","id":{},"result":{answer}}}"#, request["id"])).await;
        request = raw.next().await;
    }
    raw.send(format!(r#"{{"jsonrpc":"2.0","id":{},"result":7,"newer":1}}"#, request["id"])).await;
    let _subscription = in_time(opening).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_id_alone_that_nobody_waits_for_is_an_invalid_request() {
    let (_directory, _frontend, mut raw) = pair().await;
    let answer = raw.ask(r#"{"jsonrpc":"2.0","id":999999}"#).await;
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&999_999.into(), &(-32600).into()));
}
