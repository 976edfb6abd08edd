//! The log that everything is measured on.

use std::path::{Path, PathBuf};

pub struct Log {
    text: Vec<u8>,
}

impl Log {
    /// The log, `times` over: each time with other ids, since repeats are dropped.
    pub fn read(times: usize) -> Self {
        if let Some(path) = std::env::var_os("LOG").map(PathBuf::from) {
            let text = std::fs::read(&path).expect("LOG can be read");
            return Self { text };
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/attack.ndjson");
        let once = std::fs::read_to_string(path).expect("the log can be read");
        let mut text = Vec::with_capacity(once.len() * times);
        for time in 0..times {
            for line in once.lines() {
                text.extend_from_slice(with_other_id(line, time).as_bytes());
                text.push(b'\n');
            }
        }
        Self { text }
    }

    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.text
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
    }

    pub fn bytes(&self) -> u64 {
        self.text.len() as u64
    }

    pub fn text(&self) -> &[u8] {
        &self.text
    }
}

fn with_other_id(line: &str, time: usize) -> String {
    const KEY: &str = "\"auditID\":\"";
    let Some(at) = line.find(KEY).map(|at| at + KEY.len()) else {
        return line.to_owned();
    };
    let (before, id) = line.split_at(at);
    let rest = id.get(8..).unwrap_or_default();
    format!("{before}{time:08}{rest}")
}
