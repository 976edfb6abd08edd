//! Logs in the form that a source delivers.

use std::sync::Arc;

use wardline_source::RawLine;

use super::{data, root};

/// The lines of a log.
pub fn lines(log: &[u8]) -> Vec<RawLine> {
    (1..)
        .zip(log.split(|&byte| byte == b'\n'))
        .filter(|(_, bytes)| !bytes.is_empty())
        .map(|(line, bytes)| RawLine {
            bytes: bytes.to_vec().into(),
            source: Arc::from("log"),
            cluster: Arc::from(""),
            line,
            defect: None,
        })
        .collect()
}

/// The recorded attack, followed by the recorded events of every kind of object.
pub fn recorded() -> Vec<u8> {
    let mut log = std::fs::read(data("attack.ndjson")).unwrap();
    let mut files: Vec<_> = std::fs::read_dir(root().join("host/decode/tests/data"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        log.extend(std::fs::read(file).unwrap().trim_ascii());
        log.push(b'\n');
    }
    log
}
