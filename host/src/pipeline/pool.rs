//! The threads that decode and judge.

use std::ops::Range;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::decode::{DecodeLimits, Units};
use super::worker::{Answer, Job, work};
use crate::detect::{Generation, LaneHealth, Services, Shard, ShardOutput};
use crate::route::Record;
use crate::source::RawLine;
use crate::state::Changes;

/// Why the pool does not work.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The operating system gives no thread.
    #[error("cannot start a thread: {0}")]
    Spawn(std::io::Error),
    /// A thread ended that should not have: a bug in the host.
    #[error(
        "the thread {0} that judges events has stopped; this is a defect of wardline, please report it"
    )]
    Lost(usize),
}

struct Thread {
    jobs: Option<Sender<Job>>,
    answers: Receiver<Answer>,
    handle: Option<JoinHandle<()>>,
}

/// A fixed set of operating-system threads, each with its shard of the detectors.
pub(super) struct Pool {
    threads: Vec<Thread>,
}

impl Pool {
    pub fn start(
        count: usize,
        batch: usize,
        stack: usize,
        limits: &DecodeLimits,
        services: &Services,
    ) -> Result<Self, PoolError> {
        let count = count.max(1);
        let threads = (0..count)
            .map(|index| {
                let shard = Shard::new(index, count, batch, services.clone());
                let limits = *limits;
                // A thread has at most one answer outstanding; jobs are few.
                let (jobs, received) = unbounded();
                let (answer, answers) = bounded(2);
                let handle = thread::Builder::new()
                    .name(format!("wardline-shard-{index}"))
                    .stack_size(stack)
                    .spawn(move || work(shard, limits, &received, &answer))
                    .map_err(PoolError::Spawn)?;
                Ok(Thread {
                    jobs: Some(jobs),
                    answers,
                    handle: Some(handle),
                })
            })
            .collect::<Result<_, PoolError>>()?;
        Ok(Self { threads })
    }

    pub fn count(&self) -> usize {
        self.threads.len()
    }

    /// Decodes lines; the units come in the order of the lines.
    pub fn decode(&self, lines: &Arc<Vec<RawLine>>) -> Result<Units, PoolError> {
        let ranges = split(lines.len(), self.threads.len());
        for (index, range) in ranges.into_iter().enumerate() {
            self.send(index, Job::Decode(Arc::clone(lines), range))?;
        }
        let mut units = Units::default();
        for index in 0..self.threads.len() {
            if let Answer::Decoded(part) = self.answer(index)? {
                units.units.extend(part.units);
                units.unwanted += part.unwanted;
            }
        }
        Ok(units)
    }

    /// Judges events on all threads; each takes those that are its own.
    #[allow(clippy::type_complexity)]
    pub fn judge(
        &self,
        records: &Arc<Vec<Arc<Record>>>,
    ) -> Result<Vec<(ShardOutput, Vec<(Arc<str>, u8, Changes)>)>, PoolError> {
        for index in 0..self.threads.len() {
            self.send(index, Job::Judge(Arc::clone(records)))?;
        }
        let mut outputs = Vec::with_capacity(self.threads.len());
        for index in 0..self.threads.len() {
            if let Answer::Judged(output, changes) = self.answer(index)? {
                outputs.push((output, changes));
            }
        }
        Ok(outputs)
    }

    /// Puts another generation to work, from the next job on.
    pub fn swap(&self, generation: &Generation) -> Result<(), PoolError> {
        for index in 0..self.threads.len() {
            self.send(index, Job::Swap(generation.clone()))?;
        }
        Ok(())
    }

    /// How the detectors fare on every thread.
    pub fn health(&self) -> Result<Vec<LaneHealth>, PoolError> {
        let mut all = Vec::new();
        for index in 0..self.threads.len() {
            self.send(index, Job::Health)?;
        }
        for index in 0..self.threads.len() {
            if let Answer::Health(part) = self.answer(index)? {
                all.extend(part);
            }
        }
        Ok(all)
    }

    fn send(&self, index: usize, job: Job) -> Result<(), PoolError> {
        self.threads
            .get(index)
            .and_then(|thread| thread.jobs.as_ref())
            .and_then(|jobs| jobs.send(job).ok())
            .ok_or(PoolError::Lost(index))
    }

    fn answer(&self, index: usize) -> Result<Answer, PoolError> {
        self.threads
            .get(index)
            .and_then(|thread| thread.answers.recv().ok())
            .ok_or(PoolError::Lost(index))
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for thread in &mut self.threads {
            thread.jobs = None;
        }
        for thread in &mut self.threads {
            if let Some(handle) = thread.handle.take() {
                // A thread that panicked has reported itself already.
                drop(handle.join());
            }
        }
    }
}

/// Cuts `length` into `parts` ranges of about the same size, in order.
fn split(length: usize, parts: usize) -> Vec<Range<usize>> {
    let parts = parts.max(1);
    (0..parts)
        .map(|part| length * part / parts..length * (part + 1) / parts)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn parts_cover_everything_once() {
        for length in [0, 1, 2, 7, 100] {
            for parts in [1, 2, 3, 8] {
                let ranges = split(length, parts);
                assert_eq!(ranges.len(), parts);
                let all: Vec<usize> = ranges.into_iter().flatten().collect();
                assert_eq!(all, (0..length).collect::<Vec<_>>());
            }
        }
    }
}
