//! The threads that work beside the one that judges: the loader's, the API's, and that of
//! the suppression rules.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{AppError, observe};
use crate::api::{ApiState, serve};
use crate::config::Config;
use crate::detect::Generation;
use crate::plugin::{Loader, Watcher};
use crate::suppress::RuleDirectory;
use crate::telemetry::Metrics;

/// How often a thread that waits looks whether it should stop.
const LOOK: Duration = Duration::from_millis(100);

/// The newest generation that the judging thread has not put to work yet.
#[derive(Clone, Default)]
pub(super) struct Mailbox(Arc<Mutex<Option<Generation>>>);

impl Mailbox {
    pub fn put(&self, generation: Generation) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(generation);
    }

    pub fn take(&self) -> Option<Generation> {
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
                        tracing::error!("the API is not offered: {error}");
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

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
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

/// Looks at the directory of suppression rules until the host stops.
pub(super) fn start_rules(
    mut directory: RuleDirectory,
    path: &Path,
    rescan: Duration,
    metrics: &Metrics,
    stop: &Arc<AtomicBool>,
) -> Result<JoinHandle<()>, AppError> {
    let mut watcher = Watcher::new(path, rescan);
    let (metrics, stop) = (metrics.clone(), Arc::clone(stop));
    std::thread::Builder::new()
        .name("wardline-rules".into())
        .spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                watcher.wait();
                for event in directory.look(jiff::Timestamp::now()) {
                    observe::rules(&metrics, &event);
                }
            }
        })
        .map_err(|error| AppError::Start {
            what: "the thread of the suppression rules",
            error,
        })
}

pub(super) fn start_loader(
    mut loader: Loader,
    config: &Config,
    mailbox: &Mailbox,
    metrics: &Metrics,
    stop: &Arc<AtomicBool>,
) -> Result<JoinHandle<()>, AppError> {
    let mut watcher = Watcher::new(&config.plugin_directory, config.rescan);
    let (mailbox, metrics, stop) = (mailbox.clone(), metrics.clone(), Arc::clone(stop));
    std::thread::Builder::new()
        .name("wardline-loader".into())
        .spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                watcher.wait();
                for event in loader.look(&mut |generation| mailbox.put(generation)) {
                    observe::loader(&metrics, &event);
                }
            }
        })
        .map_err(|error| AppError::Start {
            what: "the loader's thread",
            error,
        })
}
