//! Answers that refuse a request, in the form that Engine.IO clients know.

use std::borrow::Cow;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};

use crate::transport::websocket::http_refusal::HttpRefusal;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct EngineRefusal {
    status: StatusCode,
    code: u8,
    message: Cow<'static, str>,
}

impl EngineRefusal {
    pub(super) const UNKNOWN_TRANSPORT: Self = Self::known(0, "Transport unknown");
    pub(super) const UNKNOWN_SID: Self = Self::known(1, "Session ID unknown");
    pub(super) const BAD_HANDSHAKE_METHOD: Self = Self::known(2, "Bad handshake method");
    pub(super) const BAD_REQUEST: Self = Self::known(3, "Bad request");
    pub(super) const UNSUPPORTED_VERSION: Self = Self::known(5, "Unsupported protocol version");
    pub(super) const TOO_LARGE: Self = Self {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        code: 3,
        message: Cow::Borrowed("the body is larger than maxPayload"),
    };
    /// The sid belongs to a page of another origin, or to a client that showed a token.
    pub(super) const OTHERS_SESSION: Self = Self {
        status: StatusCode::FORBIDDEN,
        code: 4,
        message: Cow::Borrowed("this session was opened by somebody else"),
    };

    const fn known(code: u8, message: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: Cow::Borrowed(message) }
    }

    /// There is no place for another session.
    pub(super) fn full(why: String) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, code: 4, message: why.into() }
    }

    pub(crate) fn response(&self) -> Response<Bytes> {
        let message = serde_json::Value::from(&*self.message);
        let code = self.code;
        let mut response =
            Response::new(format!(r#"{{"code":{code},"message":{message}}}"#).into());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl From<HttpRefusal> for EngineRefusal {
    fn from(HttpRefusal { status, why }: HttpRefusal) -> Self {
        let is_forbidden = matches!(status, StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED);
        Self { status, code: if is_forbidden { 4 } else { 3 }, message: why.into() }
    }
}

/// The answer to a request that was taken.
pub(super) fn accepted(content_type: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
