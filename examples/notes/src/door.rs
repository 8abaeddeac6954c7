//! Who is let in. Each launch has a token, which the window shows as a cookie. The window gets it
//! for a code in the address that it is opened with: the code is taken once, and soon or not at
//! all. So an address that ends up in a list of processes, a history or a log opens nothing.
//!
//! Browsers keep cookies by host, and send them to each of its ports. Another user may listen at
//! one, so the host is this launch's own as well: a name below `localhost`, which browsers take for
//! this machine.

use std::{
    io,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, Request, header};
use ipc_runtime::Token;
use sha1::{Digest, Sha1};

/// How long a code is good for.
const SOON: Duration = Duration::from_secs(30);

/// Where a code is taken.
pub(crate) const ENTRANCE: &str = "/open";

/// The door of one launch.
pub(crate) struct Door {
    host: String,
    /// As programs connect.
    address: String,
    cookie: String,
    token: Token,
    /// Of as many bits as a token, and compared in constant time as well.
    code: Mutex<Option<(Token, Instant)>>,
}

impl Door {
    pub(crate) fn new(address: SocketAddr, token: Token) -> Self {
        // Browsers leave it out where it is the usual one.
        let port = Some(address.port()).filter(|port| *port != 80);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Self {
            host: format!("{}.localhost{port}", name(&token)),
            address: format!("{}{port}", address.ip()),
            cookie: "notes".to_owned(),
            token,
            code: Mutex::default(),
        }
    }

    /// The origin of the page.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.host)
    }

    /// The name of the cookie with the token.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    /// The value of `Set-Cookie`, for who has shown the code.
    pub(crate) fn set_cookie(&self) -> String {
        self.token.set_cookie(&self.cookie)
    }

    /// An address with a new code. The one before is good for nothing from then on.
    pub(crate) fn address(&self) -> io::Result<String> {
        self.address_at(Instant::now())
    }

    fn address_at(&self, now: Instant) -> io::Result<String> {
        let code = Token::generate()?;
        let address = format!("{}{ENTRANCE}?code={}", self.origin(), code.expose_secret());
        *self.code.lock().unwrap_or_else(PoisonError::into_inner) = Some((code, now));
        Ok(address)
    }

    /// Whether nobody has shown the newest code yet.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.code.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Whether this is the code, which is used up by that.
    pub(crate) fn take(&self, shown: &str) -> bool {
        self.take_at(shown, Instant::now())
    }

    fn take_at(&self, shown: &str, now: Instant) -> bool {
        let mut code = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        // A wrong one leaves the right one as it is: else anybody could keep the window out.
        let is_it = code.as_ref().is_some_and(|(code, since)| {
            now.duration_since(*since) < SOON
                && shown.parse().is_ok_and(|shown: Token| shown == *code)
        });
        if is_it {
            *code = None;
        }
        is_it
    }

    /// Whether the request was sent to this very host. A page that has pointed its own name at this
    /// machine sends that name.
    pub(crate) fn is_host<B>(&self, request: &Request<B>) -> bool {
        is_sent_to(request, &self.host)
    }

    /// Whether it comes from a program, which needs no name. Browsers say where a page comes from
    /// that opens a WebSocket.
    pub(crate) fn is_program<B>(&self, request: &Request<B>) -> bool {
        is_sent_to(request, &self.address) && !request.headers().contains_key(header::ORIGIN)
    }

    /// Whether the request shows the token.
    pub(crate) fn has_token(&self, headers: &HeaderMap) -> bool {
        let cookies =
            headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut own = cookies
            .flat_map(|value| value.split(';'))
            .filter_map(|cookie| cookie.trim().strip_prefix(&*self.cookie)?.strip_prefix('='));
        let shown = own.next().and_then(|shown| shown.parse::<Token>().ok());
        shown.is_some_and(|shown| shown == self.token) && own.next().is_none()
    }
}

fn is_sent_to<B>(request: &Request<B>, own: &str) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    hosts.next().is_some_and(|host| host.as_bytes() == own.as_bytes())
        && hosts.next().is_none()
        && request.uri().authority().is_none_or(|host| host.as_str() == own)
}

/// Of a launch. One that is given the token of the launch before has its name, too: its windows
/// come back. From the name nobody learns the token.
fn name(token: &Token) -> String {
    let digest = Sha1::new_with_prefix("the host of ").chain_update(token.expose_secret());
    let bytes = digest.finalize();
    let hex: String = bytes.iter().take(10).map(|byte| format!("{byte:02x}")).collect();
    format!("notes-{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door() -> Door {
        Door::new(([127, 0, 0, 1], 7301).into(), Token::generate().unwrap())
    }

    fn code(address: &str) -> &str {
        address.split_once("?code=").unwrap().1
    }

    #[test]
    fn a_code_is_taken_once() {
        let door = door();
        let address = door.address().unwrap();
        for wrong in ["", "x", &code(&address)[1..], &code(&address).to_ascii_uppercase()] {
            assert!(!door.take(wrong), "{wrong}");
        }
        assert!(door.take(code(&address)), "wrong ones don't use it up");
        assert!(!door.take(code(&address)));
    }

    #[test]
    fn a_code_is_taken_within_thirty_seconds() {
        let (door, start) = (door(), Instant::now());
        let address = door.address_at(start).unwrap();
        assert!(!door.take_at(code(&address), start + Duration::from_secs(30)));
        assert!(door.take_at(code(&address), start + Duration::from_millis(29_999)));
    }

    #[test]
    fn a_newer_code_replaces_the_one_before() {
        let door = door();
        let (older, newer) = (door.address().unwrap(), door.address().unwrap());
        assert!(!door.take(code(&older)));
        assert!(door.take(code(&newer)));
    }

    #[test]
    fn the_token_is_in_the_cookie_and_not_in_the_address() {
        let door = door();
        let secret = door.token.expose_secret();
        assert!(!door.address().unwrap().contains(secret));
        let expected = format!("notes={secret}; Path=/; HttpOnly; SameSite=Strict");
        assert_eq!(door.set_cookie(), expected);
    }

    #[test]
    fn only_this_launch_s_cookie_opens() {
        let door = door();
        let secret = door.token.expose_secret();
        let has_token = |cookies: &[&str]| {
            let mut headers = HeaderMap::new();
            for cookie in cookies {
                headers.append(header::COOKIE, cookie.parse().unwrap());
            }
            door.has_token(&headers)
        };
        assert!(has_token(&[&format!("a=b; notes={secret}; c=d")]));
        assert!(has_token(&["other=x", &format!("notes={secret}")]));
        assert!(!has_token(&[]));
        assert!(!has_token(&[&format!("other={secret}")]));
        assert!(!has_token(&[&format!("notes={}", &secret[1..])]));
        // Another port's page has set one of the same name: nobody knows which one is ours.
        assert!(!has_token(&[&format!("notes={secret}; notes=x")]));
    }

    #[test]
    fn only_the_launch_s_own_name_is_the_host() {
        let door = door();
        let own = door.origin().strip_prefix("http://").unwrap().to_owned();
        let request = |target: &str, hosts: &[&str]| {
            let request = hosts
                .iter()
                .fold(Request::get(target), |request, host| request.header(header::HOST, *host));
            request.body(()).unwrap()
        };
        let is_host = |target: &str, hosts: &[&str]| door.is_host(&request(target, hosts));
        assert!(is_host("/", &[&own]));
        assert!(is_host(&format!("http://{own}/"), &[&own]));
        let others = ["evil.example:7301", "localhost:7301", "127.0.0.1:7301"];
        for hosts in [&[][..], &others[..1], &others[1..2], &others[2..], &[&*own; 2]] {
            assert!(!is_host("/", hosts), "{hosts:?}");
        }
        assert!(!is_host("http://evil.example/", &[&own]));
        let mut program = request("/", &["127.0.0.1:7301"]);
        assert!(door.is_program(&program));
        assert!(!door.is_program(&request("/", &["evil.example:7301"])));
        program.headers_mut().insert(header::ORIGIN, "http://127.0.0.1:7301".parse().unwrap());
        assert!(!door.is_program(&program), "it comes from a page");
    }

    #[test]
    fn each_launch_has_a_host_of_its_own_unless_it_has_the_token_of_the_one_before() {
        let (first, other) = (door(), door());
        assert_ne!(first.origin(), other.origin());
        let usual = Door::new(([127, 0, 0, 1], 80).into(), Token::generate().unwrap());
        assert!(usual.origin().ends_with(".localhost"), "{}", usual.origin());
        let again = Door::new(([127, 0, 0, 1], 7301).into(), first.token.clone());
        assert_eq!(again.origin(), first.origin());
        assert!(!first.origin().contains(first.token.expose_secret()));
    }
}
