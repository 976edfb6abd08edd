//! Files of records that could not be processed, for inspection: events that were not judged, and
//! findings that a sink did not take.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use wardline_store::StoredFinding;

use super::line::Line;
use super::rotating::RotatingFile;

/// An event that was rejected or not judged.
#[derive(Debug, Serialize)]
pub struct DeadLetter<'a> {
    /// The reason, from a closed set.
    pub reason: &'a str,
    /// A description of the fault.
    pub detail: &'a str,
    /// The detector that did not judge the event; `None` if it could not be decoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detector: Option<&'a str>,
    /// The name of the source.
    pub source: &'a str,
    /// The line in the source.
    pub line: u64,
    /// The text as read; bytes that are not UTF-8 are replaced.
    pub event: &'a str,
}

/// The dead-letter file for events. When it is full it becomes `FILE.1`, which is overwritten, so
/// that the newest events are kept in at most twice the limit.
#[derive(Debug)]
pub struct DeadLetters {
    file: RotatingFile,
    written: u64,
}

impl DeadLetters {
    /// Opens the file to append to it. `limit` is in bytes.
    ///
    /// # Errors
    /// Returns the operating system's error if the file cannot be opened.
    pub fn open(path: &Path, limit: u64) -> io::Result<Self> {
        let mut file = RotatingFile::new(path).with_limit(Some(limit)).unsynced();
        file.open()?;
        Ok(Self { file, written: 0 })
    }

    /// Adds an event.
    ///
    /// # Errors
    /// Returns the operating system's error if the file cannot be written; then it does not contain
    /// a part of the event.
    pub fn write(&mut self, letter: &DeadLetter<'_>) -> io::Result<()> {
        let text = serde_json::to_vec(letter)?;
        self.written += 1;
        let line = Line {
            number: self.written,
            text: &text,
        };
        self.file.append(&[line]).map_err(|failed| failed.error)
    }
}

/// The reason why a sink did not take a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The destination refused it.
    Refused,
    /// It cannot be read from the store.
    Unreadable,
    /// It exceeded the retention before the sink took it.
    Expired,
}

impl Reason {
    /// Returns the name in dead letters and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
            Self::Expired => "expired",
        }
    }
}

/// A finding that a sink did not take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeadFinding<'f> {
    pub finding: &'f StoredFinding,
    pub reason: Reason,
    /// A description of the fault.
    pub detail: &'f str,
}

/// The dead-letter file of a sink, which rotates like [`DeadLetters`].
#[derive(Debug)]
pub(crate) struct DeadFindings {
    sink: String,
    file: RotatingFile,
}

impl DeadFindings {
    /// Creates the value; the file, `SINK.jsonl` in the folder, is created by the first write.
    pub fn new(folder: &Path, sink: &str, limit: u64) -> Self {
        Self {
            sink: sink.to_owned(),
            file: RotatingFile::new(&folder.join(file_name(sink))).with_limit(Some(limit)),
        }
    }

    /// Adds findings: all or none.
    ///
    /// # Errors
    /// Returns the operating system's error if the file cannot be written.
    pub fn write(&mut self, letters: &[DeadFinding<'_>]) -> io::Result<()> {
        #[derive(Serialize)]
        struct Letter<'l> {
            reason: &'l str,
            detail: &'l str,
            sink: &'l str,
            number: u64,
            #[serde(skip_serializing_if = "Option::is_none")]
            finding: Option<&'l RawValue>,
            /// The finding if it is not JSON.
            #[serde(skip_serializing_if = "Option::is_none")]
            text: Option<String>,
        }
        if letters.is_empty() {
            return Ok(());
        }
        let texts = letters
            .iter()
            .map(|letter| {
                let json = &letter.finding.json;
                let finding: Option<&RawValue> = serde_json::from_slice(json).ok();
                let letter = Letter {
                    reason: letter.reason.as_str(),
                    detail: letter.detail,
                    sink: &self.sink,
                    number: letter.finding.number,
                    finding,
                    text: finding
                        .is_none()
                        .then(|| String::from_utf8_lossy(json).into_owned()),
                };
                Ok(serde_json::to_vec(&letter)?)
            })
            .collect::<io::Result<Vec<_>>>()?;
        let lines: Vec<Line<'_>> = letters
            .iter()
            .zip(&texts)
            .map(|(letter, text)| Line {
                number: letter.finding.number,
                text,
            })
            .collect();
        if let Some(folder) = self.file.path().parent() {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        self.file.append(&lines).map_err(|failed| failed.error)
    }
}

/// Returns the name of a sink's dead-letter file and of its journal. A sink's name may be a path;
/// characters that do not belong in a file name are replaced, and a part of the name's SHA-256 keeps such
/// names apart.
pub(crate) fn file_name(sink: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if sink.bytes().all(is_plain) && !sink.is_empty() && !sink.starts_with('.') && sink.len() <= 100
    {
        return format!("{sink}.jsonl");
    }
    let mut digest = HEXLOWER.encode(&Sha256::digest(sink));
    digest.truncate(8);
    let plain: String = sink
        .chars()
        .take(100)
        .map(|character| match u8::try_from(character) {
            Ok(byte) if is_plain(byte) => character,
            _ => '_',
        })
        .collect();
    format!("{}-{digest}.jsonl", plain.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use wardline_store::StoredFinding;

    use super::{DeadFinding, DeadFindings, DeadLetter, DeadLetters, Reason, file_name};

    #[test]
    fn full_file_makes_room_and_keeps_the_newest() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("dead.ndjson");
        let mut letters = DeadLetters::open(&path, 400).unwrap();
        for line in 0..20 {
            letters
                .write(&DeadLetter {
                    reason: "malformed",
                    detail: "column 3",
                    detector: None,
                    source: "audit.log",
                    line,
                    event: "{\"a\": \u{fffd}",
                })
                .unwrap();
        }
        let newest = std::fs::read_to_string(&path).unwrap();
        assert!(
            newest.len() <= 400 && newest.contains("\"line\":19"),
            "{newest}"
        );
        assert!(
            std::fs::metadata(path.with_extension("ndjson.1"))
                .unwrap()
                .len()
                <= 400
        );
        for line in newest.lines() {
            serde_json::from_str::<Value>(line).unwrap();
        }
    }

    #[test]
    fn dead_findings_are_kept_with_their_reason() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join("dead-letters");
        let mut letters = DeadFindings::new(&folder, "siem", 1 << 20);
        let stored = |number, json: &[u8]| StoredFinding {
            number,
            id: String::new(),
            time: 0,
            committed: 0,
            json: json.to_vec(),
        };
        let (whole, broken) = (stored(1, b"{\"id\":\"a\"}"), stored(2, b"{\"id\xff"));
        letters
            .write(&[
                DeadFinding {
                    finding: &whole,
                    reason: Reason::Refused,
                    detail: "400",
                },
                DeadFinding {
                    finding: &broken,
                    reason: Reason::Unreadable,
                    detail: "not JSON",
                },
            ])
            .unwrap();
        let text = std::fs::read_to_string(folder.join("siem.jsonl")).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"{"reason":"refused","detail":"400","sink":"siem","number":1,"finding":{"id":"a"}}"#,
                "\n",
                r#"{"reason":"unreadable","detail":"not JSON","sink":"siem","number":2,"text":"{\"id�"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn names_of_sinks_give_distinct_file_names() {
        assert_eq!(file_name("siem-1"), "siem-1.jsonl");
        let names = ["../a", ".._a", "a/b", "a_b", "", "é", &"x".repeat(300)].map(file_name);
        for (index, name) in names.iter().enumerate() {
            assert!(!name.contains('/') && !name.starts_with('.'), "{name}");
            assert!(name.len() < 200, "{name}");
            assert!(!names[..index].contains(name), "{name}");
        }
    }
}
