//! The log that everything is measured on.

use std::ops::Range;
use std::path::{Path, PathBuf};

use memchr::memchr_iter;

use crate::transport::root;

/// How often the ordinary part of the log is repeated, each time with other ids, since the
/// host drops repeats.
const TIMES: usize = 15;

pub struct Log {
    text: Vec<u8>,
    lines: Vec<Range<usize>>,
    /// Whether it is another than that of `tests/data`.
    pub is_given: bool,
}

impl Log {
    /// The log of `tests/data`: what is ordinary many times, and the attacks once behind
    /// it. The variable `LOG` names another file, which is taken as it is.
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

/// A file, which zstd may have packed.
fn unpacked(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if path.extension().is_some_and(|extension| extension == "zst") {
        zstd::decode_all(bytes.as_slice()).expect("the log can be unpacked")
    } else {
        bytes
    }
}

/// The lines of a text, without those that are empty.
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

/// Writes a line whose `auditID` begins with `time` in eight digits.
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
    fn lines_end_with_the_text_or_a_newline() {
        assert_eq!(ranges(b"a\n\nbc\n"), [0..1, 3..5]);
        assert_eq!(ranges(b"a\nbc"), [0..1, 2..4]);
        assert!(ranges(b"").is_empty());
    }

    #[test]
    fn each_time_has_its_own_ids_and_the_same_length() {
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
