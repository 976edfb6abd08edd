//! Puts the events of documents in the order of time.
//!
//! Sources deliver lines in the order of time. A document is one line with many events, so that the documents
//! of several API servers would be judged one after the other.

use std::collections::BTreeMap;

use wardline_source::Reached;

use super::decode::{DecodedLines, LineOutcome};

impl DecodedLines {
    /// Orders the events of a chunk by time if there are several sources and a line of one has several
    /// events. The order within a source stays.
    pub(super) fn put_in_order(&mut self) {
        let mut sources = self.sources.iter();
        let has_documents = sources.any(|(_, counts)| counts.events > counts.lines);
        if !has_documents || self.sources.iter().nth(1).is_none() {
            return;
        }
        let times: Vec<u64> = self.units.iter().map(time).collect();
        let mut reached: BTreeMap<&str, Reached> = BTreeMap::new();
        let mut order = Vec::with_capacity(times.len());
        for (place, (unit, time)) in self.units.iter().zip(&times).enumerate() {
            let source = source(unit);
            let following = self.units.iter().zip(&times).skip(place + 1);
            let following = following
                .filter_map(|(other, time)| (self::source(other) == source).then_some(*time));
            let reached = reached.entry(source).or_default();
            reached.advance(*time, following);
            order.push(*reached);
        }
        let units = std::mem::take(&mut self.units);
        let mut placed: Vec<(Reached, LineOutcome)> = order.into_iter().zip(units).collect();
        placed.sort_by_key(|(reached, _)| *reached);
        self.units.extend(placed.into_iter().map(|(_, unit)| unit));
    }
}

/// Returns the time of what a line holds; zero if it has none.
fn time(unit: &LineOutcome) -> u64 {
    match unit {
        LineOutcome::Event(record) => record.time(),
        LineOutcome::ReadObject(read) => read.time(),
        LineOutcome::Rejected(_) => 0,
    }
}

fn source(unit: &LineOutcome) -> &str {
    match unit {
        LineOutcome::Event(record) => &record.origin.source,
        LineOutcome::ReadObject(read) => &read.origin().source,
        LineOutcome::Rejected(rejection) => &rejection.origin.source,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wardline_event::model::AuditEvent;
    use wardline_event::{Origin, Record};

    use super::{DecodedLines, LineOutcome, time};
    use crate::pipeline::SourceCounts;

    /// Decoded events by source and second; each source has so many lines.
    fn decoded(events: &[(&str, u64)], lines: u64) -> DecodedLines {
        let mut decoded = DecodedLines::default();
        for (name, second) in events {
            let source: Arc<str> = Arc::from(*name);
            let event = AuditEvent {
                time: second * 1_000_000_000,
                ..AuditEvent::default()
            };
            let origin = Origin {
                source: Arc::clone(&source),
                line: 1,
            };
            let record = Record::audit(event, "{}".into(), "".into(), origin);
            decoded.units.push(LineOutcome::Event(record));
            let counts = SourceCounts {
                events: 1,
                ..SourceCounts::default()
            };
            decoded.sources.add(&source, counts);
        }
        for source in ["a", "b"].map(Arc::from) {
            let counts = SourceCounts {
                lines,
                ..SourceCounts::default()
            };
            decoded.sources.add(&source, counts);
        }
        decoded
    }

    fn seconds(mut decoded: DecodedLines) -> Vec<u64> {
        decoded.put_in_order();
        let seconds = decoded.units.iter().map(|unit| time(unit) / 1_000_000_000);
        seconds.collect()
    }

    #[test]
    fn events_of_several_documents_are_ordered_by_time() {
        let events = [
            ("a", 10),
            ("a", 30),
            ("a", 20),
            ("a", 50),
            ("b", 15),
            ("b", 40),
        ];
        assert_eq!(seconds(decoded(&events, 1)), [10, 15, 30, 20, 40, 50]);
    }

    #[test]
    fn wrong_time_does_not_delay_a_document() {
        let far = 4_000_000_000;
        let events = [
            ("a", 10),
            ("a", far),
            ("a", 12),
            ("a", 13),
            ("b", 11),
            ("b", 14),
        ];
        assert_eq!(seconds(decoded(&events, 1)), [10, far, 11, 12, 13, 14]);
    }

    #[test]
    fn lines_stay_as_the_sources_deliver_them() {
        let events = [("a", 30), ("a", 20), ("b", 15)];
        assert_eq!(seconds(decoded(&events, 3)), [30, 20, 15]);
    }
}
