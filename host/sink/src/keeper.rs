//! Keeps the findings that a sink does not take from filling the store.
//!
//! The store removes findings beyond the retention only once every sink has acknowledged them. For a
//! sink that does not, they are moved to its dead letters here, so that a destination that is gone
//! does not let the store grow without bound.

use std::sync::{Arc, Weak};
use std::time::Duration;

use wardline_finding::Finding;
use wardline_store::{Retention, Store, StoreError, StoredFinding};
use wardline_text::chain;

use super::dead_letter::{DeadFinding, Reason};
use super::worker::{BATCH, BATCH_BYTES, Shared, Target};

/// Interval between two looks at the store.
const INTERVAL: Duration = Duration::from_secs(1);

/// The thread that enforces the retention for undelivered findings.
pub(crate) struct Keeper {
    shared: Arc<Shared>,
    store: Weak<Store>,
    retention: Retention,
}

impl Keeper {
    pub fn new(shared: Arc<Shared>, store: &Arc<Store>, retention: Retention) -> Self {
        Self {
            shared,
            store: Arc::downgrade(store),
            retention,
        }
    }

    /// Works until the host stops.
    pub fn run(self) {
        while !self.shared.bell.stops() {
            let Some(store) = self.store.upgrade() else {
                return;
            };
            if let Err(error) = self.look(&store, jiff::Timestamp::now().as_millisecond()) {
                tracing::error!(
                    "cannot enforce the retention of undelivered findings: {}",
                    chain(&error)
                );
            }
            drop(store);
            self.shared.show();
            self.shared.bell.wait(INTERVAL);
        }
    }

    /// Moves overdue findings to the dead letters, and updates the age of the oldest undelivered
    /// ones. `now` is in milliseconds since the Unix epoch.
    pub fn look(&self, store: &Store, now: i64) -> Result<(), StoreError> {
        let overdue = store.overdue(&self.retention, now)?;
        for target in &self.shared.targets {
            if let Some(overdue) = overdue
                && target.cursor() < overdue
            {
                expire(target, store, overdue)?;
            }
            let oldest = store.outbox(target.cursor(), 1, 0)?;
            let age = oldest
                .first()
                .map_or(0, |finding| now.saturating_sub(finding.committed));
            target.age(Duration::from_millis(
                u64::try_from(age).unwrap_or_default(),
            ));
        }
        Ok(())
    }
}

/// Moves the findings up to a number that a sink has not taken to its dead letters.
fn expire(target: &Target, store: &Store, end: u64) -> Result<(), StoreError> {
    let mut moved = 0;
    while target.cursor() < end {
        let rows = store.outbox(target.cursor(), BATCH, BATCH_BYTES)?;
        let rows: Vec<&StoredFinding> = rows.iter().filter(|row| row.number <= end).collect();
        let Some(last) = rows.last() else {
            break;
        };
        let letters: Vec<DeadFinding<'_>> = rows
            .iter()
            .filter(|row| {
                serde_json::from_slice::<Finding>(&row.json)
                    .map_or(true, |finding| target.takes.takes(finding.status))
            })
            .map(|finding| DeadFinding {
                finding,
                reason: Reason::Expired,
                detail: "the sink did not take it within the retention (findings.keep-age, findings.keep-size)",
            })
            .collect();
        if let Err(error) = target.bury(&letters) {
            target.telemetry.dead_letters_failed(&error);
            break;
        }
        moved += letters.len();
        target.advance(last.number);
    }
    if moved > 0 {
        target.telemetry.expired(moved);
    }
    Ok(())
}
