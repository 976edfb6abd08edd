//! Requests that have been answered and continue: watches, execs, log streams.

use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};

/// Separates the cluster from the audit id; neither HTTP nor a name of a cluster allows it.
const SEPARATOR: char = '\u{1f}';

/// The clusters and audit ids of requests whose answer has begun and not ended.
///
/// The end, which may come minutes later and after a restart of the host, must not be taken for
/// a first answer.
#[derive(Default)]
pub(super) struct OpenRequests {
    ids: HashSet<String>,
    order: VecDeque<String>,
    changed: bool,
}

/// How many open requests are remembered. A busy API server has some thousands of watches. The
/// oldest request is forgotten first, and its end is then judged as a first answer.
const LIMIT: usize = 10_000;

impl OpenRequests {
    /// Begins a request, and returns whether it had not begun.
    pub fn begin(&mut self, cluster: &str, audit_id: &str) -> bool {
        self.insert(key(cluster, audit_id).into_owned())
    }

    fn insert(&mut self, key: String) -> bool {
        if !self.ids.insert(key.clone()) {
            return false;
        }
        self.changed = true;
        self.order.push_back(key);
        while self.ids.len() > LIMIT {
            match self.order.pop_front() {
                Some(oldest) => self.ids.remove(&oldest),
                None => break,
            };
        }
        // Ended requests stay in the queue until a sweep is worthwhile.
        if self.order.len() > 2 * LIMIT {
            let ids = &self.ids;
            self.order.retain(|id| ids.contains(id));
        }
        true
    }

    /// Ends a request, and returns whether it had begun.
    pub fn end(&mut self, cluster: &str, audit_id: &str) -> bool {
        let known = self.ids.remove(&*key(cluster, audit_id));
        self.changed |= known;
        known
    }

    pub fn contains(&self, cluster: &str, audit_id: &str) -> bool {
        self.ids.contains(&*key(cluster, audit_id))
    }

    /// Returns all keys, oldest first, one per line, or `None` if nothing changed since the last
    /// call.
    pub fn take_changed(&mut self) -> Option<Vec<u8>> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let ids = &self.ids;
        self.order.retain(|id| ids.contains(id));
        let lines: Vec<&str> = self.order.iter().map(String::as_str).collect();
        Some(lines.join("\n").into_bytes())
    }

    pub fn restore(&mut self, saved: &[u8]) {
        for id in String::from_utf8_lossy(saved).lines() {
            self.insert(id.to_owned());
        }
        self.changed = false;
    }
}

/// Returns the audit id, preceded by the cluster if it has a name.
fn key<'a>(cluster: &str, audit_id: &'a str) -> Cow<'a, str> {
    if cluster.is_empty() {
        Cow::Borrowed(audit_id)
    } else {
        Cow::Owned(format!("{cluster}{SEPARATOR}{audit_id}"))
    }
}
