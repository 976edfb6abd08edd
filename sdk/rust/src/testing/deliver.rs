//! Delivery of batches to a detector, as a host does it.

use std::cell::LazyCell;
use std::sync::Arc;

use wardline_check::claim;
use wardline_event::Record;
use wardline_event::packed::assemble;

use super::limits::DEFAULT_LIMITS;
use super::{Harness, RaisedFinding, TestError};
use crate::contract::{AuditEvent, DetectError, Finding};
use crate::native::with_host;
use crate::{Detector, Settings, run};

/// The function that judges a batch of one event family.
pub(super) type Judge<D, E> = fn(&mut D, &[E]) -> Result<Vec<Finding>, DetectError>;

/// Events as a detector's function takes them, and their records.
pub(super) type Batch<E> = (Vec<E>, Vec<Arc<Record>>);

/// Judges audit events in the packed form in which they enter the sandbox.
pub(super) fn judge_audit<D: Detector>(
    detector: &mut D,
    records: &[Arc<Record>],
) -> Result<Vec<Finding>, DetectError> {
    let too_large = |error| DetectError::Other(format!("cannot pack the batch: {error}"));
    let events: Vec<&[u8]> = records
        .iter()
        .map(|record| record.packed())
        .collect::<Result<_, _>>()
        .map_err(too_large)?;
    let mut batch = Vec::new();
    assemble::<AuditEvent>(events.into_iter(), &mut batch).map_err(too_large)?;
    run::packed_audit_events(detector, &batch)
}

/// The delivery of the events of one call of the test.
pub(super) struct Deliver<'h, D, E> {
    harness: &'h mut Harness<D>,
    judge: Judge<D, E>,
    raised: Vec<RaisedFinding>,
    problem: Option<TestError>,
    ordinal: u32,
}

impl<'h, D: Detector, E> Deliver<'h, D, E> {
    pub fn new(harness: &'h mut Harness<D>, judge: Judge<D, E>) -> Self {
        Self {
            harness,
            judge,
            raised: Vec::new(),
            problem: None,
            ordinal: 0,
        }
    }

    /// Delivers one batch. If the detector reports an event as bad, the batch is delivered again
    /// without it; if the batch fails in another way, it is split in halves until the failing event
    /// is found. The first half goes first, which keeps the order.
    pub fn batch(&mut self, batch: Batch<E>) {
        let mut parts = vec![batch];
        while let Some((mut events, mut records)) = parts.pop() {
            match self.attempt(&events, &records) {
                Ok(findings) => self.take(findings, &records),
                Err(Failure::Test(problem)) => self.note(problem),
                Err(Failure::Event(reference, reason)) => {
                    let bad = records
                        .iter()
                        .position(|record| record.reference() == reference);
                    if let Some(index) = bad {
                        events.remove(index);
                        self.not_judged(&records.remove(index), reason);
                        if !events.is_empty() {
                            parts.push((events, records));
                        }
                    } else {
                        let reason = format!(
                            "the detector reported event {reference}, which is not in the batch: {reason}"
                        );
                        self.halve((events, records), reason, &mut parts);
                    }
                }
                Err(Failure::Batch(reason)) => {
                    self.halve((events, records), reason, &mut parts);
                }
            }
        }
    }

    /// Drops the instance, and splits the batch.
    fn halve(
        &mut self,
        (mut events, mut records): Batch<E>,
        reason: String,
        parts: &mut Vec<Batch<E>>,
    ) {
        self.harness.restart();
        if events.len() > 1 {
            let half = events.len() / 2;
            let second = (events.split_off(half), records.split_off(half));
            parts.push(second);
            parts.push((events, records));
        } else if let Some(record) = records.pop() {
            self.not_judged(&record, reason);
        }
    }

    fn not_judged(&mut self, record: &Record, reason: String) {
        self.note(TestError::NotJudged {
            event: record.event_id.to_string(),
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

    fn attempt(&mut self, events: &[E], records: &[Arc<Record>]) -> Result<Vec<Finding>, Failure> {
        self.harness.instance().map_err(Failure::Test)?;
        let host = self.harness.host.clone();
        host.borrow_mut().enter(records.to_vec());
        let judge = self.judge;
        let Some(detector) = &mut self.harness.detector else {
            return Err(Failure::Batch("the detector has no instance".to_owned()));
        };
        let answer = with_host(host.clone(), || judge(detector, events));
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
