//! A file that is read once, from beginning to end.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use flate2::bufread::MultiGzDecoder;

use super::{Chunk, Defect, RawLine, Source, SourceError};

/// Bytes of a line that is too long which are kept: enough to see what it was.
const HEAD_BYTES: usize = 4096;

/// Counts bytes as they are read from the file, for a progress bar.
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

/// The lines of a file, plain or compressed with gzip (RFC 1952) or zstd (RFC 8878),
/// which is told from its first bytes and not from its name.
pub struct ScanSource {
    path: PathBuf,
    name: Arc<str>,
    reader: Box<dyn BufRead + Send>,
    limit: usize,
    list_limit: usize,
    line: u64,
    consumed: Arc<AtomicU64>,
    ended: bool,
}

impl ScanSource {
    /// Opens a file; `-` is standard input. A line may have `limit` bytes, a line that
    /// holds a list of events `list_limit`.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(path: &Path, limit: usize, list_limit: usize) -> Result<Self, SourceError> {
        let fail = |error| SourceError {
            path: path.to_owned(),
            lines: 0,
            error,
        };
        let file: Box<dyn Read + Send> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).map_err(fail)?)
        };
        let consumed = Arc::new(AtomicU64::new(0));
        let mut bytes = BufReader::with_capacity(
            256 * 1024,
            Counted {
                inner: file,
                count: Arc::clone(&consumed),
            },
        );
        let head = bytes.fill_buf().map_err(fail)?;
        let reader: Box<dyn BufRead + Send> = if head.starts_with(&[0x1f, 0x8b]) {
            Box::new(BufReader::with_capacity(
                256 * 1024,
                MultiGzDecoder::new(bytes),
            ))
        } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            let decoder = zstd::Decoder::with_buffer(bytes).map_err(fail)?;
            Box::new(BufReader::with_capacity(256 * 1024, decoder))
        } else {
            Box::new(bytes)
        };
        Ok(Self {
            path: path.to_owned(),
            name: Arc::from(path.display().to_string()),
            reader,
            limit,
            list_limit,
            line: 0,
            consumed,
            ended: false,
        })
    }

    /// Bytes of the file, packed as they are, that have been read.
    #[must_use]
    pub fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// The next line without its newline and the bytes that it took, or none at the end.
    fn line(&mut self) -> io::Result<Option<(Vec<u8>, Option<Defect>, u64)>> {
        let (mut bytes, mut taken, mut defect) = (Vec::new(), 0_u64, None);
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                return Ok((taken > 0).then_some((bytes, defect, taken)));
            }
            let end = memchr::memchr(b'\n', buffer);
            let part = buffer
                .get(..end.unwrap_or(buffer.len()))
                .unwrap_or_default();
            let length = part.len() + usize::from(end.is_some());
            if defect.is_none() {
                bytes.extend_from_slice(part);
                if bytes.len() > self.limit && bytes.len() > self.limit_of(&bytes) {
                    defect = Some(Defect::TooLong);
                    bytes.truncate(HEAD_BYTES);
                    bytes.shrink_to_fit();
                }
            }
            taken += length as u64;
            self.reader.consume(length);
            if end.is_some() {
                return Ok(Some((bytes, defect, taken)));
            }
        }
    }

    /// A list of events may be longer than one event: the decoder bounds each item.
    fn limit_of(&self, bytes: &[u8]) -> usize {
        let head = bytes.get(..256).unwrap_or(bytes);
        let is_list = head.starts_with(b"[") || memchr::memmem::find(head, b"EventList").is_some();
        if is_list { self.list_limit } else { self.limit }
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
        let most = max_bytes as u64;
        while !self.ended && chunk.lines.len() < max_lines && chunk.bytes < most {
            match self.line() {
                Ok(Some((mut bytes, defect, taken))) => {
                    self.line += 1;
                    chunk.bytes += taken;
                    if bytes.last() == Some(&b'\r') {
                        bytes.pop();
                    }
                    if bytes.iter().all(u8::is_ascii_whitespace) {
                        continue;
                    }
                    chunk.lines.push(RawLine {
                        bytes,
                        source: Arc::clone(&self.name),
                        line: self.line,
                        defect,
                    });
                }
                Ok(None) => self.ended = true,
                Err(error) if chunk.lines.is_empty() => {
                    self.ended = true;
                    return Err(SourceError {
                        path: self.path.clone(),
                        lines: self.line,
                        error,
                    });
                }
                // The lines before the damage go first; the next call meets it again.
                Err(_) => return Ok(Some(chunk)),
            }
        }
        Ok((!chunk.lines.is_empty()).then_some(chunk))
    }
}
