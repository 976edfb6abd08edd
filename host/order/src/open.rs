//! Requests that have been answered and continue: watches, execs, log streams.

use std::collections::{HashSet, VecDeque};

/// The identities of requests whose answer has begun and not ended.
///
/// The end, which may come minutes later and after a restart of the host, must not be taken for
/// a first answer.
#[derive(Default)]
pub(super) struct OpenRequests {
    ids: HashSet<u128>,
    order: VecDeque<u128>,
    changed: bool,
}

/// How many open requests are remembered. A busy API server has some thousands of watches. The
/// oldest request is forgotten first, and its end is then judged as a first answer.
const LIMIT: usize = 10_000;

impl OpenRequests {
    /// Begins a request, and returns whether it had not begun.
    pub fn begin(&mut self, request: u128) -> bool {
        self.insert(request)
    }

    fn insert(&mut self, request: u128) -> bool {
        if !self.ids.insert(request) {
            return false;
        }
        self.changed = true;
        self.order.push_back(request);
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
    pub fn end(&mut self, request: u128) -> bool {
        let known = self.ids.remove(&request);
        self.changed |= known;
        known
    }

    pub fn contains(&self, request: u128) -> bool {
        self.ids.contains(&request)
    }

    /// Returns all requests, oldest first, or `None` if nothing changed since the last call.
    pub fn take_changed(&mut self) -> Option<Vec<u8>> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let ids = &self.ids;
        self.order.retain(|id| ids.contains(id));
        Some(self.order.iter().flat_map(|id| id.to_le_bytes()).collect())
    }

    pub fn restore(&mut self, saved: &[u8]) {
        let (requests, _) = saved.as_chunks::<{ size_of::<u128>() }>();
        for request in requests {
            self.insert(u128::from_le_bytes(*request));
        }
        self.changed = false;
    }
}
