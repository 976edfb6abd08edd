//! Sliding windows (`wit/v0.1/host.wit`, `state.observe`).

use std::collections::HashSet;

use super::sequence::Moment;
use crate::contract::{EventRef, Timestamp, Window};

/// Bytes that an observation counts for beside its texts.
const OWN_SIZE: usize = 16;

#[derive(Debug, Clone)]
struct Observation {
    time: Timestamp,
    event: EventRef,
    id: String,
    member: String,
}

/// What a window holds, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Observations(Vec<Observation>);

impl Observations {
    /// Adds an observation where its time belongs, then drops what is older than
    /// `length` before the newest, and the oldest over `limit`.
    pub fn observe(&mut self, member: &str, length: u64, limit: u32, moment: &Moment) {
        let place = self.0.partition_point(|known| known.time <= moment.time);
        self.0.insert(
            place,
            Observation {
                time: moment.time,
                event: moment.reference,
                id: moment.id.clone(),
                member: member.to_owned(),
            },
        );
        let newest = self.newest();
        self.0
            .retain(|known| known.time.saturating_add(length) >= newest);
        let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        self.drop_oldest(self.0.len().saturating_sub(limit));
    }

    /// Drops the oldest half, to meet a quota; false if there is nothing to drop.
    pub fn shrink(&mut self) -> bool {
        let half = self.0.len() / 2;
        self.drop_oldest(half);
        half > 0
    }

    fn drop_oldest(&mut self, count: usize) {
        self.0.drain(..count);
    }

    pub fn newest(&self) -> Timestamp {
        self.0.last().map_or(0, |newest| newest.time)
    }

    pub fn size(&self) -> usize {
        self.0
            .iter()
            .map(|known| OWN_SIZE + known.id.len() + known.member.len())
            .sum()
    }

    /// The id of an event that it holds.
    pub fn id(&self, reference: EventRef) -> Option<&str> {
        self.0
            .iter()
            .find(|known| known.event == reference)
            .map(|known| known.id.as_str())
    }

    pub fn answer(&self) -> Window {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let mut members = HashSet::new();
        let first: Vec<&Observation> = self
            .0
            .iter()
            .filter(|known| members.insert(&known.member))
            .collect();
        Window {
            count: count(self.0.len()),
            distinct: count(first.len()),
            events: first.iter().map(|known| known.event).collect(),
            members: first.iter().map(|known| known.member.clone()).collect(),
        }
    }
}
