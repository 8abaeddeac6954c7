//! WebSocket addresses: the text after `ws:` or `wss:`.

/// A parsed WebSocket address: the text after `ws:` or `wss:`.
pub(crate) struct WebSocketAddress {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) path: String,
}

impl WebSocketAddress {
    /// Parses the text after `ws:`, or after `wss:` if `tls` is set: the default port is 80 or 443.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub(crate) fn parse(rest: &str, tls: bool) -> Result<Self, &'static str> {
        const USER_INFO: &str =
            "a user and a password aren't taken here: use a `Token` (`FrontendBuilder::token`)";

        let Some(rest) = rest.strip_prefix("//") else {
            return Err("a WebSocket is written ws://HOST:PORT/PATH, or wss://");
        };
        if rest.contains('#') {
            return Err("a WebSocket's address has no fragment: leave out what begins with `#`");
        }
        let (authority, path) = match rest.find(['/', '?']) {
            Some(at) if rest[at..].starts_with('/') => rest.split_at(at),
            Some(_) => return Err("a query needs a path before it: ws://HOST:PORT/?QUERY"),
            None => (rest, "/"),
        };
        if authority.contains('@') {
            return Err(USER_INFO);
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => bracketed(rest)?,
            None if authority.matches(':').count() > 1 && !path.contains('@') => {
                return Err("an IPv6 address stands in brackets, as in ws://[::1]:7000");
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        if host.is_empty() {
            return Err("the host is missing, as 127.0.0.1 in ws://127.0.0.1:7000");
        }
        let fits =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b':');
        if !host.bytes().all(fits) {
            return Err("the host is a name or an address, as in ws://127.0.0.1:7000");
        }
        let port = match port {
            None if tls => 443,
            None => 80,
            Some("") => return Err("behind the colon stands the port, as in ws://127.0.0.1:7000"),
            Some(port) => match port.parse() {
                Ok(number) if port.bytes().all(|byte| byte.is_ascii_digit()) => number,
                // The port isn't a number because a password contains a slash.
                _ if path.contains('@') => return Err(USER_INFO),
                _ => return Err("a port is a number from 0 to 65535"),
            },
        };
        if path.bytes().any(|byte| !byte.is_ascii_graphic()) {
            return Err(
                "the path holds a character that a URL can't: write it as `%` and two digits",
            );
        }
        Ok(Self { host: host.to_owned(), port, path: path.to_owned() })
    }
}

/// Splits an IPv6 address, whose opening bracket is already removed, from the port after it.
fn bracketed(rest: &str) -> Result<(&str, Option<&str>), &'static str> {
    let (host, port) = rest.split_once(']').ok_or("an IPv6 address ends with `]`")?;
    if host.contains('%') {
        return Err("an IPv6 address with a zone (`%`) can't be used here");
    }
    if host.parse::<std::net::Ipv6Addr>().is_err() {
        return Err("between `[` and `]` stands an IPv6 address");
    }
    match port.strip_prefix(':') {
        None if !port.is_empty() => Err("behind `]` stands a colon and the port"),
        port => Ok((host, port)),
    }
}
