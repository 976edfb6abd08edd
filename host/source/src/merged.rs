//! Merges several sources into one.

use std::time::{Duration, Instant};

use super::{Chunk, Source, SourceError};

/// How often idle sources are polled.
const POLL: Duration = Duration::from_millis(50);

/// Polls its sources in turn, so that none starves the others.
pub struct Merged {
    sources: Vec<Box<dyn Source>>,
    next: usize,
}

impl Merged {
    /// Merges sources, each of which names its own lines and checkpoints.
    #[must_use]
    pub fn new(sources: Vec<Box<dyn Source>>) -> Self {
        Self { sources, next: 0 }
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
        let end = Instant::now() + wait;
        loop {
            // A single source can wait by itself; one of several must not delay the others.
            let turn = match self.sources.len() {
                1 => end.saturating_duration_since(Instant::now()),
                _ => Duration::ZERO,
            };
            let mut failed = None;
            let mut quiet = Chunk::default();
            for _ in 0..self.sources.len() {
                let Some(source) = self.sources.get_mut(self.next) else {
                    self.next = 0;
                    continue;
                };
                match source.next(max_lines, max_bytes, turn) {
                    Ok(Some(chunk)) => {
                        self.next = (self.next + 1) % self.sources.len();
                        if !chunk.lines.is_empty() {
                            return Ok(Some(quiet.join(chunk)));
                        }
                        quiet = quiet.join(chunk);
                    }
                    Ok(None) => {
                        self.sources.remove(self.next);
                        if self.next >= self.sources.len() {
                            self.next = 0;
                        }
                    }
                    Err(error) => {
                        self.next = (self.next + 1) % self.sources.len();
                        failed = Some(error);
                    }
                }
            }
            if self.sources.is_empty() && quiet.is_silent() {
                return Ok(None);
            }
            if !quiet.is_silent() {
                return Ok(Some(quiet));
            }
            if let Some(error) = failed {
                return Err(error);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Some(quiet));
            }
            std::thread::sleep(left.min(POLL));
        }
    }

    fn stored(&mut self, checkpoints: &[(String, Vec<u8>)]) {
        for source in &mut self.sources {
            source.stored(checkpoints);
        }
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

    pub(super) fn is_silent(&self) -> bool {
        self.lines.is_empty() && self.checkpoints.is_empty() && self.gaps.is_empty()
    }
}
