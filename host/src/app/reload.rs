//! The threads that keep detectors, intel lists, and suppression rules equal to their files.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use wardline_detect::Generation;
use wardline_files::Watcher;
use wardline_finding::suppress::RuleDirectory;
use wardline_intel::{Intel, ListLoader};

use super::AppError;
use super::background::Mailbox;
use super::observe::Telemetry;
use crate::config::Config;
use crate::plugin::Loader;

/// How long a thread may take to end.
const GRACE: Duration = Duration::from_secs(2);

/// A thread that checks files.
pub(super) struct ReloadThread {
    thread: JoinHandle<()>,
    wake: Box<dyn Fn() + Send>,
}

impl ReloadThread {
    /// Starts a thread that calls `check` whenever the watcher says so, until the host stops.
    fn start(
        name: &str,
        what: &'static str,
        mut watcher: Watcher,
        stop: &Arc<AtomicBool>,
        mut check: impl FnMut() + Send + 'static,
    ) -> Result<Self, AppError> {
        let wake = Box::new(watcher.waker());
        let stop = Arc::clone(stop);
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                loop {
                    watcher.wait();
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    check();
                }
            })
            .map(|thread| Self { thread, wake })
            .map_err(|error| AppError::Start { what, error })
    }

    /// Waits for the thread to end, once the host stops. It does not check the files again.
    /// A thread that compiles is not waited for; it ends with the process.
    pub fn end(self) {
        (self.wake)();
        let end = Instant::now() + GRACE;
        while !self.thread.is_finished() {
            if Instant::now() >= end {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        // A thread that panicked has reported itself.
        drop(self.thread.join());
    }
}

/// Loads detectors, sets `is_loaded` once that is done, and reloads them when they change.
pub(super) fn start_loader(
    mut loader: Loader,
    config: &Config,
    mailbox: &Mailbox<Generation>,
    telemetry: &Arc<Telemetry>,
    is_loaded: &Arc<AtomicBool>,
    stop: &Arc<AtomicBool>,
) -> Result<ReloadThread, AppError> {
    let watcher = Watcher::new(&config.plugin_directory, config.rescan);
    let (mailbox, telemetry) = (mailbox.clone(), Arc::clone(telemetry));
    let is_loaded = Arc::clone(is_loaded);
    let wake = Box::new(watcher.waker());
    let check = move || {
        for event in loader.look(&mut |generation| mailbox.put(generation)) {
            telemetry.plugin.changed(&event);
        }
        is_loaded.store(true, Ordering::SeqCst);
    };
    let what = "the loader's thread";
    let thread = ReloadThread::start("wardline-loader", what, watcher, stop, check)?;
    // Detectors are loaded at once, not only when a file changes.
    wake();
    Ok(thread)
}

/// Reloads intel lists. Returns `None` if there are no lists.
pub(super) fn start_lists(
    mut loader: ListLoader,
    config: &Config,
    mailbox: &Mailbox<Arc<Intel>>,
    telemetry: &Arc<Telemetry>,
    stop: &Arc<AtomicBool>,
) -> Result<Option<ReloadThread>, AppError> {
    let Some((directory, is_deep)) = loader.watched() else {
        return Ok(None);
    };
    let watcher = if is_deep {
        Watcher::recursive(directory, config.intel.rescan)
    } else {
        Watcher::new(directory, config.intel.rescan)
    };
    let (mailbox, telemetry) = (mailbox.clone(), Arc::clone(telemetry));
    let check = move || {
        let look = loader.look(jiff::Timestamp::now());
        if let Some(lists) = look.lists {
            mailbox.put(lists);
        }
        for event in &look.events {
            telemetry.intel.changed(event);
        }
        telemetry.intel.lists(&loader.board().read());
    };
    let what = "the thread of the lists";
    ReloadThread::start("wardline-lists", what, watcher, stop, check).map(Some)
}

/// Reloads suppression rules.
pub(super) fn start_rules(
    mut directory: RuleDirectory,
    path: &Path,
    rescan: Duration,
    telemetry: &Arc<Telemetry>,
    stop: &Arc<AtomicBool>,
) -> Result<ReloadThread, AppError> {
    let telemetry = Arc::clone(telemetry);
    let check = move || {
        for event in directory.look(jiff::Timestamp::now()) {
            telemetry.suppression.changed(&event);
        }
    };
    let what = "the thread of the suppression rules";
    ReloadThread::start(
        "wardline-rules",
        what,
        Watcher::new(path, rescan),
        stop,
        check,
    )
}
