//! The default limits of a host (`[limits]` and `[state]` of its configuration) that make sense
//! outside the sandbox.

/// Events in a batch.
pub(super) const BATCH: usize = 64;
/// The largest number of events in a batch that an operator can set.
pub(super) const LARGEST_BATCH: usize = 256;
/// Host calls in a batch.
pub(super) const HOST_CALLS: u32 = 20_000;
/// Findings of a batch.
pub(super) const FINDINGS: usize = 256;
/// The text of one finding, in bytes.
pub(super) const FINDING_BYTES: usize = 64 << 10;
/// The result of one `raw` call, in bytes.
pub(super) const RAW_BYTES: usize = 256 << 10;
/// One entry of state, key and value, in bytes.
pub(super) const ENTRY_BYTES: usize = 256 << 10;
/// The size and nesting of an audit event.
pub(super) const DECODE: wardline_decode::Limits = wardline_decode::Limits {
    line_bytes: 2 << 20,
    document_bytes: 64 << 20,
    depth: 128,
};
