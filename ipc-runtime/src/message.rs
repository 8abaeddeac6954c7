//! The JSON-RPC 2.0 envelope: read in one pass, payloads left raw.
//!
//! [`parse`] walks the top level of an object once and hands out slices of it; `params`, `result`
//! and `error` are decoded later, by whoever knows their type. Only the envelope is checked here:
//! what is wrong inside a payload shows when it is decoded.

pub(crate) mod batch;
pub(crate) mod call_form;
pub(crate) mod encoded;
pub(crate) mod error_object;
pub(crate) mod extension;
pub(crate) mod id;
pub(crate) mod item_form;
pub(crate) mod json;
#[cfg(feature = "msgpack")]
pub(crate) mod msgpack;
#[cfg(test)]
mod properties;
#[cfg(any(test, fuzzing))]
pub(crate) mod reference;
pub(crate) mod refusals;

use std::borrow::Cow;

#[cfg(feature = "msgpack")]
use crate::message::msgpack::read;
use crate::{
    codec::Encoding,
    message::{id::Id, json::scan},
};

/// One JSON-RPC message, borrowing from the frame.
#[derive(Debug, PartialEq)]
pub(crate) enum Message<'a> {
    Request {
        id: Id,
        call: Invocation<'a>,
    },
    Notification(Invocation<'a>),
    /// A reply; `Err` where it doesn't hold exactly one of `result` and `error`.
    Response {
        id: Id,
        outcome: Result<Outcome<'a>, &'static str>,
    },
}

/// What a request or a notification asks for.
#[derive(Debug, PartialEq)]
pub(crate) struct Invocation<'a> {
    pub(crate) method: Cow<'a, str>,
    /// An array or an object, as it stands; `None` where absent or `null`.
    pub(crate) params: Option<&'a [u8]>,
    /// The `ipc` member, as it stands.
    pub(crate) extension: Option<&'a [u8]>,
}

/// What a reply says.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome<'a> {
    Result(&'a [u8]),
    Error(&'a [u8]),
}

/// Why a frame is no message.
#[derive(Debug, PartialEq)]
pub(crate) enum Malformed {
    /// No JSON: -32700, which is answered with id null, unless a call or a stream waits for it.
    Syntax(String),
    /// JSON, but no JSON-RPC: -32600, with the id where one could be read.
    Invalid { id: Id, why: &'static str },
    /// The same of a message with an id and nothing else that counts: it may have been meant as a
    /// reply.
    Bare { id: Id, why: &'static str },
    /// It is nested deeper than is taken here: -32600 too.
    TooDeep { id: Option<Id>, is_reply: bool, depth: usize },
}

/// Reads one frame, which may be nested so deep.
pub(crate) fn parse(
    encoding: Encoding,
    frame: &[u8],
    max_depth: usize,
) -> Result<Message<'_>, Malformed> {
    let members = match encoding {
        Encoding::Json => scan::members(frame, max_depth),
        #[cfg(feature = "msgpack")]
        Encoding::MessagePack => read::members(frame, max_depth),
    };
    let members = match members {
        Ok(members) => members,
        Err(scan::Unusual::Syntax(what)) => return Err(Malformed::Syntax(what.into())),
        Err(scan::Unusual::NotAnObject) => {
            return Err(match encoding.check(frame) {
                Ok(()) => Malformed::Invalid { id: Id::Null, why: "a message is an object" },
                Err(why) => Malformed::Syntax(why),
            });
        }
    };
    match members.too_deep {
        None => members.into_message(encoding),
        Some(depth) => Err(members.too_deep(encoding, depth)),
    }
}

/// Whether a name is one of the runtime's own: they bypass registries and limits.
pub(crate) fn is_reserved(method: &str) -> bool {
    method.starts_with("rpc.") || method.starts_with("$/")
}

/// Whether a reserved name is the app's, where the other side is a plain JSON-RPC server: a language
/// server's notifications may begin like the runtime's own.
pub(crate) fn is_of_plain_server(method: &str) -> bool {
    method.starts_with("$/") && method != "$/cancelRequest"
}

/// Looks for the id in the first bytes of a message that is too large, or too broken, to be read
/// whole. `true` beside it says that nothing there makes it a request, so that it is a reply.
pub(crate) fn id_in_prefix(encoding: Encoding, prefix: &[u8]) -> Option<(Id, bool)> {
    let members = members_of_prefix(encoding, prefix);
    let id = Id::parse(encoding, members.id?)?;
    let asks = members.method.is_some() || members.params.or(members.open_params).is_some();
    Some((id, !asks))
}

/// Whose item a message is that can't be read whole.
#[derive(Debug, PartialEq)]
pub(crate) enum ItemOf {
    Subscription(Id),
    Stream(u64),
}

/// Looks for it in the first bytes of such a message, or in all of one.
pub(crate) fn item_in_prefix(encoding: Encoding, prefix: &[u8]) -> Option<ItemOf> {
    let members = members_of_prefix(encoding, prefix);
    let Some(scan::Method::Name(method)) = members.method.filter(|_| members.id.is_none()) else {
        return None;
    };
    let params = members_of_prefix(encoding, members.open_params.or(members.params)?);
    if method != "$/stream" {
        return Id::of_subscription(encoding, params.subscription?).map(ItemOf::Subscription);
    }
    match Id::parse(encoding, params.stream?) {
        Some(Id::Number(number)) => Some(ItemOf::Stream(number)),
        _ => None,
    }
}

fn members_of_prefix(encoding: Encoding, prefix: &[u8]) -> scan::Members<'_> {
    match encoding {
        Encoding::Json => scan::members_of_prefix(prefix),
        #[cfg(feature = "msgpack")]
        Encoding::MessagePack => read::members_of_prefix(prefix),
    }
}

impl<'a> scan::Members<'a> {
    fn too_deep(self, encoding: Encoding, depth: usize) -> Malformed {
        let id = self.id.and_then(|id| Id::parse(encoding, id));
        let is_reply = self.method.is_none() && (self.result.is_some() || self.error.is_some());
        Malformed::TooDeep { id, is_reply, depth }
    }

    fn into_message(self, encoding: Encoding) -> Result<Message<'a>, Malformed> {
        let (id, id_fault) = match self.id.map(|id| Id::read(encoding, id)) {
            None => (None, None),
            Some(Ok(id)) => (Some(id), None),
            Some(Err(id::NotAnId::Syntax(what))) => return Err(Malformed::Syntax(what)),
            Some(Err(id::NotAnId::TooLong)) => (None, Some("an id has at most 1024 bytes")),
            Some(Err(id::NotAnId::Kind)) => {
                (None, Some("an id is a string, a number or null, never an array, object or bool"))
            }
        };
        let invalid = |id: Option<Id>, why| Malformed::Invalid { id: id.unwrap_or(Id::Null), why };
        if let Some(why) = id_fault {
            return Err(invalid(None, why));
        }
        let is_reply = self.method.is_none() && (self.result.is_some() || self.error.is_some());
        if self.version != Some(b"\"2.0\"") {
            let why = "the member \"jsonrpc\" must be \"2.0\"";
            return match id {
                Some(id) if is_reply => Ok(Message::Response { id, outcome: Err(why) }),
                id => Err(invalid(id, why)),
            };
        }
        if is_reply {
            let outcome = match (self.result, self.error) {
                (Some(result), None) => Ok(Outcome::Result(result)),
                (None, Some(error)) => Ok(Outcome::Error(error)),
                _ => Err("a reply holds either \"result\" or \"error\", not both"),
            };
            return match id {
                Some(id) => Ok(Message::Response { id, outcome }),
                None => Err(invalid(None, "a reply needs an id")),
            };
        }
        let Some(method) = self.method else {
            let why = "a message needs a \"method\", a \"result\" or an \"error\"";
            return Err(match id {
                Some(id) => Malformed::Bare { id, why },
                None => invalid(None, why),
            });
        };
        if self.result.is_some() || self.error.is_some() {
            return Err(invalid(id, "a message is either a request or a reply, not both"));
        }
        let method = match method {
            scan::Method::Name(name) => name,
            scan::Method::NotAString => return Err(invalid(id, "\"method\" must be a string")),
        };
        let params = match self.params {
            None => None,
            Some(params) if params == encoding.null() => None,
            Some(params) if encoding.is_array(params) || encoding.is_map(params) => Some(params),
            Some(params) => {
                return Err(match encoding.check(params) {
                    Ok(()) => invalid(id, "\"params\" must be an array or an object"),
                    Err(why) => Malformed::Syntax(why),
                });
            }
        };
        let call = Invocation { method, params, extension: self.extension };
        Ok(match id {
            Some(id) => Message::Request { id, call },
            None => Message::Notification(call),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request<'a>(method: &'a str, params: Option<&'a str>) -> Invocation<'a> {
        Invocation { method: method.into(), params: params.map(str::as_bytes), extension: None }
    }

    #[test]
    fn members_come_in_any_order() {
        for text in [
            r#"{"jsonrpc":"2.0","id":7,"method":"a.b","params":[1,"x}"]}"#,
            r#" { "params" : [1,"x}"] , "method":"a.b","id":7 , "jsonrpc":"2.0" } "#,
            r#"{"extra":{"id":3},"jsonrpc":"2.0","id":7,"method":"a.b","params":[1,"x}"]}"#,
            r#"{"jsonrpc":"2.0","\u0069d":7,"method":"a.b","params":[1,"x}"]}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"\u0061.b","params":[1,"x}"]}"#,
            r#"{"\ud800":1,"jsonrpc":"2.0","id":7,"method":"a.b","params":[1,"x}"]}"#,
            r#"{"jsonrpc":"2.0","id":6,"\u0069d":7,"method":"a.b","params":[1,"x}"]}"#,
        ] {
            let call = request("a.b", Some(r#"[1,"x}"]"#));
            assert_eq!(
                parse(Encoding::Json, text.as_bytes(), 128),
                Ok(Message::Request { id: Id::Number(7), call })
            );
        }
    }

    #[test]
    fn ids_keep_value_and_type() {
        for id in [
            "0",
            "7",
            "-3",
            "1.5",
            "1e400",
            "123456789012345678901234567890",
            "\"7\"",
            "null",
            "\"\\u00e9\"",
        ] {
            let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"m"}}"#);
            match parse(Encoding::Json, text.as_bytes(), 128) {
                Ok(Message::Request { id: parsed, .. }) => assert_eq!(parsed.to_string(), id),
                other => panic!("{id}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_id_of_another_kind_is_an_invalid_request() {
        for id in ["[]", "{}", "true", "false"] {
            let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"m"}}"#);
            assert!(
                matches!(
                    parse(Encoding::Json, text.as_bytes(), 128),
                    Err(Malformed::Invalid { id: Id::Null, .. })
                ),
                "{id}"
            );
        }
        let text = br#"{"jsonrpc":"2.0","id":nope,"method":"m"}"#;
        assert!(matches!(parse(Encoding::Json, text, 128), Err(Malformed::Syntax(_))));
    }

    #[test]
    fn null_params_are_absent_params() {
        let text = br#"{"jsonrpc":"2.0","method":"m","params":null}"#;
        assert_eq!(parse(Encoding::Json, text, 128), Ok(Message::Notification(request("m", None))));
    }

    #[test]
    fn a_reply_holds_exactly_one_of_result_and_error() {
        let one = parse(Encoding::Json, br#"{"jsonrpc":"2.0","id":1,"result":null}"#, 128);
        assert_eq!(
            one,
            Ok(Message::Response { id: Id::Number(1), outcome: Ok(Outcome::Result(b"null")) })
        );
        let both = parse(Encoding::Json, br#"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#, 128);
        assert!(matches!(both, Ok(Message::Response { outcome: Err(_), .. })));
        let neither = parse(Encoding::Json, br#"{"jsonrpc":"2.0","id":1}"#, 128);
        assert!(matches!(neither, Err(Malformed::Bare { id: Id::Number(1), .. })));
    }

    #[test]
    fn what_is_no_json_is_a_syntax_error() {
        for text in [
            "",
            "{",
            r#"{"jsonrpc":"2.0""#,
            r#"{"jsonrpc":"2.0",}"#,
            r#"{"jsonrpc" "2.0"}"#,
            r#"{"jsonrpc":"2.0"}}"#,
            r#"{"jsonrpc":"2.0"} x"#,
            r#"{"jsonrpc":"2.0","params":[1,2}"#,
            r#"{"jsonrpc":"2.0","\q":1,"method":"m"}"#,
            r#"{"jsonrpc":"2.0","method":"\q"}"#,
            r#"{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]"#,
            "nonsense",
        ] {
            assert!(
                matches!(parse(Encoding::Json, text.as_bytes(), 128), Err(Malformed::Syntax(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_json_but_no_message_is_an_invalid_request() {
        for text in [
            "1",
            "\"x\"",
            r#"{"jsonrpc":"2.0","method":1,"params":"bar"}"#,
            r#"{"jsonrpc":"1.0","method":"m"}"#,
            r#"{"method":"m"}"#,
            r#"{"foo":"boo"}"#,
            r#"{"jsonrpc":"2.0","method":"m","params":"bar"}"#,
            r#"{"jsonrpc":"2.0","method":"m","result":1}"#,
        ] {
            assert!(
                matches!(
                    parse(Encoding::Json, text.as_bytes(), 128),
                    Err(Malformed::Invalid { id: Id::Null, .. })
                ),
                "{text}"
            );
        }
    }

    #[test]
    fn the_id_is_found_in_a_prefix() {
        let request = br#"{"jsonrpc":"2.0","id":12,"method":"m","params":["aaaaaa"#;
        assert_eq!(id_in_prefix(Encoding::Json, request), Some((Id::Number(12), false)));
        let reply = br#"{"jsonrpc":"2.0","id":12,"result":["aaaaaa"#;
        assert_eq!(id_in_prefix(Encoding::Json, reply), Some((Id::Number(12), true)));
        // Its method stands behind.
        let request = br#"{"jsonrpc":"2.0","id":12,"params":["aaaaaa"#;
        assert_eq!(id_in_prefix(Encoding::Json, request), Some((Id::Number(12), false)));
        assert_eq!(id_in_prefix(Encoding::Json, br#"{"jsonrpc":"2.0","params":["aaaaaa"#), None);
        assert_eq!(id_in_prefix(Encoding::Json, br#"{"jsonrpc":"2.0","id":12"#), None);
    }

    #[test]
    fn whose_item_it_is_is_found_in_a_prefix() {
        let item = br#"{"jsonrpc":"2.0","method":"a.b","params":{"subscription":7,"result":["aa"#;
        assert_eq!(item_in_prefix(Encoding::Json, item), Some(ItemOf::Subscription(Id::Number(7))));
        let item = br#"{"jsonrpc":"2.0","method":"$/stream","params":{"stream":5,"item":["aa"#;
        assert_eq!(item_in_prefix(Encoding::Json, item), Some(ItemOf::Stream(5)));
        for other in [
            r#"{"jsonrpc":"2.0","method":"a.b","params":{"result":["aaaa"#,
            r#"{"jsonrpc":"2.0","method":"a.b","params":{"subscription":7"#,
            r#"{"jsonrpc":"2.0","method":"a.b","id":1,"params":{"subscription":7,"x":["aa"#,
            r#"{"jsonrpc":"2.0","params":{"subscription":7,"result":["aaaa"#,
            r#"{"jsonrpc":"2.0","method":"a.b","params":["aaaa"#,
        ] {
            assert_eq!(item_in_prefix(Encoding::Json, other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_told_with_its_id() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        // The message itself is a level.
        let request = |levels| {
            let params = deep(levels);
            format!(r#"{{"jsonrpc":"2.0","method":"m","params":{params},"id":7}}"#)
        };
        assert!(matches!(
            parse(Encoding::Json, request(9).as_bytes(), 10),
            Ok(Message::Request { .. })
        ));
        for levels in [10, 11, 100_000] {
            let depth = levels + 1;
            let told = Malformed::TooDeep { id: Some(Id::Number(7)), is_reply: false, depth };
            assert_eq!(parse(Encoding::Json, request(levels).as_bytes(), 10), Err(told));
        }
        // What nobody looks at counts too: it may go on to others as it stands.
        let reply = format!(r#"{{"jsonrpc":"2.0","id":7,"result":1,"more":{}}}"#, deep(10));
        let told = Malformed::TooDeep { id: Some(Id::Number(7)), is_reply: true, depth: 11 };
        assert_eq!(parse(Encoding::Json, reply.as_bytes(), 10), Err(told));
        let brackets = format!(r#"{{"jsonrpc":"2.0","method":"m","params":["{}"]}}"#, deep(500));
        assert!(
            parse(Encoding::Json, brackets.as_bytes(), 10).is_ok(),
            "in a string they are none"
        );
    }
}
