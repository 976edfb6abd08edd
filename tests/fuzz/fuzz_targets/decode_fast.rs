//! Any bytes as an audit log: the fast reader agrees with the slow one.
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use wardline_decode::{DecodeOutcome, Decoder, Head, Limits, decode};

const LIMITS: Limits = Limits {
    line_bytes: 64 << 10,
    document_bytes: 1 << 20,
    depth: 128,
};

thread_local! {
    static DECODER: RefCell<Decoder> = RefCell::default();
}

fuzz_target!(|bytes: &[u8]| {
    let mut expected = Vec::new();
    decode(bytes, &LIMITS, &mut |unit| expected.push(unit));
    let mut expected = expected.into_iter();
    DECODER.with_borrow_mut(|decoder| {
        decoder.decode(bytes, &LIMITS, &|_: &Head<'_>| true, &mut |unit| {
            let slow = expected.next().expect("as many results");
            match unit {
                DecodeOutcome::Event(decoded) => assert_eq!(Ok(*decoded), slow),
                DecodeOutcome::Rejected(rejected) => assert_eq!(Err(rejected), slow),
                _ => panic!("every event is needed"),
            }
        });
    });
    assert!(expected.next().is_none());
});
