//! The log for all measurements.

use std::ops::Range;
use std::path::{Path, PathBuf};

use memchr::memchr_iter;

use crate::transport::root;

/// The number of times that the ordinary part of the log is repeated. Each repetition has other
/// audit ids, since the host drops duplicates.
const TIMES: usize = 15;

pub struct Log {
    text: Vec<u8>,
    lines: Vec<Range<usize>>,
    /// Whether the variable `LOG` named it.
    pub is_given: bool,
}

impl Log {
    /// Reads the log of `tests/data`: the ordinary part many times, then the attacks once. The
    /// variable `LOG` names another file, which is used unchanged.
    pub fn read() -> Self {
        if let Some(path) = std::env::var_os("LOG").map(PathBuf::from) {
            return Self::of(unpacked(&path), true);
        }
        let data = root().join("tests/data");
        let ordinary = unpacked(&data.join("benign.ndjson.zst"));
        let attacks = unpacked(&data.join("attack.ndjson"));
        let mut text = repeated(&ordinary, TIMES);
        text.extend_from_slice(&attacks);
        Self::of(text, false)
    }

    fn of(text: Vec<u8>, is_given: bool) -> Self {
        let lines = ranges(&text);
        Self {
            text,
            lines,
            is_given,
        }
    }

    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.lines.iter().map(|line| &self.text[line.clone()])
    }

    pub fn events(&self) -> u64 {
        self.lines.len() as u64
    }

    pub fn text(&self) -> &[u8] {
        &self.text
    }
}

/// Reads a file, which may be packed with zstd.
fn unpacked(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if path.extension().is_some_and(|extension| extension == "zst") {
        zstd::decode_all(bytes.as_slice()).expect("cannot unpack the log")
    } else {
        bytes
    }
}

/// Returns the nonempty lines of a text.
pub fn ranges(text: &[u8]) -> Vec<Range<usize>> {
    let mut start = 0;
    memchr_iter(b'\n', text)
        .chain((text.last() != Some(&b'\n')).then_some(text.len()))
        .map(|end| std::mem::replace(&mut start, end + 1)..end)
        .filter(|line| !line.is_empty())
        .collect()
}

fn repeated(text: &[u8], times: usize) -> Vec<u8> {
    let mut all = Vec::with_capacity(text.len() * times);
    for time in 0..times {
        for line in ranges(text) {
            push_with_other_id(&mut all, &text[line], time);
            all.push(b'\n');
        }
    }
    all
}

/// Writes a line and replaces the first eight digits of its `auditID` by `time`.
fn push_with_other_id(all: &mut Vec<u8>, line: &[u8], time: usize) {
    const KEY: &[u8] = b"\"auditID\":\"";
    const DIGITS: usize = 8;
    let start = all.len();
    all.extend_from_slice(line);
    let Some(at) = memchr::memmem::find(line, KEY).map(|at| start + at + KEY.len()) else {
        return;
    };
    if let Some(digits) = all.get_mut(at..at + DIGITS) {
        digits.copy_from_slice(format!("{time:08}").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_a_newline_or_the_text() {
        assert_eq!(ranges(b"a\n\nbc\n"), [0..1, 3..5]);
        assert_eq!(ranges(b"a\nbc"), [0..1, 2..4]);
        assert!(ranges(b"").is_empty());
    }

    #[test]
    fn repetitions_differ_in_ids_and_not_in_length() {
        let line = br#"{"a":1,"auditID":"aaaaaaaa-bbbb","b":"auditID"}"#;
        let text = String::from_utf8(repeated(line, 2)).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            r#"{"a":1,"auditID":"00000000-bbbb","b":"auditID"}"#
        );
        assert_eq!(
            lines[1],
            r#"{"a":1,"auditID":"00000001-bbbb","b":"auditID"}"#
        );
        assert_eq!(lines[1].len(), line.len());
    }
}
