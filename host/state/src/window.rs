//! Sliding windows over events.

use std::collections::{HashSet, VecDeque};

use serde::{Deserialize, Serialize};
use wardline_contract::Window;
use wardline_event::model::{Duration, EventRef, Timestamp};

use super::Moment;

/// The size that counts towards the quota for an observation in addition to its texts, in
/// bytes.
const OWN_SIZE: usize = 16;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Observation {
    time: Timestamp,
    event: EventRef,
    /// The name under which it is stored precedes the other families.
    #[serde(rename = "audit_id")]
    event_id: String,
    member: String,
}

/// The observations in a window, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Observations(VecDeque<Observation>);

impl Observations {
    /// Inserts an observation by its time, and drops those older than `length` before the
    /// newest, then the oldest beyond `limit`.
    ///
    /// Log lines can be minutes out of order (watches are logged when they end). An observation
    /// that is too late for the window is dropped at once.
    pub fn observe(&mut self, member: &str, length: Duration, limit: u32, moment: &Moment<'_>) {
        let place = self
            .0
            .iter()
            .rposition(|known| known.time <= moment.time)
            .map_or(0, |index| index + 1);
        self.0.insert(
            place,
            Observation {
                time: moment.time,
                event: moment.event,
                event_id: moment.event_id.to_owned(),
                member: member.to_owned(),
            },
        );
        let newest = self.newest();
        while self
            .0
            .front()
            .is_some_and(|oldest| oldest.time.saturating_add(length) < newest)
        {
            self.0.pop_front();
        }
        let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        while self.0.len() > limit {
            self.0.pop_front();
        }
    }

    /// Drops the oldest half to meet a quota, and returns whether anything was dropped.
    pub fn shrink(&mut self) -> bool {
        let half = self.0.len() / 2;
        self.0.drain(..half);
        half > 0
    }

    pub fn newest(&self) -> Timestamp {
        self.0.back().map_or(0, |newest| newest.time)
    }

    pub fn size(&self) -> usize {
        self.0
            .iter()
            .map(|known| OWN_SIZE + known.event_id.len() + known.member.len())
            .sum()
    }

    pub fn citations(&self) -> impl Iterator<Item = (EventRef, &str, Timestamp)> {
        self.0
            .iter()
            .map(|known| (known.event, known.event_id.as_str(), known.time))
    }

    pub fn answer(&self) -> Window {
        let mut members = HashSet::new();
        let first: Vec<&Observation> = self
            .0
            .iter()
            .filter(|known| members.insert(known.member.as_str()))
            .collect();
        Window {
            count: u32::try_from(self.0.len()).unwrap_or(u32::MAX),
            distinct: u32::try_from(first.len()).unwrap_or(u32::MAX),
            events: first.iter().map(|known| known.event).collect(),
            members: first.iter().map(|known| known.member.clone()).collect(),
        }
    }
}
