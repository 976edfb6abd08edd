//! The kinds of conditions.

mod texts;

/// A way in which the host can fail to see, judge, or report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// No source has a detector to judge its events.
    NoDetector,
    /// A source has not delivered events for too long.
    SourceSilent,
    /// A source cannot be read, or contains no events.
    SourceUnreadable,
    /// Events were lost before the host read them.
    EventsMissing,
    /// Most events are duplicates.
    EventsDuplicated,
    /// Records of a source could not be decoded.
    EventsRejected,
    /// The log of a cluster lacks the objects that detectors judge.
    BodiesMissing,
    /// The times of events are far from the host's clock.
    ClockSkewed,
    /// A detector did not judge events that it subscribes to.
    NotJudged,
    /// A detector is no longer called because it failed too often.
    DetectorQuarantined,
    /// A file in the plugin directory is not in force.
    DetectorRefused,
    /// A detector was added, replaced, or removed.
    DetectorChanged,
    /// A detector forgot state to stay within its quota.
    StateEvicted,
    /// An intel list is stale, or its file is not in force.
    ListStale,
    /// A webhook refused senders.
    SenderRefused,
    /// A sink does not take findings.
    SinkFailing,
    /// A damaged store was put aside.
    StoreReplaced,
}

impl Kind {
    /// All kinds, in the order of the catalog.
    pub const ALL: [Self; 17] = [
        Self::NoDetector,
        Self::SourceSilent,
        Self::SourceUnreadable,
        Self::EventsMissing,
        Self::EventsDuplicated,
        Self::EventsRejected,
        Self::BodiesMissing,
        Self::ClockSkewed,
        Self::NotJudged,
        Self::DetectorQuarantined,
        Self::DetectorRefused,
        Self::DetectorChanged,
        Self::StateEvicted,
        Self::ListStale,
        Self::SenderRefused,
        Self::SinkFailing,
        Self::StoreReplaced,
    ];

    /// Returns the name of the finding type.
    #[must_use]
    pub fn finding_type(self) -> &'static str {
        self.texts().name
    }

    /// Returns the severity unless a rule raises it, from 1.0 to 10.0.
    #[must_use]
    pub fn severity(self) -> f64 {
        self.texts().severity
    }

    /// Returns the title.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.texts().title
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Kind;

    #[test]
    fn each_kind_has_a_type_of_its_own() {
        let names: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.finding_type()).collect();
        assert_eq!(names.len(), Kind::ALL.len());
        for name in names {
            assert!(name.starts_with("Health:Wardline/"), "{name}");
        }
    }
}
