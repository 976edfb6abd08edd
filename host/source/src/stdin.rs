//! Standard input.

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

use super::document::Frame;
use super::{Chunk, Limits, Operation, ScanSource, Source, SourceError, SourceState};

/// Number of lines that are read ahead. It is small because lines may be as long as their limit.
const AHEAD: usize = 16;

/// The lines of standard input, plain or compressed, until it ends.
///
/// A read from a pipe cannot be given up, so a thread of its own reads. It ends with standard input
/// or with the process. There are no checkpoints, because a pipe has no position to return to.
pub struct Stdin {
    name: Arc<str>,
    cluster: Arc<str>,
    units: Receiver<Result<Frame, SourceError>>,
}

impl Stdin {
    /// Begins to read standard input.
    ///
    /// # Errors
    /// Returns [`SourceError`] if the thread cannot be started.
    pub fn open(name: &str, cluster: &str, limits: Limits) -> Result<Self, SourceError> {
        Self::of(std::io::stdin(), name, cluster, limits)
    }

    fn of(
        input: impl Read + Send + 'static,
        name: &str,
        cluster: &str,
        limits: Limits,
    ) -> Result<Self, SourceError> {
        let (sender, units) = bounded(AHEAD);
        std::thread::Builder::new()
            .name("wardline-stdin".into())
            .spawn(move || {
                // Opening reads too: the first bytes tell the compression.
                let mut source = match ScanSource::of(input, "standard input".as_ref(), limits) {
                    Ok(source) => source,
                    Err(error) => {
                        // The host stops, or it receives the error and the end.
                        let _ = sender.send(Err(error));
                        return;
                    }
                };
                while let Some(unit) = source.unit() {
                    if sender.send(Ok(unit)).is_err() {
                        return;
                    }
                }
                if let Some(error) = source.take_failure() {
                    let _ = sender.send(Err(error));
                }
            })
            .map_err(|error| SourceError::io("standard input".as_ref(), Operation::Open, error))?;
        Ok(Self {
            name: Arc::from(name),
            cluster: Arc::from(cluster),
            units,
        })
    }
}

impl Source for Stdin {
    fn states(&self) -> Vec<SourceState> {
        vec![SourceState::new(&self.name, "standard input".to_owned())]
    }

    fn next(
        &mut self,
        max_lines: usize,
        max_bytes: usize,
        wait: Duration,
    ) -> Result<Option<Chunk>, SourceError> {
        let end = Instant::now() + wait;
        let mut chunk = Chunk::default();
        while chunk.has_room(max_lines, max_bytes) {
            // Lines that are there already are taken; only the first is waited for.
            let received = if chunk.lines.is_empty() {
                self.units.recv_deadline(end)
            } else {
                self.units.recv_timeout(Duration::ZERO)
            };
            match received {
                Ok(Ok(unit)) => chunk.add(unit, &self.name, &self.cluster),
                Ok(Err(error)) if chunk.lines.is_empty() => return Err(error),
                Ok(Err(error)) => {
                    // An error would lose the lines before it.
                    chunk.gaps.push(error.to_string());
                    break;
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) if chunk.lines.is_empty() => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Ok(Some(chunk))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Duration;

    use super::Stdin;
    use crate::{Limits, Source};

    const LIMITS: Limits = Limits {
        line: 100,
        document: 1000,
    };
    /// Bounds how long a broken test hangs.
    const LONG: Duration = Duration::from_secs(60);

    fn text(source: &mut Stdin, wait: Duration) -> Option<String> {
        let chunk = source.next(100, 1000, wait).unwrap()?;
        let lines: Vec<String> = chunk
            .lines
            .into_iter()
            .map(|line| String::from_utf8(line.bytes.to_vec()).unwrap())
            .collect();
        Some(lines.join(" "))
    }

    #[test]
    fn line_is_delivered_before_the_next_is_written() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        // The first bytes tell the compression, and must not be waited for longer than that.
        let mut source = Stdin::of(reader, "stdin", "", LIMITS).unwrap();
        assert_eq!(text(&mut source, Duration::ZERO).as_deref(), Some(""));
        writer.write_all(b"{\"a\":1}\n").unwrap();
        assert_eq!(text(&mut source, LONG).as_deref(), Some("{\"a\":1}"));
        writer.write_all(b"{\"b\":2}\n{\"c\":3}").unwrap();
        drop(writer);
        let mut rest = String::new();
        while let Some(text) = text(&mut source, LONG) {
            rest.push_str(&text);
        }
        assert_eq!(rest.replace(' ', ""), "{\"b\":2}{\"c\":3}");
    }

    #[test]
    fn compressed_input_is_read_and_damage_is_an_error() {
        let packed = zstd::encode_all(&b"{\"a\":1}\n{\"b\":2}\n"[..], 1).unwrap();
        let read = |bytes: Vec<u8>| {
            let mut source = Stdin::of(std::io::Cursor::new(bytes), "stdin", "", LIMITS).unwrap();
            let (mut lines, mut faults) = (0, 0);
            loop {
                match source.next(100, 1000, LONG) {
                    Ok(Some(chunk)) => {
                        lines += chunk.lines.len();
                        faults += chunk.gaps.len();
                    }
                    Ok(None) => return (lines, faults),
                    Err(_) => faults += 1,
                }
            }
        };
        assert_eq!(read(packed.clone()), (2, 0));
        let half = packed[..packed.len() - 3].to_vec();
        assert_eq!(read(half).1, 1);
    }
}
