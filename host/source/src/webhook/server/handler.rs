//! Handles requests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::{HeaderMap, Method, Request, StatusCode};
use tokio::sync::watch;
use tokio::task::block_in_place;
use wardline_telemetry::WebhookTelemetry;
use wardline_text::shown;

use super::answer::Answer;
use super::body::{Verdict, inspect};
use super::credentials::{Credential, Credentials};
use super::guests::GuestPass;
use super::intake::{Body, BodyReader};
use super::recent::RecentBodies;
use super::refusals::Refusals;
use super::sender::{KnownSenders, sender};
use crate::webhook::WebhookSettings;
use crate::webhook::log::{Appender, LogEntry};

/// The path of health checks, which is not available to senders.
const HEALTH: &str = "/healthz";
/// The maximum length of an error detail, in bytes.
const MAX_DETAIL_BYTES: usize = 200;

/// The peer of a connection.
#[derive(Debug)]
pub(super) struct Peer {
    pub address: SocketAddr,
    /// The common name of its verified certificate, if it showed one.
    pub certificate: Option<String>,
    /// The place of a connection that has shown no credentials.
    pub pass: GuestPass,
}

/// The handler of all requests, shared by all connections.
pub(super) struct Handler {
    pub settings: WebhookSettings,
    pub credentials: watch::Sender<Arc<Credentials>>,
    pub telemetry: WebhookTelemetry,
    pub refusals: Refusals,
    stopping: watch::Receiver<bool>,
    appender: Appender,
    senders: KnownSenders,
    intake: BodyReader,
    recent: RecentBodies,
}

impl Handler {
    pub fn new(
        settings: WebhookSettings,
        credentials: Credentials,
        appender: Appender,
        telemetry: WebhookTelemetry,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self {
            intake: BodyReader::new(&settings.limits),
            settings,
            credentials: watch::Sender::new(Arc::new(credentials)),
            telemetry,
            refusals: Refusals::default(),
            stopping,
            appender,
            senders: KnownSenders::default(),
            recent: RecentBodies::new(),
        }
    }

    /// Answers a request, and counts the answer.
    pub async fn answer(&self, request: Request<Incoming>, peer: &Peer) -> Answer {
        let answer = self
            .handle(request, peer)
            .await
            .unwrap_or_else(|other| other);
        self.telemetry.answered(answer.code.as_u16());
        answer
    }

    async fn handle(&self, request: Request<Incoming>, peer: &Peer) -> Result<Answer, Answer> {
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
                    "not found: send events to {}/ followed by the name of the cluster",
                    self.settings.path
                ),
            ));
        };
        if request.method() != Method::POST {
            return Err(Answer::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "send events with POST",
            ));
        }
        let credential = self.authenticate(request.headers(), name, peer)?;
        if !peer.pass.promote() {
            return Err(Answer::unavailable(
                "too many connections (`webhook.connections`)",
            ));
        }
        let name = name.to_owned();
        let body = self.intake.read(request, credential).await?;
        self.ingest(name, body, (peer, credential)).await
    }

    fn health(&self, method: &Method) -> Result<Answer, Answer> {
        if method != Method::GET && method != Method::HEAD {
            let text = "check health with GET";
            return Err(Answer::new(StatusCode::METHOD_NOT_ALLOWED, text));
        }
        match self.appender.check(self.settings.limits.body as u64) {
            Ok(()) => Ok(Answer::ok()),
            Err(refusal) => Err(Answer::unavailable(&refusal.to_string())),
        }
    }

    fn authenticate(
        &self,
        headers: &HeaderMap,
        cluster: &str,
        peer: &Peer,
    ) -> Result<Credential, Answer> {
        let authorization = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
        let credentials = self.credentials.borrow();
        let refuse = |code, missing: &'static str| {
            self.telemetry.unauthenticated(peer.address, &missing);
            self.refusals.add(missing);
            Answer::new(code, missing)
        };
        let credential = credentials
            .check(authorization, peer.certificate.as_deref())
            .map_err(|missing| refuse(StatusCode::UNAUTHORIZED, missing))?;
        if !credentials.may_post_for(credential, cluster) {
            return Err(refuse(
                StatusCode::FORBIDDEN,
                "the token may not post for this cluster (names behind the token in `token-file`)",
            ));
        }
        if !self
            .senders
            .admit(cluster, credential, credentials.tokens())
        {
            return Err(Answer::new(
                StatusCode::NOT_FOUND,
                "too many different cluster names have sent events",
            ));
        }
        Ok(credential)
    }

    /// Stores a body, and acknowledges it.
    async fn ingest(
        &self,
        sender: String,
        body: Body,
        (peer, credential): (&Peer, Credential),
    ) -> Result<Answer, Answer> {
        let (verdict, digest) = block_in_place(|| {
            let digest = self.recent.digest(&sender, &body.bytes);
            (inspect(&body.bytes), digest)
        });
        let answer = match verdict {
            Verdict::Nothing => return Ok(Answer::ok()),
            Verdict::Events => Answer::ok(),
            // The body is kept: its valid parts are judged, and the rest is counted as rejected
            // and can be inspected.
            Verdict::Malformed(why) => {
                let why = shown(&why, MAX_DETAIL_BYTES);
                self.telemetry.malformed(peer.address, &sender, &why);
                Answer::new(
                    StatusCode::BAD_REQUEST,
                    format!("the body is not a list of audit events: {why}"),
                )
            }
        };
        // Anything but a list of events may be an envelope that names another cluster.
        if credential.is_bound && answer.code != StatusCode::OK {
            return Ok(answer);
        }
        if self.recent.contains(digest) {
            self.telemetry.duplicate();
        } else if !body.bytes.trim_ascii().is_empty() {
            self.store(sender, body).await?;
            self.recent.insert(digest);
        }
        Ok(answer)
    }

    async fn store(&self, sender: String, body: Body) -> Result<(), Answer> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let received = since.map_or(0, |since| since.as_millis());
        let entry = LogEntry {
            received: u64::try_from(received).unwrap_or_default(),
            sender,
            body: body.bytes.clone(),
        };
        Ok(self.appender.append(entry).await?)
    }
}
