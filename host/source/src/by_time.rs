//! Several files, read in the order of the times of their events.
//!
//! The API servers of a cluster write a log each, and a rotated log is several files that a shell lists in
//! any order. What a detector remembers depends on the order of events, so that the order of arguments
//! must not decide it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wardline_decode::line_time;

use super::reached::{FOLLOWING, Reached};
use super::{Chunk, Limits, RawLine, ScanSource, Source, SourceError};

/// How many lines of a file are looked at for its first time.
const LOOK: usize = 64;
/// How many lines of each file are read ahead at once.
const AHEAD: usize = 64;
/// How many bytes of each file are read ahead at once.
const AHEAD_BYTES: usize = 1 << 20;

/// A file that is not open yet.
struct Waiting {
    /// The time at which it begins; zero if unknown.
    first: u64,
    path: PathBuf,
}

/// A file that is being read.
struct Reading {
    /// Decides between lines with equal times.
    rank: usize,
    source: ScanSource,
    /// The next lines with their own times; zero if a line has none.
    lines: VecDeque<(u64, RawLine)>,
    /// The time at which the next line counts.
    reached: Reached,
    is_ended: bool,
}

impl Reading {
    /// The place of the next line among those of all files.
    fn place(&self) -> (u64, usize) {
        (self.reached.0, self.rank)
    }

    /// Notes that another line is the next one.
    fn reach(&mut self) {
        let mut times = self.lines.iter().map(|(time, _)| *time);
        if let Some(next) = times.next() {
            self.reached.advance(next, times);
        }
    }
}

/// Several files as one source.
pub struct ByTime {
    limits: Limits,
    cluster: String,
    /// Files that are not open yet, the one to open next at the end.
    waiting: Vec<Waiting>,
    open: Vec<Reading>,
    /// Files that could not be read completely.
    unread: Vec<SourceError>,
    /// The bytes of files that are closed, before decompression.
    closed: u64,
}

impl ByTime {
    /// Looks at each file for its first time. What can be read only once, as standard input and pipes, is
    /// opened first.
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
                Ok(first) => merged.waiting.push(Waiting {
                    first,
                    path: path.clone(),
                }),
                Err(error) => merged.unread.push(error),
            }
        }
        // The path decides between equal times, so that the order of arguments does not.
        merged
            .waiting
            .sort_unstable_by(|one, other| (other.first, &other.path).cmp(&(one.first, &one.path)));
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

    /// Opens the files that begin before the next line, and at least one if none is open.
    fn open_next(&mut self) {
        loop {
            let next = self.open.iter().map(|file| file.reached.0).min();
            let is_due = |waiting: &Waiting| next.is_none_or(|next| waiting.first <= next);
            if !self.waiting.last().is_some_and(is_due) {
                return;
            }
            let Some(Waiting { path, .. }) = self.waiting.pop() else {
                return;
            };
            match ScanSource::open(&path, self.limits) {
                Ok(source) => {
                    let mut file = Reading {
                        // The number of files that wait decreases.
                        rank: usize::MAX - self.waiting.len(),
                        source: source.in_cluster(&self.cluster),
                        lines: VecDeque::new(),
                        reached: Reached::default(),
                        is_ended: false,
                    };
                    let is_only = self.open.is_empty() && self.waiting.is_empty();
                    // A file that is the only one needs no comparisons.
                    if !is_only {
                        self.fill(&mut file);
                    }
                    self.keep(file, is_only);
                }
                Err(error) => self.unread.push(error),
            }
        }
    }

    /// Reads lines ahead of a file that is compared with others.
    fn fill(&mut self, file: &mut Reading) {
        while !file.is_ended && file.lines.len() <= FOLLOWING {
            match file.source.next(AHEAD, AHEAD_BYTES, Duration::ZERO) {
                Ok(Some(chunk)) => {
                    for line in chunk.lines {
                        let time = line_time(&line.bytes).unwrap_or_default();
                        file.lines.push_back((time, line));
                    }
                }
                Ok(None) => file.is_ended = true,
                Err(error) => {
                    file.is_ended = true;
                    self.unread.push(error);
                }
            }
        }
        file.reach();
    }

    /// Keeps a file open, unless it has ended.
    fn keep(&mut self, file: Reading, is_only: bool) {
        if file.lines.is_empty() && (file.is_ended || !is_only) {
            self.closed += file.source.consumed();
        } else {
            self.open.push(file);
        }
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
        if !file.is_ended {
            match file.source.next(max_lines, max_bytes, Duration::ZERO) {
                Ok(Some(chunk)) => return Some(chunk),
                Ok(None) => {}
                Err(error) => self.unread.push(error),
            }
        }
        self.closed += file.source.consumed();
        self.open.clear();
        None
    }

    /// Moves the lines of the file that comes first into a chunk, until those of another file come.
    fn take_first(&mut self, chunk: &mut Chunk, max_lines: usize, max_bytes: usize) {
        let places = self.open.iter().map(Reading::place).enumerate();
        let Some((first, _)) = places.min_by_key(|(_, place)| *place) else {
            return;
        };
        let mut file = self.open.swap_remove(first);
        let other = self.open.iter().map(Reading::place).min();
        let waiting = self.waiting.last().map(|waiting| (waiting.first, 0));
        let bound = other.into_iter().chain(waiting).min();
        while chunk.has_room(max_lines, max_bytes)
            && bound.is_none_or(|bound| file.place() < bound)
            && let Some((_, line)) = file.lines.pop_front()
        {
            chunk.bytes += line.bytes.len() as u64;
            chunk.weight += line.bytes.len() as u64;
            chunk.lines.push(line);
            // The last file is not read ahead again.
            if bound.is_some() {
                self.fill(&mut file);
            }
        }
        self.keep(file, bound.is_none());
    }

    /// Returns the next lines, or `None` once all files are read.
    pub fn next(&mut self, max_lines: usize, max_bytes: usize) -> Option<Chunk> {
        let mut chunk = Chunk::default();
        loop {
            self.open_next();
            if chunk.lines.is_empty()
                && let Some(chunk) = self.next_of_last(max_lines, max_bytes)
            {
                return Some(chunk);
            }
            if self.open.is_empty() {
                if self.waiting.is_empty() {
                    return (!chunk.lines.is_empty()).then_some(chunk);
                }
                continue;
            }
            let before = chunk.lines.len();
            self.take_first(&mut chunk, max_lines, max_bytes);
            let is_full = !chunk.has_room(max_lines, max_bytes);
            if is_full || chunk.lines.len() == before && !chunk.lines.is_empty() {
                return Some(chunk);
            }
        }
    }
}

/// Returns the time at which a file begins, by the first lines that have times; zero if they have none, or
/// if the file can be read only once.
fn first_time(path: &Path, limits: Limits) -> Result<u64, SourceError> {
    if path == Path::new("-") || !path.metadata().is_ok_and(|about| about.is_file()) {
        return Ok(0);
    }
    let mut source = ScanSource::open(path, limits)?;
    let mut times = Vec::new();
    while times.len() < LOOK {
        match source.next(LOOK - times.len(), AHEAD_BYTES, Duration::ZERO) {
            Ok(Some(chunk)) => {
                let new = chunk.lines.iter();
                times.extend(new.map(|line| line_time(&line.bytes).unwrap_or_default()));
            }
            // The fault is met again when the file is read.
            Ok(None) | Err(_) => break,
        }
    }
    let mut reached = Reached::default();
    for (place, time) in times.iter().enumerate() {
        reached.advance(*time, times.iter().skip(place + 1).copied());
        if reached != Reached::default() {
            break;
        }
    }
    Ok(reached.0)
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
        read_by(files, 7)
    }

    fn read_by(files: &[PathBuf], max_lines: usize) -> Vec<String> {
        let mut source = ByTime::open(files, LIMITS, "");
        let mut lines = Vec::new();
        while let Some(chunk) = source.next(max_lines, 10_000) {
            assert!(chunk.lines.len() <= max_lines);
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
    fn wrong_time_delays_no_line() {
        let directory = tempfile::tempdir().unwrap();
        let wrong = "{\"stageTimestamp\":\"2099-01-01T00:00:00Z\"}\n".to_owned();
        let early = "{\"stageTimestamp\":\"1971-01-01T00:00:00Z\"}\n".to_owned();
        let text = wrong.clone() + &early + &line(1, "a") + &wrong + &line(3, "a") + &line(5, "a");
        let one = write(directory.path(), "one", &text);
        let text = [2, 4, 6].map(|second| line(second, "b")).concat();
        let other = write(directory.path(), "other", &text);
        let expected = [
            wrong.clone(),
            early,
            line(1, "a"),
            wrong,
            line(2, "b"),
            line(3, "a"),
            line(4, "b"),
            line(5, "a"),
            line(6, "b"),
        ];
        for files in [[one.clone(), other.clone()], [other, one]] {
            assert_eq!(read(&files), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn pipe_is_read_once() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let writer = {
            let (pipe, text) = (pipe.clone(), line(2, "b") + &line(4, "b"));
            std::thread::spawn(move || std::fs::write(pipe, text).unwrap())
        };
        let file = write(directory.path(), "file", &(line(1, "a") + &line(3, "a")));
        let lines = read(&[file, pipe]);
        writer.join().unwrap();
        let expected = [line(1, "a"), line(2, "b"), line(3, "a"), line(4, "b")];
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

        /// Neither the order of arguments nor the size of chunks decides anything, also where files
        /// overlap and have lines with equal, wrong, or no times, which are out of order.
        #[test]
        fn arguments_and_chunks_change_nothing(
            files in proptest::collection::vec(
                proptest::collection::vec(proptest::option::of(0_usize..100), 0..40),
                1..5,
            ),
            order in Just(vec![0, 1, 2, 3, 4]).prop_shuffle(),
            max_lines in 1_usize..20,
        ) {
            let directory = tempfile::tempdir().unwrap();
            let paths: Vec<PathBuf> = files
                .iter()
                .enumerate()
                .map(|(number, seconds)| {
                    let lines = seconds.iter().enumerate().map(|(place, second)| match second {
                        Some(99) => format!("{{\"stageTimestamp\":\"2099-01-01T00:00:00Z\",\"at\":{place}}}\n"),
                        Some(second) => line(*second, &place.to_string()),
                        None => format!("no time {place}\n"),
                    });
                    write(directory.path(), &number.to_string(), &lines.collect::<String>())
                })
                .collect();
            let expected = read(&paths);
            let count: usize = files.iter().map(Vec::len).sum();
            prop_assert_eq!(expected.len(), count);
            let shuffled: Vec<PathBuf> = order
                .into_iter()
                .filter_map(|place: usize| paths.get(place).cloned())
                .collect();
            prop_assert_eq!(read_by(&shuffled, max_lines), expected);
        }
    }
}
