//! Events that detectors did not judge, and the actors who caused it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use wardline_detect::NotJudged;
use wardline_health::{Condition, Kind};

use super::WINDOW;
use crate::app::observe::skip_reason;

/// Maximum number of actors that are told apart.
const MAX_ACTORS: usize = 1000;
/// Severity if one actor caused most of it.
const ONE_ACTOR: f64 = 5.0;

/// The events of one actor that one detector did not judge.
struct Share {
    /// When the count began.
    since: Timestamp,
    events: u64,
    reason: String,
    event_id: String,
}

/// Events that were not judged within the latest window.
#[derive(Default)]
pub(super) struct Unjudged {
    /// By cluster, detector, and actor. An empty actor stands for those that are not told apart.
    shares: BTreeMap<(String, String, String), Share>,
    newest: Option<Timestamp>,
}

impl Unjudged {
    pub fn add(&mut self, skipped: &[NotJudged], now: Timestamp) {
        for one in skipped {
            let subject = one.record.subject();
            let actor: &str = &subject.actor;
            let key = |actor: &str| {
                (
                    subject.cluster.to_string(),
                    one.detector.name().to_owned(),
                    actor.to_owned(),
                )
            };
            let mut own = key(actor);
            if self.shares.len() >= MAX_ACTORS && !self.shares.contains_key(&own) {
                own = key("");
            }
            let share = self.shares.entry(own).or_insert_with(|| Share {
                since: now,
                events: 0,
                reason: String::new(),
                event_id: String::new(),
            });
            share.events += 1;
            share.reason = skip_reason(&one.skip);
            share.event_id = Arc::clone(&subject.event_id).to_string();
            let time = Timestamp::from_nanosecond(i128::from(subject.time())).ok();
            self.newest = self.newest.max(time);
        }
    }

    /// The time of the newest event that was not judged.
    pub fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    pub fn conditions(&mut self, now: Timestamp) -> Vec<Condition> {
        self.shares
            .retain(|_, share| now.duration_since(share.since).unsigned_abs() < WINDOW);
        let mut totals: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for ((cluster, detector, _), share) in &self.shares {
            *totals.entry((cluster, detector)).or_default() += share.events;
        }
        let mut rest: BTreeMap<(&str, &str), (u64, &Share)> = BTreeMap::new();
        let mut conditions = Vec::new();
        for ((cluster, detector, actor), share) in &self.shares {
            let all = totals
                .get(&(cluster.as_str(), detector.as_str()))
                .copied()
                .unwrap_or_default();
            let is_most = !actor.is_empty() && share.events.saturating_mul(2) >= all;
            if !is_most {
                let entry = rest.entry((cluster, detector)).or_insert((0, share));
                entry.0 += share.events;
                continue;
            }
            let observed = format!(
                "{detector} did not judge {} events of {actor}.",
                share.events
            );
            let mut condition = condition(cluster, detector, share.events, share, observed);
            condition.subject = format!("{detector}/{actor}");
            condition.actor = Some(actor.clone());
            conditions.push(condition.at_least(ONE_ACTOR));
        }
        for ((cluster, detector), (events, share)) in rest {
            let observed = format!("{detector} did not judge {events} events of several actors.");
            conditions.push(condition(cluster, detector, events, share, observed));
        }
        conditions
    }
}

fn condition(
    cluster: &str,
    detector: &str,
    events: u64,
    share: &Share,
    observed: String,
) -> Condition {
    Condition::new(Kind::NotJudged, detector, observed)
        .of_cluster(cluster)
        .with("detector", detector)
        .with("events", events)
        .with("reason", &share.reason)
        .with("event", &share.event_id)
}
