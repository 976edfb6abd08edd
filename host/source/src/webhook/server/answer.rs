//! The answers to requests.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    ALLOW, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use hyper::{Response, StatusCode};

use crate::webhook::log::AppendError;

/// How long a refused sender should wait, in seconds. An API server's client waits that long
/// and tries again until the 30 s for the request are over (client-go, `rest/with_retry.go`);
/// then the batch waits for its next attempt.
const RETRY: HeaderValue = HeaderValue::from_static("5");

/// A status code, and a line for people.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub code: StatusCode,
    text: String,
}

impl Answer {
    pub fn new(code: StatusCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    pub fn ok() -> Self {
        Self::new(StatusCode::OK, "ok")
    }

    pub fn unavailable(text: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, text)
    }

    /// Returns the answer as HTTP. A sender without valid credentials loses its connection.
    pub fn response(self) -> Response<Full<Bytes>> {
        let text = format!("{}\n", self.text);
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = self.code;
        let mut set = |name: HeaderName, value| {
            response.headers_mut().insert(name, value);
        };
        set(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        match self.code {
            StatusCode::METHOD_NOT_ALLOWED => set(ALLOW, HeaderValue::from_static("POST")),
            StatusCode::UNAUTHORIZED => {
                set(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                set(CONNECTION, HeaderValue::from_static("close"));
            }
            StatusCode::TOO_MANY_REQUESTS => set(RETRY_AFTER, RETRY),
            StatusCode::SERVICE_UNAVAILABLE => {
                set(RETRY_AFTER, RETRY);
                set(CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }
}

impl From<AppendError> for Answer {
    fn from(refusal: AppendError) -> Self {
        let code = match refusal {
            AppendError::Full => StatusCode::TOO_MANY_REQUESTS,
            AppendError::Failed => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(code, refusal.to_string())
    }
}
