//! Endpoints: where a backend listens and a frontend connects to.

pub(crate) mod web_socket_address;

use std::{borrow::Cow, convert::Infallible, fmt, io, path::PathBuf, str::FromStr};

use crate::{endpoint::web_socket_address::WebSocketAddress, support::error_report::debug_as_text};

/// The address where a backend listens and a frontend connects to.
///
/// Parse one from text, in one of these forms:
///
/// | written | what it is |
/// | --- | --- |
/// | `local:NAME` | a local socket of the current user: a Unix socket in a directory that only this user can enter, or on Windows a named pipe that only this user may open. The best default |
/// | `unix:/PATH` | a Unix socket at that path |
/// | `pipe:NAME` | a Windows named pipe, `\\.\pipe\NAME`, that only the current user may open |
/// | `ws://HOST:PORT/PATH` | a WebSocket; a listener binds to the host and port, and port 0 picks a free port |
/// | `wss://HOST:PORT/PATH` | a WebSocket over TLS; needs the feature `tls` |
/// | `stdio:` | the standard input and output of this process, for a backend that a frontend starts with [`Frontend::spawn`](crate::Frontend); needs the feature `stdio` |
/// | `memory:NAME` | a connection inside this process, for tests and for apps that run both halves together |
///
/// ```
/// use ipc_runtime::Endpoint;
///
/// let endpoint: Endpoint = "ws://127.0.0.1:7000/ipc".parse()?;
/// assert_eq!(endpoint.to_string(), "ws://127.0.0.1:7000/ipc");
/// assert!("ftp:somewhere".parse::<Endpoint>().is_err());
/// # Ok::<(), ipc_runtime::error::EndpointError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// A local socket of the current user, by its name.
    Local(String),
    /// A Unix socket, by its path.
    Unix(PathBuf),
    /// A Windows named pipe, by its name after `\\.\pipe\`.
    Pipe(String),
    /// A WebSocket.
    #[non_exhaustive]
    WebSocket {
        /// The host name or IP address, an IPv6 address without its brackets.
        host: String,
        /// The TCP port.
        port: u16,
        /// The path, with its leading slash, and the query if there is one.
        path: String,
        /// Whether it runs over TLS (`wss://`).
        tls: bool,
    },
    /// The standard input and output of this process.
    Stdio,
    /// A name inside this process.
    Memory(String),
}

/// The error for text that isn't an endpoint.
///
/// Its `Display` shows the text and what is wrong with it. A user name and password in the text are
/// left out.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no endpoint: {why}")]
pub struct EndpointError {
    text: String,
    why: Cow<'static, str>,
}

debug_as_text! { EndpointError }

impl From<Infallible> for EndpointError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// How the endpoints of one scheme are written and parsed.
struct Scheme {
    name: &'static str,
    /// The form that errors show.
    form: &'static str,
    /// Parses the text after the colon.
    parse: fn(&str) -> Result<Endpoint, &'static str>,
}

impl Scheme {
    fn is_url(&self) -> bool {
        self.form.contains("://")
    }
}

/// What an endpoint's scheme determines.
struct Traits<'a> {
    scheme: &'static str,
    /// The text after the colon.
    address: Cow<'a, str>,
    /// How its connections carry messages.
    carries: Carries,
    /// Why the endpoint can't be used, if this build, this platform or the attempted operation
    /// doesn't support it.
    unusable: Unusable,
}

#[derive(PartialEq, Eq)]
enum Carries {
    /// A byte stream, which has to be split into messages.
    Bytes,
    /// Whole messages, in a protocol of its own.
    Messages,
}

enum Unusable {
    /// It needs this feature, which is off.
    Without(&'static str),
    Because(&'static str),
}

/// Generates the list of schemes and `Endpoint::traits` from the table below.
macro_rules! schemes {
    ($($name:literal, $form:literal, $parse:expr;
        $endpoint:pat => $address:expr, $carries:expr, $unusable:expr;)+) => {
        const SCHEMES: &[Scheme] = &[$(Scheme { name: $name, form: $form, parse: $parse }),+];

        impl Endpoint {
            fn traits(&self) -> Traits<'_> {
                match self {$(
                    $endpoint => Traits {
                        scheme: $name,
                        address: $address,
                        carries: $carries,
                        unusable: $unusable,
                    },
                )+}
            }
        }
    };
}

// The table: how an endpoint is written, parsed and displayed, and its traits. The carriers
// themselves aren't used here, so every build parses all endpoints alike.
schemes! {
    "local", "local:NAME", |rest| name(rest).map(Endpoint::Local);
    Endpoint::Local(name) => name.into(), Carries::Bytes, Unusable::Without("local");

    "unix", "unix:/PATH", unix;
    Endpoint::Unix(path) => path.to_string_lossy(), Carries::Bytes, if cfg!(unix) {
        Unusable::Without("local")
    } else {
        Unusable::Because("Unix sockets aren't used on this platform: write `local:NAME`")
    };

    "pipe", "pipe:NAME", |rest| name(rest).map(Endpoint::Pipe);
    Endpoint::Pipe(name) => name.into(), Carries::Bytes, if cfg!(windows) {
        Unusable::Without("local")
    } else {
        Unusable::Because("named pipes are a thing of Windows: write `local:NAME`")
    };

    "ws", "ws://HOST:PORT", |rest| web_socket(rest, false);
    Endpoint::WebSocket { host, port, path, tls: false } =>
        address(host, *port, path), Carries::Messages, Unusable::Without("websocket");

    "wss", "wss://HOST:PORT", |rest| web_socket(rest, true);
    Endpoint::WebSocket { host, port, path, tls: true } =>
        address(host, *port, path), Carries::Messages, Unusable::Without("tls");

    "stdio", "stdio:", stdio;
    Endpoint::Stdio => "".into(), Carries::Bytes, if cfg!(feature = "stdio") {
        Unusable::Because("one listens on it; to connect, start the backend by `Frontend::spawn`")
    } else {
        Unusable::Without("stdio")
    };

    "memory", "memory:NAME", |rest| name(rest).map(Endpoint::Memory);
    Endpoint::Memory(name) => name.into(), Carries::Bytes, Unusable::Because("it isn't built in");
}

impl Endpoint {
    /// The error for an endpoint that this build or platform doesn't support.
    pub(crate) fn not_built_in(&self) -> io::Error {
        let why = match self.traits().unusable {
            Unusable::Without(feature) => {
                format!("it needs the feature `{feature}` of ipc-runtime").into()
            }
            Unusable::Because(why) => Cow::Borrowed(why),
        };
        io::Error::new(io::ErrorKind::Unsupported, format!("{self} can't be used here: {why}"))
    }

    /// Whether its connections carry whole messages in a protocol of their own, rather than a byte
    /// stream that has to be split into messages.
    pub(crate) fn has_messages(&self) -> bool {
        self.traits().carries == Carries::Messages
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Traits { scheme, address, .. } = self.traits();
        write!(f, "{scheme}:{address}")
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        parse(text).map_err(|why| EndpointError { text: without_user_info(text), why })
    }
}

fn parse(text: &str) -> Result<Endpoint, Cow<'static, str>> {
    // A file's name may end in a space.
    let is_path = text.starts_with("unix:/");
    if text.trim_start() != text || (text.trim_end() != text && !is_path) {
        return Err("a space stands before or behind it".into());
    }
    let Some((scheme, rest)) = text.split_once(':') else { return Err(no_colon(text)) };
    match scheme_of(scheme) {
        Some(scheme) => (scheme.parse)(rest).map_err(Cow::Borrowed),
        None => Err(no_scheme(scheme, rest)),
    }
}

fn scheme_of(name: &str) -> Option<&'static Scheme> {
    SCHEMES.iter().find(|scheme| scheme.name == name)
}

/// What is wrong with text that has no colon.
fn no_colon(text: &str) -> Cow<'static, str> {
    match text {
        "" => "it is empty".into(),
        _ if scheme_of(text).is_some() => "a colon follows the scheme".into(),
        _ if text.starts_with('/') => "a path is written unix:/PATH".into(),
        _ if text.starts_with(r"\\") => "a named pipe is written pipe:NAME".into(),
        _ => forms(),
    }
}

/// What is wrong with text whose part before the colon is no scheme.
fn no_scheme(scheme: &str, rest: &str) -> Cow<'static, str> {
    match scheme {
        "http" => "a WebSocket's scheme is ws://, also where its port speaks HTTP".into(),
        "https" => "a WebSocket's scheme is wss://, also where its port speaks HTTPS".into(),
        _ if scheme_of(&scheme.to_ascii_lowercase()).is_some() => {
            "the scheme is written in lower case".into()
        }
        _ if rest.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) => {
            "a WebSocket's host and port stand behind ws://".into()
        }
        _ => forms(),
    }
}

/// All forms of an endpoint, for an error.
fn forms() -> Cow<'static, str> {
    let forms: Vec<_> = SCHEMES.iter().map(|scheme| scheme.form).collect();
    match forms.split_last() {
        Some((last, others)) => format!("write {} or {last}", others.join(", ")).into(),
        None => "there is none".into(),
    }
}

fn stdio(rest: &str) -> Result<Endpoint, &'static str> {
    if rest.is_empty() { Ok(Endpoint::Stdio) } else { Err("nothing follows stdio:") }
}

fn unix(rest: &str) -> Result<Endpoint, &'static str> {
    match rest {
        "/" => Err("the path of a Unix socket is that of a file: unix:/PATH"),
        _ if rest.starts_with('/') => Ok(Endpoint::Unix(rest.into())),
        _ => Err("a Unix socket's path is absolute: unix:/PATH"),
    }
}

/// Checks the name of a socket, a pipe or a `memory:` endpoint.
fn name(rest: &str) -> Result<String, &'static str> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if rest.is_empty() {
        return Err("a name follows the colon");
    }
    if rest.starts_with("//") {
        return Err("the name follows the colon at once, without `//`");
    }
    if !rest.bytes().all(fits) || rest.starts_with('.') {
        return Err("a name has letters, digits, `.`, `_` and `-`, and no dot in front");
    }
    Ok(rest.to_owned())
}

fn web_socket(rest: &str, tls: bool) -> Result<Endpoint, &'static str> {
    let WebSocketAddress { host, port, path } = WebSocketAddress::parse(rest, tls)?;
    Ok(Endpoint::WebSocket { host, port, path, tls })
}

/// The text after a WebSocket's scheme and colon.
fn address(host: &str, port: u16, path: &str) -> Cow<'static, str> {
    let path = if path == "/" { "" } else { path };
    let address = if host.contains(':') {
        format!("//[{host}]:{port}{path}")
    } else {
        format!("//{host}:{port}{path}")
    };
    address.into()
}

/// The text as an error may show it: without what may be a password.
fn without_user_info(text: &str) -> String {
    let (scheme, rest) = text.split_once(':').unwrap_or(("", text));
    let is_url = rest.starts_with("//");
    let name = scheme.trim().to_ascii_lowercase();
    let scheme_of_it = scheme_of(&name);
    if scheme_of_it.is_some_and(|scheme| !scheme.is_url()) && !is_url {
        return text.to_owned();
    }
    let begin = if is_url {
        scheme.len() + "://".len()
    } else if scheme_of_it.is_some() || matches!(&*name, "http" | "https") {
        scheme.len() + 1
    } else {
        0
    };
    match text.rfind('@') {
        Some(end) if end > begin => format!("{}…{}", &text[..begin], &text[end..]),
        _ => text.to_owned(),
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
    fn what_is_no_endpoint_is_told_with_the_text_and_what_is_wrong() {
        for (text, why) in [
            ("", "it is empty"),
            ("demo", "write local:NAME"),
            ("ftp://host", "write local:NAME"),
            ("stdio", "a colon follows the scheme"),
            ("/run/demo.sock", "unix:/PATH"),
            (r"\\.\pipe\demo", "pipe:NAME"),
            (" ws://host:1", "a space"),
            ("local:demo\n", "a space"),
            ("WS://host:1", "lower case"),
            ("Local:demo", "lower case"),
            ("127.0.0.1:7000", "behind ws://"),
            ("http://host:1", "scheme is ws://"),
            ("https://host:1", "scheme is wss://"),
            ("local:", "a name follows"),
            ("local://demo", "without `//`"),
            ("local:../x", "a name has letters"),
            ("local:a/b", "a name has letters"),
            ("local:a b", "a name has letters"),
            ("local:me@home", "a name has letters"),
            ("local:.x", "no dot in front"),
            ("pipe:", "a name follows"),
            ("memory:", "a name follows"),
            ("unix:", "absolute"),
            ("unix:relative", "absolute"),
            ("unix:/", "that of a file"),
            ("stdio:x", "nothing follows"),
            ("ws:127.0.0.1", "ws://HOST:PORT/PATH"),
            ("wss:host", "wss://"),
            ("ws://", "the host is missing"),
            ("wss:///path", "the host is missing"),
            ("ws://:80", "the host is missing"),
            ("ws://a b:1", "the host is a name"),
            ("ws://host:", "behind the colon"),
            ("ws://host:port", "a port is a number"),
            ("ws://host:+80", "a port is a number"),
            ("ws://host:99999", "from 0 to 65535"),
            ("ws://::1", "in brackets"),
            ("ws://::1:7000", "in brackets"),
            ("ws://fe80::1:7000/ipc", "in brackets"),
            ("ws://[::1", "ends with `]`"),
            ("ws://[x]:1", "stands an IPv6 address"),
            ("ws://[fe80::1%eth0]:1", "a zone"),
            ("ws://[::1]7000", "a colon and the port"),
            ("ws://host:1#part", "no fragment"),
            ("ws://host:1/ipc#part", "no fragment"),
            ("ws://host?x", "a query needs a path"),
            ("ws://host/a b", "a character that a URL can't"),
        ] {
            let error = text.parse::<Endpoint>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{text}` is no endpoint: ")), "{error}");
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_password_in_an_endpoint_is_told_to_be_a_token_and_not_repeated() {
        for (text, shown) in [
            ("ws://user:hunter2@host:1", "`ws://…@host:1`"),
            ("wss://user:hunter2@[::1]:1/ipc", "`wss://…@[::1]:1/ipc`"),
            ("ws://hunter2@host", "`ws://…@host`"),
            ("ws://user:hunter2@", "`ws://…@`"),
            ("ws://user:hunt/er2@host:1", "`ws://…@host:1`"),
            ("ws://user:hunter2:x@host:1", "`ws://…@host:1`"),
            ("ws://user:hun/te:r2@host", "`ws://…@host`"),
        ] {
            let error = text.parse::<Endpoint>().unwrap_err();
            assert!(error.to_string().contains("use a `Token`"), "{error}");
            assert!(error.to_string().contains(shown), "{error}");
        }
        // The password is left out whatever else is wrong with the text.
        for text in [
            "http://user:hunter2@host",
            "WS://user:hunter2@host",
            "ws:user:hunter2@host",
            " ws://user:hunter2@host",
            "user:hunter2@host",
            "user:hunt//er2@host",
            "ws:user:hunt//er2@host",
            "local://user:hunter2@host",
            "ws://user:hunt#er2@host",
            "ws://user:hunt?er2@host",
        ] {
            let error = text.parse::<Endpoint>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("er2"), "{error}");
            assert!(error.to_string().contains("@host"), "{error}");
        }
        // A file's name may end in a space.
        let spaced: Endpoint = "unix:/tmp/a ".parse().unwrap();
        assert_eq!(spaced.to_string().parse(), Ok(spaced));
        // A path may contain an `@`.
        assert!("ws://host:1/@scope/ipc".parse::<Endpoint>().is_ok());
    }
}
