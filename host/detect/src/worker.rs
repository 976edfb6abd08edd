//! The worker of one detector on one thread.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use wardline_check::claim::{self, Claim};
use wardline_event::Record;
use wardline_intel::Intel;
use wardline_state::{Changes, Partition, Usage};

use super::breakers::{Breakers, SizeClass};
use super::budget::ChunkBudget;
use super::instance::JudgeError;
use super::{BreakerState, Detector, Failure, Instance, Outcome, Services, Tally};

/// The reason why an event was not judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skip {
    /// The detector failed on this event.
    Failed(Failure),
    /// The circuit breaker was open.
    Breaker,
    /// The detector is quarantined.
    Quarantined,
    /// No instance could be started.
    Unavailable(Failure),
}

impl Skip {
    /// The name in reports.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Failed(failure) => failure.outcome.as_str(),
            Self::Breaker => "breaker",
            Self::Quarantined => "quarantined",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

/// An event that met a detector's subscription but was not judged. It is reported, so that "no
/// findings" never hides that nothing was examined.
#[derive(Clone)]
pub struct NotJudged {
    /// The event.
    pub record: Arc<Record>,
    /// The detector that did not judge it.
    pub detector: Arc<Detector>,
    /// The reason.
    pub skip: Skip,
}

/// The worker of one detector on one thread: its instance, state, and circuit breakers.
pub struct DetectorWorker {
    detector: Arc<Detector>,
    services: Services,
    instance: Option<Instance>,
    parked: BTreeMap<u8, Partition>,
    breakers: Breakers,
    budget: ChunkBudget,
    last_failure: Option<Failure>,
    ordinal: u32,
    tally: Tally,
}

impl DetectorWorker {
    /// Creates a worker that continues with the state of the detector's previous version.
    #[must_use]
    pub fn new(
        detector: Arc<Detector>,
        services: Services,
        partitions: BTreeMap<u8, Partition>,
    ) -> Self {
        let instance = detector.take_ready();
        let breaker = detector.breaker.clone();
        let mut worker = Self {
            detector,
            services,
            instance: None,
            parked: partitions,
            breakers: Breakers::new(breaker),
            budget: ChunkBudget::default(),
            last_failure: None,
            ordinal: 0,
            tally: Tally::default(),
        };
        if let Some(mut instance) = instance {
            instance.adopt(std::mem::take(&mut worker.parked));
            // The instance was configured in advance, possibly when other lists were in force.
            instance.set_lists(&worker.services.intel);
            worker.instance = Some(instance);
        }
        worker
    }

    /// Replaces the intel lists that later calls read.
    pub fn set_lists(&mut self, lists: &Arc<Intel>) {
        self.services.intel = Arc::clone(lists);
        if let Some(instance) = &mut self.instance {
            instance.set_lists(lists);
        }
    }

    /// The version that this worker calls.
    #[must_use]
    pub fn detector(&self) -> &Arc<Detector> {
        &self.detector
    }

    /// Judges a batch of events of one family that meet the detector's subscriptions, in order.
    pub fn judge(
        &mut self,
        batch: Vec<Arc<Record>>,
        claims: &mut Vec<Claim>,
        not_judged: &mut Vec<NotJudged>,
    ) {
        self.tally.events += batch.len() as u64;
        // A failing batch is halved until the event that causes the failure is found; the first
        // half always goes first, to preserve the order.
        let mut parts = vec![batch];
        while let Some(part) = parts.pop() {
            let part = self.admit(part, not_judged);
            if part.is_empty() {
                continue;
            }
            if let Err(failure) = self.ensure_instance() {
                self.unavailable(part, &failure, not_judged);
                continue;
            }
            let answer = match self.attempt(&part, claims) {
                Ok(()) => {
                    for record in &part {
                        self.breakers.judged(record);
                    }
                    self.detector.quarantine.judged(part.len() as u64);
                    self.tally.judged += part.len() as u64;
                    continue;
                }
                Err(answer) => answer,
            };
            match answer {
                JudgeError::BadEvent(reference, text) => {
                    let failure = Failure::new(Outcome::BadEvent, text);
                    self.exclude(part, reference, &failure, not_judged, &mut parts);
                }
                JudgeError::Failed(failure) => {
                    self.retire(&failure);
                    self.halve(part, failure, not_judged, &mut parts);
                }
            }
        }
    }

    /// Takes the counters collected since the last call, and ends the chunk.
    pub fn take_tally(&mut self) -> Tally {
        self.budget = ChunkBudget::default();
        std::mem::take(&mut self.tally)
    }

    /// Takes the changes to the state since the last call.
    pub fn take_changes(&mut self) -> Vec<(u8, Changes)> {
        match &mut self.instance {
            Some(instance) => instance.take_changes(),
            None => self
                .parked
                .iter_mut()
                .map(|(&number, partition)| (number, partition.take_changes()))
                .collect(),
        }
    }

    /// The size of the state.
    #[must_use]
    pub fn state_usage(&self) -> Usage {
        match &self.instance {
            Some(instance) => instance.state_usage(),
            None => self.parked.values().map(Partition::usage).sum(),
        }
    }

    /// The worst state of any breaker, and the last failure.
    #[must_use]
    pub fn health(&self) -> (BreakerState, Option<Failure>) {
        let worst = if self.detector.is_quarantined() {
            BreakerState::Quarantined
        } else {
            self.breakers.worst()
        };
        (worst, self.last_failure.clone())
    }

    /// Ends the worker and returns its state for the next version.
    #[must_use]
    pub fn into_partitions(self) -> BTreeMap<u8, Partition> {
        match self.instance {
            Some(instance) => instance.into_partitions(),
            None => self.parked,
        }
    }

    /// Counts an event that could not be judged. Events that are large are their sender's doing, and say
    /// nothing about the detector.
    fn failed(&mut self, record: &Record, failure: &Failure) {
        let has_opened = self.breakers.failed(record);
        if SizeClass::of(record) == SizeClass::Ordinary {
            self.detector.quarantine.failed(
                (&record.cluster, &record.actor),
                failure.outcome == Outcome::Deadline,
                has_opened,
                &self.detector.breaker,
            );
        }
    }

    /// Removes the events that the breakers do not admit.
    fn admit(
        &mut self,
        part: Vec<Arc<Record>>,
        not_judged: &mut Vec<NotJudged>,
    ) -> Vec<Arc<Record>> {
        let mut admitted = Vec::with_capacity(part.len());
        for record in part {
            if !self.detector.quarantine.admit(&self.detector.breaker) {
                self.skip(record, Skip::Quarantined, not_judged);
            } else if self.breakers.admit(&record) {
                admitted.push(record);
            } else {
                self.skip(record, Skip::Breaker, not_judged);
            }
        }
        admitted
    }

    fn attempt(&mut self, part: &[Arc<Record>], claims: &mut Vec<Claim>) -> Result<(), JudgeError> {
        let Some(instance) = &mut self.instance else {
            return Err(JudgeError::Failed(Failure::new(
                Outcome::Error,
                "there is no instance",
            )));
        };
        let started = Instant::now();
        let answer = instance.judge(part).map_err(|error| known(error, part));
        let outcome = match &answer {
            Ok(_) => Outcome::Ok,
            Err(JudgeError::BadEvent(..)) => Outcome::BadEvent,
            Err(JudgeError::Failed(failure)) => failure.outcome,
        };
        self.tally.call(outcome, started.elapsed());
        let (mut logs, dropped) = instance.take_logs();
        let dropped = dropped + self.budget.limit_logs(&mut logs);
        self.tally.log_lines += logs.len() as u64;
        self.tally.log_lines_dropped += dropped;
        self.tally.logs.extend(logs);
        // The state is searched once, and only if a finding cites an event outside the batch: a
        // guest must not make the host search for every event of every finding.
        let citations = LazyCell::new(|| instance.citations());
        let remembered = |reference| citations.get(&reference).cloned();
        let mut ordinal = self.ordinal;
        let checked: Vec<_> = answer?
            .into_iter()
            .map(|finding| {
                ordinal = ordinal.wrapping_add(1);
                claim::check(
                    finding,
                    ordinal,
                    part,
                    &self.detector.descriptor,
                    self.detector.limits.finding_bytes,
                    &remembered,
                )
            })
            .collect();
        self.ordinal = ordinal;
        for checked in checked {
            match checked {
                Ok(claim) => self.keep(claim, claims),
                Err((reason, text)) => {
                    self.tally.refuse(reason, &text);
                    self.last_failure = Some(
                        Failure::new(Outcome::Output, format!("refused a finding: {text}"))
                            .with_hint(
                                "report this message to the detector's author; the detector's other findings are kept",
                            ),
                    );
                }
            }
        }
        Ok(())
    }

    /// Keeps a claim, unless the detector has claimed too much in this chunk. One that is more severe than
    /// all others is always kept, so that nobody hides it behind them.
    fn keep(&mut self, claim: Claim, claims: &mut Vec<Claim>) {
        let limit = self.detector.limits.chunk_bytes;
        if !self.budget.admit_claim(claim.size(), claim.severity, limit) {
            self.tally.refuse(
                "too_many",
                &format!("the findings of a chunk have more than {limit} bytes"),
            );
            return;
        }
        self.tally.findings += 1;
        claims.push(claim);
    }

    fn ensure_instance(&mut self) -> Result<(), Failure> {
        if self.instance.is_some() {
            return Ok(());
        }
        let started = Instant::now();
        let detector = &self.detector;
        let instance = Instance::start(
            &detector.program,
            &detector.limits,
            &self.services,
            &detector.state,
        )
        .and_then(|mut instance| {
            instance.configure(&detector.settings)?;
            Ok(instance)
        });
        let mut instance = match instance {
            Ok(instance) => instance,
            Err(failure) => {
                self.tally.call(failure.outcome, started.elapsed());
                self.retire(&failure);
                return Err(failure);
            }
        };
        instance.adopt(std::mem::take(&mut self.parked));
        self.instance = Some(instance);
        self.tally.restarts += 1;
        Ok(())
    }

    /// Skips events for which no instance could be started, without searching for the cause among
    /// them.
    fn unavailable(
        &mut self,
        part: Vec<Arc<Record>>,
        failure: &Failure,
        not_judged: &mut Vec<NotJudged>,
    ) {
        self.detector
            .quarantine
            .failed_to_start(&self.detector.breaker);
        for record in part {
            self.skip(record, Skip::Unavailable(failure.clone()), not_judged);
        }
    }

    /// Drops the instance after a failure, because its memory may be inconsistent.
    fn retire(&mut self, failure: &Failure) {
        if let Some(instance) = self.instance.take() {
            self.parked = instance.into_partitions();
        }
        self.last_failure = Some(failure.clone());
    }

    fn halve(
        &mut self,
        mut part: Vec<Arc<Record>>,
        failure: Failure,
        not_judged: &mut Vec<NotJudged>,
        parts: &mut Vec<Vec<Arc<Record>>>,
    ) {
        if part.len() > 1 {
            let second = part.split_off(part.len() / 2);
            parts.push(second);
            parts.push(part);
        } else if let Some(record) = part.pop() {
            self.failed(&record, &failure);
            self.skip(record, Skip::Failed(failure), not_judged);
        }
    }

    /// Judges the batch again without the event that the detector named. The events before it are
    /// judged again too, in the same order.
    fn exclude(
        &mut self,
        part: Vec<Arc<Record>>,
        reference: u64,
        failure: &Failure,
        not_judged: &mut Vec<NotJudged>,
        parts: &mut Vec<Vec<Arc<Record>>>,
    ) {
        self.last_failure = Some(failure.clone());
        let (bad, rest): (Vec<_>, Vec<_>) = part
            .into_iter()
            .partition(|record| record.reference() == reference);
        for record in bad {
            self.failed(&record, failure);
            self.skip(record, Skip::Failed(failure.clone()), not_judged);
        }
        if !rest.is_empty() {
            parts.push(rest);
        }
    }

    fn skip(&mut self, record: Arc<Record>, skip: Skip, not_judged: &mut Vec<NotJudged>) {
        self.tally.not_judged += 1;
        not_judged.push(NotJudged {
            record,
            detector: Arc::clone(&self.detector),
            skip,
        });
    }
}

/// Returns the error, or a failure if the event that it names is not in the batch.
fn known(error: JudgeError, part: &[Arc<Record>]) -> JudgeError {
    match error {
        JudgeError::BadEvent(reference, _)
            if !part.iter().any(|record| record.reference() == reference) =>
        {
            JudgeError::Failed(Failure::new(
                Outcome::Output,
                format!("judge: reported event {reference} as bad, which is not in the batch"),
            ))
        }
        other => other,
    }
}
