//! The threads that work beside the one that judges: those of the loaders and the API's.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use wardline_detect::Generation;
use wardline_files::Watcher;
use wardline_finding::suppress::RuleDirectory;
use wardline_intel::{Intel, ListLoader};
use wardline_text::chain_with_hint;

use super::AppError;
use super::observe::Telemetry;
use crate::api::{ApiState, serve};
use crate::config::Config;
use crate::plugin::Loader;

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

/// A thread that looks at files now and then.
pub(super) struct Looking {
    thread: JoinHandle<()>,
    wake: Box<dyn Fn() + Send>,
}

impl Looking {
    /// Waits for its end, once it is told to stop. It need not look once more for that.
    pub fn end(self) {
        (self.wake)();
        // A thread that panicked has reported itself.
        drop(self.thread.join());
    }
}

/// Looks at the directory of suppression rules until the host stops.
pub(super) fn start_rules(
    mut directory: RuleDirectory,
    path: &Path,
    rescan: Duration,
    telemetry: &Arc<Telemetry>,
    stop: &Arc<AtomicBool>,
) -> Result<Looking, AppError> {
    let mut watcher = Watcher::new(path, rescan);
    let wake = Box::new(watcher.waker());
    let (telemetry, stop) = (Arc::clone(telemetry), Arc::clone(stop));
    std::thread::Builder::new()
        .name("wardline-rules".into())
        .spawn(move || {
            loop {
                watcher.wait();
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                for event in directory.look(jiff::Timestamp::now()) {
                    telemetry.suppression.changed(&event);
                }
            }
        })
        .map(|thread| Looking { thread, wake })
        .map_err(|error| AppError::Start {
            what: "the thread of the suppression rules",
            error,
        })
}

pub(super) fn start_loader(
    mut loader: Loader,
    config: &Config,
    mailbox: &Mailbox<Generation>,
    telemetry: &Arc<Telemetry>,
    stop: &Arc<AtomicBool>,
) -> Result<Looking, AppError> {
    let mut watcher = Watcher::new(&config.plugin_directory, config.rescan);
    let wake = Box::new(watcher.waker());
    let (mailbox, telemetry, stop) = (mailbox.clone(), Arc::clone(telemetry), Arc::clone(stop));
    std::thread::Builder::new()
        .name("wardline-loader".into())
        .spawn(move || {
            loop {
                watcher.wait();
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                for event in loader.look(&mut |generation| mailbox.put(generation)) {
                    telemetry.plugin.changed(&event);
                }
            }
        })
        .map(|thread| Looking { thread, wake })
        .map_err(|error| AppError::Start {
            what: "the loader's thread",
            error,
        })
}

/// None if there are no lists.
pub(super) fn start_lists(
    mut loader: ListLoader,
    config: &Config,
    mailbox: &Mailbox<Arc<Intel>>,
    telemetry: &Arc<Telemetry>,
    stop: &Arc<AtomicBool>,
) -> Result<Option<Looking>, AppError> {
    let Some((directory, is_deep)) = loader.watched() else {
        return Ok(None);
    };
    let mut watcher = if is_deep {
        Watcher::recursive(directory, config.intel.rescan)
    } else {
        Watcher::new(directory, config.intel.rescan)
    };
    let wake = Box::new(watcher.waker());
    let (mailbox, telemetry, stop) = (mailbox.clone(), Arc::clone(telemetry), Arc::clone(stop));
    std::thread::Builder::new()
        .name("wardline-lists".into())
        .spawn(move || {
            loop {
                watcher.wait();
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let look = loader.look(jiff::Timestamp::now());
                if let Some(lists) = look.lists {
                    mailbox.put(lists);
                }
                for event in &look.events {
                    telemetry.intel.changed(event);
                }
                telemetry.intel.lists(&loader.board().read());
            }
        })
        .map(|thread| Some(Looking { thread, wake }))
        .map_err(|error| AppError::Start {
            what: "the thread of the lists",
            error,
        })
}
