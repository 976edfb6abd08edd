//! Host-side data of an instance, and the limits that it enforces.

use std::sync::Arc;
use std::time::Instant;

use wardline_check::claim;
use wardline_contract::Limits;
use wardline_contract::LogLevel;
use wardline_event::Record;
use wardline_event::model::{EventRef, Timestamp};
use wardline_state::Memory;
use wardline_text::shown;
use wasmtime::ResourceLimiter;

use super::{LogLine, Outcome, Services, StateSource};

/// Maximum length of the guest's last error message, in bytes.
const LAST_WORDS_BYTES: usize = 2048;

/// Marks an error that stops a guest because it exceeded a limit.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Exceeded(pub String);

/// The data of an instance's store.
pub(super) struct Context {
    pub limits: Arc<Limits>,
    pub services: Services,
    pub memory: Memory<StateSource>,
    pub deadline: Instant,
    pub batch: Vec<Arc<Record>>,
    pub now: Timestamp,
    pub exceeded: Option<(Outcome, String)>,
    pub logs: Vec<LogLine>,
    pub logs_dropped: u64,
    /// The last line that the guest logged at level error in the current call; a panic hook writes
    /// there before the guest stops.
    pub last_words: Option<String>,
    host_calls: u32,
    log_lines: u32,
    memory_used: usize,
}

impl Context {
    pub fn new(limits: Arc<Limits>, services: Services, memory: Memory<StateSource>) -> Self {
        Self {
            limits,
            services,
            memory,
            deadline: Instant::now(),
            batch: Vec::new(),
            now: 0,
            exceeded: None,
            logs: Vec::new(),
            logs_dropped: 0,
            last_words: None,
            host_calls: 0,
            log_lines: 0,
            memory_used: 0,
        }
    }

    /// Starts a call and resets the counters of the previous one.
    pub fn enter(&mut self, deadline: Instant, batch: Vec<Arc<Record>>) {
        self.deadline = deadline;
        self.now = batch
            .iter()
            .map(|record| record.time())
            .fold(self.now, Timestamp::max);
        self.batch = batch;
        self.exceeded = None;
        self.last_words = None;
        self.host_calls = 0;
        self.log_lines = 0;
    }

    pub fn count_call(&mut self) -> wasmtime::Result<()> {
        self.host_calls = self.host_calls.saturating_add(1);
        if self.host_calls > self.limits.host_calls {
            let text = format!("more than {} calls to the host", self.limits.host_calls);
            return Err(self.exceed(Outcome::HostCalls, text));
        }
        Ok(())
    }

    pub fn exceed(&mut self, outcome: Outcome, text: String) -> wasmtime::Error {
        self.exceeded = Some((outcome, text.clone()));
        wasmtime::Error::new(Exceeded(text))
    }

    /// Keeps a log line, truncated to its limit, or counts it as dropped.
    pub fn log(&mut self, level: LogLevel, message: &str) {
        if level == LogLevel::Error {
            // Not truncated to the limit of a log line: it may be the only trace of why a guest
            // stopped.
            self.last_words = Some(shown(message, LAST_WORDS_BYTES));
        }
        self.log_lines = self.log_lines.saturating_add(1);
        if self.log_lines > self.limits.log_lines {
            self.logs_dropped = self.logs_dropped.saturating_add(1);
            return;
        }
        let mut text = shown(message, self.limits.log_line_bytes);
        text.shrink_to_fit();
        self.logs.push(LogLine { level, text });
    }

    /// Returns the event of the current batch that a reference names.
    pub fn record(&self, reference: EventRef) -> Option<&Arc<Record>> {
        claim::find(&self.batch, reference)
    }
}

impl ResourceLimiter for Context {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // The memory's own maximum refuses the growth, so nothing is counted.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let used = self
            .memory_used
            .saturating_sub(current)
            .saturating_add(desired);
        if used > self.limits.memory {
            self.exceeded = Some((
                Outcome::Memory,
                format!(
                    "requested {used} bytes of memory; the limit is {}",
                    self.limits.memory
                ),
            ));
            return Ok(false);
        }
        self.memory_used = used;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        if desired > self.limits.table_elements {
            self.exceeded = Some((
                Outcome::Table,
                format!(
                    "requested a table of {desired} elements; the limit is {}",
                    self.limits.table_elements
                ),
            ));
            return Ok(false);
        }
        Ok(true)
    }

    /// A component of one Rust module has a handful of instances; adapters add a few.
    fn instances(&self) -> usize {
        64
    }

    fn tables(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        16
    }
}
