//! A file that is read once, from beginning to end.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::document::{DocumentJoiner, Frame};
use super::line::{Line, LineCutter};
use super::partial::PartialJoiner;
use super::unpack::unpack;
use super::{Chunk, Limits, Operation, Source, SourceError};

/// Counts the bytes read from the file, for a progress bar.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.count.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

/// The lines of a file, plain or compressed with gzip (RFC 1952) or zstd (RFC 8878).
///
/// Compression is recognized by the first bytes, not by the name. A document over several lines
/// is delivered as one.
pub struct ScanSource {
    path: PathBuf,
    name: Arc<str>,
    cluster: Arc<str>,
    reader: Box<dyn BufRead + Send>,
    cutter: LineCutter,
    partials: PartialJoiner,
    documents: DocumentJoiner,
    ready: VecDeque<Frame>,
    line: u64,
    consumed: Arc<AtomicU64>,
    failed: Option<io::Error>,
    ended: bool,
}

impl ScanSource {
    /// Opens a file; `-` is standard input.
    ///
    /// # Errors
    /// Returns [`SourceError`] if the file cannot be opened.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, SourceError> {
        let fail = |error| SourceError::io(path, Operation::Open, error);
        if path == Path::new("-") {
            Self::of(io::stdin(), path, limits)
        } else {
            Self::of(File::open(path).map_err(fail)?, path, limits)
        }
    }

    /// Reads any input. `path` names it in errors and findings.
    pub(super) fn of(
        input: impl Read + Send + 'static,
        path: &Path,
        limits: Limits,
    ) -> Result<Self, SourceError> {
        let fail = |error| SourceError::io(path, Operation::Open, error);
        let consumed = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            inner: input,
            count: Arc::clone(&consumed),
        };
        Ok(Self {
            path: path.to_owned(),
            name: Arc::from(path.display().to_string()),
            cluster: Arc::from(""),
            reader: unpack(BufReader::with_capacity(256 * 1024, counted)).map_err(fail)?,
            cutter: LineCutter::new(limits),
            partials: PartialJoiner::new(limits.document),
            documents: DocumentJoiner::new(limits.document),
            ready: VecDeque::new(),
            line: 0,
            consumed,
            failed: None,
            ended: false,
        })
    }

    /// Sets the cluster of events that name none.
    #[must_use]
    pub fn in_cluster(mut self, name: &str) -> Self {
        self.cluster = Arc::from(name);
        self
    }

    /// Returns how many bytes of the file, before decompression, have been read.
    #[must_use]
    pub fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// Returns the next unit, or `None` at the end and at damage.
    pub(super) fn unit(&mut self) -> Option<Frame> {
        loop {
            if let Some(unit) = self.ready.pop_front() {
                return Some(unit);
            }
            if self.ended {
                return None;
            }
            self.read();
        }
    }

    /// Returns the reason why reading ended early, once.
    pub(super) fn take_failure(&mut self) -> Option<SourceError> {
        let error = self.failed.take()?;
        Some(SourceError::io(&self.path, Operation::Read, error))
    }

    fn read(&mut self) {
        let buffer = match self.reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return,
            Err(error) => {
                self.failed = Some(error);
                &[]
            }
        };
        let (taken, mut line) = self.cutter.push(buffer);
        if taken == 0 {
            self.ended = true;
            line = self.cutter.finish();
        }
        self.reader.consume(taken);
        if let Some(mut line) = line {
            self.line += 1;
            line.strip_byte_order_mark();
            if let Some(line) = self.partials.push(line) {
                self.take(line);
            }
        }
        if self.ended {
            while let Some(line) = self.partials.finish() {
                self.take(line);
            }
            self.ready.extend(self.documents.finish());
        }
    }
}

impl ScanSource {
    fn take(&mut self, line: Line) {
        let (before, own) = self.documents.push(line, self.line);
        self.ready.extend(before);
        self.ready.extend(own);
    }
}

impl Source for ScanSource {
    fn next(
        &mut self,
        max_lines: usize,
        max_bytes: usize,
        _wait: Duration,
    ) -> Result<Option<Chunk>, SourceError> {
        let mut chunk = Chunk::default();
        while chunk.has_room(max_lines, max_bytes)
            && let Some(unit) = self.unit()
        {
            chunk.add(unit, &self.name, &self.cluster);
        }
        if !chunk.lines.is_empty() || !self.ended {
            return Ok(Some(chunk));
        }
        match self.take_failure() {
            Some(error) => Err(error),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::Path;
    use std::time::Duration;

    use super::ScanSource;
    use crate::{Limits, Source};

    const LIMITS: Limits = Limits {
        line: 100,
        document: 1000,
    };

    type Lines = Vec<(u64, String)>;

    fn read(path: &Path) -> (Lines, Option<String>) {
        let mut source = ScanSource::open(path, LIMITS).unwrap();
        let mut lines = Vec::new();
        loop {
            match source.next(2, 1000, Duration::ZERO) {
                Ok(None) => return (lines, None),
                Ok(Some(chunk)) => lines.extend(
                    chunk
                        .lines
                        .into_iter()
                        .map(|line| (line.line, String::from_utf8(line.bytes.to_vec()).unwrap())),
                ),
                Err(error) => return (lines, Some(error.error.to_string())),
            }
        }
    }

    const TEXT: &str = "{\"a\":1}\n\n{\n  \"b\": 2\n}\n{\"c\":3}";

    fn expected() -> Lines {
        vec![
            (1, "{\"a\":1}".to_owned()),
            (3, "{\n  \"b\": 2\n}\n".to_owned()),
            (6, "{\"c\":3}".to_owned()),
        ]
    }

    #[test]
    fn plain_and_compressed_files_yield_the_same_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit");
        std::fs::write(&path, TEXT).unwrap();
        assert_eq!(read(&path), (expected(), None));

        let (one, other) = TEXT.as_bytes().split_at(9);
        let mut packed = Vec::new();
        for member in [one, other] {
            let mut encoder =
                flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
            encoder.write_all(member).unwrap();
            encoder.finish().unwrap();
        }
        std::fs::write(&path, &packed).unwrap();
        assert_eq!(read(&path), (expected(), None));

        std::fs::write(&path, zstd::encode_all(TEXT.as_bytes(), 1).unwrap()).unwrap();
        assert_eq!(read(&path), (expected(), None));
    }

    #[test]
    fn delivers_the_lines_before_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.zst");
        let text = format!("{{\"a\":1}}\n{}", "{\"b\":2}\n".repeat(100_000));
        let mut packed = zstd::encode_all(text.as_bytes(), 1).unwrap();
        packed.truncate(packed.len() / 2);
        std::fs::write(&path, packed).unwrap();
        let (lines, error) = read(&path);
        assert!(lines.len() > 1, "{}", lines.len());
        assert!(error.is_some());
    }

    #[test]
    fn blank_lines_do_not_end_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit");
        std::fs::write(&path, format!("{}x", "\n".repeat(5000))).unwrap();
        assert_eq!(read(&path), (vec![(5001, "x".to_owned())], None));
    }
}
