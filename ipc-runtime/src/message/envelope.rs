//! Reads the JSON-RPC 2.0 envelope in one pass and leaves payloads raw.
//!
//! [`parse`] walks the top level of an object once and returns slices of it. Code that knows the
//! types of `params`, `result` and `error` decodes them later. Only the envelope is checked here;
//! errors inside a payload show when it is decoded.

use crate::{
    codec::{Encoding, by_encoding},
    message::{
        Invocation, ItemOf, Malformed, Message, ReplyOutcome,
        id::{Id, NotAnId},
        members::{EnvelopeMembers, Method, Unusual},
        message_codec::MessageCodec,
    },
};

/// Reads one frame, which may be nested `max_depth` levels deep.
pub(crate) fn parse(
    encoding: Encoding,
    frame: &[u8],
    max_depth: usize,
) -> Result<Message<'_>, Malformed> {
    by_encoding!(encoding, E => parse_as::<E>(frame, max_depth))
}

fn parse_as<E: MessageCodec>(frame: &[u8], max_depth: usize) -> Result<Message<'_>, Malformed> {
    let members = match E::members(frame, max_depth) {
        Ok(members) => members,
        Err(Unusual::Syntax(what)) => return Err(Malformed::Syntax(what.into())),
        Err(Unusual::NotAnObject) => {
            return Err(match E::check(frame) {
                Ok(()) => Malformed::Invalid { id: Id::Null, why: "a message is an object" },
                Err(why) => Malformed::Syntax(why),
            });
        }
    };
    match members.too_deep {
        None => members.into_message::<E>(),
        Some(depth) => Err(members.too_deep::<E>(depth)),
    }
}

/// Finds the id in the first bytes of a message that is too large, or too broken, to be read whole.
/// The `bool` is `true` if nothing in those bytes makes it a request: then it is a reply.
pub(crate) fn id_in_prefix(encoding: Encoding, prefix: &[u8]) -> Option<(Id, bool)> {
    by_encoding!(encoding, E => id_as::<E>(prefix))
}

fn id_as<E: MessageCodec>(prefix: &[u8]) -> Option<(Id, bool)> {
    let members = E::members_of_prefix(prefix);
    let id = E::id(members.id?).ok()?;
    let asks = members.method.is_some() || members.params.or(members.open_params).is_some();
    Some((id, !asks))
}

/// Finds the owner of an item in the first bytes of such a message, or in a whole one.
pub(crate) fn item_in_prefix(encoding: Encoding, prefix: &[u8]) -> Option<ItemOf> {
    by_encoding!(encoding, E => item_as::<E>(prefix))
}

fn item_as<E: MessageCodec>(prefix: &[u8]) -> Option<ItemOf> {
    let members = E::members_of_prefix(prefix);
    let Some(Method::Name(method)) = members.method.filter(|_| members.id.is_none()) else {
        return None;
    };
    let params = E::members_of_prefix(members.open_params.or(members.params)?);
    if method != "$/stream" {
        let id = E::id(params.subscription?).ok().filter(Id::is_of_subscription);
        return id.map(ItemOf::Subscription);
    }
    match E::id(params.stream?) {
        Ok(Id::Number(number)) => Some(ItemOf::Stream(number)),
        _ => None,
    }
}

impl<'a> EnvelopeMembers<'a> {
    fn too_deep<E: MessageCodec>(self, depth: usize) -> Malformed {
        let id = self.id.and_then(|id| E::id(id).ok());
        let is_reply = self.method.is_none() && (self.result.is_some() || self.error.is_some());
        Malformed::TooDeep { id, is_reply, depth }
    }

    fn into_message<E: MessageCodec>(self) -> Result<Message<'a>, Malformed> {
        let (id, id_fault) = match self.id.map(E::id) {
            None => (None, None),
            Some(Ok(id)) => (Some(id), None),
            Some(Err(NotAnId::Syntax(what))) => return Err(Malformed::Syntax(what)),
            Some(Err(NotAnId::TooLong)) => (None, Some("an id has at most 1024 bytes")),
            Some(Err(NotAnId::Kind)) => {
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
                (Some(result), None) => Ok(ReplyOutcome::Result(result)),
                (None, Some(error)) => Ok(ReplyOutcome::Error(error)),
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
            Method::Name(name) => name,
            Method::NotAString => return Err(invalid(id, "\"method\" must be a string")),
        };
        let params = match self.params {
            None => None,
            Some(params) if params == E::NULL => None,
            Some(params) if E::is_array(params) || E::is_map(params) => Some(params),
            Some(params) => {
                return Err(match E::check(params) {
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
            Ok(Message::Response { id: Id::Number(1), outcome: Ok(ReplyOutcome::Result(b"null")) })
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
        // The method comes after the prefix.
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
        // The message itself is one level.
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
        // Members that nobody reads count too: the message may be forwarded as it is.
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
