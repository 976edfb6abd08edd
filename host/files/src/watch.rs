//! Reports when a directory may have changed.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

/// Changes come in bursts (a copy is many writes): the watcher waits until there was none for
/// this long.
const QUIET: Duration = Duration::from_millis(50);
/// The longest wait for the end of a burst.
const LATEST: Duration = Duration::from_millis(300);

/// Wakes the thread that reads a directory.
///
/// Notifications from the operating system only shorten the wait: network file systems and some
/// container file systems send none, and a replaced directory takes its watch with it. The
/// directory is therefore due at every interval anyway.
pub struct Watcher {
    directory: PathBuf,
    interval: Duration,
    depth: RecursiveMode,
    notices: Receiver<()>,
    sender: Sender<()>,
    watcher: Option<RecommendedWatcher>,
    watched: Option<(u64, u64)>,
}

impl Watcher {
    /// Watches a directory, and its parent, where a replacement of the directory shows.
    #[must_use]
    pub fn new(directory: &Path, interval: Duration) -> Self {
        Self::with(directory, interval, RecursiveMode::NonRecursive)
    }

    /// Watches a directory and all directories in it.
    #[must_use]
    pub fn recursive(directory: &Path, interval: Duration) -> Self {
        Self::with(directory, interval, RecursiveMode::Recursive)
    }

    fn with(directory: &Path, interval: Duration, depth: RecursiveMode) -> Self {
        let (sender, notices) = bounded(1);
        let mut watcher = Self {
            directory: directory.to_owned(),
            interval,
            depth,
            notices,
            sender,
            watcher: None,
            watched: None,
        };
        watcher.rearm();
        watcher
    }

    /// Returns a function that wakes the waiting thread at once from any other thread.
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let sender = self.sender.clone();
        move || {
            // A full channel means that the thread is awake already.
            let _ = sender.try_send(());
        }
    }

    /// Waits until the directory is due.
    pub fn wait(&mut self) {
        if self.notices.recv_timeout(self.interval).is_ok() {
            let latest = Instant::now() + LATEST;
            while Instant::now() < latest && self.notices.recv_timeout(QUIET).is_ok() {}
        }
        self.rearm();
    }

    /// Watches the directory again if it was replaced by another of the same name.
    fn rearm(&mut self) {
        let identity = std::fs::metadata(&self.directory)
            .map(|data| (data.dev(), data.ino()))
            .ok();
        if self.watcher.is_some() && identity == self.watched {
            return;
        }
        self.watched = identity;
        let sender = self.sender.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !event.kind.is_access()) {
                let _ = sender.try_send(());
            }
        });
        let Ok(mut watcher) = watcher else {
            self.watcher = None;
            return;
        };
        // If there is no watch, the interval still works.
        let _ = watcher.watch(&self.directory, self.depth);
        if let Some(parent) = self.directory.parent() {
            let _ = watcher.watch(parent, RecursiveMode::NonRecursive);
        }
        self.watcher = Some(watcher);
    }
}
