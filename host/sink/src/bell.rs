//! Wakes the threads that deliver.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tells threads that findings were committed, or that they should stop.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    state: Mutex<State>,
    rung: Condvar,
}

#[derive(Debug, Default, Clone, Copy)]
struct State {
    last: u64,
    stops: bool,
}

impl Bell {
    /// Announces the number of the last committed finding.
    pub fn committed(&self, last: u64) {
        self.change(|state| state.last = last);
    }

    /// Tells all threads to stop.
    pub fn stop(&self) {
        self.change(|state| state.stops = true);
    }

    /// Returns the number of the last committed finding.
    pub fn last(&self) -> u64 {
        self.state().last
    }

    /// Returns true if threads should stop.
    pub fn stops(&self) -> bool {
        self.state().stops
    }

    /// Waits until a finding with a larger number is committed, or threads should stop.
    pub fn wait_for_findings(&self, after: u64) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        drop(
            self.rung
                .wait_while(state, |state| state.last <= after && !state.stops),
        );
    }

    /// Waits for a time, or until threads should stop.
    pub fn wait(&self, time: Duration) {
        let end = Instant::now() + time;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.stops {
            let rest = end.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return;
            }
            state = self
                .rung
                .wait_timeout(state, rest)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.rung.notify_all();
    }
}
