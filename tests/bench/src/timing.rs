//! Measuring time.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// The number of runs of a measurement. The best counts, since other work on the machine only
/// slows a run down.
pub const RUNS: usize = 7;

/// The number of runs of a measurement that takes seconds.
pub const LONG_RUNS: usize = 3;

/// A measured time.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    /// The wall-clock time.
    pub wall: Duration,
    /// The processor time of all threads of this process, if known. It excludes other work on
    /// the machine.
    pub cpu: Option<Duration>,
}

impl Time {
    /// More than any measured time.
    pub const MAX: Self = Self {
        wall: Duration::MAX,
        cpu: Some(Duration::MAX),
    };

    pub const NOTHING: Self = Self {
        wall: Duration::ZERO,
        cpu: Some(Duration::ZERO),
    };

    pub fn wall(wall: Duration) -> Self {
        Self { wall, cpu: None }
    }

    /// The lower of two times, by each clock separately.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self {
            wall: self.wall.min(other.wall),
            cpu: self.cpu.zip(other.cpu).map(|(one, other)| one.min(other)),
        }
    }

    #[must_use]
    pub fn without(self, other: Self) -> Self {
        let cpu = self.cpu.zip(other.cpu);
        Self {
            wall: self.wall.saturating_sub(other.wall),
            cpu: cpu.map(|(one, other)| one.saturating_sub(other)),
        }
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let cpu = self.cpu.zip(other.cpu);
        Self {
            wall: self.wall + other.wall,
            cpu: cpu.map(|(one, other)| one + other),
        }
    }
}

pub fn timed<T>(work: impl FnOnce() -> T) -> Time {
    let (started, used) = (Instant::now(), cpu());
    std::hint::black_box(work());
    Time {
        wall: started.elapsed(),
        cpu: Some(cpu().saturating_sub(used)),
    }
}

/// Returns the processor time of all threads of this process so far.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// Returns the best of [`RUNS`] runs.
pub fn best(measure: impl FnMut() -> Time) -> Time {
    best_of(RUNS, measure)
}

pub fn best_of(runs: usize, mut measure: impl FnMut() -> Time) -> Time {
    let [best] = take_turns(runs, [&mut measure]);
    best
}

/// Returns the best time of each of several measurements that are compared with each other. They
/// take turns, so that other work on the machine affects all of them.
pub fn take_turns<const N: usize>(
    runs: usize,
    mut measures: [&mut dyn FnMut() -> Time; N],
) -> [Time; N] {
    let mut bests = [Time::MAX; N];
    for _ in 0..runs {
        for (best, measure) in bests.iter_mut().zip(&mut measures) {
            *best = best.min(measure());
        }
    }
    bests
}

/// Returns a percentile of sorted values by nearest rank; a `share` of 0.99 is the 99th
/// percentile.
pub fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted
        .get(rank.saturating_sub(1))
        .or(sorted.last())
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_measured_values() {
        let of = |share| {
            let values: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
            percentile(&values, share).as_millis()
        };
        assert_eq!(of(0.5), 50);
        assert_eq!(of(0.99), 99);
        assert_eq!(of(1.0), 100);
        assert_eq!(percentile(&[], 0.5), Duration::ZERO);
        let one = [Duration::from_secs(1)];
        assert_eq!(percentile(&one, 0.0), one[0]);
    }

    #[test]
    fn best_run_of_each_counts() {
        let seconds = |seconds| Time::wall(Duration::from_secs(seconds));
        let mut first = [3, 1, 2].into_iter().map(seconds);
        let mut second = [5, 6, 7].into_iter().map(seconds);
        let bests = take_turns(
            3,
            [&mut || first.next().unwrap(), &mut || {
                second.next().unwrap()
            }],
        );
        assert_eq!(bests.map(|best| best.wall.as_secs()), [1, 5]);
    }
}
