//! The limits of a host whose operator changed none (`[limits]` and `[state]` of its
//! configuration), as far as they mean the same outside the sandbox.

/// Events of one call.
pub(super) const BATCH: usize = 64;
/// The most events of one call that an operator can set.
pub(super) const LARGEST_BATCH: usize = 256;
/// Calls to the host in one call of the detector.
pub(super) const HOST_CALLS: u32 = 20_000;
/// Findings that one call may answer with.
pub(super) const FINDINGS: usize = 256;
/// Bytes of text in one finding.
pub(super) const FINDING_BYTES: usize = 64 << 10;
/// Bytes that one `raw` call may answer with.
pub(super) const RAW_BYTES: usize = 256 << 10;
/// Bytes of one entry of state, key and value.
pub(super) const ENTRY_BYTES: usize = 256 << 10;
/// Nesting of an audit event, and bytes of it.
pub(super) const DECODE: wardline_decode::Limits = wardline_decode::Limits {
    line_bytes: 2 << 20,
    document_bytes: 64 << 20,
    depth: 128,
};
