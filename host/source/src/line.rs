//! Splits bytes into lines, independently of how the bytes arrive.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr2;

use super::list::{is_list_head, is_packed_head, last_document};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How much of a line is examined to recognize it, in bytes.
const HEAD_BYTES: usize = 4096;

/// How much of an overlong line is kept at least, in bytes: an event is judged by what comes before its
/// objects, and by those that fit.
pub const KEPT_BYTES: usize = 64 * 1024;

/// Lines share blocks of this many bytes, so that a line needs no allocation of its own. A few
/// blocks fit into a processor's second-level cache.
const BLOCK: usize = 256 * 1024;

/// The ratio of unpacked audit events to their gzip in base64: gzip usually reaches 16, and
/// base64 adds a third to its output.
const PACKING: u64 = 12;

/// The maximum lengths of lines, in bytes. Both bound memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A line with one event.
    pub line: usize,
    /// A list of events, a cloud's envelope, or a document over several lines. The events in it
    /// are bounded by `line`.
    pub document: usize,
}

/// A line of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Its bytes without the newline, or only its head if it was too long.
    pub bytes: Bytes,
    /// Its length in the file, including the newline if it had one.
    pub length: u64,
    /// Whether it was longer than allowed.
    pub too_long: bool,
}

impl Line {
    /// Returns whether the line has nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }

    /// Removes the mark that programs on Windows write before the first line of a file; files are
    /// concatenated.
    pub fn strip_byte_order_mark(&mut self) {
        if self.bytes.starts_with(BYTE_ORDER_MARK) {
            self.bytes.advance(BYTE_ORDER_MARK.len());
        }
    }

    /// Estimates how much memory the line will take, in bytes.
    pub fn weight(&self) -> u64 {
        let head = self.bytes.get(..HEAD_BYTES).unwrap_or(&self.bytes);
        if is_packed_head(head) {
            self.length.saturating_mul(PACKING)
        } else {
            self.length
        }
    }
}

/// Takes bytes in pieces of any size and returns lines.
///
/// An overlong line is split if a document in it directly follows another, since some clouds
/// write no newlines.
#[derive(Debug)]
pub(super) struct LineCutter {
    limits: Limits,
    /// The line so far, in a block whose earlier bytes were delivered.
    held: BytesMut,
    length: u64,
    /// Whether the line may be as long as a document, and is longer than a line.
    is_document: bool,
    too_long: bool,
}

impl LineCutter {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            held: BytesMut::new(),
            length: 0,
            is_document: false,
            too_long: false,
        }
    }

    /// Takes bytes up to and including the first newline or NUL, or fewer if the line becomes too
    /// long, but at least one. Returns how many it took, and the line that they completed.
    pub fn push(&mut self, input: &[u8]) -> (usize, Option<Line>) {
        // The position of a split must not depend on the size of the pieces.
        let room = match self.too_long {
            true => input.len(),
            false => self.bound().saturating_sub(self.held.len()) + 1,
        };
        let input = input.get(..room).unwrap_or(input);
        // Truncating a log that its writer keeps open (`copytruncate`) leaves a hole of NUL bytes.
        let hole = match self.held.is_empty() && !self.too_long {
            true => input.iter().take_while(|byte| **byte == 0).count(),
            false => 0,
        };
        let line = input.get(hole..).unwrap_or_default();
        let end = memchr2(b'\n', 0, line);
        let text = end.and_then(|end| line.get(..end)).unwrap_or(line);
        let taken = hole + text.len() + usize::from(end.is_some());
        self.length += taken as u64;
        if !self.too_long {
            self.make_room(text.len());
            self.held.extend_from_slice(text);
            if self.held.len() > self.bound()
                && let Some(line) = self.cut()
            {
                return (taken, Some(line));
            }
        }
        (taken, end.is_some().then(|| self.take()))
    }

    /// Returns the bytes after the last newline as a line, if there are any.
    pub fn finish(&mut self) -> Option<Line> {
        (self.length > 0).then(|| self.take())
    }

    fn make_room(&mut self, length: usize) {
        let needed = self.held.len() + length;
        if needed <= self.held.capacity() {
            return;
        }
        // Earlier lines may still use the old block.
        let mut block = BytesMut::with_capacity(BLOCK.max(2 * needed));
        block.extend_from_slice(&self.held);
        self.held = block;
    }

    /// Returns the length at which the line is examined. It is at least [`HEAD_BYTES`], since
    /// the head decides how long the line may be.
    fn bound(&self) -> usize {
        let limit = if self.is_document {
            self.limits.document
        } else {
            self.limits.line
        };
        limit.max(HEAD_BYTES)
    }

    /// Returns the documents before the last one of an overlong line. If there is only one,
    /// decides how long it may be.
    fn cut(&mut self) -> Option<Line> {
        if let Some(place) = last_document(&self.held) {
            let rest = self.held.split_off(place);
            let bytes = std::mem::replace(&mut self.held, rest).freeze();
            self.length -= bytes.len() as u64;
            self.is_document = false;
            return Some(Line {
                length: bytes.len() as u64,
                bytes,
                too_long: false,
            });
        }
        self.is_document = self.is_list();
        if self.held.len() > self.bound() {
            self.give_up();
        }
        None
    }

    fn is_list(&self) -> bool {
        is_list_head(self.held.get(..HEAD_BYTES).unwrap_or(&self.held))
    }

    fn give_up(&mut self) {
        self.too_long = true;
        // Copied, so that the head does not hold the memory of the whole line.
        let kept = KEPT_BYTES.max(self.limits.line);
        self.held = BytesMut::from(self.held.get(..kept).unwrap_or(&self.held));
    }

    fn take(&mut self) -> Line {
        let length = self.held.len();
        if !self.too_long
            && length > self.limits.line
            && (length > self.limits.document || !self.is_list())
        {
            self.give_up();
        }
        let mut bytes = self.held.split().freeze();
        if bytes.last() == Some(&b'\r') {
            bytes.truncate(bytes.len() - 1);
        }
        self.is_document = false;
        Line {
            bytes,
            length: std::mem::take(&mut self.length),
            too_long: std::mem::take(&mut self.too_long),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{HEAD_BYTES, Limits, Line, LineCutter};

    const LIMITS: Limits = Limits {
        line: 20,
        document: 40,
    };

    fn cut(pieces: &[&[u8]]) -> Vec<Line> {
        cut_within(LIMITS, pieces)
    }

    fn cut_within(limits: Limits, pieces: &[&[u8]]) -> Vec<Line> {
        let mut cutter = LineCutter::new(limits);
        let mut lines = Vec::new();
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() {
                let (taken, line) = cutter.push(rest);
                lines.extend(line);
                rest = &rest[taken..];
            }
        }
        lines.extend(cutter.finish());
        lines
    }

    #[test]
    fn list_may_exceed_the_line_limit_up_to_the_document_limit() {
        let texts = |input: &[u8]| -> Vec<bool> {
            cut(&[input])
                .into_iter()
                .map(|line| line.too_long)
                .collect()
        };
        assert_eq!(
            texts(b"12345678901234567890\n123456789012345678901\nx\n"),
            [false, true, false]
        );
        assert_eq!(texts(b"[1234567890123456789012345678901234567]\n"), [false]);
        assert_eq!(
            texts(b"[123456789012345678901234567890123456789]\n"),
            [true]
        );
    }

    #[test]
    fn hole_of_nul_bytes_does_not_hide_the_lines_around_it() {
        let hole = vec![0; 100];
        let log = [b"one\n".as_slice(), &hole, b"two\npart", &hole, b"three\n"].concat();
        for size in [1, 7, 1000] {
            let pieces: Vec<&[u8]> = log.chunks(size).collect();
            let lines = cut(&pieces);
            let texts: Vec<_> = lines.iter().map(|line| line.bytes.as_ref()).collect();
            assert_eq!(texts, [&b"one"[..], b"two", b"part", b"three"], "{size}");
            let total: u64 = lines.iter().map(|line| line.length).sum();
            assert_eq!(total, log.len() as u64);
        }
    }

    #[test]
    fn strips_the_carriage_return_of_a_newline() {
        let lines = cut(&[b"a\r\nb\n\r\nc"]);
        let texts: Vec<_> = lines.iter().map(|line| line.bytes.as_ref()).collect();
        assert_eq!(texts, [&b"a"[..], b"b", b"", b"c"]);
        assert_eq!(lines[0].length, 3);
    }

    #[test]
    fn keeps_the_whole_head_of_an_overlong_line() {
        let long = vec![b'a'; HEAD_BYTES + 100];
        let pieces: Vec<&[u8]> = long.chunks(7).collect();
        let lines = cut(&pieces);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].too_long);
        assert_eq!(lines[0].bytes.len(), HEAD_BYTES + 1);
        assert_eq!(lines[0].length, long.len() as u64);
    }

    #[test]
    fn splits_a_long_line_between_documents() {
        let one = format!("{{\"messageType\":\"{}\"}}", "a".repeat(1000));
        let many = one.repeat(9);
        let limits = Limits {
            line: 5000,
            document: 9000,
        };
        let lines = cut_within(limits, &[format!("{many}\n{one}\n").as_bytes()]);
        assert!(lines.iter().all(|line| !line.too_long));
        let lengths: Vec<usize> = lines.iter().map(|line| line.bytes.len() / 1000).collect();
        assert_eq!(lengths, [4, 4, 1, 1]);
        let together: Vec<u8> = lines.iter().flat_map(|line| line.bytes.to_vec()).collect();
        assert_eq!(together, format!("{many}{one}").as_bytes());
    }

    proptest! {
        #[test]
        fn splits_documents_at_the_same_positions_for_any_pieces(
            lengths in proptest::collection::vec(0_usize..3 * HEAD_BYTES, 1..8),
            at in proptest::collection::vec(0_usize..8 * HEAD_BYTES, 0..4),
        ) {
            let documents = lengths.iter().map(|length| {
                format!("{{\"records\":\"{}\"}}", "a".repeat(*length))
            });
            let text: String = documents.collect::<String>() + "\n";
            let mut at: Vec<usize> = at.into_iter().map(|at| at.min(text.len())).collect();
            at.sort_unstable();
            let mut pieces = Vec::new();
            let mut rest = text.as_bytes();
            for place in at {
                let (piece, behind) = rest.split_at(place - (text.len() - rest.len()));
                pieces.push(piece);
                rest = behind;
            }
            pieces.push(rest);
            let lines = cut(&[text.as_bytes()]);
            prop_assert_eq!(&cut(&pieces), &lines);
            let total: u64 = lines.iter().map(|line| line.length).sum();
            prop_assert_eq!(total, text.len() as u64);
            for line in lines {
                let is_document = line.bytes.starts_with(b"{\"records\"");
                prop_assert!(line.too_long || is_document);
            }
        }

        #[test]
        fn result_is_independent_of_how_bytes_arrive(
            start in "\\[?[a-z\n\r]{0,120}",
            run in 0_usize..2 * HEAD_BYTES,
            end in "[a-z\n\r]{0,120}",
            at in 0_usize..2 * HEAD_BYTES,
        ) {
            let text = start + &"a".repeat(run) + &end;
            let bytes = text.as_bytes();
            let at = at.min(bytes.len());
            prop_assert_eq!(cut(&[bytes]), cut(&[&bytes[..at], &bytes[at..]]));
            let total: u64 = cut(&[bytes]).iter().map(|line| line.length).sum();
            prop_assert_eq!(total, bytes.len() as u64);
        }
    }
}
