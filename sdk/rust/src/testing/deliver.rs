//! Delivery of batches to a detector, as a host does it.

use std::cell::LazyCell;
use std::sync::Arc;

use wardline_check::claim;
use wardline_event::{Event, Family, Record, packed};

use super::limits::DEFAULT_LIMITS;
use super::{Harness, RaisedFinding, TestError};
use crate::contract::{AuditEvent, DetectError, Finding, RuntimeEvent, Signal};
use crate::native::with_host;
use crate::{Detector, Settings, run};

/// The delivery of the events of one call of the test.
pub(super) struct Deliver<'h, D> {
    harness: &'h mut Harness<D>,
    raised: Vec<RaisedFinding>,
    problem: Option<TestError>,
    ordinal: u32,
}

impl<'h, D: Detector> Deliver<'h, D> {
    pub fn new(harness: &'h mut Harness<D>) -> Self {
        Self {
            harness,
            raised: Vec::new(),
            problem: None,
            ordinal: 0,
        }
    }

    /// Delivers one batch of events of one family. If the detector reports an event as bad, the
    /// batch is delivered again without it; if the batch fails in another way, it is split in halves
    /// until the failing event is found. The first half goes first, which keeps the order.
    pub fn batch(&mut self, batch: Vec<Arc<Record>>) {
        let mut parts = vec![batch];
        while let Some(mut part) = parts.pop() {
            match self.attempt(&part) {
                Ok(findings) => self.take(findings, &part),
                Err(Failure::Test(problem)) => self.note(problem),
                Err(Failure::Event(reference, reason)) => {
                    let bad = part
                        .iter()
                        .position(|record| record.reference() == reference);
                    if let Some(index) = bad {
                        self.not_judged(&part.remove(index), reason);
                        if !part.is_empty() {
                            parts.push(part);
                        }
                    } else {
                        let reason = format!(
                            "the detector reported event {reference}, which is not in the batch: {reason}"
                        );
                        self.halve(part, reason, &mut parts);
                    }
                }
                Err(Failure::Batch(reason)) => self.halve(part, reason, &mut parts),
            }
        }
    }

    /// Drops the instance, and splits the batch.
    fn halve(
        &mut self,
        mut part: Vec<Arc<Record>>,
        reason: String,
        parts: &mut Vec<Vec<Arc<Record>>>,
    ) {
        self.harness.restart();
        if part.len() > 1 {
            let second = part.split_off(part.len() / 2);
            parts.push(second);
            parts.push(part);
        } else if let Some(record) = part.pop() {
            self.not_judged(&record, reason);
        }
    }

    fn not_judged(&mut self, record: &Record, reason: String) {
        self.note(TestError::NotJudged {
            event: record.event_id.as_ref().to_owned(),
            reason,
        });
    }

    /// Returns the findings of all batches, or the first problem.
    pub fn finish(self) -> Result<Vec<RaisedFinding>, TestError> {
        self.harness.findings.extend(self.raised.iter().cloned());
        match self.problem {
            Some(problem) => Err(problem),
            None => Ok(self.raised),
        }
    }

    fn attempt(&mut self, records: &[Arc<Record>]) -> Result<Vec<Finding>, Failure> {
        self.harness.instance().map_err(Failure::Test)?;
        let host = self.harness.host.clone();
        host.borrow_mut().enter(records.to_vec());
        let Some(detector) = &mut self.harness.detector else {
            return Err(Failure::Batch("the detector has no instance".to_owned()));
        };
        let answer = with_host(host.clone(), || judge(detector, records));
        let mut host = host.borrow_mut();
        let answer = match (host.failure.take(), answer) {
            (Some(failure), _) => Err(failure),
            (None, Ok(findings)) if findings.len() > DEFAULT_LIMITS.findings => {
                Err(Failure::Batch(format!(
                    "returned {} findings; the limit for a batch is {}",
                    findings.len(),
                    DEFAULT_LIMITS.findings
                )))
            }
            (None, Ok(findings)) => Ok(findings),
            (None, Err(DetectError::BadEvent((reference, reason)))) => {
                Err(Failure::Event(reference, reason))
            }
            (None, Err(DetectError::Other(reason))) => Err(Failure::Batch(reason)),
        };
        host.memory.finish(answer.is_ok());
        answer
    }

    fn take(&mut self, findings: Vec<Finding>, records: &[Arc<Record>]) {
        let host = self.harness.host.clone();
        let host = host.borrow();
        let citations = LazyCell::new(|| host.memory.citations());
        let remembered = |reference| citations.get(&reference).cloned();
        for finding in findings {
            self.ordinal = self.ordinal.wrapping_add(1);
            let finding_type = finding.finding_type.clone();
            let checked = claim::check(
                finding,
                self.ordinal,
                records,
                &self.harness.descriptor,
                DEFAULT_LIMITS.finding_bytes,
                &remembered,
            );
            match checked {
                Ok(claim) => self.raised.push(claim.into()),
                Err((_, reason)) => self.note(TestError::Finding {
                    finding_type,
                    reason,
                }),
            }
        }
    }

    fn note(&mut self, problem: TestError) {
        self.problem.get_or_insert(problem);
    }
}

/// Judges events of one family, in the form in which they enter the sandbox.
fn judge<D: Detector>(
    detector: &mut D,
    records: &[Arc<Record>],
) -> Result<Vec<Finding>, DetectError> {
    match records.first().map(|record| record.family()) {
        None => Ok(Vec::new()),
        Some(Family::Audit) => run::packed_audit_events(detector, &packed::<AuditEvent>(records)?),
        Some(Family::Runtime) => {
            run::packed_runtime_events(detector, &packed::<RuntimeEvent>(records)?)
        }
        Some(Family::Signal) => {
            let signals: Vec<Signal> = records
                .iter()
                .filter_map(|record| match &record.event {
                    Event::Signal(signal) => Some(signal.as_ref().clone()),
                    Event::Audit(_) | Event::Runtime(_) => None,
                })
                .collect();
            run::signals(detector, &signals)
        }
    }
}

fn packed<E: packed::Event>(records: &[Arc<Record>]) -> Result<Vec<u8>, DetectError> {
    let too_large = |error| DetectError::Other(format!("cannot pack the batch: {error}"));
    let events: Vec<&[u8]> = records
        .iter()
        .map(|record| record.packed())
        .collect::<Result<_, _>>()
        .map_err(too_large)?;
    let mut batch = Vec::new();
    packed::assemble::<E>(events.into_iter(), &mut batch).map_err(too_large)?;
    Ok(batch)
}

/// The reason why a call returned no findings.
#[derive(Debug)]
pub(super) enum Failure {
    /// This event could not be judged.
    Event(u64, String),
    /// The call failed.
    Batch(String),
    /// The test requires something that the harness cannot do.
    Test(TestError),
}

impl<D: Detector> Harness<D> {
    pub(super) fn instance(&mut self) -> Result<(), TestError> {
        if self.detector.is_none() {
            let host = self.host.clone();
            host.borrow_mut().enter(Vec::new());
            let settings = Settings::new(self.settings.clone());
            let detector = with_host(host.clone(), || D::configure(&settings));
            let failure = host.borrow_mut().failure.take();
            self.detector = match (failure, detector) {
                (Some(Failure::Batch(reason)), _) | (_, Err(reason)) => {
                    return Err(TestError::Configure(reason));
                }
                (_, Ok(detector)) => Some(detector),
            };
        }
        Ok(())
    }
}
