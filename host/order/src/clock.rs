//! The time of events, as far as they agree about it.
//!
//! Windows of detectors, open findings, and all else that ends after a while ends by the times of events,
//! so that replaying a log gives the same. One event with a wrong time, from a server whose clock is not
//! set or from somebody who writes a false line, must not end any of it.

use std::collections::HashMap;
use std::sync::Arc;

use wardline_event::model::Timestamp;

/// A time that is further than this from the time before is not believed until others agree. Logs
/// that are read one after the other may be months apart.
const LEAP: Timestamp = 366 * 24 * 3600 * NANOS;
/// How many events in a row make a leap believable.
const AGREEING: u32 = 16;
/// How far ahead of the host an API server's clock may be.
const AHEAD: Timestamp = 10 * 60 * NANOS;
/// How many clusters have a clock of their own.
const CLUSTERS: usize = 256;
const NANOS: Timestamp = 1_000_000_000;

/// The time of one cluster.
#[derive(Debug, Clone, Copy, Default)]
struct Clock {
    latest: Timestamp,
    /// A time far from the latest, and the number of events in a row that agree with it.
    candidate: Option<(Timestamp, u32)>,
}

/// The time of each cluster.
#[derive(Default)]
pub(super) struct Clocks {
    clusters: HashMap<Arc<str>, Clock>,
    /// Returns the host's time, if events happen while they are read.
    host: Option<fn() -> Timestamp>,
}

impl Clocks {
    /// Bounds the times of events by those of the host.
    pub fn bound(&mut self, host: fn() -> Timestamp) {
        self.host = Some(host);
    }

    /// Returns the time at which an event counts as having happened, and whether that is another
    /// time than the event's own because it is wrong. An event without a time has the latest time of
    /// its cluster, or else the time of reading.
    pub fn note(&mut self, cluster: &Arc<str>, time: Timestamp) -> (Timestamp, bool) {
        let now = self.host.map(|host| host());
        let clock = if self.clusters.contains_key(cluster) || self.clusters.len() < CLUSTERS {
            self.clusters.entry(Arc::clone(cluster)).or_default()
        } else {
            // An attacker who makes up names of clusters gets no clock for them.
            self.clusters.entry(Arc::from("")).or_default()
        };
        let fallback = now.unwrap_or(clock.latest);
        if time == 0 {
            return (fallback, false);
        }
        if now.is_some_and(|now| time > now.saturating_add(AHEAD)) {
            return (fallback, true);
        }
        if clock.latest == 0 || time.abs_diff(clock.latest) <= LEAP {
            clock.latest = clock.latest.max(time);
            clock.candidate = None;
            return (time, false);
        }
        let count = match clock.candidate {
            Some((candidate, count)) if time.abs_diff(candidate) <= LEAP => count + 1,
            _ => 1,
        };
        if count >= AGREEING {
            *clock = Clock {
                latest: time,
                candidate: None,
            };
            return (time, false);
        }
        clock.candidate = Some((time, count));
        (clock.latest, true)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wardline_event::model::Timestamp;

    use super::{AGREEING, AHEAD, CLUSTERS, Clocks, LEAP, NANOS};

    const NOW: Timestamp = 1_800_000_000 * NANOS;

    fn cluster(name: &str) -> Arc<str> {
        Arc::from(name)
    }

    #[test]
    fn single_wrong_time_counts_as_the_latest_one() {
        let mut clocks = Clocks::default();
        let a = cluster("a");
        assert_eq!(clocks.note(&a, NOW), (NOW, false));
        for wrong in [NOW + 2 * LEAP, NOW - 2 * LEAP, 1] {
            assert_eq!(clocks.note(&a, wrong), (NOW, true));
            assert_eq!(clocks.note(&a, NOW), (NOW, false));
        }
        assert_eq!(clocks.note(&a, 0), (NOW, false), "no time");
        assert_eq!(clocks.note(&a, NOW - LEAP), (NOW - LEAP, false));
    }

    #[test]
    fn leap_is_believed_once_events_agree() {
        let mut clocks = Clocks::default();
        let a = cluster("a");
        clocks.note(&a, NOW + 2 * LEAP);
        for number in 1..AGREEING {
            assert!(clocks.note(&a, NOW).1, "{number}");
        }
        assert_eq!(clocks.note(&a, NOW), (NOW, false));
        assert_eq!(clocks.note(&a, NOW + 1), (NOW + 1, false));
    }

    #[test]
    fn future_of_the_host_is_never_believed() {
        let mut clocks = Clocks::default();
        clocks.bound(|| NOW);
        let a = cluster("a");
        for _ in 0..2 * AGREEING {
            assert_eq!(clocks.note(&a, NOW + AHEAD + 1), (NOW, true));
        }
        assert_eq!(clocks.note(&a, NOW + AHEAD), (NOW + AHEAD, false));
        assert_eq!(clocks.note(&a, 0), (NOW, false));
    }

    #[test]
    fn clusters_have_clocks_of_their_own_up_to_a_limit() {
        let mut clocks = Clocks::default();
        clocks.note(&cluster("a"), NOW);
        let other = NOW + 5 * LEAP;
        assert_eq!(clocks.note(&cluster("b"), other), (other, false));
        for number in 0..2 * CLUSTERS {
            clocks.note(&cluster(&number.to_string()), NOW);
        }
        assert!(clocks.clusters.len() <= CLUSTERS + 1);
    }
}
