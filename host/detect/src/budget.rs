//! The most that one detector may return for a chunk of events on one thread.

use super::LogLine;

/// The size of the log lines of a chunk, in bytes, beyond which further ones are dropped.
const LOG_BYTES: usize = 1 << 20;

/// The size of everything that a detector returned for the current chunk. A chunk may take many calls,
/// so that limits of single calls do not bound it.
#[derive(Debug, Default)]
pub(super) struct ChunkBudget {
    claimed: usize,
    /// The highest severity of a claim, in tenths.
    severest: u32,
    logged: usize,
}

impl ChunkBudget {
    /// Returns whether a claim may be kept, given its size and severity. One that is more severe than
    /// all others is kept beyond the limit, so that nobody hides it behind them. Severities are
    /// compared in tenths, so that there are at most a hundred of these.
    pub fn admit_claim(&mut self, size: usize, severity: f64, limit: usize) -> bool {
        // From 1.0 to 10.0; other severities were refused before.
        let tenths = (severity * 10.0).round().clamp(0.0, 100.0) as u32;
        if self.claimed > limit && tenths <= self.severest {
            return false;
        }
        self.claimed = self.claimed.saturating_add(size);
        self.severest = self.severest.max(tenths);
        true
    }

    /// Removes the log lines that are too many, and returns how many these are.
    pub fn limit_logs(&mut self, logs: &mut Vec<LogLine>) -> u64 {
        let before = logs.len();
        logs.retain(|line| {
            let size = size_of::<LogLine>().saturating_add(line.text.len());
            let is_kept = self.logged.saturating_add(size) <= LOG_BYTES;
            if is_kept {
                self.logged += size;
            }
            is_kept
        });
        (before - logs.len()) as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wardline_contract::LogLevel;

    use super::{ChunkBudget, LOG_BYTES};
    use crate::LogLine;

    proptest! {
        /// However many findings a detector returns, and whichever severities it chooses, the host
        /// keeps a bounded size, and the most severe among them.
        #[test]
        fn claims_of_a_chunk_are_bounded(
            claims in prop::collection::vec((0_usize..1000, 1.0_f64..10.0), 0..2000),
            limit in 0_usize..10_000,
            rising in any::<bool>(),
        ) {
            let mut claims = claims;
            if rising {
                claims.sort_by(|one, other| one.1.total_cmp(&other.1));
            }
            let mut budget = ChunkBudget::default();
            let (mut kept, mut severest) = (0, 0.0_f64);
            for (size, severity) in &claims {
                if budget.admit_claim(*size, *severity, limit) {
                    kept += size;
                    severest = severest.max(*severity);
                }
            }
            prop_assert!(kept <= limit + 101 * 1000, "{kept}");
            let all = claims.iter().map(|claim| claim.1).fold(0.0, f64::max);
            prop_assert!(all - severest < 0.1, "{all} {severest}");
        }
    }

    #[test]
    fn log_lines_of_a_chunk_are_bounded() {
        let mut budget = ChunkBudget::default();
        let (mut bytes, mut dropped) = (0, 0);
        for _ in 0..100 {
            let line = LogLine {
                level: LogLevel::Info,
                text: "x".repeat(4096),
            };
            let mut logs = vec![line; 100];
            dropped += budget.limit_logs(&mut logs);
            bytes += logs.iter().map(|line| line.text.len()).sum::<usize>();
        }
        assert!(bytes <= LOG_BYTES && bytes > LOG_BYTES / 2, "{bytes}");
        assert_eq!(dropped, 10_000 - (bytes / 4096) as u64);
    }
}
