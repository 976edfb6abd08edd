//! Reads request bodies into memory, with a bound on all of them together.

use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use hyper::{HeaderMap, Request, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::block_in_place;
use tokio::time::timeout;

use super::answer::Answer;
use super::body::{BodyError, receive, unpack};
use crate::webhook::WebhookLimits;

/// The memory for all bodies, as a multiple of the limit for one.
const BODIES: usize = 4;

/// Reads bodies within a memory budget.
pub(super) struct BodyReader {
    /// The maximum size of one body, in bytes.
    limit: usize,
    time: Duration,
    /// The memory budget, in KiB. The share of a body is acquired all at once before it is
    /// read, so that partly read bodies never wait for each other.
    room: Semaphore,
}

/// A body, and the memory that it holds until it is dropped.
pub(super) struct Body<'i> {
    pub bytes: Bytes,
    _room: Option<SemaphorePermit<'i>>,
}

impl BodyReader {
    pub fn new(limits: &WebhookLimits) -> Self {
        Self {
            limit: limits.body,
            time: limits.body_time,
            room: Semaphore::new(kibibytes(limits.body) * BODIES),
        }
    }

    /// Reads and decompresses the body of a request.
    ///
    /// # Errors
    /// Returns the answer for the sender.
    pub async fn read(&self, request: Request<Incoming>) -> Result<Body<'_>, Answer> {
        let (head, body) = request.into_parts();
        let is_packed = is_packed(&head.headers)?;
        let announced = announced(&head.headers);
        if announced.is_some_and(|announced| announced > self.limit) {
            return Err(self.too_large());
        }
        let needed = kibibytes(announced.unwrap_or(self.limit))
            + if is_packed { kibibytes(self.limit) } else { 0 };
        let needed = u32::try_from(needed).unwrap_or(u32::MAX);
        let room = timeout(self.time, self.room.acquire_many(needed))
            .await
            .map_err(|_| Answer::unavailable("too many concurrent bodies"))?;
        let received = receive(body, self.limit, announced.unwrap_or_default());
        let received = timeout(self.time, received).await.map_err(|_| {
            let text = "the body did not arrive in time (`webhook.body-time`)";
            Answer::new(StatusCode::REQUEST_TIMEOUT, text)
        })?;
        let bytes = match received {
            Ok(bytes) if is_packed => block_in_place(|| unpack(&bytes, self.limit)),
            Ok(bytes) => Ok(Bytes::from(bytes)),
            Err(error) => Err(error),
        };
        let malformed = |text| Answer::new(StatusCode::BAD_REQUEST, text);
        match bytes {
            Ok(bytes) => Ok(Body {
                bytes,
                // The semaphore is never closed.
                _room: room.ok(),
            }),
            Err(BodyError::TooLarge) => Err(self.too_large()),
            Err(BodyError::Broken) => Err(malformed("the body is incomplete".to_owned())),
            Err(BodyError::NotPacked(error)) => {
                Err(malformed(format!("cannot decompress the body: {error}")))
            }
        }
    }

    fn too_large(&self) -> Answer {
        let limit = self.limit;
        let text = format!("the body exceeds {limit} bytes (`webhook.body-limit`)");
        Answer::new(StatusCode::PAYLOAD_TOO_LARGE, text)
    }
}

/// Returns the announced length. hyper has rejected values that are not numbers, except for
/// numbers that are too large.
fn announced(headers: &HeaderMap) -> Option<usize> {
    let length = headers.get(CONTENT_LENGTH)?.to_str().ok()?;
    Some(length.parse().unwrap_or(usize::MAX))
}

/// Returns whether the body is compressed.
fn is_packed(headers: &HeaderMap) -> Result<bool, Answer> {
    let refuse = |text| Err(Answer::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let media = text(CONTENT_TYPE).and_then(|value| value.split(';').next());
    if !media.is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json")) {
        return refuse("the content type must be application/json");
    }
    match text(CONTENT_ENCODING) {
        None => Ok(false),
        Some(coding) if coding.eq_ignore_ascii_case("identity") => Ok(false),
        Some(coding) if coding.eq_ignore_ascii_case("gzip") => Ok(true),
        Some(_) => refuse("the content encoding must be gzip or absent"),
    }
}

fn kibibytes(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}
