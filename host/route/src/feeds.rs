//! Which detectors receive findings of which.

use std::collections::VecDeque;

use wardline_contract::Descriptor;
use wardline_event::Family;

use super::Subscriptions;

/// The detectors that subscribe to findings of others, as a graph. Detectors are identified by
/// their numbers, from 0.
///
/// One detector feeds another if the other subscribes to a type that it declares. That the
/// severity of its findings may stay below the minimum of the subscription is not considered. No
/// detector feeds itself: the host never gives a detector its own findings.
#[derive(Debug, Clone)]
pub struct Feeds {
    /// For each detector those that it feeds, in increasing order.
    fed: Vec<Vec<usize>>,
    /// Whether each detector subscribes to audit events.
    of_audit: Vec<bool>,
}

impl Feeds {
    /// Builds the graph.
    #[must_use]
    pub fn new<'d>(
        detectors: impl IntoIterator<Item = (&'d Descriptor, &'d Subscriptions)>,
    ) -> Self {
        let detectors: Vec<_> = detectors.into_iter().collect();
        let feeds = |from: &Descriptor, to: &Subscriptions| {
            let mut types = from.finding_types.iter();
            types.any(|one| to.includes_findings(&one.name))
        };
        let fed = detectors
            .iter()
            .enumerate()
            .map(|(number, (from, _))| {
                detectors
                    .iter()
                    .enumerate()
                    .filter(|(other, (_, to))| *other != number && feeds(from, to))
                    .map(|(other, _)| other)
                    .collect()
            })
            .collect();
        let of_audit = detectors
            .iter()
            .map(|(_, subscriptions)| subscriptions.has(Family::Audit))
            .collect();
        Self { fed, of_audit }
    }

    fn fed_by(&self, detector: usize) -> &[usize] {
        self.fed.get(detector).map_or(&[], Vec::as_slice)
    }

    /// Returns a shortest circle through a detector, each feeding the next and the last feeding
    /// the first, or `None` if there is none.
    #[must_use]
    pub fn circle(&self, through: usize) -> Option<Vec<usize>> {
        let mut from: Vec<Option<usize>> = vec![None; self.fed.len()];
        let mut next = VecDeque::from([through]);
        while let Some(detector) = next.pop_front() {
            for &fed in self.fed_by(detector) {
                if fed == through {
                    let before = |&one: &usize| from.get(one).copied().flatten();
                    let mut circle: Vec<usize> =
                        std::iter::successors(Some(detector), before).collect();
                    circle.reverse();
                    return Some(circle);
                }
                if let Some(known @ None) = from.get_mut(fed) {
                    *known = Some(detector);
                    next.push_back(fed);
                }
            }
        }
        None
    }

    /// Returns the level of each detector: 0 if no other feeds it, otherwise one more than the
    /// highest level of those that do. In the order of the levels, each detector can judge all its
    /// signals at once.
    #[must_use]
    pub fn levels(&self) -> Vec<usize> {
        let mut levels = vec![0_usize; self.fed.len()];
        // Without circles, no level exceeds the number of the other detectors.
        for _ in 1..self.fed.len() {
            let before = levels.clone();
            for (fed, level) in self.fed.iter().zip(&before) {
                for &to in fed {
                    if let Some(known) = levels.get_mut(to) {
                        *known = (*known).max(level + 1);
                    }
                }
            }
            if levels == before {
                break;
            }
        }
        levels
    }

    /// Returns for each detector whether any event can reach it: an audit event, or a finding of
    /// another detector that an event can reach. No source feeds runtime events.
    #[must_use]
    pub fn reached(&self) -> Vec<bool> {
        let mut reached = self.of_audit.clone();
        let mut next: Vec<usize> = (0..reached.len())
            .filter(|&one| reached.get(one) == Some(&true))
            .collect();
        while let Some(detector) = next.pop() {
            for &fed in self.fed_by(detector) {
                if let Some(known @ false) = reached.get_mut(fed) {
                    *known = true;
                    next.push(fed);
                }
            }
        }
        reached
    }

    /// Returns for each detector whether another that an event can reach feeds it.
    #[must_use]
    pub fn receive_signals(&self) -> Vec<bool> {
        let mut receives = vec![false; self.fed.len()];
        for (detector, reached) in self.reached().into_iter().enumerate() {
            for &fed in self.fed_by(detector) {
                if let Some(known) = receives.get_mut(fed) {
                    *known |= reached;
                }
            }
        }
        receives
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wardline_contract::{
        AuditSubscription, Descriptor, FindingType, RuntimeSubscription, SignalSubscription,
    };

    use super::Feeds;
    use crate::Subscriptions;

    /// A detector that raises `Test:NAME/Found`. `sources` names what it subscribes to: `audit`,
    /// `runtime`, or finding types.
    fn detector(name: &str, sources: &[&str]) -> (Descriptor, Subscriptions) {
        let mut descriptor = Descriptor {
            name: name.into(),
            finding_types: vec![FindingType {
                name: format!("Test:{name}/Found"),
                ..FindingType::default()
            }],
            ..Descriptor::default()
        };
        for source in sources {
            match *source {
                "audit" => descriptor.audit.push(AuditSubscription::default()),
                "runtime" => descriptor.runtime.push(RuntimeSubscription::default()),
                finding_type => descriptor.signals.push(SignalSubscription {
                    finding_types: vec![finding_type.to_owned()],
                    ..SignalSubscription::default()
                }),
            }
        }
        let subscriptions = Subscriptions::new(&descriptor).unwrap();
        (descriptor, subscriptions)
    }

    fn feeds(detectors: &[(&str, &[&str])]) -> Feeds {
        let detectors: Vec<_> = detectors
            .iter()
            .map(|(name, sources)| detector(name, sources))
            .collect();
        Feeds::new(detectors.iter().map(|(one, other)| (one, other)))
    }

    #[test]
    fn circle_is_found_through_each_of_its_detectors() {
        let feeds = feeds(&[
            ("a", &["audit", "Test:c/*"]),
            ("b", &["Test:a/*"]),
            ("c", &["Test:b/Found"]),
            ("d", &["Test:c/*"]),
        ]);
        assert_eq!(feeds.circle(0), Some(vec![0, 1, 2]));
        assert_eq!(feeds.circle(1), Some(vec![1, 2, 0]));
        assert_eq!(feeds.circle(2), Some(vec![2, 0, 1]));
        assert_eq!(feeds.circle(3), None);
    }

    #[test]
    fn subscription_to_all_types_is_a_circle_only_through_others() {
        assert_eq!(feeds(&[("a", &["*"]), ("b", &["audit"])]).circle(0), None);
        let two = feeds(&[("a", &["*"]), ("b", &["*"])]);
        assert_eq!(two.circle(1), Some(vec![1, 0]));
    }

    #[test]
    fn levels_follow_the_longest_way() {
        let feeds = feeds(&[
            ("all", &["Test:a/*", "Test:b/*", "Test:c/*"]),
            ("a", &["audit"]),
            ("b", &["audit", "Test:a/*"]),
            ("c", &["Test:b/*"]),
        ]);
        assert_eq!(feeds.levels(), [3, 0, 1, 2]);
    }

    #[test]
    fn signals_of_detectors_without_events_reach_nobody() {
        let feeds = feeds(&[
            ("a", &["runtime"]),
            ("b", &["Test:a/*"]),
            ("c", &["audit", "Test:b/*"]),
            ("d", &["Test:c/*"]),
            ("e", &["Test:x/*"]),
        ]);
        assert_eq!(feeds.reached(), [false, false, true, true, false]);
        let receives = [false, false, false, true, false];
        assert_eq!(feeds.receive_signals(), receives);
    }

    proptest! {
        #[test]
        fn detector_outside_all_circles_is_above_those_that_feed_it(
            subscriptions in prop::collection::vec(prop::collection::vec(0_usize..6, 0..3), 6),
        ) {
            let names = ["a", "b", "c", "d", "e", "f"];
            let types: Vec<String> = names.iter().map(|name| format!("Test:{name}/*")).collect();
            let detectors: Vec<_> = names
                .iter()
                .zip(&subscriptions)
                .map(|(name, sources)| {
                    let sources: Vec<&str> = sources.iter().map(|at| types[*at].as_str()).collect();
                    detector(name, &sources)
                })
                .collect();
            let feeds = Feeds::new(detectors.iter().map(|(one, other)| (one, other)));
            if (0..6).any(|one| feeds.circle(one).is_some()) {
                return Ok(());
            }
            let levels = feeds.levels();
            for (to, sources) in subscriptions.iter().enumerate() {
                for &from in sources {
                    prop_assert!(from == to || levels[from] < levels[to]);
                }
            }
        }
    }
}
