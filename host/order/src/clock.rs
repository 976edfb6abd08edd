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
/// How many events in a row make a leap believable, unless fewer agree with the time before it.
const AGREEING: u32 = 16;
/// How far the host may be ahead of events that happen while they are read. A log from before the host
/// started is further behind.
const BEHIND: Timestamp = 24 * 3600 * NANOS;
/// How far ahead of the host an API server's clock may be.
const AHEAD: Timestamp = 10 * 60 * NANOS;
/// How many clusters have a clock of their own. The events of further clusters happened when they
/// say, so that names of clusters that somebody makes up move no other cluster's time.
const CLUSTERS: usize = 4096;
const NANOS: Timestamp = 1_000_000_000;

/// The time of one cluster.
#[derive(Debug, Clone, Copy, Default)]
struct Clock {
    latest: Timestamp,
    /// How many events agree with the latest time, up to [`AGREEING`].
    support: u32,
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
        let mut further = Clock::default();
        let clock = if self.clusters.contains_key(cluster) || self.clusters.len() < CLUSTERS {
            self.clusters.entry(Arc::clone(cluster)).or_default()
        } else {
            &mut further
        };
        let reading = now.filter(|now| clock.latest == 0 || now.abs_diff(clock.latest) <= BEHIND);
        let fallback = reading.unwrap_or(clock.latest);
        if time == 0 {
            return (fallback, false);
        }
        if now.is_some_and(|now| time > now.saturating_add(AHEAD)) {
            return (fallback, true);
        }
        let is_near = |other: Timestamp| time.abs_diff(other) <= LEAP;
        if clock.latest == 0 || is_near(clock.latest) {
            clock.latest = clock.latest.max(time);
            clock.support = (clock.support + 1).min(AGREEING);
            clock.candidate = None;
            return (time, false);
        }
        let count = match clock.candidate {
            Some((candidate, count)) if is_near(candidate) => count + 1,
            _ => 1,
        };
        // The host knows the time, and the first event of a log may be the one that is wrong.
        if now.is_some_and(is_near) || count >= clock.support {
            *clock = Clock {
                latest: time,
                support: count,
                candidate: None,
            };
            return (time, false);
        }
        clock.candidate = Some((time, count));
        (fallback, true)
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
        for _ in 0..2 {
            assert_eq!(clocks.note(&a, NOW), (NOW, false));
        }
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
        for _ in 0..2 * AGREEING {
            clocks.note(&a, NOW + 2 * LEAP);
        }
        for number in 1..AGREEING {
            assert!(clocks.note(&a, NOW).1, "{number}");
        }
        assert_eq!(clocks.note(&a, NOW), (NOW, false));
        assert_eq!(clocks.note(&a, NOW + 1), (NOW + 1, false));
    }

    #[test]
    fn wrong_time_of_the_first_event_misdates_no_other() {
        for wrong in [1, NOW + 2 * LEAP] {
            let mut clocks = Clocks::default();
            let a = cluster("a");
            clocks.note(&a, wrong);
            for second in 0..5 {
                let time = NOW + second * NANOS;
                assert_eq!(clocks.note(&a, time), (time, false));
            }
            assert!(clocks.note(&a, wrong).1);
        }
    }

    #[test]
    fn time_of_the_host_is_believed_at_once() {
        let mut clocks = Clocks::default();
        clocks.bound(|| NOW);
        let a = cluster("a");
        for _ in 0..2 * AGREEING {
            clocks.note(&a, 1);
        }
        assert_eq!(clocks.note(&a, NOW - LEAP), (NOW - LEAP, false));
    }

    /// A host that reads what happened months ago must not take a wrong time for its own: that would end
    /// all windows and findings.
    #[test]
    fn wrong_time_in_an_old_log_counts_as_the_latest_of_the_log() {
        let mut clocks = Clocks::default();
        clocks.bound(|| NOW);
        let a = cluster("a");
        let old = NOW - LEAP / 2;
        clocks.note(&a, old);
        assert_eq!(clocks.note(&a, NOW + 2 * AHEAD), (old, true));
        assert_eq!(clocks.note(&a, 0), (old, false));
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
        for _ in 0..2 {
            assert_eq!(clocks.note(&cluster("b"), other), (other, false));
        }
        for number in 0..2 * CLUSTERS {
            clocks.note(&cluster(&number.to_string()), NOW);
        }
        assert_eq!(clocks.clusters.len(), CLUSTERS);
        let further = cluster("further");
        for time in [other, NOW, other] {
            assert_eq!(clocks.note(&further, time), (time, false));
        }
        assert_eq!(clocks.note(&cluster("b"), NOW), (other, true));
    }
}
