//! Where messages begin and end: lines, native frames, LSP's headers.
#![cfg_attr(windows, allow(unused, reason = "what a half-close does is tested on Unix alone"))]

use ipc_tests::{
    Frames, HandlerEnding, Lines, LocalStream, alone, eventually,
    frames::{PREFACE, frame},
    in_time,
    memory::resident_kib,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::served_backend::served_backend;

fn ping(id: u32) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"test.slow.ping"}}"#)
}

fn pong(id: u32) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": 7 })
}

#[cfg(unix)] // A named pipe has no half-close.
#[tokio::test]
async fn a_line_is_answered_as_netcat_would_see_it() {
    let served = served_backend().await;
    let mut raw = Lines::connect(&served.path).await;
    raw.write(format!("{}\n", ping(0))).await;
    raw.finish().await;
    assert_eq!(raw.rest().await, "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":7}\n");
}

#[cfg(unix)] // A named pipe has no half-close.
#[tokio::test]
async fn what_came_before_a_half_close_is_finished_and_answered() {
    let served = served_backend().await;
    let mut raw = Lines::connect(&served.path).await;
    let wait = r#"{"jsonrpc":"2.0","id":1,"method":"test.slow.wait","params":[1]}"#;
    let tell = r#"{"jsonrpc":"2.0","method":"test.slow.tell","params":[2]}"#;
    raw.write(format!("{wait}{tell}{}", ping(3))).await;
    raw.finish().await;
    served.gates.have_begun(2).await;
    assert_eq!(raw.next().await, pong(3));
    served.gates.release(1);
    assert_eq!(raw.next().await["result"], 1);
    assert_eq!(served.backend.connection_count(), 1, "the notification still runs");
    served.gates.release(2);
    assert_eq!(raw.next_text().await, None);
    assert_eq!(served.gates.ended(2).await, HandlerEnding::Finished);
    eventually("the connection has gone", || served.backend.connection_count() == 0).await;
}

#[cfg(unix)] // A named pipe has no half-close.
#[tokio::test]
async fn a_half_close_during_a_message_is_told() {
    let served = served_backend().await;
    let mut raw = Lines::connect(&served.path).await;
    raw.write(format!("{}{}", ping(1), &ping(2)[..20])).await;
    raw.finish().await;
    assert_eq!(raw.next().await, pong(1));
    assert_eq!(raw.next().await["error"]["code"], -32700);
    assert_eq!(raw.next_text().await, None);
}

#[cfg(unix)] // A named pipe has no half-close.
#[tokio::test]
async fn a_connection_that_is_closed_without_a_word_is_nothing() {
    let served = served_backend().await;
    for text in ["", "\n", " \n\t\r\n"] {
        let mut raw = Lines::connect(&served.path).await;
        raw.write(text).await;
        raw.finish().await;
        assert_eq!(raw.rest().await, "", "{text:?}");
    }
    eventually("all have gone", || served.backend.connection_count() == 0).await;
}

#[tokio::test]
async fn newlines_between_values_are_allowed_and_not_needed() {
    let served = served_backend().await;
    let mut raw = Lines::connect(&served.path).await;
    let pretty = ping(3).replace(',', ",\n  ").replace('{', "{\r\n\t");
    let text = format!("\n\n{}{} \t{pretty}\n\n\n{}", ping(1), ping(2), ping(4));
    raw.write(text).await;
    for id in 1..=4 {
        assert_eq!(raw.next().await, pong(id));
    }
}

#[tokio::test]
async fn after_a_syntax_error_the_next_line_works() {
    let served = served_backend().await;
    let mut raw = Lines::connect(&served.path).await;
    assert_eq!(raw.ask(ping(0)).await, pong(0));
    for broken in [
        "nonsense",
        "{",
        "{]",
        "}",
        "]",
        "{\"a\" 1}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{'a':1}",
        "[1 2]",
        "{\"a\":\"\u{1}\"}",
        "{\"a\":1}}",
        "tru",
        "\"text\"",
        "12",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.ping\",\"params\":[1}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.slow.ping\",\"params\":[tru]}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.slow.ping\",\"params\":[01]}",
    ] {
        raw.write(format!("{broken}\n")).await;
        if broken == "{" {
            // Not wrong yet: the next line makes it so, and is lost with it.
            raw.write(format!("{}\n", ping(1))).await;
        }
        let mut answer = raw.next().await;
        if broken == "{\"a\":1}}" {
            // A whole value that is no message, and a bracket too many.
            assert_eq!(answer["error"]["code"], -32600, "{answer}");
            answer = raw.next().await;
        }
        assert_eq!(answer["error"]["code"], -32700, "{broken}: {answer}");
        assert_eq!(answer["id"], Value::Null, "{broken}: {answer}");
        assert_eq!(raw.ask(ping(2)).await, pong(2), "after {broken}");
    }
}

#[tokio::test]
async fn what_is_not_utf_8_is_a_syntax_error() {
    let served = served_backend().await;
    let mut raw = Lines::connect(&served.path).await;
    let mut text =
        br#"{"jsonrpc":"2.0","id":1,"method":"test.everything.echo","params":["?"]}"#.to_vec();
    let at = text.iter().position(|&byte| byte == b'?').unwrap();
    text[at] = 0xff;
    text.push(b'\n');
    raw.write(&text).await;
    let answer = raw.next().await;
    let code = answer["error"]["code"].as_i64().unwrap();
    assert!([-32700, -32602].contains(&code), "{answer}");
    assert_eq!(raw.ask(ping(2)).await, pong(2));
}

#[tokio::test]
async fn deep_nesting_is_an_error_and_no_more() {
    let served = served_backend().await;
    let mut raw = Lines::connect(&served.path).await;
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let request = |id: u32, depth: usize| {
        let params = nested(depth);
        format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"test.slow.ping","x":{params}}}"#)
    };
    assert_eq!(raw.ask(request(1, 100)).await, pong(1));
    assert_eq!(raw.ask_code(request(2, 100_000)).await, -32600);
    assert_eq!(raw.ask(ping(3)).await, pong(3));

    let mut raw = Frames::connect(&served.path).await;
    assert_eq!(raw.ask(request(1, 100)).await, pong(1));
    let deep = nested(100_000);
    let echo =
        format!(r#"{{"jsonrpc":"2.0","id":2,"method":"test.everything.echo","params":[{deep}]}}"#);
    assert!(raw.ask(echo).await["error"]["code"].is_i64());
    assert_eq!(raw.ask(ping(3)).await, pong(3));
}

#[tokio::test]
async fn first_bytes_that_nobody_knows_are_answered_with_a_line_and_closed() {
    let served = served_backend().await;
    for bytes in [
        &b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..],
        b"hello\n",
        b"IPX\x01\x00",
        b"IPC\x02\x00",
        b"\x16\x03\x01\x02\x00",
        b"\x00",
        b"\xff\xfe",
        b"\"text\"",
        b"1",
    ] {
        let mut raw = Lines::connect(&served.path).await;
        raw.write(bytes).await;
        let answer = raw.next().await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32700)));
        assert_eq!(answer["jsonrpc"], "2.0");
        assert_eq!(raw.next_text().await, None);
    }
}

#[tokio::test]
async fn messages_may_come_byte_by_byte() {
    let served = served_backend().await;
    let mut native = PREFACE.to_vec();
    native.extend(frame(ping(1)));
    native.extend(frame(ping(2)));
    let lines = format!("{}\n{}\n", ping(1), ping(2)).into_bytes();
    let header = |text: String| format!("Content-Length: {}\r\n\r\n{text}", text.len());
    let headers = (header(ping(1)) + &header(ping(2))).into_bytes();
    for bytes in [native, lines, headers] {
        let mut stream = LocalStream::connect(&served.path).await.unwrap();
        for byte in &bytes {
            stream.write_all(&[*byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        let mut answers = Vec::new();
        let both = async {
            while !String::from_utf8_lossy(&answers).contains(r#""id":2,"result":7}"#) {
                assert_ne!(stream.read_buf(&mut answers).await.unwrap(), 0);
            }
        };
        in_time(both).await;
        assert!(String::from_utf8_lossy(&answers).contains(r#""id":1,"result":7}"#));
    }
}

#[tokio::test]
async fn a_write_may_be_split_anywhere() {
    let served = served_backend().await;
    let mut whole = frame(ping(1));
    whole.extend(frame(ping(2)));
    let mut raw = Frames::connect(&served.path).await;
    for at in 0..=whole.len() {
        raw.write(&whole[..at]).await;
        // The other side has most likely read the first part by then; both are right.
        tokio::task::yield_now().await;
        raw.write(&whole[at..]).await;
        assert_eq!(raw.next().await, pong(1), "split at {at}");
        assert_eq!(raw.next().await, pong(2), "split at {at}");
    }
}

#[tokio::test]
async fn many_messages_may_come_in_one_write() {
    let served = served_backend().await;
    let mut raw = Lines::connect(&served.path).await;
    let all: String = (0..2000).map(ping).collect();
    raw.write(all).await;
    for id in 0..2000 {
        assert_eq!(raw.next().await, pong(id));
    }
    let mut raw = Frames::connect(&served.path).await;
    let all: Vec<u8> = (0..2000).flat_map(|id| frame(ping(id))).collect();
    raw.write(&all).await;
    for id in 0..2000 {
        assert_eq!(raw.next().await, pong(id));
    }
}

#[tokio::test]
async fn the_preface_and_the_first_frame_may_come_together() {
    let served = served_backend().await;
    let mut stream = LocalStream::connect(&served.path).await.unwrap();
    let bytes = [&PREFACE[..], &frame(ping(1))].concat();
    stream.write_all(&bytes).await.unwrap();
    let mut echo = [0; PREFACE.len()];
    in_time(stream.read_exact(&mut echo)).await.unwrap();
    assert_eq!(&echo, PREFACE);
    let mut raw = Frames { stream };
    assert_eq!(raw.next().await, pong(1));
}

#[tokio::test]
async fn a_native_frame_that_is_no_json_is_that_frames_error() {
    let served = served_backend().await;
    let mut raw = Frames::connect(&served.path).await;
    for text in ["", " ", "x", "{", "{}{}", &ping(1)[..30], &format!("{} x", ping(1))] {
        let answer = raw.ask(text).await;
        assert_eq!(answer["error"]["code"], -32700, "{text:?}: {answer}");
        assert_eq!(answer["id"], Value::Null);
    }
    assert_eq!(raw.ask("7").await["error"]["code"], -32600);
    assert_eq!(raw.ask(format!(" \n{} \n", ping(2))).await, pong(2));
}

#[cfg(unix)] // A named pipe has no half-close.
#[tokio::test]
async fn the_end_of_a_native_connection_cancels_its_handlers() {
    let served = served_backend().await;
    for truncated in [false, true] {
        let call = u32::from(truncated);
        let mut raw = Frames::connect(&served.path).await;
        let wait =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"test.slow.wait","params":[{call}]}}"#);
        raw.send(wait).await;
        served.gates.began(call).await;
        if truncated {
            let half = frame(ping(2));
            raw.write(&half[..half.len() / 2]).await;
        }
        raw.stream.shutdown().await.unwrap();
        assert_eq!(served.gates.ended(call).await, HandlerEnding::Dropped);
        assert_eq!(raw.next_text().await, None);
    }
    eventually("both have gone", || served.backend.connection_count() == 0).await;
}

#[tokio::test]
async fn a_length_that_is_only_claimed_costs_nothing() {
    if !alone!(a_length_that_is_only_claimed_costs_nothing) {
        return;
    }
    let served = served_backend().await;
    let mut claims = Vec::new();
    for _ in 0..50 {
        let mut raw = Frames::connect(&served.path).await;
        raw.write(&(16_u32 << 20).to_le_bytes()).await;
        claims.push(raw);
    }
    if let Some(kilobytes) = resident_kib() {
        assert!(kilobytes < 400_000, "{kilobytes} kB for 50 headers");
    }
    let mut raw = Frames::connect(&served.path).await;
    assert_eq!(raw.ask(ping(1)).await, pong(1));
}

#[tokio::test]
async fn an_editors_framing_is_understood_and_answered_in_kind() {
    let served = served_backend().await;
    for header in [
        "Content-Length: {}\r\n\r\n",
        "content-length:{}\r\n\r\n",
        "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nCONTENT-LENGTH: {}\r\n\r\n",
        "Content-Length: {}\r\nContent-Type: x\r\n\r\n",
    ] {
        let mut stream = LocalStream::connect(&served.path).await.unwrap();
        let text = r#"{"jsonrpc":"2.0","id":1,"method":"test.everything.echo","params":["ü"]}"#;
        let message = header.replace("{}", &text.len().to_string()) + text;
        stream.write_all(message.as_bytes()).await.unwrap();
        let expected = r#"{"jsonrpc":"2.0","id":1,"result":"ü"}"#;
        let expected = format!("Content-Length: {}\r\n\r\n{expected}", expected.len());
        let mut answer = vec![0; expected.len()];
        in_time(stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), expected);
    }
}
