//! Who is let in. Each launch has a token, which the window shows as a cookie. The window gets it
//! for a code in the address that it is opened with: the code is taken once, and soon or not at
//! all. So an address that ends up in a list of processes, a history or a log opens nothing.

use std::{
    io,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, Request, header};
use ipc_runtime::Token;

/// How long a code is good for.
const SOON: Duration = Duration::from_secs(30);

/// Where a code is taken.
pub(crate) const ENTRANCE: &str = "/open";

/// The door of one launch.
pub(crate) struct Door {
    host: String,
    cookie: String,
    token: Token,
    /// Of as many bits as a token, and compared in constant time as well.
    code: Mutex<Option<(Token, Instant)>>,
}

impl Door {
    pub(crate) fn new(address: SocketAddr, token: Token) -> Self {
        Self {
            host: address.to_string(),
            // Browsers keep cookies by host: another launch, at another port, has its own.
            cookie: format!("notes-{}", address.port()),
            token,
            code: Mutex::default(),
        }
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
        let address = format!("http://{}{ENTRANCE}?code={}", self.host, code.expose_secret());
        *self.code.lock().unwrap_or_else(PoisonError::into_inner) = Some((code, now));
        Ok(address)
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

    /// Whether the request was sent to this very address. A page that has pointed its own name at
    /// this machine sends that name.
    pub(crate) fn is_host<B>(&self, request: &Request<B>) -> bool {
        let mut hosts = request.headers().get_all(header::HOST).iter();
        let is_own = |host: &str| host == self.host;
        hosts.next().is_some_and(|host| host.to_str().is_ok_and(is_own))
            && hosts.next().is_none()
            && request.uri().authority().is_none_or(|host| is_own(host.as_str()))
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
        let expected = format!("notes-7301={secret}; Path=/; HttpOnly; SameSite=Strict");
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
        assert!(has_token(&[&format!("a=b; notes-7301={secret}; c=d")]));
        assert!(has_token(&["notes-7302=x", &format!("notes-7301={secret}")]));
        assert!(!has_token(&[]));
        assert!(!has_token(&[&format!("notes-7302={secret}")]));
        assert!(!has_token(&[&format!("notes-7301={}", &secret[1..])]));
        // Another port's page has set one of the same name: nobody knows which one is ours.
        assert!(!has_token(&[&format!("notes-7301={secret}; notes-7301=x")]));
    }

    #[test]
    fn only_the_address_itself_is_the_host() {
        let door = door();
        let is_host = |target: &str, hosts: &[&str]| {
            let request = hosts
                .iter()
                .fold(Request::get(target), |request, host| request.header(header::HOST, *host));
            door.is_host(&request.body(()).unwrap())
        };
        assert!(is_host("/", &["127.0.0.1:7301"]));
        assert!(is_host("http://127.0.0.1:7301/", &["127.0.0.1:7301"]));
        for hosts in [&[][..], &["evil.example:7301"], &["localhost:7301"], &["127.0.0.1:7301"; 2]]
        {
            assert!(!is_host("/", hosts), "{hosts:?}");
        }
        assert!(!is_host("http://evil.example/", &["127.0.0.1:7301"]));
    }
}
