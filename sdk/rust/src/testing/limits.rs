//! The default limits of a host that apply outside the sandbox.

use wardline_state::Quota;

/// Limits from a host's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostLimits {
    /// `host.batch`: events in a batch.
    pub batch: usize,
    /// `limits.host-calls`: host calls in a batch.
    pub host_calls: u32,
    /// `limits.findings`: findings of a batch.
    pub findings: usize,
    /// `limits.finding-size`: the text of one finding, in bytes.
    pub finding_bytes: usize,
    /// `limits.log-lines`: log lines in a batch; further ones are dropped.
    pub log_lines: u32,
    /// `limits.log-line-size`: the length of a log line, in bytes; longer ones are truncated.
    pub log_line_bytes: usize,
    /// `limits.raw-size`: the result of one `raw` call, in bytes.
    pub raw_bytes: usize,
    /// `state`: the quota of one partition of actors.
    pub quota: Quota,
    /// `inventory.objects`: the number of objects in the inventory.
    pub objects: usize,
    /// `decode`: the size and nesting of an audit event.
    pub decode: wardline_decode::Limits,
}

/// The largest value of `host.batch`.
pub(super) const MAX_BATCH: usize = 256;

/// The values of `host/src/config/defaults.toml`; `tests/it/native.rs` compares them.
pub const DEFAULT_LIMITS: HostLimits = HostLimits {
    batch: 64,
    host_calls: 50_000,
    findings: 256,
    finding_bytes: 64 << 10,
    log_lines: 100,
    log_line_bytes: 4 << 10,
    raw_bytes: 4 << 20,
    quota: Quota {
        entries: 20_000,
        bytes: 4 << 20,
        entry_bytes: 256 << 10,
    },
    objects: 100_000,
    decode: wardline_decode::Limits {
        line_bytes: 16 << 20,
        document_bytes: 64 << 20,
        depth: 128,
    },
};
