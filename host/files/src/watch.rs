//! Says when a directory may have changed.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

/// Changes come in bursts (a copy is many writes); the look waits until there was
/// none for this long,
const QUIET: Duration = Duration::from_millis(50);
/// but not longer than this.
const LATEST: Duration = Duration::from_millis(300);

/// Wakes whoever looks at a directory. The operating system's notices only shorten the wait: network
/// file systems and some container file systems send none, and a directory that is
/// replaced takes its watch with it, so that a look is due at the interval anyway.
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
    /// Watches a directory, and the one that it lies in, where a replacement shows.
    #[must_use]
    pub fn new(directory: &Path, interval: Duration) -> Self {
        Self::with(directory, interval, RecursiveMode::NonRecursive)
    }

    /// Watches the directories in it too.
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

    /// Something that wakes the waiting thread at once, from any other.
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let sender = self.sender.clone();
        move || {
            // Full means that it is awake already.
            let _ = sender.try_send(());
        }
    }

    /// Waits until it is time to look again.
    pub fn wait(&mut self) {
        if self.notices.recv_timeout(self.interval).is_ok() {
            let latest = Instant::now() + LATEST;
            while Instant::now() < latest && self.notices.recv_timeout(QUIET).is_ok() {}
        }
        self.rearm();
    }

    /// A directory that was replaced is another one under the same name.
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
        // Without a watch the interval still works.
        let _ = watcher.watch(&self.directory, self.depth);
        if let Some(parent) = self.directory.parent() {
            let _ = watcher.watch(parent, RecursiveMode::NonRecursive);
        }
        self.watcher = Some(watcher);
    }
}
