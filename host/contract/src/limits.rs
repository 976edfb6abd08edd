//! What a detector may use.

use std::time::Duration;

/// What one instance of a detector may use. There is no `Default` on purpose: the
/// safe values stand in the configuration, and whoever runs a detector has to say
/// which it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of linear memory, over all memories of an instance.
    pub memory: usize,
    /// Elements of one table.
    pub table_elements: usize,
    /// Time to instantiate, to describe and to configure, each.
    pub instantiate_time: Duration,
    /// Time for `describe`.
    pub describe_time: Duration,
    /// Time for `configure`.
    pub configure_time: Duration,
    /// Time for one batch.
    pub batch_time: Duration,
    /// Calls to the host for one batch (or one call of `configure`).
    pub host_calls: u32,
    /// Bytes that one call to or from the host may carry in lists and strings.
    pub transfer_bytes: usize,
    /// Bytes of what `describe` answers: the host keeps it, and repeats parts of it in
    /// every finding.
    pub descriptor_bytes: usize,
    /// Findings of one batch.
    pub findings: usize,
    /// Bytes of text in one finding.
    pub finding_bytes: usize,
    /// Log lines of one batch.
    pub log_lines: u32,
    /// Bytes of one log line; more is cut.
    pub log_line_bytes: usize,
    /// Bytes that one `raw` call may answer with.
    pub raw_bytes: usize,
}

/// When a failing detector is left alone. Counted in events, not in time, so that
/// a replay of a log comes to the same result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerLimits {
    /// Events that could not be judged, without `probation` good ones in between,
    /// that open the breaker.
    pub failures: u32,
    /// Events that an open breaker skips; doubled at every opening.
    pub skip: u32,
    /// The most events that it skips.
    pub skip_limit: u32,
    /// Events in a row that must be judged before it closes.
    pub probation: u32,
    /// Openings without a closing in between that end in quarantine.
    pub quarantine_after: u32,
    /// Calls over their time, on all threads together, that end in quarantine at
    /// once: they are the failures that cost most.
    pub timeouts: u32,
}
