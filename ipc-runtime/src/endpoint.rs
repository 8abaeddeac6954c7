//! Where a backend listens and a frontend connects to.

use std::{convert::Infallible, fmt, io, path::PathBuf, str::FromStr};

/// Where a backend listens and a frontend connects to.
///
/// | written | what it is |
/// | --- | --- |
/// | `local:NAME` | a local socket of the current user: a Unix socket in a directory that only this user can enter, or on Windows a named pipe that only this user may open. The best default |
/// | `unix:/PATH` | a Unix socket at that path |
/// | `pipe:NAME` | a Windows named pipe, `\\.\pipe\NAME`, that only the current user may open |
/// | `ws://HOST:PORT/PATH` | a WebSocket; a listener binds to the host and port, port 0 picks a free one |
/// | `wss://HOST:PORT/PATH` | the same over TLS; needs the feature `tls` |
/// | `stdio:` | the standard input and output of this process, for a backend that a frontend starts by [`Frontend::spawn`](crate::Frontend); needs the feature `stdio` |
/// | `memory:NAME` | inside this process: for tests, and for apps that run both halves together |
///
/// ```
/// use ipc_runtime::Endpoint;
///
/// let endpoint: Endpoint = "ws://127.0.0.1:7000/ipc".parse()?;
/// assert_eq!(endpoint.to_string(), "ws://127.0.0.1:7000/ipc");
/// assert!("ftp:somewhere".parse::<Endpoint>().is_err());
/// # Ok::<(), ipc_runtime::EndpointError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// A local socket of the current user, by name.
    Local(String),
    /// A Unix socket, by path.
    Unix(PathBuf),
    /// A Windows named pipe, by its name behind `\\.\pipe\`.
    Pipe(String),
    /// A WebSocket.
    #[non_exhaustive]
    WebSocket {
        /// A name or an address; an IPv6 address without its brackets.
        host: String,
        /// The TCP port.
        port: u16,
        /// The path, with its leading slash.
        path: String,
        /// Over TLS: `wss://`.
        tls: bool,
    },
    /// The standard input and output of this process.
    Stdio,
    /// A name inside this process.
    Memory(String),
}

/// Text that is no endpoint.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no endpoint: {why}")]
pub struct EndpointError {
    text: String,
    why: &'static str,
}

impl From<Infallible> for EndpointError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl Endpoint {
    /// The error for a kind that this build or platform doesn't have.
    pub(crate) fn not_built_in(&self) -> io::Error {
        let why = match self {
            Self::Local(_) => "it needs the feature `local` of ipc-runtime",
            Self::Unix(_) if cfg!(unix) => "it needs the feature `local` of ipc-runtime",
            Self::Unix(_) => "Unix sockets aren't used on this platform: write `local:NAME`",
            Self::Pipe(_) if cfg!(windows) => "it needs the feature `local` of ipc-runtime",
            Self::Pipe(_) => "named pipes are a thing of Windows: write `local:NAME`",
            Self::WebSocket { tls: false, .. } => "it needs the feature `websocket` of ipc-runtime",
            Self::WebSocket { tls: true, .. } => "it needs the feature `tls` of ipc-runtime",
            Self::Stdio if cfg!(feature = "stdio") => {
                "one listens on it; to connect, start the backend by `Frontend::spawn`"
            }
            Self::Stdio => "it needs the feature `stdio` of ipc-runtime",
            Self::Memory(_) => "it isn't built in",
        };
        io::Error::new(io::ErrorKind::Unsupported, format!("{self} can't be used here: {why}"))
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let fail = |why| EndpointError { text: text.to_owned(), why };
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err(fail(
                "write local:NAME, unix:/PATH, pipe:NAME, ws://HOST:PORT or memory:NAME",
            ));
        };
        let name = || {
            let fits =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
            if rest.is_empty() || !rest.bytes().all(fits) || rest.starts_with('.') {
                return Err(fail(
                    "a name has letters, digits, `.`, `_` and `-`, and no dot in front",
                ));
            }
            Ok(rest.to_owned())
        };
        match scheme {
            "local" => name().map(Self::Local),
            "pipe" => name().map(Self::Pipe),
            "memory" => name().map(Self::Memory),
            "stdio" if rest.is_empty() => Ok(Self::Stdio),
            "stdio" => Err(fail("nothing follows stdio:")),
            "unix" if rest.starts_with('/') && rest.len() > 1 => Ok(Self::Unix(rest.into())),
            "unix" => Err(fail("a Unix socket's path is absolute: unix:/PATH")),
            "ws" | "wss" => {
                let Some(rest) = rest.strip_prefix("//") else {
                    return Err(fail("a WebSocket is written ws://HOST:PORT/PATH, or wss://"));
                };
                web_socket(rest, scheme == "wss").map_err(fail)
            }
            _ => {
                Err(fail("the schemes are local:, unix:, pipe:, ws://, wss://, stdio: and memory:"))
            }
        }
    }
}

fn web_socket(rest: &str, tls: bool) -> Result<Endpoint, &'static str> {
    let (authority, path) = match rest.find(['/', '?']) {
        Some(at) if rest[at..].starts_with('/') => rest.split_at(at),
        Some(_) => return Err("a query needs a path before it: ws://HOST:PORT/?QUERY"),
        None => (rest, "/"),
    };
    if path.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b'#') {
        return Err("the path holds a character that a URL can't");
    }
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, port) = rest.split_once(']').ok_or("an IPv6 address ends with `]`")?;
        host.parse::<std::net::Ipv6Addr>()
            .map_err(|_| "between `[` and `]` stands an IPv6 address")?;
        match port.strip_prefix(':') {
            None if !port.is_empty() => return Err("behind `]` stands a colon and the port"),
            port => (host, port),
        }
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b':');
    if host.is_empty() || !host.bytes().all(fits) {
        return Err("the host is a name or an address, as in ws://127.0.0.1:7000");
    }
    let port = match port {
        None if tls => 443,
        None => 80,
        Some(port) => port.parse().map_err(|_| "a port is a number from 0 to 65535")?,
    };
    Ok(Endpoint::WebSocket { host: host.to_owned(), port, path: path.to_owned(), tls })
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(name) => write!(f, "local:{name}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Pipe(name) => write!(f, "pipe:{name}"),
            Self::WebSocket { host, port, path, tls } => {
                let path = if path == "/" { "" } else { path };
                let scheme = if *tls { "wss" } else { "ws" };
                if host.contains(':') {
                    write!(f, "{scheme}://[{host}]:{port}{path}")
                } else {
                    write!(f, "{scheme}://{host}:{port}{path}")
                }
            }
            Self::Stdio => f.write_str("stdio:"),
            Self::Memory(name) => write!(f, "memory:{name}"),
        }
    }
}

impl TryFrom<&str> for Endpoint {
    type Error = EndpointError;

    fn try_from(text: &str) -> Result<Self, EndpointError> {
        text.parse()
    }
}

impl TryFrom<String> for Endpoint {
    type Error = EndpointError;

    fn try_from(text: String) -> Result<Self, EndpointError> {
        text.parse()
    }
}

impl TryFrom<&String> for Endpoint {
    type Error = EndpointError;

    fn try_from(text: &String) -> Result<Self, EndpointError> {
        text.parse()
    }
}

impl TryFrom<&Endpoint> for Endpoint {
    type Error = EndpointError;

    fn try_from(endpoint: &Endpoint) -> Result<Self, EndpointError> {
        Ok(endpoint.clone())
    }
}

#[cfg(test)]
mod tests {
    use crate::endpoint::Endpoint;

    #[test]
    fn endpoints_are_displayed_as_they_are_written() {
        for text in [
            "local:demo",
            "local:my-app_1.0",
            "unix:/run/demo.sock",
            "pipe:demo",
            "ws://127.0.0.1:7000",
            "ws://[::1]:7000/ipc",
            "ws://localhost:80/a/b?c=d",
            "wss://panel.example:7443/ipc",
            "wss://[::1]:7000",
            "memory:test",
            "stdio:",
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
        assert_eq!("ws://localhost".parse::<Endpoint>().unwrap().to_string(), "ws://localhost:80");
        let secure = "wss://localhost".parse::<Endpoint>().unwrap();
        assert_eq!(secure.to_string(), "wss://localhost:443");
    }

    #[test]
    fn what_is_no_endpoint_is_told_with_the_text_and_a_hint() {
        for text in [
            "",
            "demo",
            "local:",
            "local:../x",
            "local:a/b",
            "local:.x",
            "unix:relative",
            "unix:/",
            "ws:127.0.0.1",
            "ws://",
            "ws://:80",
            "ws://host:port",
            "ws://host:70000",
            "ws://host?x",
            "ws://[::1",
            "ws://[x]:1",
            "ws://host/a b",
            "wss:host",
            "wss://",
            "http://host",
        ] {
            let error = text.parse::<Endpoint>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{text}` is no endpoint: ")), "{error}");
        }
    }
}
