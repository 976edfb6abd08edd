//! Requests that have been answered and continue: watches, execs, log streams.

use std::collections::{HashSet, VecDeque};

/// The audit ids of requests whose answer has begun and not ended.
///
/// The end, which may come minutes later and after a restart of the host, must not be taken for
/// a first answer.
#[derive(Default)]
pub(super) struct Open {
    ids: HashSet<String>,
    order: VecDeque<String>,
    changed: bool,
}

/// How many open requests are remembered. A busy API server has some thousands of watches. The
/// oldest request is forgotten first, and its end is then judged as a first answer.
const LIMIT: usize = 10_000;

impl Open {
    pub fn begin(&mut self, audit_id: &str) {
        if !self.ids.insert(audit_id.to_owned()) {
            return;
        }
        self.changed = true;
        self.order.push_back(audit_id.to_owned());
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
    }

    /// Ends a request, and returns whether it had begun.
    pub fn end(&mut self, audit_id: &str) -> bool {
        let known = self.ids.remove(audit_id);
        self.changed |= known;
        known
    }

    pub fn contains(&self, audit_id: &str) -> bool {
        self.ids.contains(audit_id)
    }

    /// Returns all ids, oldest first, one per line, or `None` if nothing changed since the last
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
            self.begin(id);
        }
        self.changed = false;
    }
}
