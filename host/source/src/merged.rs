//! Merges several sources into one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wardline_decode::line_time;

use super::reached::Reached;
use super::{Chunk, RawLine, Source, SourceError, SourceState};

/// How often idle sources are polled.
const POLL: Duration = Duration::from_millis(50);

/// How long a source that is ahead of another may wait for it. The other may be a copy of an old log,
/// and must not hold up what happens now.
const PATIENCE: Duration = Duration::from_secs(1);

/// The parts that a chunk has at least, so that sources advance together.
const PARTS: usize = 4;

/// A source and how far it was read.
struct Member {
    source: Box<dyn Source>,
    /// The time of the last line that has one. It is not the latest time of all lines: one wrong
    /// time would let all other sources come first.
    reached: u64,
    polled: Instant,
}

/// Reads its sources together: of several that have lines, the one that is behind by the times of its
/// events comes first, and the lines of a chunk are in the order of time.
pub struct Merged {
    members: Vec<Member>,
}

impl Merged {
    /// Merges sources, each of which names its own lines and checkpoints.
    #[must_use]
    pub fn new(sources: Vec<Box<dyn Source>>) -> Self {
        let members = sources.into_iter().map(|source| Member {
            source,
            reached: 0,
            polled: Instant::now(),
        });
        Self {
            members: members.collect(),
        }
    }

    /// Polls each of several sources at most once; one that is ahead of another only if that has
    /// nothing, or did not let it come for a while.
    fn round(
        &mut self,
        max_lines: usize,
        max_bytes: usize,
        failed: &mut Option<SourceError>,
    ) -> Chunk {
        // A source that waited for too long comes first, then the one that is most behind.
        self.members
            .sort_by_key(|member| (member.polled.elapsed() < PATIENCE, member.reached));
        let mut chunk = Chunk::default();
        let mut ended = Vec::new();
        for (place, member) in self.members.iter_mut().enumerate() {
            let is_overdue = member.polled.elapsed() >= PATIENCE;
            member.polled = Instant::now();
            match member.source.next(max_lines, max_bytes, Duration::ZERO) {
                Ok(Some(part)) => {
                    let has_lines = !part.lines.is_empty();
                    for line in part.lines.iter().rev() {
                        if let Some(time) = line_time(&line.bytes) {
                            member.reached = time;
                            break;
                        }
                    }
                    chunk = chunk.join(part);
                    if has_lines && !is_overdue {
                        break;
                    }
                }
                Ok(None) => ended.push(place),
                Err(error) => *failed = Some(error),
            }
        }
        for place in ended.into_iter().rev() {
            self.members.remove(place);
        }
        chunk
    }
}

impl Source for Merged {
    /// Ends once all sources have ended. The error of a source is returned only when no other
    /// has anything to deliver.
    fn next(
        &mut self,
        max_lines: usize,
        max_bytes: usize,
        wait: Duration,
    ) -> Result<Option<Chunk>, SourceError> {
        // A single source can wait by itself; one of several must not delay the others.
        if let [member] = self.members.as_mut_slice() {
            return member.source.next(max_lines, max_bytes, wait);
        }
        let end = Instant::now() + wait;
        let mut chunk = Chunk::default();
        loop {
            let mut failed = None;
            let part_lines = max_lines.div_ceil(PARTS).min(max_lines - chunk.lines.len());
            let part = self.round(part_lines, max_bytes.div_ceil(PARTS), &mut failed);
            let has_lines = !part.lines.is_empty();
            chunk = chunk.join(part);
            if has_lines && chunk.has_room(max_lines, max_bytes) {
                continue;
            }
            if self.members.is_empty() && chunk.is_silent() {
                return Ok(None);
            }
            if !chunk.is_silent() {
                chunk.sort();
                return Ok(Some(chunk));
            }
            if let Some(error) = failed {
                return Err(error);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Some(chunk));
            }
            std::thread::sleep(left.min(POLL));
        }
    }

    fn stored(&mut self, checkpoints: &[(String, Vec<u8>)]) {
        for member in &mut self.members {
            member.source.stored(checkpoints);
        }
    }

    /// Sorted by name, because members change places.
    fn states(&self) -> Vec<SourceState> {
        let mut states: Vec<SourceState> = self
            .members
            .iter()
            .flat_map(|member| member.source.states())
            .collect();
        states.sort_by(|one, other| one.name.cmp(&other.name));
        states
    }
}

impl Chunk {
    fn join(mut self, mut other: Self) -> Self {
        self.lines.append(&mut other.lines);
        self.bytes += other.bytes;
        self.weight += other.weight;
        self.checkpoints.append(&mut other.checkpoints);
        self.gaps.append(&mut other.gaps);
        self
    }

    /// Sorts lines of several sources by time. The order within a source stays: a line is never
    /// earlier than the one before it.
    fn sort(&mut self) {
        let is_of_several = |pair: &[RawLine]| match pair {
            [one, other] => !Arc::ptr_eq(&one.source, &other.source),
            _ => false,
        };
        if !self.lines.windows(2).any(is_of_several) {
            return;
        }
        let lines = std::mem::take(&mut self.lines);
        let times: Vec<u64> = lines
            .iter()
            .map(|line| line_time(&line.bytes).unwrap_or_default())
            .collect();
        let mut sources: BTreeMap<&str, Reached> = BTreeMap::new();
        let mut timed: Vec<(Reached, RawLine)> = Vec::with_capacity(lines.len());
        for (place, (line, time)) in lines.iter().zip(&times).enumerate() {
            let following = lines.iter().zip(&times).skip(place + 1);
            let following = following
                .filter_map(|(other, time)| (other.source == line.source).then_some(*time));
            let reached = sources.entry(&line.source).or_default();
            reached.advance(*time, following);
            timed.push((*reached, line.clone()));
        }
        timed.sort_by_key(|(time, _)| *time);
        self.lines.extend(timed.into_iter().map(|(_, line)| line));
    }

    pub(super) fn is_silent(&self) -> bool {
        self.lines.is_empty() && self.checkpoints.is_empty() && self.gaps.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use super::Merged;
    use crate::{Chunk, RawLine, Source, SourceError};

    /// Delivers the times of its lines.
    struct Times(VecDeque<u64>);

    impl Source for Times {
        fn next(
            &mut self,
            max_lines: usize,
            _max_bytes: usize,
            _wait: Duration,
        ) -> Result<Option<Chunk>, SourceError> {
            let mut chunk = Chunk::default();
            while chunk.lines.len() < max_lines
                && let Some(second) = self.0.pop_front()
            {
                let year = if second == WRONG { 2099 } else { 2026 };
                let time = format!("{year}-03-02T10:{:02}:{:02}Z", second / 60, second % 60);
                chunk.lines.push(RawLine {
                    bytes: format!("{{\"stageTimestamp\":\"{time}\"}}").into(),
                    source: format!("{:p}", &self.0).into(),
                    cluster: "".into(),
                    line: second,
                    defect: None,
                });
            }
            let is_end = chunk.lines.is_empty();
            Ok((!is_end).then_some(chunk))
        }
    }

    /// A line whose time is decades ahead.
    const WRONG: u64 = 999;

    #[test]
    fn wrong_time_holds_up_no_line() {
        let with_wrong = Times(
            [1, 2, WRONG]
                .into_iter()
                .chain((3..90).step_by(2))
                .collect(),
        );
        let other = Times((4..90).step_by(2).collect());
        let mut merged = Merged::new(vec![Box::new(with_wrong), Box::new(other)]);
        let chunks = read(&mut merged, 400);
        let right: Vec<u64> = chunks
            .concat()
            .into_iter()
            .filter(|line| *line != WRONG)
            .collect();
        assert!(right.is_sorted(), "{right:?}");
        assert_eq!(right.len(), 89);
    }

    fn read(merged: &mut Merged, max_lines: usize) -> Vec<Vec<u64>> {
        let mut chunks = Vec::new();
        while let Some(chunk) = merged.next(max_lines, 1 << 20, Duration::ZERO).unwrap() {
            chunks.push(chunk.lines.iter().map(|line| line.line).collect());
        }
        chunks
    }

    #[test]
    fn sources_are_read_together_in_the_order_of_time() {
        let even = Times((2..=200).step_by(2).collect());
        let odd = Times((1..200).step_by(2).collect());
        let late = Times((150..160).collect());
        let mut merged = Merged::new(vec![Box::new(late), Box::new(even), Box::new(odd)]);
        let chunks = read(&mut merged, 40);
        assert_eq!(chunks.iter().map(Vec::len).sum::<usize>(), 210);
        for chunk in &chunks {
            assert!(chunk.is_sorted(), "{chunk:?}");
        }
        // A chunk is the window in which lines are put in order; no source runs ahead of another
        // by more than its parts.
        let lines = chunks.concat();
        let behind = |(place, line): (usize, &u64)| {
            lines[..place]
                .iter()
                .max()
                .copied()
                .unwrap_or(0)
                .saturating_sub(*line)
        };
        assert!(lines.iter().enumerate().map(behind).max().unwrap() <= 170);
    }
}
