//! The threads of the API and of signals, and what loaders hand to the judging thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Runtime;
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

/// Starts the thread of signals: on SIGTERM and SIGINT it tells all others to stop. Started first, so
/// that no signal ends the host in the middle of something.
pub(super) fn start_signals(stop: &Arc<AtomicBool>) -> Result<JoinHandle<()>, AppError> {
    let runtime = runtime("the runtime of signals")?;
    let stop = Arc::clone(stop);
    let signals = {
        let _guard = runtime.enter();
        Signals::new()?
    };
    spawn("wardline-signals", "the thread of signals", move || {
        runtime.block_on(signals.wait(&stop));
        stop.store(true, Ordering::SeqCst);
    })
}

/// Starts the thread of the API, which ends with the host.
pub(super) fn start_api(
    config: &Config,
    state: ApiState,
    stop: &Arc<AtomicBool>,
) -> Result<JoinHandle<()>, AppError> {
    let runtime = runtime("the runtime of the API")?;
    let (socket, stop) = (config.socket.clone(), Arc::clone(stop));
    spawn("wardline-api", "the thread of the API", move || {
        let Some(socket) = socket else { return };
        let ended = async move {
            while !stop.load(Ordering::SeqCst) {
                tokio::time::sleep(LOOK).await;
            }
        };
        if let Err(error) = runtime.block_on(serve(&socket, state, ended)) {
            tracing::error!("the API is not available: {}", chain_with_hint(&error));
        }
    })
}

fn runtime(what: &'static str) -> Result<Runtime, AppError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| AppError::Start { what, error })
}

fn spawn(
    name: &str,
    what: &'static str,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, AppError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| AppError::Start { what, error })
}

/// The number of the signal on Linux (signal(7); other on MIPS, which Wardline does not support).
const SIGXFSZ: i32 = 25;

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
    user: [tokio::signal::unix::Signal; 2],
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
            hangup: listen(SignalKind::hangup())?,
            user: [
                listen(SignalKind::user_defined1())?,
                listen(SignalKind::user_defined2())?,
            ],
            _file_size: listen(SignalKind::from_raw(SIGXFSZ))?,
        })
    }

    /// Until a signal to end comes, or the host stops for another reason. Other signals end daemons
    /// that do not listen to them.
    async fn wait(mut self, stop: &AtomicBool) {
        let [first, second] = &mut self.user;
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hangup.recv() => tracing::info!(
                    "SIGHUP: detectors, lists, rules, certificates, and tokens are reloaded whenever they change; restart the host for a changed configuration"
                ),
                _ = first.recv() => tracing::info!("SIGUSR1 has no meaning here"),
                _ = second.recv() => tracing::info!("SIGUSR2 has no meaning here"),
                () = tokio::time::sleep(LOOK) => if stop.load(Ordering::SeqCst) { return },
            }
        }
    }
}
