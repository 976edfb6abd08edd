//! Joins the lines of a document that `jq` or `kubectl -o json` wrote over several lines.
//!
//! A truncated line must not swallow the lines after it. So only a line that is nothing but `{`
//! or `[` begins a document, and a line that begins with `{"` without indentation ends an open
//! document: inside a document such a line would be indented.
//!
//! A long array is delivered in parts, each an array, so that the output of a cloud's tool may
//! be of any size.

use bytes::Bytes;

use super::line::{KEPT_BYTES, Line};

/// An array longer than this, in bytes, is delivered in parts.
const MAX_ARRAY_PART: usize = 1 << 20;

/// A line, or the joined lines of a document, with the number of the first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub line: Line,
    pub number: u64,
}

#[derive(Debug)]
struct OpenDocument {
    number: u64,
    text: Vec<u8>,
    length: u64,
    too_long: bool,
    is_array: bool,
    depth: u64,
    in_string: bool,
    escaped: bool,
}

/// Turns lines into units.
#[derive(Debug)]
pub(super) struct DocumentJoiner {
    /// The maximum size of a document, in bytes.
    limit: usize,
    open: Option<OpenDocument>,
}

impl DocumentJoiner {
    pub fn new(limit: usize) -> Self {
        Self { limit, open: None }
    }

    /// Takes the next line and returns the units that it completes: the document open before
    /// it, the line itself, both, or neither.
    pub fn push(&mut self, line: Line, number: u64) -> (Option<Frame>, Option<Frame>) {
        let Some(mut open) = self.open.take() else {
            return (None, self.begin(line, number));
        };
        if line.bytes.starts_with(b"{\"") {
            return (Some(open.into_frame()), Some(Frame { line, number }));
        }
        open.add(&line, self.limit);
        if open.depth == 0 {
            return (None, Some(open.into_frame()));
        }
        let take_part = open.has_part().then(|| open.take_part(number + 1));
        self.open = Some(open);
        (None, take_part)
    }

    /// Returns the document that is open at the end of the file.
    pub fn finish(&mut self) -> Option<Frame> {
        self.open.take().map(OpenDocument::into_frame)
    }

    fn begin(&mut self, line: Line, number: u64) -> Option<Frame> {
        if !matches!(line.bytes.trim_ascii(), b"{" | b"[") {
            return Some(Frame { line, number });
        }
        let mut open = OpenDocument {
            number,
            text: Vec::new(),
            length: 0,
            too_long: false,
            is_array: line.bytes.trim_ascii() == b"[",
            depth: 0,
            in_string: false,
            escaped: false,
        };
        open.add(&line, self.limit);
        self.open = Some(open);
        None
    }
}

impl OpenDocument {
    fn add(&mut self, line: &Line, limit: usize) {
        for &byte in &line.bytes {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        // A string cannot span lines (RFC 8259, section 7).
        self.in_string = false;
        self.escaped = false;
        self.length += line.length;
        self.too_long |= line.too_long;
        if !self.too_long {
            self.text.extend_from_slice(&line.bytes);
            self.text.push(b'\n');
            self.too_long = self.text.len() > limit;
        }
        if self.too_long {
            self.text.truncate(KEPT_BYTES);
            self.text.shrink_to_fit();
        }
    }

    /// Returns whether an open array is between two items and long enough to deliver.
    fn has_part(&self) -> bool {
        self.is_array && self.depth == 1 && (self.too_long || self.text.len() > MAX_ARRAY_PART)
    }

    /// Returns the items so far as an array, and begins another array with the line numbered
    /// `next`.
    fn take_part(&mut self, next: u64) -> Frame {
        self.text.push(b']');
        let rest = Self {
            number: next,
            text: b"[".to_vec(),
            length: 0,
            too_long: false,
            ..*self
        };
        std::mem::replace(self, rest).into_frame()
    }

    fn into_frame(self) -> Frame {
        Frame {
            line: Line {
                bytes: Bytes::from(self.text),
                length: self.length,
                too_long: self.too_long,
            },
            number: self.number,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DocumentJoiner, MAX_ARRAY_PART};
    use crate::line::Line;

    fn frames(text: &str) -> Vec<(u64, String, bool)> {
        frames_within(200, text)
    }

    fn frames_within(limit: usize, text: &str) -> Vec<(u64, String, bool)> {
        let mut documents = DocumentJoiner::new(limit);
        let mut frames = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = Line {
                bytes: line.as_bytes().to_vec().into(),
                length: line.len() as u64 + 1,
                too_long: false,
            };
            let (before, own) = documents.push(line, index as u64 + 1);
            frames.extend(before);
            frames.extend(own);
        }
        frames.extend(documents.finish());
        frames
            .into_iter()
            .map(|frame| {
                let text = String::from_utf8(frame.line.bytes.to_vec()).unwrap();
                (frame.number, text, frame.line.too_long)
            })
            .collect()
    }

    #[test]
    fn document_over_several_lines_is_one_unit() {
        let document = "{\n  \"a\": \"}\\\"{\",\n  \"b\": [\n    1\n  ]\n}";
        let text = format!("{{\"one\":1}}\n{document}\n{{\"two\":2}}\n[\n 1,\n 2\n]");
        assert_eq!(
            frames(&text),
            [
                (1, "{\"one\":1}".to_owned(), false),
                (2, format!("{document}\n"), false),
                (8, "{\"two\":2}".to_owned(), false),
                (9, "[\n 1,\n 2\n]\n".to_owned(), false),
            ]
        );
    }

    #[test]
    fn truncated_line_loses_only_itself() {
        assert_eq!(
            frames("{\"a\":{\n{\"b\":1}\n{\n  \"c\": \n{\"d\":1}"),
            [
                (1, "{\"a\":{".to_owned(), false),
                (2, "{\"b\":1}".to_owned(), false),
                (3, "{\n  \"c\": \n".to_owned(), false),
                (5, "{\"d\":1}".to_owned(), false),
            ]
        );
    }

    #[test]
    fn document_over_the_limit_is_marked_too_long() {
        let text = format!("{{\n{}}}\n{{\"b\":1}}", " \"a\": 1,\n".repeat(100));
        let frames = frames(&text);
        assert_eq!(frames.len(), 2);
        assert!(frames[0].2 && !frames[1].2);
    }

    #[test]
    fn long_array_is_delivered_in_parts() {
        let item =
            |name: &str, length| format!("  {{\n    \"{name}\": \"{}\"\n  }}", "x".repeat(length));
        let items = [
            item("a", MAX_ARRAY_PART),
            item("b", 3 * MAX_ARRAY_PART),
            item("c", 10),
            item("d", MAX_ARRAY_PART),
            item("e", 10),
        ];
        let text = format!("[\n{}\n]", items.join(",\n"));
        let frames = frames_within(2 * MAX_ARRAY_PART, &text);
        let seen: Vec<(u64, bool, String)> = frames
            .into_iter()
            .map(|(number, text, too_long)| {
                let keys = text.split('"').skip(1).step_by(4).collect();
                assert!(too_long || text.trim_end().ends_with(']'), "{number}");
                assert!(text.starts_with('['), "{number}");
                (number, too_long, keys)
            })
            .collect();
        let seen: Vec<(u64, bool, &str)> = seen
            .iter()
            .map(|(number, too_long, keys)| (*number, *too_long, keys.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (1, false, "a"),
                (5, true, "b"),
                (8, false, "cd"),
                (14, false, "e")
            ]
        );
    }

    proptest! {
        #[test]
        fn loses_no_byte_and_keeps_an_event_line_as_its_own_unit(
            lines in proptest::collection::vec(
                "[ ]{0,2}([{}\\[\\]\"\\\\,a]{0,8}|\\{|\\[)",
                0..12,
            ),
            at in 0_usize..12,
        ) {
            const EVENT: &str = "{\"kind\":\"Event\"}";
            let mut lines = lines;
            lines.insert(at.min(lines.len()), EVENT.to_owned());
            let text = lines.join("\n");
            let frames = frames(&text);
            prop_assert!(frames.iter().any(|(_, frame, _)| frame == EVENT), "{frames:?}");
            let given: String = frames.iter().map(|(_, frame, _)| frame.replace('\n', "")).collect();
            prop_assert_eq!(given, lines.concat());
            prop_assert!(frames.is_sorted_by(|one, other| one.0 < other.0));
        }
    }
}
