//! Delivery of batches to a detector, as a host does it.

use super::limits::FINDINGS;
use super::sequence::Moment;
use super::{Harness, RaisedFinding, TestError, finding};
use crate::contract::{DetectError, Finding};
use crate::native::with_host;
use crate::{Detector, Settings};

/// The function that judges a batch of one event family.
pub(super) type Judge<D, E> = fn(&mut D, &[E]) -> Result<Vec<Finding>, DetectError>;

/// Events, each with the host's knowledge of it.
pub(super) type Batch<E> = (Vec<E>, Vec<Moment>);

/// The delivery of the events of one call of the test.
pub(super) struct Deliver<'h, D, E> {
    harness: &'h mut Harness<D>,
    judge: Judge<D, E>,
    raised: Vec<RaisedFinding>,
    problem: Option<TestError>,
}

impl<'h, D: Detector, E> Deliver<'h, D, E> {
    pub fn new(harness: &'h mut Harness<D>, judge: Judge<D, E>) -> Self {
        Self {
            harness,
            judge,
            raised: Vec::new(),
            problem: None,
        }
    }

    /// Delivers one batch. If the detector reports an event as bad, the batch is delivered again
    /// without it; if the batch fails in another way, it is split in halves until the failing event
    /// is found. The first half goes first, which keeps the order.
    pub fn batch(&mut self, batch: Batch<E>) {
        let mut parts = vec![batch];
        while let Some((mut events, mut moments)) = parts.pop() {
            match self.attempt(&events, &moments) {
                Ok(findings) => self.take(findings, &moments),
                Err(Failure::Test(problem)) => self.note(problem),
                Err(Failure::Event(reference, reason)) => {
                    let bad = moments
                        .iter()
                        .position(|moment| moment.reference == reference);
                    if let Some(index) = bad {
                        events.remove(index);
                        self.not_judged(moments.remove(index), reason);
                        if !events.is_empty() {
                            parts.push((events, moments));
                        }
                    } else {
                        let reason = format!(
                            "the detector reported event {reference}, which is not in the batch: {reason}"
                        );
                        self.halve((events, moments), reason, &mut parts);
                    }
                }
                Err(Failure::Batch(reason)) => {
                    self.halve((events, moments), reason, &mut parts);
                }
            }
        }
    }

    /// Drops the instance, and splits the batch.
    fn halve(
        &mut self,
        (mut events, mut moments): Batch<E>,
        reason: String,
        parts: &mut Vec<Batch<E>>,
    ) {
        self.harness.restart();
        if events.len() > 1 {
            let half = events.len() / 2;
            let second = (events.split_off(half), moments.split_off(half));
            parts.push(second);
            parts.push((events, moments));
        } else if let Some(moment) = moments.pop() {
            self.not_judged(moment, reason);
        }
    }

    fn not_judged(&mut self, moment: Moment, reason: String) {
        self.note(TestError::NotJudged {
            event: moment.id,
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

    fn attempt(&mut self, events: &[E], moments: &[Moment]) -> Result<Vec<Finding>, Failure> {
        self.harness.instance().map_err(Failure::Test)?;
        let host = self.harness.host.clone();
        host.borrow_mut().enter(moments.to_vec());
        let judge = self.judge;
        let Some(detector) = &mut self.harness.detector else {
            return Err(Failure::Batch("the detector has no instance".to_owned()));
        };
        let answer = with_host(host.clone(), || judge(detector, events));
        let mut host = host.borrow_mut();
        let answer = match (host.failure.take(), answer) {
            (Some(failure), _) => Err(failure),
            (None, Ok(findings)) if findings.len() > FINDINGS => Err(Failure::Batch(format!(
                "the detector returned {} findings; the limit is {FINDINGS} for a batch",
                findings.len()
            ))),
            (None, Ok(findings)) => Ok(findings),
            (None, Err(DetectError::BadEvent((reference, reason)))) => {
                Err(Failure::Event(reference, reason))
            }
            (None, Err(DetectError::Other(reason))) => Err(Failure::Batch(reason)),
        };
        if answer.is_err() {
            host.state.undo();
        }
        answer
    }

    fn take(&mut self, findings: Vec<Finding>, moments: &[Moment]) {
        for finding in findings {
            let checked = finding::check(
                finding,
                &self.harness.descriptor,
                moments,
                &self.harness.host.borrow().state,
            );
            match checked {
                Ok(raised) => self.raised.push(raised),
                Err(problem) => self.note(problem),
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
            host.borrow_mut().batch.clear();
            let settings = Settings::new(self.settings.clone());
            let detector = with_host(host, || D::configure(&settings));
            self.detector = Some(detector.map_err(TestError::Configure)?);
        }
        Ok(())
    }
}
