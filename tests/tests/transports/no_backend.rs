//! What a frontend says of somebody who is no backend: at once, with what they said.

use std::time::Duration;

use ipc_runtime::{ConnectError, Encoding, Frontend, FrontendBuilder, Limits};
use ipc_tests::in_time;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// What isn't told at once isn't told in the time of a test.
fn builder() -> FrontendBuilder {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_secs(600);
    Frontend::builder().limits(limits)
}

fn carrier(connected: Result<Frontend, ConnectError>) -> String {
    match connected {
        Err(error @ ConnectError::Carrier(_)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

fn io(connected: Result<Frontend, ConnectError>, endpoint: &str) -> String {
    match connected {
        Err(error @ ConnectError::Io { .. }) => {
            let text = error.to_string();
            assert!(text.contains(endpoint), "{text}");
            text
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn port_0_is_for_listening() {
    let refused = io(in_time(builder().connect("ws://127.0.0.1:0")).await, "ws://127.0.0.1:0");
    assert!(refused.contains("Backend::listen"), "{refused}");
    assert!(builder().connect_lazily("ws://127.0.0.1:0").is_err());
}

#[tokio::test]
async fn an_endpoint_that_ends_with_a_colon_gets_no_second_one() {
    let missing = tokio::process::Command::new("./there-is-no-such-program");
    let refused = io(in_time(builder().spawn(missing)).await, "can't connect to stdio: ");
    assert!(!refused.contains("::"), "{refused}");
    let refused = io(in_time(builder().connect("memory:nobody")).await, "memory:nobody: ");
    assert!(!refused.contains("::"), "{refused}");
}

#[tokio::test]
async fn a_stream_that_sends_back_what_it_is_sent_is_no_backend() {
    for encoding in [Encoding::Json, Encoding::MessagePack] {
        let (ours, theirs) = tokio::io::duplex(1024);
        let echo = tokio::spawn(async move {
            let (mut read, mut write) = tokio::io::split(theirs);
            tokio::io::copy(&mut read, &mut write).await
        });
        let told = carrier(in_time(builder().encoding(encoding).over(ours)).await);
        assert!(told.contains("sends back what it is sent"), "{told}");
        in_time(echo).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_web_socket_that_sends_back_what_it_is_sent_is_no_backend() {
    use futures_util::StreamExt;
    use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

    for encoding in [Encoding::Json, Encoding::MessagePack] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("ws://{}", listener.local_addr().unwrap());
        let echo = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            #[expect(clippy::result_large_err, reason = "it is the callback's type")]
            let takes_any = |request: &Request, mut response: Response| {
                let name = "sec-websocket-protocol";
                let asked = request.headers()[name].clone();
                response.headers_mut().insert(name, asked);
                Ok(response)
            };
            let stream = tokio_tungstenite::accept_hdr_async(stream, takes_any).await.unwrap();
            let (write, read) = stream.split();
            let _ = read.forward(write).await;
        });
        let connecting = builder().encoding(encoding).connect(endpoint.as_str());
        let told = io(in_time(connecting).await, &endpoint);
        assert!(told.contains("sends back what it is sent"), "{told}");
        in_time(echo).await.unwrap();
    }
}

#[tokio::test]
async fn what_a_stream_says_first_is_shown() {
    for (said, shown) in [
        (&b"220 mail.example ESMTP\r\n"[..], "`220 mail.example ESMTP`"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n\0\0\x05", "`SSH-2.0-OpenSSH_9.2p1`"),
        (b"I", "`I`"),
        (b"IPC\x02\x00", "`IPC\\u{2}\\0`"),
        (b"\x16\x03\x01", "`\\u{16}\\u{3}\\u{1}`"),
    ] {
        let (ours, mut theirs) = tokio::io::duplex(1024);
        theirs.write_all(said).await.unwrap();
        drop(theirs);
        let told = carrier(in_time(builder().over(ours)).await);
        assert!(told.contains("something else than an ipc-runtime backend"), "{told}");
        assert!(told.contains(shown), "{told}");
    }
}

#[tokio::test]
async fn what_a_stream_says_in_pieces_is_shown_as_far_as_it_comes() {
    let (ours, mut theirs) = tokio::io::duplex(1024);
    let speaking = tokio::spawn(async move {
        for piece in ["22", "0 mail.ex", "ample\r\n"] {
            theirs.write_all(piece.as_bytes()).await.unwrap();
            tokio::task::yield_now().await;
        }
        // It stays, and waits.
        theirs.read_to_end(&mut Vec::new()).await
    });
    let told = carrier(in_time(builder().over(ours)).await);
    assert!(told.contains("`220 mail.example`"), "{told}");
    in_time(speaking).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_stream_that_ends_without_a_word_is_told() {
    let (ours, theirs) = tokio::io::duplex(1024);
    drop(theirs);
    let told = carrier(in_time(builder().over(ours)).await);
    assert!(told.contains("closed the connection before it said anything"), "{told}");
}

#[cfg(unix)]
mod local {
    use ipc_tests::{LocalListener, Scratch, endpoint_of};

    use super::*;

    #[tokio::test]
    async fn what_a_server_said_before_it_left_is_shown() {
        let directory = Scratch::new();
        let listener = LocalListener::bind(directory.socket("s")).unwrap();
        let endpoint = endpoint_of(&directory.socket("s"));
        for _ in 0..20 {
            let connecting = builder().connect(endpoint.as_str());
            let speaking = async {
                let mut stream = listener.accept().await.unwrap();
                stream.write_all(b"SSH-2.0-OpenSSH_9.2p1\r\n").await.unwrap();
            };
            let (connected, ()) = in_time(async { tokio::join!(connecting, speaking) }).await;
            let told = io(connected, &endpoint);
            assert!(told.contains("said `SSH-2.0-OpenSSH_9.2p1`"), "{told}");
        }
    }

    #[tokio::test]
    async fn what_a_web_server_answers_is_shown() {
        let directory = Scratch::new();
        let listener = LocalListener::bind(directory.socket("s")).unwrap();
        let endpoint = endpoint_of(&directory.socket("s"));
        let connecting = builder().connect(endpoint.as_str());
        let answering = async {
            let mut stream = listener.accept().await.unwrap();
            let mut first = [0];
            stream.read_exact(&mut first).await.unwrap();
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
                .await
                .unwrap();
        };
        let (connected, ()) = in_time(async { tokio::join!(connecting, answering) }).await;
        let told = io(connected, &endpoint);
        assert!(told.contains("said `HTTP/1.1 400 Bad Request"), "{told}");
    }
}
