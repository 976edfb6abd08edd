//! Finds where each event begins and ends.
//!
//! Looks only at brackets and strings, without recursion, so that no input can
//! exhaust the stack, and an event that is not JSON inside does not hide where the
//! next one begins. Whether an event is JSON is found out when it is parsed.

use super::Reject;
use super::event::Envelope;

/// What was found on the way through a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scan {
    /// Where it ends.
    pub end: usize,
    /// How deep it is nested; 0 for a value that is no object or array.
    pub depth: usize,
}

/// One event, or a part of the text that holds none.
pub(super) enum Unit<'a> {
    Event {
        bytes: &'a [u8],
        scan: Scan,
        /// What the list that it stands in says of its items.
        list: Envelope,
    },
    Broken {
        bytes: &'a [u8],
        reject: Reject,
        detail: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Broken {
    Incomplete,
    Malformed(usize),
}

/// Calls `each` for every event of the text.
pub(super) fn units<'a>(bytes: &'a [u8], each: &mut dyn FnMut(Unit<'a>)) {
    let mut at = space(bytes, 0);
    while at < bytes.len() {
        at = match bytes.get(at) {
            Some(b'[') => items(bytes, at, &Envelope::default(), each),
            Some(b'{') => object(bytes, at, each),
            _ => {
                let detail = format!("text that is no JSON object, at byte {at}");
                broken(bytes, at, bytes.len(), Broken::Malformed(at), Some(detail), each);
                return;
            }
        };
        at = space(bytes, at);
    }
}

/// An event, or a list of events: what has an array of `items`.
fn object<'a>(bytes: &'a [u8], start: usize, each: &mut dyn FnMut(Unit<'a>)) -> usize {
    let mut walk = Walk {
        bytes,
        at: start + 1,
        list: Envelope::default(),
        items: None,
    };
    let end = walk.to_the_end();
    if let Some(first) = walk.items {
        items(bytes, first, &walk.list, each);
        // Items that were cut off have been reported, and so has the list.
        return end.unwrap_or(bytes.len());
    }
    match value(bytes, start) {
        Ok(scan) => {
            each(Unit::Event {
                bytes: bytes.get(start..scan.end).unwrap_or_default(),
                scan,
                list: Envelope::default(),
            });
            scan.end
        }
        Err(error) => {
            broken(bytes, start, bytes.len(), error, None, each);
            bytes.len()
        }
    }
}

/// The items of an array; gives where it ends.
fn items<'a>(
    bytes: &'a [u8],
    start: usize,
    list: &Envelope,
    each: &mut dyn FnMut(Unit<'a>),
) -> usize {
    let mut at = space(bytes, start + 1);
    loop {
        match bytes.get(at) {
            Some(b']') => return at + 1,
            Some(b',') => at = space(bytes, at + 1),
            None => {
                broken(bytes, at, at, Broken::Incomplete, None, each);
                return at;
            }
            Some(_) => match value(bytes, at) {
                Ok(scan) => {
                    each(Unit::Event {
                        bytes: bytes.get(at..scan.end).unwrap_or_default(),
                        scan,
                        list: list.clone(),
                    });
                    at = space(bytes, scan.end);
                }
                Err(error) => {
                    broken(bytes, at, bytes.len(), error, None, each);
                    return bytes.len();
                }
            },
        }
    }
}

fn broken<'a>(
    bytes: &'a [u8],
    start: usize,
    end: usize,
    error: Broken,
    detail: Option<String>,
    each: &mut dyn FnMut(Unit<'a>),
) {
    let (reject, said) = match error {
        Broken::Incomplete => (Reject::Incomplete, "cut off before its end".to_owned()),
        Broken::Malformed(at) => (Reject::Malformed, format!("not JSON at byte {at}")),
    };
    each(Unit::Broken {
        bytes: bytes.get(start..end).unwrap_or_default(),
        reject,
        detail: detail.unwrap_or(said),
    });
}

/// A walk over the keys of one object.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    list: Envelope,
    items: Option<usize>,
}

impl Walk<'_> {
    /// Gives the end of the object, if it has one.
    fn to_the_end(&mut self) -> Option<usize> {
        loop {
            self.at = space(self.bytes, self.at);
            match self.bytes.get(self.at)? {
                b'}' => return Some(self.at + 1),
                b',' => self.at += 1,
                b'"' => self.member()?,
                _ => return None,
            }
        }
    }

    fn member(&mut self) -> Option<()> {
        let key_end = string(self.bytes, self.at).ok()?;
        let key = self.bytes.get(self.at + 1..key_end - 1)?;
        self.at = space(self.bytes, key_end);
        if self.bytes.get(self.at) != Some(&b':') {
            return None;
        }
        self.at = space(self.bytes, self.at + 1);
        if key == b"items" && self.bytes.get(self.at) == Some(&b'[') {
            self.items.get_or_insert(self.at);
        }
        let scan = value(self.bytes, self.at).ok()?;
        let text = || {
            let inner = self.bytes.get(self.at + 1..scan.end.checked_sub(1)?)?;
            std::str::from_utf8(inner).ok().map(str::to_owned)
        };
        match key {
            b"kind" => self.list.kind = text(),
            b"apiVersion" => self.list.api_version = text(),
            _ => {}
        }
        self.at = scan.end;
        Some(())
    }
}

/// The first byte from `at` on that is no white space (RFC 8259, section 2).
fn space(bytes: &[u8], at: usize) -> usize {
    bytes
        .iter()
        .skip(at)
        .position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        .map_or(bytes.len(), |offset| at + offset)
}

/// The end of the string that begins at `at`.
fn string(bytes: &[u8], at: usize) -> Result<usize, Broken> {
    let mut escaped = false;
    for (offset, byte) in bytes.iter().enumerate().skip(at + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Ok(offset + 1),
            _ => {}
        }
    }
    Err(Broken::Incomplete)
}

/// The end of the value that begins at `at`, and how deep it is nested.
fn value(bytes: &[u8], at: usize) -> Result<Scan, Broken> {
    let mut open: Vec<u8> = Vec::new();
    let mut depth = 0;
    let mut position = at;
    while let Some(&byte) = bytes.get(position) {
        match byte {
            b'"' => position = string(bytes, position)?,
            b'{' | b'[' => {
                open.push(if byte == b'{' { b'}' } else { b']' });
                depth = depth.max(open.len());
                position += 1;
            }
            b'}' | b']' => {
                if open.pop() != Some(byte) {
                    return Err(Broken::Malformed(position));
                }
                position += 1;
            }
            _ if open.is_empty() => {
                let length = bytes
                    .iter()
                    .skip(position)
                    .take_while(|byte| {
                        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
                    })
                    .count();
                if length == 0 {
                    return Err(Broken::Malformed(position));
                }
                position += length;
            }
            _ => {
                position += 1;
                continue;
            }
        }
        if open.is_empty() {
            return Ok(Scan {
                end: position,
                depth,
            });
        }
    }
    Err(Broken::Incomplete)
}
