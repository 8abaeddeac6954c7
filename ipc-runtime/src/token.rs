//! The secret that a frontend shows to a backend.

use std::{fmt, io, str::FromStr, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::support::error_report::debug_as_text;

/// How many random bytes a token is made of.
const RANDOM_BYTES: usize = 32;

/// The fewest characters of a token that can hold 128 random bits.
const SHORTEST: usize = 22;

/// The most characters of a token: HTTP servers limit the size of headers.
const LONGEST: usize = 1024;

/// A secret that frontends show to a backend, which doesn't serve a connection without it. See
/// [`BackendBuilder::token`](crate::BackendBuilder::token) and
/// [`FrontendBuilder::token`](crate::FrontendBuilder::token).
///
/// Make a new token for each launch, and pass it where nobody else reads: in an environment
/// variable or on the standard input of the process that gets it. Don't pass it as an argument,
/// which other users of the machine can see, nor in a URL, which ends up in histories and logs.
///
/// A token has no `Display`, and its `Debug` shows nothing of the secret. Two tokens are compared
/// in constant time.
///
/// ```
/// use ipc_runtime::Token;
///
/// // One process…
/// let token = Token::generate()?;
/// let mut frontend = std::process::Command::new("my-frontend");
/// frontend.env("MY_APP_TOKEN", token.expose_secret());
///
/// // …and the other.
/// fn token() -> Result<Token, Box<dyn std::error::Error>> {
///     Ok(std::env::var("MY_APP_TOKEN")?.parse()?)
/// }
/// assert_eq!(format!("{token:?}"), "Token(…)");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Token(Arc<str>);

/// The error for text that can't be a token. It doesn't contain the text.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "that is no token: it has {SHORTEST} to {LONGEST} letters, digits, `-`, `_`, `.` and `~`, as \
     `Token::generate` makes them"
)]
#[non_exhaustive]
pub struct TokenError;

debug_as_text! { TokenError }

impl Token {
    /// Makes a token of 256 bits from the operating system's source of randomness: 43 letters,
    /// digits, `-` and `_`.
    ///
    /// # Errors
    ///
    /// When the operating system provides no randomness, which almost never happens.
    pub fn generate() -> io::Result<Self> {
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(random).into()))
    }

    /// Returns the text of the token, to pass it to the process that needs it.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }

    /// Returns the value of a `Set-Cookie` header, for a page that the app's own HTTP server
    /// serves. The browser then sends the token by itself when the page opens a WebSocket, and
    /// scripts can't read it. Give the same name to
    /// [`BackendBuilder::token_cookie`](crate::BackendBuilder).
    ///
    /// The cookie is `HttpOnly` and `SameSite=Strict`, is valid for the whole host, and ends with
    /// the browser's session. Over HTTPS, append `; Secure`.
    ///
    /// ```
    /// # let token: ipc_runtime::Token = "0123456789abcdefghijklmnop".parse()?;
    /// let header = token.set_cookie("my-app");
    /// assert!(header.ends_with("; Path=/; HttpOnly; SameSite=Strict"));
    /// # Ok::<(), ipc_runtime::error::TokenError>(())
    /// ```
    pub fn set_cookie(&self, name: &str) -> String {
        format!("{name}={}; Path=/; HttpOnly; SameSite=Strict", self.0)
    }

    /// Whether `shown` is this token. The time that this takes depends only on the length.
    pub(crate) fn is(&self, shown: &str) -> bool {
        self.0.as_bytes().ct_eq(shown.as_bytes()).into()
    }

    pub(crate) fn show(&self) -> ShownToken {
        ShownToken(self.0.as_ref().to_owned())
    }
}

/// Reads a token from text. White space around it, such as the end of a line, is ignored.
impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let text = text.trim_ascii();
        // These characters are allowed in a URL, a cookie and a subprotocol alike.
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        if (SHORTEST..=LONGEST).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.into()))
        } else {
            Err(TokenError)
        }
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.is(&other.0)
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A token as one side sends it and the other receives it, right or wrong.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ShownToken(String);

impl ShownToken {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ShownToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShownToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_tokens_differ_and_fit_everywhere() {
        let (one, other) = (Token::generate().unwrap(), Token::generate().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.expose_secret().len(), 43);
        assert_eq!(one.expose_secret().parse::<Token>().unwrap(), one);
    }

    #[test]
    fn text_around_which_is_white_space_is_taken() {
        let text = "0123456789abcdef-_.~XYZ";
        let token: Token = format!(" {text}\r\n").parse().unwrap();
        assert_eq!(token.expose_secret(), text);
    }

    #[test]
    fn text_that_is_short_or_would_not_travel_is_refused_and_not_repeated() {
        let good = "0123456789abcdefghijkl";
        assert!(good.parse::<Token>().is_ok());
        for text in [
            "",
            "secret",
            &good[1..],
            &"x".repeat(LONGEST + 1),
            &format!("{good},x"),
            &format!("{good};x"),
            &format!("{good}\nx"),
            &format!("\"{good}\""),
            &format!("{good}é"),
        ] {
            let error = text.parse::<Token>().unwrap_err().to_string();
            assert!(text.is_empty() || !error.contains(text), "{error}");
        }
    }

    #[test]
    fn only_the_very_token_is_the_token() {
        let token = Token::generate().unwrap();
        let text = token.expose_secret();
        assert!(token.is(text));
        let doubled = format!("{text}{text}");
        for other in ["", &text[..42], &text[1..], &doubled, &text.to_ascii_uppercase()] {
            assert!(!token.is(other), "{other}");
        }
    }

    #[test]
    fn nothing_shows_it() {
        let token = Token::generate().unwrap();
        for shown in [format!("{token:?}"), format!("{:#?}", token.show())] {
            assert!(!shown.contains(token.expose_secret()), "{shown}");
        }
    }
}
