//! Several files, read in the order of the times of their events.
//!
//! The API servers of a cluster write a log each, and a rotated log is several files that a shell lists in
//! any order. What a detector remembers depends on the order of events, so that the order of arguments
//! must not decide it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wardline_decode::line_time;

use super::{Chunk, Limits, RawLine, ScanSource, Source, SourceError};

/// How many lines of a file are looked at for its first time.
const LOOK: usize = 64;
/// How many lines of each file are read ahead.
const AHEAD: usize = 64;
/// How many bytes of each file are read ahead.
const AHEAD_BYTES: usize = 1 << 20;

/// A file that is being read.
struct Reading {
    path: PathBuf,
    source: ScanSource,
    lines: VecDeque<(u64, RawLine)>,
    /// The time of the latest line that has one. A line without a time has that of the line before
    /// it, and no line has an earlier one, so that the order within a file stays.
    latest: u64,
}

/// Several files as one source.
pub struct ByTime {
    limits: Limits,
    cluster: String,
    /// Files that are not open yet, the one to open next at the end.
    waiting: Vec<(u64, PathBuf)>,
    open: Vec<Reading>,
    /// Files that could not be read completely.
    unread: Vec<SourceError>,
    /// The bytes of files that are closed, before decompression.
    closed: u64,
}

impl ByTime {
    /// Looks at each file for its first time. Standard input is read like a file without times, first.
    #[must_use]
    pub fn open(files: &[PathBuf], limits: Limits, cluster: &str) -> Self {
        let mut merged = Self {
            limits,
            cluster: cluster.to_owned(),
            waiting: Vec::new(),
            open: Vec::new(),
            unread: Vec::new(),
            closed: 0,
        };
        for path in files {
            // There is nothing to compare a single file with.
            let first = match files.len() {
                1 => Ok(0),
                _ => first_time(path, limits),
            };
            match first {
                Ok(first) => merged.waiting.push((first, path.clone())),
                Err(error) => merged.unread.push(error),
            }
        }
        // The path decides between equal times, so that the order of arguments does not.
        merged.waiting.sort_unstable_by(|one, other| other.cmp(one));
        merged
    }

    /// Returns the errors of files that could not be read completely, once.
    pub fn take_unread(&mut self) -> Vec<SourceError> {
        std::mem::take(&mut self.unread)
    }

    /// Returns how many bytes of the files, before decompression, have been read.
    #[must_use]
    pub fn consumed(&self) -> u64 {
        let open: u64 = self.open.iter().map(|file| file.source.consumed()).sum();
        self.closed + open
    }

    /// Opens the files that begin before `time`, and at least one if none is open.
    fn open_until(&mut self, time: u64) {
        while self
            .waiting
            .last()
            .is_some_and(|(first, _)| *first <= time || self.open.is_empty())
        {
            let Some((_, path)) = self.waiting.pop() else {
                return;
            };
            match ScanSource::open(&path, self.limits) {
                Ok(source) => {
                    let mut file = Reading {
                        path,
                        source: source.in_cluster(&self.cluster),
                        lines: VecDeque::new(),
                        latest: 0,
                    };
                    if self.fill(&mut file) {
                        self.open.push(file);
                    }
                }
                Err(error) => self.unread.push(error),
            }
        }
    }

    /// Reads further lines of a file, and returns false at its end.
    fn fill(&mut self, file: &mut Reading) -> bool {
        let is_compared = !self.open.is_empty() || !self.waiting.is_empty();
        while file.lines.is_empty() {
            match file.source.next(AHEAD, AHEAD_BYTES, Duration::ZERO) {
                Ok(Some(chunk)) => {
                    for line in chunk.lines {
                        if is_compared {
                            let time = line_time(&line.bytes).unwrap_or_default();
                            file.latest = time.max(file.latest);
                        }
                        file.lines.push_back((file.latest, line));
                    }
                }
                Ok(None) => {
                    self.closed += file.source.consumed();
                    return false;
                }
                Err(error) => {
                    self.closed += file.source.consumed();
                    self.unread.push(error);
                    return false;
                }
            }
        }
        true
    }

    /// Takes the file whose next line comes first.
    fn take_first(&mut self) -> Option<Reading> {
        let first = |file: &Reading| file.lines.front().map(|(time, _)| *time);
        let (place, _) = self
            .open
            .iter()
            .enumerate()
            .min_by_key(|(_, file)| (first(file), &file.path))?;
        Some(self.open.swap_remove(place))
    }

    /// Returns the time up to which no other file has lines to deliver.
    fn bound(&self) -> u64 {
        let open = self
            .open
            .iter()
            .filter_map(|file| file.lines.front().map(|(time, _)| *time));
        let waiting = self.waiting.last().map(|(first, _)| *first);
        open.chain(waiting).min().unwrap_or(u64::MAX)
    }

    /// Returns the next lines of the last file, which needs no comparisons, or `None` if there are
    /// others or it has ended.
    fn next_of_last(&mut self, max_lines: usize, max_bytes: usize) -> Option<Chunk> {
        let [file] = self.open.as_mut_slice() else {
            return None;
        };
        if !self.waiting.is_empty() || !file.lines.is_empty() {
            return None;
        }
        match file.source.next(max_lines, max_bytes, Duration::ZERO) {
            Ok(Some(chunk)) => return Some(chunk),
            Ok(None) => {}
            Err(error) => self.unread.push(error),
        }
        self.closed += file.source.consumed();
        self.open.clear();
        None
    }

    /// Returns the next lines, or `None` once all files are read.
    pub fn next(&mut self, max_lines: usize, max_bytes: usize) -> Option<Chunk> {
        if let Some(chunk) = self.next_of_last(max_lines, max_bytes) {
            return Some(chunk);
        }
        let mut chunk = Chunk::default();
        loop {
            let time = self
                .open
                .iter()
                .filter_map(|file| file.lines.front().map(|(time, _)| *time))
                .min();
            self.open_until(time.unwrap_or(0));
            let Some(mut file) = self.take_first() else {
                break;
            };
            let bound = self.bound();
            let mut is_open = true;
            while chunk.has_room(max_lines, max_bytes)
                && is_open
                && file.lines.front().is_some_and(|(time, _)| *time <= bound)
            {
                if let Some((_, line)) = file.lines.pop_front() {
                    chunk.bytes += line.bytes.len() as u64;
                    chunk.weight += line.bytes.len() as u64;
                    chunk.lines.push(line);
                }
                let is_last = self.open.is_empty() && self.waiting.is_empty();
                if file.lines.is_empty() && is_last {
                    break;
                }
                is_open = self.fill(&mut file);
            }
            if is_open {
                self.open.push(file);
            }
            let is_for_next_call = self.waiting.is_empty()
                && matches!(self.open.as_slice(), [file] if file.lines.is_empty());
            if is_for_next_call || !chunk.has_room(max_lines, max_bytes) {
                break;
            }
        }
        let is_end = chunk.lines.is_empty() && self.open.is_empty() && self.waiting.is_empty();
        (!is_end).then_some(chunk)
    }
}

/// Returns the time of a file's first line that has one; zero if none of the first lines has.
fn first_time(path: &Path, limits: Limits) -> Result<u64, SourceError> {
    // Standard input cannot be opened twice.
    if path == Path::new("-") {
        return Ok(0);
    }
    let mut source = ScanSource::open(path, limits)?;
    for _ in 0..LOOK {
        match source.next(1, AHEAD_BYTES, Duration::ZERO) {
            Ok(Some(chunk)) => {
                let time = chunk.lines.first().and_then(|line| line_time(&line.bytes));
                if let Some(time) = time {
                    return Ok(time);
                }
            }
            // The fault is met again when the file is read.
            Ok(None) | Err(_) => break,
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::{Just, Strategy, prop_assert_eq, proptest};

    use super::ByTime;
    use crate::Limits;

    const LIMITS: Limits = Limits {
        line: 1000,
        document: 10_000,
    };

    fn line(second: usize, name: &str) -> String {
        format!(
            "{{\"auditID\":\"{name}\",\"stageTimestamp\":\"2026-03-02T10:{:02}:{:02}Z\"}}\n",
            second / 60,
            second % 60
        )
    }

    fn read(files: &[PathBuf]) -> Vec<String> {
        let mut source = ByTime::open(files, LIMITS, "");
        let mut lines = Vec::new();
        while let Some(chunk) = source.next(7, 10_000) {
            for line in chunk.lines {
                lines.push(String::from_utf8(line.bytes.to_vec()).unwrap() + "\n");
            }
        }
        assert!(source.take_unread().is_empty());
        lines
    }

    fn write(directory: &std::path::Path, name: &str, text: &str) -> PathBuf {
        let path = directory.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn order_within_a_file_stays() {
        let directory = tempfile::tempdir().unwrap();
        let text = line(9, "a") + "no time\n" + &line(3, "b");
        let one = write(directory.path(), "one", &text);
        let other = write(directory.path(), "other", &line(5, "c"));
        let lines = read(&[one, other]);
        let expected = [line(5, "c"), line(9, "a"), "no time\n".into(), line(3, "b")];
        assert_eq!(lines, expected);
    }

    #[test]
    fn unreadable_file_affects_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let one = write(directory.path(), "one", &line(1, "a"));
        let mut source = ByTime::open(&[directory.path().join("none"), one], LIMITS, "");
        assert_eq!(source.next(10, 1000).unwrap().lines.len(), 1);
        assert!(source.next(10, 1000).is_none());
        assert_eq!(source.take_unread().len(), 1);
    }

    proptest! {
        /// However a log is divided among files, and in whatever order these are given, its lines come in
        /// the order of the log.
        #[test]
        fn divided_log_is_read_in_its_order(
            parts in proptest::collection::vec(0_usize..4, 1..200),
            order in Just(vec![0, 1, 2, 3]).prop_shuffle(),
        ) {
            let directory = tempfile::tempdir().unwrap();
            let mut texts = vec![String::new(); 4];
            let mut log = Vec::new();
            for (second, part) in parts.iter().enumerate() {
                let line = line(second, "x");
                texts[*part] += &line;
                log.push(line);
            }
            let files: Vec<PathBuf> = order
                .into_iter()
                .map(|part: usize| write(directory.path(), &part.to_string(), &texts[part]))
                .collect();
            prop_assert_eq!(read(&files), log);
        }
    }
}
