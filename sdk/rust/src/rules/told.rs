//! Memories of told findings, so that a detector does not tell the same thing again.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::AuditEvent;
use crate::state::{self, StateError, Values};

/// A memory of the findings that a detector has told about the members of one kind.
///
/// A memory that silences must not let the harmless hide the severe: whoever is about to do the
/// severe thing would do the harmless one first. A member is therefore known only up to the rank
/// that was told about it. The rank is the severity, and for equal severities whether the request
/// took effect, so that a denied attempt does not hide the request that succeeds.
///
/// A member names what is dangerous, as narrowly as the finding does: the field and its value, not
/// the value alone.
///
/// ```
/// use wardline_sdk::prelude::*;
/// use wardline_sdk::rules::{Told, time::DAY};
///
/// fn is_due(event: AuditEvent<'_>, severity: f64) -> Result<bool, DetectError> {
///     Ok(Told::by_actor(event, "listed").is_news(event.namespace(), severity, DAY)?)
/// }
/// # let _ = is_due;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    event: AuditEvent<'a>,
    values: Values,
    kind: &'a str,
}

/// The most members of one event that are remembered. Each takes two calls of the host.
const MAX_MEMBERS: usize = 64;

impl<'a> Told<'a> {
    /// Returns what was told about the event's actor. `kind` is the name of the memory: use it for
    /// nothing else.
    #[must_use]
    pub fn by_actor(event: AuditEvent<'a>, kind: &'a str) -> Self {
        Self {
            event,
            values: state::actor(event),
            kind,
        }
    }

    /// Returns what was told about the event's cluster, whoever the actor was. Only for detectors
    /// whose descriptor is [`ordered_by_cluster`](crate::Descriptor::ordered_by_cluster).
    #[must_use]
    pub fn in_cluster(event: AuditEvent<'a>, kind: &'a str) -> Self {
        Self {
            event,
            values: state::cluster(event),
            kind,
        }
    }

    /// Returns whether a finding of this severity about the member is news, and remembers it as
    /// told. It is news unless one of at least this rank was told within the last `keep`, counted
    /// from its last repetition. [`FOREVER`](state::FOREVER) keeps it until it is evicted.
    ///
    /// A member that is too long to be remembered is always news.
    ///
    /// # Errors
    /// Returns a [`StateError`] if the host cannot read or store the state.
    pub fn is_news(
        &self,
        member: &str,
        severity: impl Into<f64>,
        keep: Duration,
    ) -> Result<bool, StateError> {
        // The separator occurs in no kind, so that no member reaches another kind.
        let told = self.values.key(format!("{}\u{1f}{member}", self.kind));
        let rank = Rank {
            severity: severity.into(),
            took_effect: self.event.succeeded() && !self.event.dry_run(),
        };
        let before = told.get()?.and_then(|bytes| Rank::decode(&bytes));
        let is_news = before.is_none_or(|before| before < rank);
        // A lesser repetition does not prolong the memory of the greater one.
        if is_news || before == Some(rank) {
            match told.set(&rank.encode(), keep) {
                Err(StateError::TooLarge) => return Ok(true),
                result => result?,
            }
        }
        Ok(is_news)
    }

    /// Returns whether a finding about these members, each with its severity, has news, and remembers
    /// all of them as told, as [`is_news`](Self::is_news) does.
    ///
    /// More than 64 different members are always news, and none is remembered: an object with
    /// thousands must neither exceed the limit of host calls nor evict what was told about others.
    ///
    /// # Errors
    /// As [`is_news`](Self::is_news).
    pub fn has_news(
        &self,
        members: impl IntoIterator<Item = (String, f64)>,
        keep: Duration,
    ) -> Result<bool, StateError> {
        let mut different: BTreeMap<String, f64> = BTreeMap::new();
        for (member, severity) in members {
            let highest = different.entry(member).or_insert(severity);
            *highest = highest.max(severity);
            if different.len() > MAX_MEMBERS {
                return Ok(true);
            }
        }
        let mut has_news = false;
        for (member, severity) in different {
            // No short circuit: every member must be remembered.
            has_news |= self.is_news(&member, severity, keep)?;
        }
        Ok(has_news)
    }
}

/// How much a finding tells.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Rank {
    severity: f64,
    took_effect: bool,
}

impl Rank {
    fn encode(self) -> [u8; 9] {
        let [a, b, c, d, e, f, g, h] = self.severity.to_be_bytes();
        [a, b, c, d, e, f, g, h, u8::from(self.took_effect)]
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (severity, took_effect) = bytes.split_at_checked(8)?;
        Some(Self {
            severity: f64::from_be_bytes(severity.try_into().ok()?),
            took_effect: took_effect == [1],
        })
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests;
