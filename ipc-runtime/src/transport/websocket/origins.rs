//! Which pages may connect: the rule for the `Origin` of a WebSocket's request.

use tokio_tungstenite::tungstenite::http::Uri;

/// Which web pages may connect. Programs that aren't browsers send no `Origin` and are let in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OriginPolicy {
    allowed: Vec<String>,
}

impl OriginPolicy {
    /// Only pages that were served from the very host and port that the WebSocket is at. This is
    /// the default.
    pub fn same_origin() -> Self {
        Self::default()
    }

    /// Pages of these origins too, each written as a browser sends it: `http://localhost:5173`,
    /// `tauri://localhost`. There are no wildcards, and `null`, which is the origin of every sandboxed
    /// frame and so of any site that makes one, can't be listed: what no page that may be let in has as
    /// its origin is an error of [`Backend::listen`](crate::Backend::listen).
    pub fn allow<I>(origins: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self { allowed: origins.into_iter().map(Into::into).collect() }
    }

    pub(crate) fn lists(&self, origin: &str) -> bool {
        // As an address line has them.
        let same = |listed: &String| {
            let listed =
                if listed.ends_with("://") { listed } else { listed.trim_end_matches('/') };
            listed.eq_ignore_ascii_case(origin)
        };
        !origin.eq_ignore_ascii_case("null") && self.allowed.iter().any(same)
    }

    /// Whether it is the host of one of them.
    pub(crate) fn names(&self, host: &str) -> bool {
        let listed = self.allowed.iter().filter_map(|origin| origin.parse::<Uri>().ok());
        listed.filter_map(|uri| Some(uri.host()?.eq_ignore_ascii_case(host))).any(|same| same)
    }

    /// What is wrong with one of them, if no page that may be let in has it.
    pub(crate) fn fault(&self) -> Option<String> {
        self.allowed.iter().find_map(|origin| {
            let why = no_origin(origin)?;
            Some(format!("OriginPolicy::allow: {origin:?} is the origin of no page: {why}"))
        })
    }
}

/// Why no browser ever sends this.
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
