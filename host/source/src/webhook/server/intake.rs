//! Reads request bodies into memory, with a bound on all of them together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use hyper::{HeaderMap, Request, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::block_in_place;
use tokio::time::timeout;

use super::answer::Answer;
use super::body::{BodyError, receive, unpack};
use super::credentials::Credential;
use crate::webhook::WebhookLimits;

/// The memory for all bodies, as a multiple of the limit for one.
const BODIES: usize = 6;
/// The memory for the bodies of one credential: enough for one that is compressed, and for another.
const SHARE: usize = 3;

/// Reads bodies within a memory budget.
pub(super) struct BodyReader {
    /// The maximum size of one body, in bytes.
    limit: usize,
    time: Duration,
    /// The memory budget, in KiB. A body holds as much as has arrived of it, so that one that comes
    /// slowly, or never, takes nothing from others.
    room: Arc<Semaphore>,
    /// The part of the budget that one credential may hold, for each that holds any.
    shares: Mutex<HashMap<Credential, Arc<Semaphore>>>,
}

/// A body, and the memory that it holds until it is dropped.
pub(super) struct Body {
    pub bytes: Bytes,
    _room: Room,
}

/// Memory that a body holds.
pub(super) struct Room {
    all: Arc<Semaphore>,
    share: Arc<Semaphore>,
    held: Vec<OwnedSemaphorePermit>,
    kibibytes: usize,
}

impl Room {
    /// Holds room for so many bytes in all. Waits if there is none; whoever waits too long for all
    /// of its body is told to come again.
    pub async fn grow(&mut self, bytes: usize) {
        let wanted = kibibytes(bytes);
        let missing = wanted.saturating_sub(self.kibibytes);
        let Ok(count) = u32::try_from(missing) else {
            return;
        };
        if count == 0 {
            return;
        }
        for semaphore in [&self.share, &self.all] {
            // The semaphores are never closed.
            if let Ok(permit) = Arc::clone(semaphore).acquire_many_owned(count).await {
                self.held.push(permit);
            }
        }
        self.kibibytes = wanted;
    }
}

impl BodyReader {
    pub fn new(limits: &WebhookLimits) -> Self {
        Self {
            limit: limits.body,
            time: limits.body_time,
            room: Arc::new(Semaphore::new(kibibytes(limits.body) * BODIES)),
            shares: Mutex::default(),
        }
    }

    fn room(&self, credential: Credential) -> Room {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever has no request at present has no entry.
        shares.retain(|_, share| Arc::strong_count(share) > 1);
        let share = shares
            .entry(credential)
            .or_insert_with(|| Arc::new(Semaphore::new(kibibytes(self.limit) * SHARE)));
        Room {
            all: Arc::clone(&self.room),
            share: Arc::clone(share),
            held: Vec::new(),
            kibibytes: 0,
        }
    }

    /// Reads and decompresses the body of a request.
    ///
    /// # Errors
    /// Returns the answer for the sender.
    pub async fn read(
        &self,
        request: Request<Incoming>,
        credential: Credential,
    ) -> Result<Body, Answer> {
        let (head, body) = request.into_parts();
        let is_packed = is_packed(&head.headers)?;
        let announced = announced(&head.headers);
        if announced.is_some_and(|announced| announced > self.limit) {
            return Err(self.too_large());
        }
        let mut room = self.room(credential);
        let late = |text| Answer::new(StatusCode::REQUEST_TIMEOUT, text);
        let received = receive(body, self.limit, &mut room);
        let received = timeout(self.time, received)
            .await
            .map_err(|_| late("the body did not arrive in time (`webhook.body-time`)"))?;
        let bytes = match received {
            Ok(bytes) if is_packed => {
                timeout(self.time, room.grow(bytes.len() + self.limit))
                    .await
                    .map_err(|_| Answer::unavailable("too many concurrent bodies"))?;
                block_in_place(|| unpack(&bytes, self.limit))
            }
            Ok(bytes) => Ok(Bytes::from(bytes)),
            Err(error) => Err(error),
        };
        let malformed = |text| Answer::new(StatusCode::BAD_REQUEST, text);
        match bytes {
            Ok(bytes) => Ok(Body { bytes, _room: room }),
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
