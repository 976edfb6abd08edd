//! Writing lines to something that cannot be truncated: a pipe, a terminal, or a device.

use std::io::{self, Write};

use super::line::{Line, join};

/// A write that failed.
#[derive(Debug)]
pub(crate) struct WriteError {
    /// Number of lines at the beginning of the batch that were written completely.
    pub taken: usize,
    /// The operating system's error.
    pub error: io::Error,
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self { taken: 0, error }
    }
}

/// Remembers the part of a line that was written before a write failed, and completes that line
/// when the write is retried.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// The number of the line, and the bytes of it that were written.
    partial: Option<(u64, usize)>,
}

impl Stream {
    /// Writes lines in their order.
    ///
    /// # Errors
    /// Returns the number of lines that were written completely, with the error.
    pub fn write(&mut self, out: &mut impl Write, lines: &[Line<'_>]) -> Result<(), WriteError> {
        let Some(first) = lines.first() else {
            return Ok(());
        };
        let mut done = match self.partial {
            None => 0,
            Some((number, bytes)) if number == first.number => bytes,
            // The rest of the line was given up, so that only its end can be marked.
            Some(_) => {
                out.write_all(b"\n")?;
                0
            }
        };
        let text = join(lines);
        while let Some(rest) = text.get(done..).filter(|rest| !rest.is_empty()) {
            match out.write(rest) {
                Ok(0) => return Err(self.failed(lines, done, io::ErrorKind::WriteZero.into())),
                Ok(bytes) => done += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(lines, done, error)),
            }
        }
        self.partial = None;
        out.flush()?;
        Ok(())
    }

    fn failed(&mut self, lines: &[Line<'_>], done: usize, error: io::Error) -> WriteError {
        let (mut taken, mut rest) = (0, done);
        self.partial = None;
        for line in lines {
            let length = line.text.len() + 1;
            if rest < length {
                self.partial = (rest > 0).then_some((line.number, rest));
                break;
            }
            rest -= length;
            taken += 1;
        }
        WriteError { taken, error }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};

    use proptest::prelude::*;

    use super::Stream;
    use crate::line::{Line, join};

    /// Accepts as many bytes as each allowance says, and fails in between.
    struct Reluctant {
        allowances: Vec<usize>,
        text: Vec<u8>,
    }

    impl Write for Reluctant {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.allowances.last_mut() {
                None => {
                    self.text.extend_from_slice(bytes);
                    Ok(bytes.len())
                }
                Some(0) => {
                    self.allowances.pop();
                    Err(io::ErrorKind::StorageFull.into())
                }
                Some(allowance) => {
                    let count = bytes.len().min(*allowance);
                    *allowance -= count;
                    self.text.extend_from_slice(&bytes[..count]);
                    Ok(count)
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    proptest! {
        /// Wherever writes fail, retrying gives each line once.
        #[test]
        fn retried_lines_are_whole(
            texts in prop::collection::vec("[a-z]{0,9}", 1..9),
            allowances in prop::collection::vec(0..12_usize, 0..9),
        ) {
            let lines: Vec<Line<'_>> = texts
                .iter()
                .zip(1..)
                .map(|(text, number)| Line { number, text: text.as_bytes() })
                .collect();
            let mut out = Reluctant { allowances, text: Vec::new() };
            let mut stream = Stream::default();
            let mut rest = &lines[..];
            while let Err(failed) = stream.write(&mut out, rest) {
                rest = &rest[failed.taken..];
            }
            prop_assert_eq!(out.text, join(&lines));
        }
    }

    #[test]
    fn line_that_is_given_up_is_ended() {
        let line = |number| Line {
            number,
            text: b"text",
        };
        let mut out = Reluctant {
            allowances: vec![2],
            text: Vec::new(),
        };
        let mut stream = Stream::default();
        assert_eq!(stream.write(&mut out, &[line(1)]).unwrap_err().taken, 0);
        stream.write(&mut out, &[line(2)]).unwrap();
        assert_eq!(out.text, b"te\ntext\n");
    }
}
