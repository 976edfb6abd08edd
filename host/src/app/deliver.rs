//! Numbers findings for the store, and configures their delivery.
//!
//! A finding is in the store before a sink sees it, in the same transaction as the position in the
//! log that it came from. [`wardline_sink::Delivery`] does the rest with threads of its own.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use wardline_finding::Finding;
use wardline_finding::export::{CloudAccount, Form};
use wardline_sink::{DeliveryOptions, FileConfig, Kind, SinkSettings, SinkState, Takes};
use wardline_store::{Commit, NewFinding, Retention, Store};
use wardline_telemetry::Sinks;

use super::AppError;
use crate::config::{ARCHIVE, Config};

/// Key of the number of the next finding.
const NEXT: &str = "findings/next";

/// Time in which sinks may deliver the rest when the host stops.
const GRACE: Duration = Duration::from_secs(5);

/// Numbers findings, and hands them to the sinks once they are committed.
pub(super) struct Delivery {
    sinks: wardline_sink::Delivery,
    next: u64,
    retention: Retention,
}

impl Delivery {
    /// Starts the sinks, and the archive of suppressed findings if there are rules. They resume with
    /// the findings that were not delivered before the last end of the host.
    pub fn start(config: &Config, store: &Arc<Store>, telemetry: &Sinks) -> Result<Self, AppError> {
        let next = store
            .meta(NEXT)?
            .and_then(|saved| Some(u64::from_le_bytes(saved.as_slice().try_into().ok()?)))
            .unwrap_or(1);
        let mut sinks = config.sinks.clone();
        if config.suppression.directory.is_some() {
            sinks.push(SinkSettings {
                name: ARCHIVE.to_owned(),
                form: Form::Jsonl,
                cloud_account: CloudAccount::default(),
                takes: Takes::Suppressed,
                kind: Kind::File(FileConfig {
                    path: config.suppression.archive.clone(),
                    limit: Some(config.suppression.archive_limit),
                }),
            });
        }
        let retention = Retention {
            age: config.findings.keep_age,
            bytes: config.findings.keep_bytes,
        };
        let options = DeliveryOptions {
            dead_letters: config.state_directory.join("dead-letters"),
            journals: config.state_directory.join("sinks"),
            dead_letter_limit: config.findings.dead_letter_limit,
            retention,
        };
        let last = next.saturating_sub(1);
        Ok(Self {
            sinks: wardline_sink::Delivery::start(sinks, store, last, &options, telemetry)?,
            next,
            retention,
        })
    }

    /// Returns a finding for the next commit.
    pub fn number(&mut self, finding: &Finding) -> NewFinding {
        let number = self.next;
        self.next += 1;
        let time = finding
            .last_seen
            .parse()
            .unwrap_or_else(|_| Timestamp::now());
        NewFinding {
            number,
            id: finding.id.clone(),
            time: time.as_microsecond(),
            // A finding contains only plain values, which always serialize.
            json: serde_json::to_vec(finding).unwrap_or_default(),
        }
    }

    /// Adds the sinks' positions to a commit, if they have changed.
    pub fn add_cursors(&mut self, commit: &mut Commit) {
        commit.cursors.extend(self.sinks.take_cursors());
    }

    /// Adds what the store needs besides the findings to a commit.
    pub fn complete(&self, commit: &mut Commit) {
        commit.meta.retain(|(key, _)| key != NEXT);
        commit
            .meta
            .push((NEXT.to_owned(), self.next.to_le_bytes().to_vec()));
        commit.now = Timestamp::now().as_millisecond();
        commit.retention = Some(self.retention);
    }

    /// Announces the findings that have been numbered so far to the sinks: they are committed.
    pub fn committed(&self) {
        self.sinks.committed(self.next.saturating_sub(1));
    }

    /// Returns the state of each sink.
    pub fn states(&self) -> Vec<SinkState> {
        self.sinks.states()
    }

    /// Returns the number of findings that the slowest sink has not taken.
    pub fn waiting(&self) -> u64 {
        self.states()
            .iter()
            .map(|state| state.waiting)
            .max()
            .unwrap_or_default()
    }

    /// Returns true if the reader of standard output is gone, and the host should end.
    pub fn is_closed(&self) -> bool {
        self.sinks.is_closed()
    }

    /// Waits until the sinks have taken all findings, have failed, or their time is over.
    pub fn finish(&mut self) {
        self.sinks.finish(GRACE);
    }
}
