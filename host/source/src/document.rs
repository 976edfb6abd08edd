//! Joins the lines of a document that is written over several of them, as `jq` and
//! `kubectl -o json` write.
//!
//! A line that is cut off must not swallow those after it. So only a line that is
//! nothing but `{` or `[` begins a document, and one that begins with `{"` without
//! indentation ends what was open before it: inside a document such a line would be
//! indented.
//!
//! A long array is given in parts, each an array, so that what a cloud's tool prints may
//! be of any size.

use bytes::Bytes;

use super::line::{HEAD_BYTES, Line};

/// An array that is longer than this, in bytes, is given in parts.
const PART: usize = 1 << 20;

/// A line, or the lines of a document joined, with the number of the first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub line: Line,
    pub number: u64,
}

#[derive(Debug)]
struct Open {
    number: u64,
    text: Vec<u8>,
    length: u64,
    too_long: bool,
    is_array: bool,
    depth: u64,
    in_string: bool,
    escaped: bool,
}

/// Takes lines and gives units.
#[derive(Debug)]
pub(super) struct Documents {
    /// Bytes that a document may have.
    limit: usize,
    open: Option<Open>,
}

impl Documents {
    pub fn new(limit: usize) -> Self {
        Self { limit, open: None }
    }

    /// Takes the next line. Gives what it ends: the document that was open before
    /// it, itself, both or nothing.
    pub fn push(&mut self, line: Line, number: u64) -> (Option<Unit>, Option<Unit>) {
        let Some(mut open) = self.open.take() else {
            return (None, self.begin(line, number));
        };
        if line.bytes.starts_with(b"{\"") {
            return (Some(open.close()), Some(Unit { line, number }));
        }
        open.add(&line, self.limit);
        if open.depth == 0 {
            return (None, Some(open.close()));
        }
        let part = open.has_part().then(|| open.part(number + 1));
        self.open = Some(open);
        (None, part)
    }

    /// What is open at the end of the file.
    pub fn finish(&mut self) -> Option<Unit> {
        self.open.take().map(Open::close)
    }

    fn begin(&mut self, line: Line, number: u64) -> Option<Unit> {
        if !matches!(line.bytes.trim_ascii(), b"{" | b"[") {
            return Some(Unit { line, number });
        }
        let mut open = Open {
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

impl Open {
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
        // A string does not go over the end of a line (RFC 8259, section 7).
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
            self.text.truncate(HEAD_BYTES);
            self.text.shrink_to_fit();
        }
    }

    /// Whether an array is between two of its items, and what there is of it should not wait
    /// for the rest.
    fn has_part(&self) -> bool {
        self.is_array && self.depth == 1 && (self.too_long || self.text.len() > PART)
    }

    /// The items that there are, as an array. What follows begins an array of its own, with
    /// the line of this number.
    fn part(&mut self, next: u64) -> Unit {
        self.text.push(b']');
        let rest = Self {
            number: next,
            text: b"[".to_vec(),
            length: 0,
            too_long: false,
            ..*self
        };
        std::mem::replace(self, rest).close()
    }

    fn close(self) -> Unit {
        Unit {
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

    use super::{Documents, PART};
    use crate::line::Line;

    fn units(text: &str) -> Vec<(u64, String, bool)> {
        units_within(200, text)
    }

    fn units_within(limit: usize, text: &str) -> Vec<(u64, String, bool)> {
        let mut documents = Documents::new(limit);
        let mut units = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = Line {
                bytes: line.as_bytes().to_vec().into(),
                length: line.len() as u64 + 1,
                too_long: false,
            };
            let (before, own) = documents.push(line, index as u64 + 1);
            units.extend(before);
            units.extend(own);
        }
        units.extend(documents.finish());
        units
            .into_iter()
            .map(|unit| {
                let text = String::from_utf8(unit.line.bytes.to_vec()).unwrap();
                (unit.number, text, unit.line.too_long)
            })
            .collect()
    }

    #[test]
    fn a_document_over_lines_is_one_unit() {
        let document = "{\n  \"a\": \"}\\\"{\",\n  \"b\": [\n    1\n  ]\n}";
        let text = format!("{{\"one\":1}}\n{document}\n{{\"two\":2}}\n[\n 1,\n 2\n]");
        assert_eq!(
            units(&text),
            [
                (1, "{\"one\":1}".to_owned(), false),
                (2, format!("{document}\n"), false),
                (8, "{\"two\":2}".to_owned(), false),
                (9, "[\n 1,\n 2\n]\n".to_owned(), false),
            ]
        );
    }

    #[test]
    fn a_line_that_is_cut_off_costs_itself_only() {
        assert_eq!(
            units("{\"a\":{\n{\"b\":1}\n{\n  \"c\": \n{\"d\":1}"),
            [
                (1, "{\"a\":{".to_owned(), false),
                (2, "{\"b\":1}".to_owned(), false),
                (3, "{\n  \"c\": \n".to_owned(), false),
                (5, "{\"d\":1}".to_owned(), false),
            ]
        );
    }

    #[test]
    fn a_document_that_is_too_long_is_said_to_be() {
        let text = format!("{{\n{}}}\n{{\"b\":1}}", " \"a\": 1,\n".repeat(100));
        let units = units(&text);
        assert_eq!(units.len(), 2);
        assert!(units[0].2 && !units[1].2);
    }

    #[test]
    fn a_long_array_is_given_in_parts() {
        let item =
            |name: &str, length| format!("  {{\n    \"{name}\": \"{}\"\n  }}", "x".repeat(length));
        let items = [
            item("a", PART),
            item("b", 3 * PART),
            item("c", 10),
            item("d", PART),
            item("e", 10),
        ];
        let text = format!("[\n{}\n]", items.join(",\n"));
        let units = units_within(2 * PART, &text);
        let seen: Vec<(u64, bool, String)> = units
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
        fn nothing_is_lost_and_an_event_alone_is_a_unit_of_its_own(
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
            let units = units(&text);
            prop_assert!(units.iter().any(|(_, unit, _)| unit == EVENT), "{units:?}");
            let given: String = units.iter().map(|(_, unit, _)| unit.replace('\n', "")).collect();
            prop_assert_eq!(given, lines.concat());
            prop_assert!(units.is_sorted_by(|one, other| one.0 < other.0));
        }
    }
}
