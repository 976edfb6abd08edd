//! Any bytes as an audit log: no panic, no result outside the input, and every event
//! decodes equally from its text as the only item of a list.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wardline_decode::{Limits, decode};

const LIMITS: Limits = Limits {
    line_bytes: 64 << 10,
    document_bytes: 1 << 20,
    depth: 128,
};

fuzz_target!(|bytes: &[u8]| {
    let whole = bytes.as_ptr_range();
    decode(bytes, &LIMITS, &mut |unit| match unit {
        Ok(decoded) => {
            let raw = decoded.raw.as_bytes().as_ptr_range();
            assert!(whole.start <= raw.start && raw.end <= whole.end);
            let alone = [b"[", decoded.raw.as_bytes(), b"]"].concat();
            let mut count = 0;
            decode(&alone, &LIMITS, &mut |again| {
                assert!(again.is_ok_and(|again| again.event == decoded.event));
                count += 1;
            });
            assert_eq!(count, 1);
        }
        Err(rejected) => {
            assert!(rejected.detail.len() <= 256);
            assert!(rejected.bytes.len() <= bytes.len());
        }
    });
});
