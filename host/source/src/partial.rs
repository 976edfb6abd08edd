//! Joins what container runtimes split: a line of more than 16 KiB becomes several.
//!
//! containerd and CRI-O mark all pieces but the last with `P`
//! (<https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md>).
//! Docker's `json-file` ends only the last piece with a newline.

use bytes::Bytes;

use super::line::{KEPT_BYTES, Line};

/// The size at which Docker splits a line, in bytes (`defaultBufSize` of its logger).
const DOCKER_BYTES: usize = 16 * 1024;

/// The longest text before the content of a container runtime's line, in bytes: a time with
/// nanoseconds, the stream, and tags.
const HEAD_OF_CRI: usize = 128;

/// A piece of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece<'a> {
    /// The output of the container that it was written to: `stdout` or `stderr`.
    stream: Stream,
    form: Form,
    /// The part before the content.
    head: &'a [u8],
    content: &'a [u8],
    is_last: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Out,
    Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Cri,
    Docker,
}

/// The pieces so far of one line.
#[derive(Debug)]
struct Open {
    stream: Stream,
    form: Form,
    text: Vec<u8>,
    length: u64,
    too_long: bool,
}

/// Joins the pieces of lines. The outputs of a container may be mixed.
#[derive(Debug)]
pub(super) struct PartialJoiner {
    /// The maximum size of a line, in bytes.
    limit: usize,
    open: Vec<Open>,
}

impl PartialJoiner {
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            open: Vec::new(),
        }
    }

    /// Returns whether the end of a line is missing.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Takes the next line, and returns the line that it completes, or itself if it is whole.
    pub fn push(&mut self, line: Line) -> Option<Line> {
        let Some(piece) = piece(&line.bytes).filter(|_| !line.too_long) else {
            return Some(line);
        };
        let place = self
            .open
            .iter()
            .position(|open| (open.stream, open.form) == (piece.stream, piece.form));
        let Some(place) = place else {
            if piece.is_last {
                return Some(line);
            }
            let mut open = Open {
                stream: piece.stream,
                form: piece.form,
                text: piece.head.to_vec(),
                length: 0,
                too_long: false,
            };
            open.add(piece.content, line.length, self.limit);
            self.open.push(open);
            return None;
        };
        let open = self.open.get_mut(place)?;
        open.add(piece.content, line.length, self.limit);
        if !piece.is_last {
            return None;
        }
        Some(self.open.swap_remove(place).into_line())
    }

    /// Returns a line whose end is missing, until there are none.
    pub fn finish(&mut self) -> Option<Line> {
        (!self.open.is_empty()).then(|| self.open.remove(0).into_line())
    }
}

impl Open {
    fn add(&mut self, content: &[u8], length: u64, limit: usize) {
        self.length += length;
        if !self.too_long {
            self.text.extend_from_slice(content);
            self.too_long = self.text.len() > limit;
        }
        if self.too_long {
            self.text.truncate(KEPT_BYTES.max(limit));
            self.text.shrink_to_fit();
        }
    }

    fn into_line(mut self) -> Line {
        if self.form == Form::Docker && !self.too_long {
            self.text.extend_from_slice(b"\"}");
        }
        Line {
            bytes: Bytes::from(self.text),
            length: self.length,
            too_long: self.too_long,
        }
    }
}

fn piece(line: &[u8]) -> Option<Piece<'_>> {
    match line.first()? {
        b'0'..=b'9' => of_cri(line),
        b'{' => of_docker(line),
        _ => None,
    }
}

/// `TIME STREAM TAGS CONTENT`.
fn of_cri(line: &[u8]) -> Option<Piece<'_>> {
    let head = line.get(..HEAD_OF_CRI).unwrap_or(line);
    let mut blanks = memchr::memchr_iter(b' ', head);
    let (time, stream, tags) = (blanks.next()?, blanks.next()?, blanks.next()?);
    let stream = match line.get(time + 1..stream)? {
        b"stdout" => Stream::Out,
        b"stderr" => Stream::Error,
        _ => return None,
    };
    let after_stream = time + 8;
    // The first tag says whether the line is partial.
    let is_last = match line.get(after_stream..tags)?.first()? {
        b'P' => false,
        b'F' => true,
        _ => return None,
    };
    let (head, content) = line.split_at_checked(tags + 1)?;
    Some(Piece {
        stream,
        form: Form::Cri,
        head,
        content,
        is_last,
    })
}

/// `{"log":"CONTENT","stream":"stdout","time":"..."}`.
fn of_docker(line: &[u8]) -> Option<Piece<'_>> {
    const OPEN: &[u8] = b"{\"log\":\"";
    let rest = line.strip_prefix(OPEN)?;
    let (length, end) = string(rest)?;
    let (content, after) = rest.split_at_checked(end)?;
    let stream = after.strip_prefix(b"\",\"stream\":\"")?;
    let stream = if stream.starts_with(b"stdout\"") {
        Stream::Out
    } else if stream.starts_with(b"stderr\"") {
        Stream::Error
    } else {
        return None;
    };
    // Other collectors leave the newline out, but split nothing.
    let is_last = ends_with_newline(content) || length != DOCKER_BYTES;
    Some(Piece {
        stream,
        form: Form::Docker,
        head: OPEN,
        content,
        is_last,
    })
}

/// Whether the text of a JSON string ends with an escaped newline, and not with an escaped backslash
/// before an `n`.
fn ends_with_newline(text: &[u8]) -> bool {
    text.strip_suffix(b"n").is_some_and(|before| {
        let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
        backslashes.count() % 2 == 1
    })
}

/// Returns the length of a JSON string's value in bytes, and the position of its closing quote.
fn string(text: &[u8]) -> Option<(usize, usize)> {
    let (mut length, mut at) = (0, 0);
    loop {
        let plain = memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        length += plain;
        at += plain;
        if text.get(at) == Some(&b'"') {
            return Some((length, at));
        }
        if text.get(at + 1) == Some(&b'u') {
            let digits = std::str::from_utf8(text.get(at + 2..at + 6)?).ok()?;
            length += match u32::from_str_radix(digits, 16).ok()? {
                0..0x80 => 1,
                0x80..0x800 => 2,
                _ => 3,
            };
            at += 6;
        } else {
            length += 1;
            at += 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::{DOCKER_BYTES, PartialJoiner};
    use crate::line::Line;

    fn joined(joiner: &mut PartialJoiner, text: &str) -> Option<String> {
        let line = Line {
            bytes: text.as_bytes().to_vec().into(),
            length: text.len() as u64,
            too_long: false,
        };
        let line = joiner.push(line)?;
        assert!(!line.too_long);
        Some(String::from_utf8(line.bytes.to_vec()).unwrap())
    }

    #[test]
    fn pieces_of_a_container_runtime_are_joined_by_output() {
        let mut joiner = PartialJoiner::new(1000);
        let mut push = |text: &str| joined(&mut joiner, text);
        assert_eq!(push("2026-03-02T10:00:00.1Z stdout P {\"a\":"), None);
        assert_eq!(push("2026-03-02T10:00:00.1Z stderr P x"), None);
        let whole = "2026-03-02T10:00:00.2Z stderr F y";
        assert_eq!(
            push(whole).as_deref(),
            Some("2026-03-02T10:00:00.1Z stderr P xy")
        );
        assert_eq!(push("2026-03-02T10:00:00.3Z stdout P 1"), None);
        assert_eq!(
            push("2026-03-02T10:00:00.3Z stdout F }").as_deref(),
            Some("2026-03-02T10:00:00.1Z stdout P {\"a\":1}")
        );
        assert_eq!(push(whole).as_deref(), Some(whole));
    }

    #[test]
    fn lines_of_other_programs_are_left_alone() {
        let mut joiner = PartialJoiner::new(1000);
        for text in [
            "",
            "2026-03-02T10:00:00Z cp-1 P x",
            "2026-03-02T10:00:00Z stdout X x",
            "17",
            "{\"log\":\"x\",\"stream\":\"stdout\"}",
            "{\"log\":\"x",
            "{\"kind\":\"Event\"}",
        ] {
            assert_eq!(joined(&mut joiner, text).as_deref(), Some(text));
        }
        assert!(!joiner.is_open());
    }

    #[test]
    fn memory_is_bounded() {
        let mut joiner = PartialJoiner::new(1000);
        for _ in 0..100 {
            let piece = format!("2026-03-02T10:00:00Z stdout P {}", "a".repeat(900));
            assert_eq!(joined(&mut joiner, &piece), None);
        }
        let line = joiner.finish().unwrap();
        assert!(line.too_long);
        assert!(line.bytes.len() <= crate::line::KEPT_BYTES);
        assert!(joiner.finish().is_none());
    }

    proptest! {
        /// Docker splits the bytes of a line before it escapes them.
        #[test]
        fn pieces_of_docker_are_joined(text in "[a-z\"\\\\<{}\u{1}]{0,40000}") {
            let line = format!("{text}\n");
            let mut joiner = PartialJoiner::new(1 << 20);
            let mut found = Vec::new();
            for piece in line.as_bytes().chunks(DOCKER_BYTES) {
                let piece = std::str::from_utf8(piece).unwrap();
                let escaped = serde_json::to_string(piece).unwrap().replace('<', "\\u003c");
                let record = format!("{{\"log\":{escaped},\"stream\":\"stdout\",\"time\":\"x\"}}");
                found.extend(joined(&mut joiner, &record));
            }
            // A line whose newline begins a piece of its own has one more piece.
            prop_assert_eq!(found.len(), 1);
            let value: serde_json::Value = serde_json::from_str(&found[0]).unwrap();
            prop_assert_eq!(value["log"].as_str(), Some(line.as_str()));
        }
    }
}
