//! Where every request comes in.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use hyper::{HeaderMap, Method, Request, StatusCode};
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::task::block_in_place;
use tokio::time::timeout;

use super::answer::Answer;
use super::body::{BodyError, Verdict, inspect, receive, unpack};
use super::credentials::Credentials;
use super::sender::{Senders, sender};
use crate::source::webhook::WebhookSettings;
use crate::source::webhook::log::{Appender, Entry};
use crate::telemetry::WebhookMetrics;
use crate::text::shown;

/// Where probes of health ask; no sender is called so.
const HEALTH: &str = "/healthz";
/// Bodies that are read at once have at most so many times the limit of one.
const BODIES: usize = 4;
/// Malformed bodies that are remembered, so that one that comes again is kept once. An API
/// server sends a batch five times.
const MALFORMED: usize = 64;
/// Bytes of what a body's fault is described with.
const DETAIL: usize = 200;

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer {
    pub address: SocketAddr,
    /// Whether it showed a certificate, which was verified.
    pub has_certificate: bool,
}

/// What all connections share.
pub(super) struct Door {
    pub settings: WebhookSettings,
    pub credentials: watch::Sender<Arc<Credentials>>,
    pub metrics: WebhookMetrics,
    stopping: watch::Receiver<bool>,
    appender: Appender,
    senders: Senders,
    /// In KiB.
    room: Semaphore,
    malformed: Mutex<VecDeque<[u8; 32]>>,
}

impl Door {
    pub fn new(
        settings: WebhookSettings,
        credentials: Credentials,
        appender: Appender,
        metrics: WebhookMetrics,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self {
            room: Semaphore::new(kibibytes(settings.limits.body) * BODIES),
            settings,
            credentials: watch::Sender::new(Arc::new(credentials)),
            metrics,
            stopping,
            appender,
            senders: Senders::default(),
            malformed: Mutex::new(VecDeque::new()),
        }
    }

    /// Answers a request, and counts it.
    pub async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Answer {
        let answer = self
            .decide(request, peer)
            .await
            .unwrap_or_else(|other| other);
        self.metrics.answered(answer.code.as_u16());
        answer
    }

    async fn decide(&self, request: Request<Incoming>, peer: Peer) -> Result<Answer, Answer> {
        if *self.stopping.borrow() {
            return Err(Answer::unavailable("the host is stopping"));
        }
        let path = request.uri().path();
        if path == HEALTH {
            return self.health(request.method());
        }
        let Some(name) = sender(&self.settings.path, path) else {
            return Err(Answer::new(
                StatusCode::NOT_FOUND,
                format!(
                    "nothing is here: events go to {}/ and the name of the cluster",
                    self.settings.path
                ),
            ));
        };
        if request.method() != Method::POST {
            return Err(Answer::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "events are sent with POST",
            ));
        }
        self.authenticate(request.headers(), peer)?;
        if !self.senders.admit(name) {
            return Err(Answer::new(
                StatusCode::NOT_FOUND,
                "too many clusters with different names have sent events",
            ));
        }
        let name = name.to_owned();
        let body = match timeout(self.settings.limits.body_time, self.body(request)).await {
            Ok(body) => body?,
            Err(_) => {
                let text = "the body did not come in time";
                return Err(Answer::new(StatusCode::REQUEST_TIMEOUT, text));
            }
        };
        self.take(name, body, peer).await
    }

    fn health(&self, method: &Method) -> Result<Answer, Answer> {
        if method != Method::GET && method != Method::HEAD {
            let text = "health is asked with GET";
            return Err(Answer::new(StatusCode::METHOD_NOT_ALLOWED, text));
        }
        match self.appender.check(self.settings.limits.body as u64) {
            Ok(()) => Ok(Answer::ok()),
            Err(refusal) => Err(Answer::unavailable(&refusal.to_string())),
        }
    }

    fn authenticate(&self, headers: &HeaderMap, peer: Peer) -> Result<(), Answer> {
        let authorization = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
        let credentials = self.credentials.borrow();
        if credentials.allow(authorization, peer.has_certificate) {
            return Ok(());
        }
        tracing::debug!(source = %self.settings.name, peer = %peer.address, "a sender showed no valid credentials");
        Err(Answer::new(
            StatusCode::UNAUTHORIZED,
            if credentials.needs_certificate && !peer.has_certificate {
                "a client certificate is needed"
            } else {
                "a valid bearer token is needed"
            },
        ))
    }

    /// The body, unpacked.
    async fn body(&self, request: Request<Incoming>) -> Result<Body<'_>, Answer> {
        let (head, body) = request.into_parts();
        let limit = self.settings.limits.body;
        let too_large = || {
            let text = format!("the body has more than {limit} bytes (`webhook.body-limit`)");
            Answer::new(StatusCode::PAYLOAD_TOO_LARGE, text)
        };
        let is_packed = kind_of(&head.headers)?;
        let announced = match head.headers.get(CONTENT_LENGTH) {
            // hyper has refused what is no number.
            Some(length) => length
                .to_str()
                .ok()
                .and_then(|length| length.parse::<usize>().ok())
                .filter(|length| *length <= limit)
                .ok_or_else(too_large)?,
            None => limit,
        };
        let needed = kibibytes(announced) + if is_packed { kibibytes(limit) } else { 0 };
        let needed = u32::try_from(needed).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        let room = self.room.acquire_many(needed).await.ok();
        let expected = if head.headers.contains_key(CONTENT_LENGTH) {
            announced
        } else {
            0
        };
        let received = receive(body, limit, expected).await;
        let bytes = match received {
            Ok(bytes) if is_packed => block_in_place(|| unpack(&bytes, limit)),
            Ok(bytes) => Ok(Bytes::from(bytes)),
            Err(error) => Err(error),
        };
        match bytes {
            Ok(bytes) => Ok(Body { bytes, _room: room }),
            Err(BodyError::TooLarge) => Err(too_large()),
            Err(BodyError::Broken) => Err(Answer::new(
                StatusCode::BAD_REQUEST,
                "the body ended before its end",
            )),
            Err(BodyError::NotPacked(error)) => Err(Answer::new(
                StatusCode::BAD_REQUEST,
                format!("the body cannot be unpacked: {error}"),
            )),
        }
    }

    /// Stores a body, and acknowledges it.
    async fn take(&self, sender: String, body: Body<'_>, peer: Peer) -> Result<Answer, Answer> {
        match block_in_place(|| inspect(&body.bytes)) {
            Verdict::Nothing => Ok(Answer::ok()),
            Verdict::Events => {
                self.store(sender, body).await?;
                Ok(Answer::ok())
            }
            Verdict::Malformed(why) => {
                let why = shown(&why, DETAIL);
                tracing::warn!(source = %self.settings.name, peer = %peer.address, sender, "a malformed body was refused: {why}");
                // It is kept all the same, once: what is whole in it is judged, and what is
                // not is counted and can be looked at.
                let digest = Sha256::digest(&body.bytes).into();
                let answer = Answer::new(
                    StatusCode::BAD_REQUEST,
                    format!("the body is no list of audit events: {why}"),
                );
                if body.bytes.trim_ascii().is_empty() || self.knows_malformed(&digest) {
                    return Err(answer);
                }
                self.store(sender, body).await?;
                self.remember_malformed(digest);
                Err(answer)
            }
        }
    }

    async fn store(&self, sender: String, body: Body<'_>) -> Result<(), Answer> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let received = since.map_or(0, |since| since.as_millis());
        let entry = Entry {
            received: u64::try_from(received).unwrap_or_default(),
            sender,
            body: body.bytes.clone(),
        };
        Ok(self.appender.append(entry).await?)
    }

    fn knows_malformed(&self, digest: &[u8; 32]) -> bool {
        let known = self.malformed.lock();
        known
            .unwrap_or_else(PoisonError::into_inner)
            .contains(digest)
    }

    fn remember_malformed(&self, digest: [u8; 32]) {
        let mut known = self
            .malformed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        known.push_back(digest);
        if known.len() > MALFORMED {
            known.pop_front();
        }
    }
}

/// A body, and the room that it takes until it is dropped.
struct Body<'d> {
    bytes: Bytes,
    _room: Option<SemaphorePermit<'d>>,
}

/// Whether the body is packed.
fn kind_of(headers: &HeaderMap) -> Result<bool, Answer> {
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
        Some(_) => refuse("the content encoding must be gzip, or none"),
    }
}

fn kibibytes(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}
