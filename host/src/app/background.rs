//! The thread of the API and signals, and what loaders hand to the judging thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use wardline_text::chain_with_hint;

use super::AppError;
use crate::api::{ApiState, serve};
use crate::config::Config;

/// How often a thread that waits looks whether it should stop.
const LOOK: Duration = Duration::from_millis(100);

/// The newest of something that the judging thread has not put to work yet.
pub(super) struct Mailbox<T>(Arc<Mutex<Option<T>>>);

impl<T> Clone for Mailbox<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Mailbox<T> {
    pub fn put(&self, newest: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(newest);
    }

    pub fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Ends with the host: on SIGTERM and SIGINT the API's thread tells all others.
pub(super) fn start_api(
    config: &Config,
    state: ApiState,
    stop: &Arc<AtomicBool>,
) -> Result<JoinHandle<()>, AppError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| AppError::Start {
            what: "the runtime of the API",
            error,
        })?;
    let (socket, stop) = (config.socket.clone(), Arc::clone(stop));
    let signals = {
        let _guard = runtime.enter();
        Signals::new()?
    };
    std::thread::Builder::new()
        .name("wardline-api".into())
        .spawn(move || {
            runtime.block_on(async move {
                let (ended, end) = tokio::sync::oneshot::channel::<()>();
                let watch = async {
                    signals.wait(&stop).await;
                    stop.store(true, Ordering::SeqCst);
                    // The server may have ended before.
                    let _ = ended.send(());
                };
                let answer = async {
                    let Some(socket) = socket else { return };
                    let ended = async {
                        // An error means that the other side is gone: end too.
                        let _ = end.await;
                    };
                    if let Err(error) = serve(&socket, state, ended).await {
                        tracing::error!("the API is not available: {}", chain_with_hint(&error));
                    }
                };
                tokio::join!(watch, answer);
            });
        })
        .map_err(|error| AppError::Start {
            what: "the thread of the API",
            error,
        })
}

/// The number of the signal on Linux (signal(7); other on MIPS, which Wardline does not support).
const SIGXFSZ: i32 = 25;

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    /// The signal for a file beyond `ulimit -f`, whose default ends the host: the write fails, and
    /// is retried like on a full disk.
    _file_size: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self, AppError> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|error| AppError::Start {
                what: "listening to signals",
                error,
            })
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            _file_size: listen(SignalKind::from_raw(SIGXFSZ))?,
        })
    }

    /// Until a signal comes, or the host stops for another reason.
    async fn wait(mut self, stop: &AtomicBool) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                () = tokio::time::sleep(LOOK) => if stop.load(Ordering::SeqCst) { return },
            }
        }
    }
}
