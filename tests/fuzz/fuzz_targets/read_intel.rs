//! Any bytes as the file of an intel list, in every format: refused with a reason, or read as
//! entries within the limit; the detection of the format is deterministic.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use wardline_intel::{Content, Format, detect, read};

const LIMIT: usize = 10_000;

fuzz_target!(|bytes: &[u8]| {
    let now = Timestamp::UNIX_EPOCH;
    for format in Format::ALL {
        match read(bytes, format, Content::Auto, LIMIT, now) {
            Ok(reading) => {
                assert!(reading.entries.counts().all() <= LIMIT);
                assert!(reading.bad_lines.len() <= reading.bad);
                assert_eq!(
                    reading.entries.in_common(&reading.entries),
                    reading.entries.counts().all()
                );
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    if let Ok(format) = detect(bytes) {
        assert_eq!(detect(bytes), Ok(format));
    }
});
