//! The files of a page, over HTTP.

use std::borrow::Cow;

use axum::{
    Router,
    http::{HeaderName, header},
    routing::get,
};

/// A file: where it is, what it is, and what is in it.
pub(crate) type File = (&'static str, &'static str, Cow<'static, str>);

/// A site that has these files. `policy` tells browsers what the page may load and connect to.
pub(crate) fn of<S: Clone + Send + Sync + 'static>(
    files: impl IntoIterator<Item = File>,
    policy: &str,
) -> Router<S> {
    let mut router = Router::new();
    for (path, kind, content) in files {
        let rules = rules(policy);
        let file = move || async move { ([(header::CONTENT_TYPE, kind)], rules, content) };
        router = router.route(path, get(file));
    }
    router
}

/// What browsers are told with each file.
fn rules(policy: &str) -> [(HeaderName, String); 4] {
    [
        (header::CONTENT_SECURITY_POLICY, policy.to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        // Asked for anew each time: after an update, reloading has to give the new page.
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ]
}
