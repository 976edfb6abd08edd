//! Hands batches to a detector and takes its answers, as a host does.

use super::limits::FINDINGS;
use super::sequence::Moment;
use super::{Harness, RaisedFinding, TestError, finding};
use crate::contract::{DetectError, Finding};
use crate::native::with_host;
use crate::{Detector, Settings};

/// How a family of events is judged.
pub(super) type Judge<D, E> = fn(&mut D, &[E]) -> Result<Vec<Finding>, DetectError>;

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

    /// Delivers one batch; without an event that the detector calls bad, again.
    pub fn batch(&mut self, (mut events, mut moments): (Vec<E>, Vec<Moment>)) {
        while !events.is_empty() {
            match self.attempt(&events, &moments) {
                Ok(findings) => {
                    self.take(findings, &moments);
                    return;
                }
                Err(Failure::Event(reference, reason)) => {
                    let Some(index) = moments
                        .iter()
                        .position(|moment| moment.reference == reference)
                    else {
                        let reason = format!(
                            "it calls event {reference} bad, which is not one of the batch: {reason}"
                        );
                        self.fail(&moments, reason);
                        return;
                    };
                    events.remove(index);
                    let event = moments.remove(index).id;
                    self.note(TestError::NotJudged { event, reason });
                }
                Err(Failure::Batch(reason)) => {
                    self.fail(&moments, reason);
                    return;
                }
                Err(Failure::Test(problem)) => {
                    self.note(problem);
                    return;
                }
            }
        }
    }

    /// The findings of all batches, or the first of what went wrong.
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
            return Err(Failure::Batch("there is no instance".to_owned()));
        };
        let answer = with_host(host.clone(), || judge(detector, events));
        let mut host = host.borrow_mut();
        let answer = match (host.problem.take(), answer) {
            (Some(problem), _) => Err(Failure::Test(problem)),
            (None, Ok(findings)) if findings.len() > FINDINGS => Err(Failure::Batch(format!(
                "it answered with {} findings; {FINDINGS} are allowed for a batch",
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

    /// A batch is lost, and the instance with it.
    fn fail(&mut self, moments: &[Moment], reason: String) {
        self.note(TestError::BatchNotJudged {
            events: moments.len(),
            reason,
        });
        self.harness.restart();
    }

    fn note(&mut self, problem: TestError) {
        self.problem.get_or_insert(problem);
    }
}

enum Failure {
    Event(u64, String),
    Batch(String),
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
