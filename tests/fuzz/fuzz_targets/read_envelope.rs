//! Any bytes as the delivery of a cloud: no panic, no unpacked text beyond the limit, and
//! every event decodes equally without its envelope.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wardline_decode::envelope::{Piece, is_plain, is_several, open};
use wardline_decode::{Limits, decode};

const LIMITS: Limits = Limits {
    line_bytes: 64 << 10,
    document_bytes: 256 << 10,
    depth: 128,
};

fuzz_target!(|bytes: &[u8]| {
    is_plain(bytes);
    is_several(bytes);
    open(bytes, &LIMITS, &mut |piece| match piece {
        Piece::Document { text, .. } => {
            // A translation may be longer than its input: it adds the names of fields.
            assert!(text.len() <= bytes.len().max(LIMITS.document_bytes) * 6 + 4096);
            decode(&text, &LIMITS, &mut |unit| {
                let Ok(decoded) = unit else {
                    return;
                };
                let mut count = 0;
                let raw = decoded.raw.as_bytes();
                open(raw, &LIMITS, &mut |again| {
                    let Piece::Document { text, .. } = again else {
                        panic!("an event was taken for an envelope");
                    };
                    decode(&text, &LIMITS, &mut |again| {
                        assert!(again.is_ok_and(|again| again.event == decoded.event));
                        count += 1;
                    });
                });
                assert_eq!(count, 1);
            });
        }
        Piece::Skipped => {}
        Piece::Rejected(rejected) => assert!(rejected.detail.len() <= 256),
    });
});
