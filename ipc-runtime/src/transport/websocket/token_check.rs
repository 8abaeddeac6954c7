//! Checks the token that a client shows when it opens a WebSocket: in a subprotocol or in a cookie.
//! A web page can't set any other header.

use tokio_tungstenite::tungstenite::http::{
    HeaderMap,
    header::{COOKIE, SEC_WEBSOCKET_PROTOCOL},
};

use crate::token::Token;

/// The prefix of a subprotocol that holds a token.
const PREFIX: &str = "ipc.token.";

/// Which token is expected, and where.
#[derive(Debug, Clone)]
pub(crate) struct TokenCheck {
    pub(crate) token: Token,
    /// The name of the cookie that may hold the token.
    pub(crate) cookie: Option<Box<str>>,
}

impl TokenCheck {
    /// Whether the token was shown. If it wasn't, that is no error, since it may be shown later. A
    /// wrong token is an error, and so is more than one, since at most one could be right.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<bool, &'static str> {
        let mut tokens = subprotocols(headers).filter_map(|name| name.strip_prefix(PREFIX));
        let by_subprotocol = self.is_shown(tokens.next(), tokens.next().is_some());
        let by_cookie = match &self.cookie {
            Some(name) => {
                let mut values = cookies(headers, name);
                self.is_shown(values.next(), values.next().is_some())
            }
            None => Ok(false),
        };
        match (by_subprotocol, by_cookie) {
            (Ok(by_subprotocol), Ok(by_cookie)) => Ok(by_subprotocol || by_cookie),
            (Err(why), _) => Err(why),
            (Ok(_), Err(_)) => Err("the cookie doesn't hold the token: load the page again"),
        }
    }

    /// What is wrong with the cookie's name, if no browser can ever send it (RFC 6265, 4.1.1).
    pub(crate) fn fault(&self) -> Option<String> {
        let fits = |byte: u8| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&byte);
        let name = self.cookie.as_deref()?;
        let is_name = !name.is_empty() && name.bytes().all(fits);
        (!is_name).then(|| format!("token_cookie: {name:?} can't be the name of a cookie"))
    }

    fn is_shown(&self, first: Option<&str>, is_more: bool) -> Result<bool, &'static str> {
        match first {
            None => Ok(false),
            Some(_) if is_more => Err("more than one token was shown"),
            Some(shown) if self.token.is(shown) => Ok(true),
            Some(_) => Err("the token is not the one of this backend"),
        }
    }
}

/// The subprotocols that a client asks for.
pub(super) fn subprotocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    // A value that isn't text asks for something unknown.
    let values = values.map(|value| value.to_str().unwrap_or("?"));
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// The values of all cookies with this name. Quotes are part of a value: RFC 6265, 5.2.
fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(COOKIE).iter();
    // Other cookies may hold bytes that aren't text; ours don't.
    let pairs = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let pairs = pairs.filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='));
    pairs.filter_map(move |(key, value)| (key == name).then_some(value))
}
