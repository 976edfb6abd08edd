//! Any bytes as the file of an audit log, plain or packed: lines come in order, none
//! exceeds the limit, and the end is reached.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use wardline_source::{Limits, ScanSource, Source};

/// The document limit, in bytes; it exceeds the head that is kept of an overlong line.
const LONGEST: usize = 8192;

const LIMITS: Limits = Limits {
    line: 256,
    document: LONGEST,
};

/// The file, in memory if the system has a file system for that.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() {
        memory
    } else {
        std::env::temp_dir()
    };
    folder.join(format!("wardline-fuzz-{}", std::process::id()))
});

fuzz_target!(|bytes: &[u8]| {
    std::fs::write(&*FILE, bytes).expect("cannot write the file");
    let Ok(mut source) = ScanSource::open(&FILE, LIMITS) else {
        return;
    };
    let mut last = 0;
    while let Ok(Some(chunk)) = source.next(16, 4096, Duration::ZERO) {
        for line in chunk.lines {
            assert!(line.line > last);
            last = line.line;
            assert!(line.bytes.len() <= LONGEST);
        }
    }
});
