//! Decodes lines into events.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use wardline_decode::envelope::{self, CloudScope, Piece};
use wardline_decode::{DecodeOutcome, Decoder, DemandFilter, Limits, Reject, Rejected, recover};
use wardline_event::model::AuditEvent;
use wardline_event::{Origin, Record};
use wardline_source::{Defect, RawLine};

use super::Rejection;
use super::read_objects::ReadObject;
use super::source_totals::{SourceCounts, SourceTotals};

/// The event attribute in which an envelope names the cluster.
const CLUSTER: &str = "cluster";

/// The most faults of one event: it may be too long, too deep, cut off, and not UTF-8.
const FAULTS: u8 = 4;

/// An event, an object that was read, or a rejection.
pub(super) enum LineOutcome {
    Event(Record),
    ReadObject(ReadObject),
    Rejected(Rejection),
}

/// The content of lines.
#[derive(Default)]
pub(super) struct DecodedLines {
    /// Events that pass the filter, objects that were read, and rejections, in the order of the
    /// lines.
    pub units: Vec<LineOutcome>,
    /// The number of events that no detector subscribes to.
    pub unwanted: u64,
    /// The number of records of other logs.
    pub skipped: u64,
    /// The number of events that lack a part.
    pub salvaged: u64,
    /// The lines of each source.
    pub sources: SourceTotals,
}

/// Decodes lines.
pub(super) fn decode(
    decoder: &mut Decoder,
    lines: &[RawLine],
    limits: &Limits,
    interest: &dyn DemandFilter,
) -> DecodedLines {
    let mut units = DecodedLines::default();
    for line in lines {
        let before = (units.units.len(), units.unwanted);
        let mut reader = Reader {
            decoder,
            limits,
            interest,
            line,
            units: &mut units,
        };
        if line.defect == Some(Defect::TooLong) {
            reader.too_long();
        } else if !envelope::is_plain(&line.bytes) || !reader.plain() {
            reader.open();
        }
        let new = units.units.get(before.0..).unwrap_or_default();
        let is_rejected = |unit: &&LineOutcome| matches!(unit, LineOutcome::Rejected(_));
        let rejected = new.iter().filter(is_rejected).count() as u64;
        let read = |unit: &&LineOutcome| matches!(unit, LineOutcome::Event(_));
        let events = new.iter().filter(read).count() as u64 + units.unwanted - before.1;
        units.sources.add(
            &line.source,
            SourceCounts {
                lines: 1,
                events,
                rejected,
            },
        );
    }
    units
}

/// Decodes one line.
struct Reader<'r> {
    decoder: &'r mut Decoder,
    limits: &'r Limits,
    interest: &'r dyn DemandFilter,
    line: &'r RawLine,
    units: &'r mut DecodedLines,
}

impl Reader<'_> {
    /// Decodes the line as one document. Returns false, and adds nothing, if it has several.
    fn plain(&mut self) -> bool {
        let line = &self.line.bytes;
        let mut is_one = true;
        self.decode(line, &CloudScope::default(), &mut |rejected| {
            // Only text after a first document can make a whole line malformed.
            let is_whole = rejected.reason == Reject::Malformed
                && rejected.bytes.len() == line.trim_ascii().len();
            is_one = !(is_whole && envelope::is_several(line));
            is_one
        });
        is_one
    }

    /// Decodes what is kept of a line that is too long. A single event is judged by its beginning; of
    /// a list, the rest is lost.
    fn too_long(&mut self) {
        let (first, salvaged) = (self.units.units.len(), self.units.salvaged);
        self.open();
        let all = self.units.units.len();
        let is_rejected = |unit: &LineOutcome| matches!(unit, LineOutcome::Rejected(_));
        let rest = self.units.units.split_off(first);
        self.units
            .units
            .extend(rest.into_iter().filter(|unit| !is_rejected(unit)));
        let is_single = all <= first + 1 && self.units.units.len() == all;
        if !is_single || self.units.salvaged != salvaged + 1 {
            let detail = format!("longer than {} bytes", self.limits.line_bytes);
            let line = self.line.bytes.clone();
            self.reject(Reject::TooLong, detail, &line);
        }
    }

    /// Decodes the line as a cloud's envelope.
    fn open(&mut self) {
        let line = self.line.bytes.clone();
        let limits = self.limits;
        envelope::open(&line, limits, &mut |piece| match piece {
            Piece::Document { text, scope } => {
                self.decode(&shared(text, &line), scope, &mut |_| true);
            }
            Piece::Skipped => self.units.skipped += 1,
            Piece::Rejected(rejected) => {
                self.reject(rejected.reason, rejected.detail, rejected.bytes);
            }
        });
    }

    /// Decodes a document. A rejection is kept if `keeps` returns true.
    fn decode(
        &mut self,
        text: &Bytes,
        scope: &CloudScope,
        keeps: &mut dyn FnMut(&Rejected<'_>) -> bool,
    ) {
        let Self {
            decoder,
            limits,
            interest,
            line,
            units,
        } = self;
        let mut damaged: Vec<(Bytes, Reject, LineOutcome)> = Vec::new();
        decoder.decode(text, limits, *interest, &mut |unit| {
            let Some(rejected) = keep(unit, text, scope, line, units) else {
                return;
            };
            if !keeps(&rejected) {
                return;
            }
            let reason = rejected.reason;
            match recover(&rejected, limits) {
                Some(known) => damaged.push((known.into(), reason, rejection(rejected, line))),
                None => units.units.push(rejection(rejected, line)),
            }
        });
        for (known, reason, rejection) in damaged {
            let is_recovered = self.recovered(&known, scope, FAULTS);
            self.units.salvaged += u64::from(is_recovered && reason != Reject::NotUtf8);
            // The text after the cut is lost, and may be that of another event.
            if !is_recovered || reason == Reject::Malformed {
                self.units.units.push(rejection);
            }
        }
    }

    /// Decodes what is known of a rejected event, which may have several faults. Returns whether it is
    /// enough for an event.
    fn recovered(&mut self, text: &Bytes, scope: &CloudScope, faults: u8) -> bool {
        let Self {
            decoder,
            limits,
            interest,
            line,
            units,
        } = self;
        let mut is_readable = true;
        let mut next = None;
        decoder.decode(text, limits, *interest, &mut |unit| {
            if let Some(rejected) = keep(unit, text, scope, line, units) {
                is_readable = false;
                next = recover(&rejected, limits);
            }
        });
        match next.filter(|_| faults > 1) {
            Some(known) => self.recovered(&known.into(), scope, faults - 1),
            None => is_readable,
        }
    }

    fn reject(&mut self, reason: Reject, detail: String, bytes: &[u8]) {
        let rejected = Rejected {
            reason,
            detail,
            bytes,
        };
        self.units.units.push(rejection(rejected, self.line));
    }
}

/// Adds what a document holds, or returns its rejection.
fn keep<'u>(
    unit: DecodeOutcome<'u>,
    text: &Bytes,
    scope: &CloudScope,
    line: &RawLine,
    units: &mut DecodedLines,
) -> Option<Rejected<'u>> {
    match unit {
        DecodeOutcome::Event(mut decoded) => {
            scope.note(&mut decoded.event);
            let raw = text.slice_ref(decoded.raw.as_bytes());
            let cluster = cluster_of(&decoded.event, &line.cluster);
            let record = Record::audit(decoded.event, raw, cluster, origin(line));
            units.units.push(LineOutcome::Event(record));
        }
        DecodeOutcome::Rejected(rejected) => return Some(rejected),
        DecodeOutcome::Filtered(_) => units.unwanted += 1,
        DecodeOutcome::ResponseObject(answer) => {
            let cluster = match scope.cluster.as_str() {
                "" => Arc::clone(&line.cluster),
                cluster => Arc::from(cluster),
            };
            let seen = ReadObject::new(&answer, text, cluster, origin(line));
            units.units.push(LineOutcome::ReadObject(seen));
            units.unwanted += 1;
        }
    }
    None
}

/// Returns the cluster that an event or its envelope names, or else that of its line.
pub(super) fn cluster_of(event: &AuditEvent, of_line: &Arc<str>) -> Arc<str> {
    event
        .attributes
        .iter()
        .find(|attribute| attribute.key == CLUSTER && !attribute.value.is_empty())
        .map_or_else(
            || Arc::clone(of_line),
            |attribute| Arc::from(attribute.value.as_str()),
        )
}

fn origin(line: &RawLine) -> Origin {
    Origin {
        source: Arc::clone(&line.source),
        line: line.line,
    }
}

fn rejection(rejected: Rejected<'_>, line: &RawLine) -> LineOutcome {
    LineOutcome::Rejected(Rejection::new(
        rejected.reason,
        rejected.detail,
        rejected.bytes,
        origin(line),
    ))
}

/// Returns a part of a line without copying it; other text is copied if it must be.
fn shared(text: Cow<'_, [u8]>, line: &Bytes) -> Bytes {
    match text {
        Cow::Owned(text) => Bytes::from(text),
        Cow::Borrowed(text) => {
            let (inner, outer) = (text.as_ptr_range(), line.as_ptr_range());
            if outer.start <= inner.start && inner.end <= outer.end {
                line.slice_ref(text)
            } else {
                Bytes::copy_from_slice(text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use wardline_decode::{Decoder, Head, Limits};

    use super::{DecodedLines, LineOutcome, decode};
    use wardline_source::{Defect, RawLine};

    const LIMITS: Limits = Limits {
        line_bytes: 1 << 20,
        document_bytes: 1 << 20,
        depth: 64,
    };

    const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"bob"}}"#;

    fn units(text: &str) -> DecodedLines {
        let line = RawLine {
            bytes: text.as_bytes().to_vec().into(),
            source: Arc::from("test"),
            cluster: Arc::from("of the source"),
            line: 7,
            defect: None,
        };
        let everything = |_: &Head<'_>| true;
        decode(&mut Decoder::default(), &[line], &LIMITS, &everything)
    }

    /// Returns the text and the cluster of each event, or the reason and detail of a rejection.
    fn outline(units: &DecodedLines) -> Vec<(String, String)> {
        let one = |unit: &LineOutcome| match unit {
            LineOutcome::Event(record) => {
                assert_eq!(record.origin.line, 7);
                (record.raw_text().to_owned(), record.cluster.to_string())
            }
            LineOutcome::Rejected(rejection) => {
                (rejection.reason.to_string(), rejection.detail.clone())
            }
            LineOutcome::ReadObject(_) => panic!("all events pass the filter"),
        };
        units.units.iter().map(one).collect()
    }

    #[test]
    fn raw_text_is_the_event_without_its_envelope() {
        let alone = (EVENT.to_owned(), "of the source".to_owned());
        assert_eq!(outline(&units(EVENT)), std::slice::from_ref(&alone));
        let thrice = format!("{EVENT}{EVENT} {EVENT}");
        assert_eq!(outline(&units(&thrice)), vec![alone.clone(); 3]);
        let array = format!("[{EVENT},{EVENT}]");
        assert_eq!(outline(&units(&array)), vec![alone; 2]);
        let wrapped = json!({
            "messageType": "DATA_MESSAGE",
            "logGroup": "/aws/eks/shop/cluster",
            "logStream": "kube-apiserver-audit-1",
            "logEvents": [{"message": EVENT}],
        });
        let expected = [(EVENT.to_owned(), "shop".to_owned())];
        assert_eq!(outline(&units(&wrapped.to_string())), expected);
    }

    #[test]
    fn raw_text_of_a_cloud_entry_is_the_translated_event() {
        let entry = json!({
            "insertId": "a",
            "timestamp": "2026-11-22T01:50:55Z",
            "resource": {"labels": {"cluster_name": "shop"}},
            "protoPayload": {
                "serviceName": "k8s.io",
                "methodName": "io.k8s.core.v1.pods.list",
                "resourceName": "core/v1/pods",
            },
        });
        let units = units(&entry.to_string());
        let outline = outline(&units);
        assert!(
            outline[0]
                .0
                .starts_with(r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1""#),
            "{outline:?}"
        );
        assert_eq!(outline[0].1, "shop");
    }

    #[test]
    fn counts_other_logs_and_does_not_split_text_after_an_event() {
        let other = json!({"category": "guard", "resourceId": "/"}).to_string();
        let units_of_other = units(&other);
        assert_eq!((units_of_other.units.len(), units_of_other.skipped), (0, 1));
        let outline = outline(&units(&format!("{EVENT} text")));
        assert_eq!(outline.len(), 1);
        assert_eq!(outline[0].0, "malformed");
    }

    #[test]
    fn event_is_judged_by_what_stands_before_a_cut() {
        let last = r#""user":{"username":"bob"}}"#;
        let more = r#""user":{"username":"bob"},"responseStatus":{"code":200},"annotations":{}}"#;
        let event = EVENT.replace(last, more);
        for wrap in [
            |text: &str| text.to_owned(),
            |text: &str| format!("<133>Mar  2 10:00:00 cp-1 audit: {text}"),
            |text: &str| {
                let message = json!({"log": text}).to_string();
                message[..message.len() - 2].to_owned()
            },
        ] {
            let mut judged = 0;
            for end in 1..event.len() {
                let found = units(&wrap(&event[..end]));
                // A few bytes may be of any log.
                if found.skipped == 1 && end < r#"{"kind":"Event"#.len() {
                    continue;
                }
                assert_eq!(found.units.len(), 1, "{end}");
                let LineOutcome::Event(record) = &found.units[0] else {
                    assert_eq!(found.salvaged, 0);
                    continue;
                };
                judged += 1;
                assert_eq!(found.salvaged, 1);
                let event = record.as_audit().unwrap();
                assert!(event.truncated);
                // Known fields are as they were, or absent.
                assert_eq!(
                    (event.verb.as_str(), event.audit_id.as_str()),
                    ("list", "a")
                );
                let code = event
                    .response
                    .as_ref()
                    .map_or(200, |response| response.code);
                assert_eq!(code, 200);
                assert_eq!(event.user.username, "bob");
            }
            assert!(judged > 20, "{judged}");
        }
    }

    #[test]
    fn beginning_of_a_line_that_is_too_long_is_judged() {
        let text = format!(
            r#"{},"requestObject":{{"a":"{}"#,
            &EVENT[..EVENT.len() - 1],
            "x".repeat(100)
        );
        let line = RawLine {
            bytes: text.into_bytes().into(),
            source: Arc::from("test"),
            cluster: Arc::from(""),
            line: 7,
            defect: Some(Defect::TooLong),
        };
        let everything = |_: &Head<'_>| true;
        let found = decode(
            &mut Decoder::default(),
            std::slice::from_ref(&line),
            &LIMITS,
            &everything,
        );
        assert!(matches!(found.units.as_slice(), [LineOutcome::Event(_)]));
        let list = format!("[{EVENT},{EVENT},{{\"kind\":\"Event\"");
        let list = RawLine {
            bytes: list.into_bytes().into(),
            ..line
        };
        let found = decode(&mut Decoder::default(), &[list], &LIMITS, &everything);
        let outline = outline(&found);
        assert_eq!(outline.len(), 3, "the rest of a list is told: {outline:?}");
        assert_eq!(outline[2].0, "too_long");
    }
}
