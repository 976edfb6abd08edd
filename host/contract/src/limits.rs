//! Resource limits of detectors.

use std::time::Duration;

/// Resource limits of one instance. There is deliberately no `Default`: the safe values are in the
/// configuration, and every caller has to choose its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory in bytes, summed over all memories of an instance.
    pub memory: usize,
    /// Elements in one table.
    pub table_elements: usize,
    /// Time to instantiate.
    pub instantiate_time: Duration,
    /// Time for `describe`.
    pub describe_time: Duration,
    /// Time for `configure`.
    pub configure_time: Duration,
    /// Time for one batch.
    pub batch_time: Duration,
    /// Host calls per batch, and per call of `configure`.
    pub host_calls: u32,
    /// Bytes of lists and strings that one call to or from the host may transfer.
    pub transfer_bytes: usize,
    /// Size of a descriptor in bytes; the host keeps it and repeats parts of it in every finding.
    pub descriptor_bytes: usize,
    /// Findings per batch.
    pub findings: usize,
    /// Size of the text of one finding in bytes.
    pub finding_bytes: usize,
    /// Size of all findings of a chunk of events in bytes, on each thread. Further ones are refused, unless
    /// they are more severe.
    pub chunk_bytes: usize,
    /// Log lines per batch.
    pub log_lines: u32,
    /// Length of a log line in bytes; longer lines are truncated.
    pub log_line_bytes: usize,
    /// Size of the answer to one `raw` call in bytes.
    pub raw_bytes: usize,
}

/// Thresholds of a circuit breaker, counted in events instead of time, so that replaying a log
/// gives the same result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerLimits {
    /// Failed events that open the breaker, unless `probation` events in a row succeed in between.
    pub failures: u32,
    /// Events that an open breaker skips; doubled each time it opens.
    pub skip: u32,
    /// Maximum number of events that an open breaker skips.
    pub skip_limit: u32,
    /// Events in a row that must be judged before the breaker closes.
    pub probation: u32,
    /// Number of openings, over all actors and threads, after which a detector is quarantined that fails
    /// on most of its events.
    pub quarantine_after: u32,
    /// Calls that exceed their deadline, over all actors and threads, after which such a detector is
    /// quarantined: they are the most expensive failures.
    pub timeouts: u32,
}
