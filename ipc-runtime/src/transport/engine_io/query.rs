//! What the target of an Engine.IO request says.

use crate::transport::engine_io::refusal::EngineRefusal;

/// The members of a query that count. Others are ignored, such as `t`, which keeps caches away.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Query<'a> {
    pub(super) version: Option<&'a str>,
    pub(super) transport: Option<&'a str>,
    pub(super) sid: Option<&'a str>,
    /// Whether the client can't take binary messages on a WebSocket.
    pub(super) base64: bool,
}

impl<'a> Query<'a> {
    pub(super) fn parse(query: Option<&'a str>) -> Result<Self, EngineRefusal> {
        let mut parsed = Self::default();
        for member in query.unwrap_or_default().split('&') {
            let (name, value) = member.split_once('=').unwrap_or((member, ""));
            let place = match name {
                "EIO" => &mut parsed.version,
                "transport" => &mut parsed.transport,
                "sid" if value.is_empty() => continue,
                "sid" => &mut parsed.sid,
                "b64" => {
                    parsed.base64 = true;
                    continue;
                }
                // JSONP: a script of any page could read the answer.
                "j" => return Err(EngineRefusal::BAD_REQUEST),
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(EngineRefusal::BAD_REQUEST);
            }
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_in_any_order_among_others() {
        let query = Query::parse(Some("t=abc&sid=xyz&transport=polling&x&EIO=4")).unwrap();
        let expected = Query {
            version: Some("4"),
            transport: Some("polling"),
            sid: Some("xyz"),
            base64: false,
        };
        assert_eq!(query, expected);
        assert_eq!(Query::parse(None).unwrap(), Query::default());
        assert!(Query::parse(Some("EIO=4&b64=1")).unwrap().base64);
    }

    #[test]
    fn a_member_that_comes_twice_is_refused_and_so_is_jsonp() {
        for query in ["sid=a&sid=b", "EIO=4&EIO=4", "transport=polling&transport=x", "j=0"] {
            assert_eq!(Query::parse(Some(query)), Err(EngineRefusal::BAD_REQUEST), "{query}");
        }
    }
}
