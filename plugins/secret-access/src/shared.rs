//! Severities and periods that several rules have in common.

use std::time::Duration;

/// Severity of findings that are context and not an alarm.
pub const LOW: f64 = 3.0;

/// Period for which a service account's behavior counts as known after it was first seen.
pub const KNOWN: Duration = Duration::from_secs(30 * 24 * 3600);

/// Period in which repeated activity is reported once.
pub const DAY: Duration = Duration::from_secs(24 * 3600);
