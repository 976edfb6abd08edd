//! The HTTP server that API servers send to.
//!
//! It speaks HTTP/1.1 over TLS: an API server falls back to that if HTTP/2 is not offered, and
//! it needs only a few connections.

mod answer;
mod body;
mod client_name;
mod connection;
mod credentials;
mod guests;
mod handler;
mod intake;
mod recent;
mod refusals;
mod reload;
mod sender;
mod token;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use credentials::{CredentialFiles, Credentials};
use guests::{GuestPass, Guests};
use handler::Handler;
use refusals::Refusals;
use wardline_telemetry::WebhookTelemetry;

use super::log::Appender;
use super::{WebhookError, WebhookSettings};

/// How many threads serve API servers. They spend most of their time on TLS and decompression.
const THREADS: usize = 2;
/// How long requests in progress may take when the host stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);
/// How long to pause if no connection can be accepted, for instance because of too many open
/// files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A server that listens until it is dropped.
pub(super) struct Server {
    stop: watch::Sender<bool>,
    refusals: Refusals,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts to listen. On success, requests are answered.
    pub fn start(
        settings: WebhookSettings,
        appender: Appender,
        telemetry: WebhookTelemetry,
    ) -> Result<Self, WebhookError> {
        let files = CredentialFiles::read(&settings)?;
        let credentials = Credentials::new(&settings, &files)?;
        let address = settings.listen;
        let listen_error = |error| WebhookError::Listen { address, error };
        let listener = TcpListener::bind(address).map_err(listen_error)?;
        listener.set_nonblocking(true).map_err(listen_error)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("wardline-webhook")
            .enable_all()
            .build()
            .map_err(WebhookError::Start)?;
        let listener = {
            let _guard = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(listen_error)?
        };
        let address = listener.local_addr().map_err(listen_error)?;
        telemetry.listening(address, settings.tls.is_some());
        let (stop, stopping) = watch::channel(false);
        let handler = Arc::new(Handler::new(
            settings,
            credentials,
            appender,
            telemetry,
            stopping.clone(),
        ));
        let refusals = handler.refusals.clone();
        let thread = std::thread::Builder::new()
            .name("wardline-webhook".into())
            .spawn(move || {
                runtime.block_on(accept(Arc::clone(&handler), listener, files, stopping));
                // Remaining tasks get no more time, and release the queue.
                runtime.shutdown_timeout(ACCEPT_PAUSE);
            })
            .map_err(WebhookError::Start)?;
        Ok(Self {
            stop,
            refusals,
            thread: Some(thread),
        })
    }

    /// Returns the number of requests that were refused for want of valid credentials, by reason.
    pub fn refusals(&self) -> BTreeMap<String, u64> {
        self.refusals.counts()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has reported itself.
            drop(thread.join());
        }
    }
}

/// Accepts connections until the host stops, and then waits for requests in progress.
async fn accept(
    handler: Arc<Handler>,
    listener: tokio::net::TcpListener,
    files: CredentialFiles,
    mut stopping: watch::Receiver<bool>,
) {
    let limit = handler.settings.limits.connections;
    let guests = Guests::new(limit);
    let reload = tokio::spawn(reload::reload(Arc::clone(&handler), files));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.changed() => break,
        };
        match accepted {
            Ok((stream, address)) => {
                // A connection without credentials makes room for the next one.
                let (pass, closed) = guests.enter(address.ip());
                let serving = serve(&handler, stream, (address, pass), &stopping);
                tokio::spawn(async move {
                    tokio::select! {
                        () = serving => {}
                        () = closed => {}
                    }
                });
            }
            Err(error) => {
                handler.telemetry.accept_failed(&error);
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    reload.abort();
    // A sender whose request takes longer gets no answer, and sends it again.
    drop(timeout(SHUTDOWN_GRACE, guests.until_empty()).await);
}

fn serve(
    handler: &Arc<Handler>,
    stream: tokio::net::TcpStream,
    from: (SocketAddr, GuestPass),
    stopping: &watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send + 'static {
    // Answers are short: waiting for more data gains nothing.
    let _ = stream.set_nodelay(true);
    connection::serve(Arc::clone(handler), stream, from, stopping.clone())
}
