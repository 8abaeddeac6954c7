//! Which web pages may connect: the rule for the `Origin` of a WebSocket request.

use tokio_tungstenite::tungstenite::http::Uri;

/// Which web pages may connect by WebSocket. The default is [`same_origin`](Self::same_origin).
///
/// Programs that aren't browsers send no `Origin`, and need none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OriginPolicy {
    allowed: Vec<String>,
}

impl OriginPolicy {
    /// Allows only pages that were served from the very host and port of the WebSocket. This is the
    /// default.
    pub fn same_origin() -> Self {
        Self::default()
    }

    /// Also allows pages of these origins. Write each as a browser sends it:
    /// `http://localhost:5173`, `tauri://localhost`.
    ///
    /// There are no wildcards. `null` can't be listed: it is the origin of every sandboxed frame,
    /// and so of any site that creates one. If an entry can't be the origin of a page that may be
    /// let in, [`Backend::listen`](crate::Backend::listen) on a WebSocket returns an error.
    pub fn allow<I>(origins: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self { allowed: origins.into_iter().map(Into::into).collect() }
    }

    pub(crate) fn lists(&self, origin: &str) -> bool {
        // A trailing slash is ignored: address bars show one.
        let same = |listed: &String| {
            let listed =
                if listed.ends_with("://") { listed } else { listed.trim_end_matches('/') };
            listed.eq_ignore_ascii_case(origin)
        };
        !origin.eq_ignore_ascii_case("null") && self.allowed.iter().any(same)
    }

    /// Whether this is the host of a listed origin.
    pub(crate) fn names(&self, host: &str) -> bool {
        let listed = self.allowed.iter().filter_map(|origin| origin.parse::<Uri>().ok());
        listed.filter_map(|uri| Some(uri.host()?.eq_ignore_ascii_case(host))).any(|same| same)
    }

    /// What is wrong with the first listed origin that no page that may be let in can have.
    pub(crate) fn fault(&self) -> Option<String> {
        self.allowed.iter().find_map(|origin| {
            let why = no_origin(origin)?;
            Some(format!("OriginPolicy::allow: {origin:?} is the origin of no page: {why}"))
        })
    }
}

/// Why no browser ever sends this as the origin of a page that may be let in.
pub(crate) fn no_origin(listed: &str) -> Option<&'static str> {
    let Some((scheme, rest)) = listed.split_once("://") else {
        return Some("an origin is written as in http://localhost:5173");
    };
    let rest = rest.trim_end_matches('/');
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    if scheme.is_empty() {
        Some("it has no scheme")
    } else if listed.contains('*') {
        Some("there are no wildcards")
    } else if rest.contains(['/', '?', '#', '@']) {
        Some("it ends with the host or its port")
    } else if is("http") && rest.ends_with(":80") || is("https") && rest.ends_with(":443") {
        Some("the scheme's own port is left out")
    } else if !listed.bytes().all(|byte| byte.is_ascii_graphic()) {
        Some("other letters are written in ASCII, as xn--…")
    } else {
        None
    }
}
