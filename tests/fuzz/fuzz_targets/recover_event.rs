//! An event that is damaged at any place: what is recovered of it is an event that both readers read
//! alike, and no field of a cut event has another value than in the whole one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wardline_decode::{DecodeOutcome, Decoder, Head, Limits, decode, recover};

const LIMITS: Limits = Limits {
    line_bytes: 64 << 10,
    document_bytes: 1 << 20,
    depth: 128,
};

fuzz_target!(|input: (&[u8], usize)| {
    let (bytes, end) = input;
    let mut whole = None;
    decode(bytes, &LIMITS, &mut |unit| {
        whole = unit.ok().map(|decoded| decoded.event)
    });
    let part = bytes.get(..end % (bytes.len() + 1)).unwrap_or(bytes);
    decode(part, &LIMITS, &mut |unit| {
        let Err(rejected) = unit else { return };
        let Some(known) = recover(&rejected, &LIMITS) else {
            return;
        };
        let mut slow = Vec::new();
        decode(&known, &LIMITS, &mut |unit| slow.push(unit));
        let mut slow = slow.into_iter();
        Decoder::default().decode(&known, &LIMITS, &|_: &Head<'_>| true, &mut |unit| {
            match (unit, slow.next().expect("as many results")) {
                (DecodeOutcome::Event(fast), Ok(slow)) => {
                    assert_eq!(*fast, slow);
                    // With duplicate keys, the last value counts, which may be behind the cut.
                    if let Some(whole) = whole.as_ref().filter(|_| keys_are_unique(bytes)) {
                        assert_eq!(slow.event.verb, whole.verb);
                        assert_eq!(slow.event.user, whole.user);
                    }
                }
                (DecodeOutcome::Rejected(fast), Err(slow)) => assert_eq!(fast, slow),
                (fast, slow) => panic!("{fast:?} is not {slow:?}"),
            }
        });
    });
});

fn keys_are_unique(bytes: &[u8]) -> bool {
    let count = |key: &[u8]| bytes.windows(key.len()).filter(|part| *part == key).count();
    count(b"\"verb\"") == 1 && count(b"\"user\"") == 1 && !bytes.contains(&b'\\')
}
