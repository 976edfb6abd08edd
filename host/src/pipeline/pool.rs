//! The threads that decode and judge.

use std::ops::Range;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, unbounded};
use wardline_decode::Limits;
use wardline_detect::{Generation, Services, Shard, WorkerHealth};
use wardline_event::Record;
use wardline_intel::Intel;
use wardline_route::Router;
use wardline_source::RawLine;

use super::decode::DecodedLines;
use super::worker::{Answers, Job, Judged, work};

/// The pool cannot work.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The operating system refused to start a thread.
    #[error("cannot start a thread")]
    Spawn(#[source] std::io::Error),
    /// A thread ended unexpectedly, which is a bug in the host.
    #[error("judging thread {0} has stopped; this is a bug in wardline, please report it")]
    Lost(usize),
}

struct Thread {
    jobs: Option<Sender<Job>>,
    decoded: Receiver<DecodedLines>,
    judged: Receiver<Judged>,
    health: Receiver<Vec<WorkerHealth>>,
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
        limits: &Limits,
        services: &Services,
    ) -> Result<Self, PoolError> {
        let count = count.max(1);
        let threads = (0..count)
            .map(|index| {
                let shard = Shard::new(index, count, batch, services.clone());
                let limits = *limits;
                // The number of queued jobs is bounded by the chunks in flight.
                let (jobs, received) = unbounded();
                let (to_decoded, decoded) = unbounded();
                let (to_judged, judged) = unbounded();
                let (to_health, health) = unbounded();
                let answers = Answers {
                    decoded: to_decoded,
                    judged: to_judged,
                    health: to_health,
                };
                let handle = thread::Builder::new()
                    .name(format!("wardline-shard-{index}"))
                    .stack_size(stack)
                    .spawn(move || work(shard, limits, &received, &answers))
                    .map_err(PoolError::Spawn)?;
                Ok(Thread {
                    jobs: Some(jobs),
                    decoded,
                    judged,
                    health,
                    handle: Some(handle),
                })
            })
            .collect::<Result<_, PoolError>>()?;
        Ok(Self { threads })
    }

    pub fn count(&self) -> usize {
        self.threads.len()
    }

    /// Decodes lines, keeping only events that the router accepts.
    pub fn decode(&self, lines: &Arc<Vec<RawLine>>, router: &Arc<Router>) -> Result<(), PoolError> {
        let ranges = split(lines.len(), self.threads.len());
        for (index, range) in ranges.into_iter().enumerate() {
            let job = Job::Decode(Arc::clone(lines), range, Arc::clone(router));
            self.send(index, job)?;
        }
        Ok(())
    }

    /// Waits for the lines that were sent first, and returns their units in the order of the
    /// lines.
    pub fn decoded(&self) -> Result<DecodedLines, PoolError> {
        let mut units = DecodedLines::default();
        for part in self.answers(|thread| &thread.decoded) {
            let part = part?;
            units.units.extend(part.units);
            units.unwanted += part.unwanted;
            units.skipped += part.skipped;
            units.salvaged += part.salvaged;
            units.sources.extend(&part.sources);
        }
        Ok(units)
    }

    /// Lets all threads judge events with the same intel lists. Each thread takes the events of
    /// its partitions. Signals among them go to the detectors of `level`.
    pub fn judge(
        &self,
        records: &Arc<Vec<Arc<Record>>>,
        level: usize,
        lists: &Arc<Intel>,
    ) -> Result<(), PoolError> {
        for index in 0..self.threads.len() {
            let job = Job::Judge(Arc::clone(records), level, Arc::clone(lists));
            self.send(index, job)?;
        }
        Ok(())
    }

    /// Waits for the events that were sent first.
    pub fn judged(&self) -> Result<Vec<Judged>, PoolError> {
        self.answers(|thread| &thread.judged).collect()
    }

    /// Puts another generation into force, beginning with the next job.
    pub fn swap(&self, generation: &Generation) -> Result<(), PoolError> {
        for index in 0..self.threads.len() {
            self.send(index, Job::Swap(generation.clone()))?;
        }
        Ok(())
    }

    /// Returns the health of the detectors on every thread, after its pending jobs.
    pub fn health(&self) -> Result<Vec<WorkerHealth>, PoolError> {
        for index in 0..self.threads.len() {
            self.send(index, Job::Health)?;
        }
        let parts: Vec<_> = self
            .answers(|thread| &thread.health)
            .collect::<Result<_, _>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    fn send(&self, index: usize, job: Job) -> Result<(), PoolError> {
        self.threads
            .get(index)
            .and_then(|thread| thread.jobs.as_ref())
            .and_then(|jobs| jobs.send(job).ok())
            .ok_or(PoolError::Lost(index))
    }

    /// Receives one answer from each thread.
    fn answers<'p, T: 'p>(
        &'p self,
        channel: impl Fn(&Thread) -> &Receiver<T> + 'p,
    ) -> impl Iterator<Item = Result<T, PoolError>> + 'p {
        let threads = self.threads.iter().enumerate();
        threads
            .map(move |(index, thread)| channel(thread).recv().map_err(|_| PoolError::Lost(index)))
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

/// Splits `length` items into `parts` consecutive ranges of about the same size.
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
    fn parts_cover_each_item_once() {
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
