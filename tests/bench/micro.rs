//! Single steps: `cargo bench --bench micro`.

#![allow(clippy::unwrap_used, reason = "a measurement that fails should stop")]

use divan::Bencher;
use divan::counter::BytesCount;
use wardline_event::decode::{Limits, decode};

fn main() {
    divan::main();
}

const LIMITS: Limits = Limits {
    line_bytes: 2 << 20,
    depth: 128,
};

fn lines() -> Vec<&'static str> {
    include_str!("../data/attack.ndjson").lines().collect()
}

/// One event of the log: the shortest, the one in the middle, the longest.
#[divan::bench(args = [0.0, 0.5, 1.0])]
fn decode_event(bencher: Bencher, place: f64) {
    let mut lines = lines();
    lines.sort_by_key(|line| line.len());
    let index = (place * (lines.len() - 1) as f64) as usize;
    let line = lines.get(index).unwrap().as_bytes();
    bencher.counter(BytesCount::of_slice(line)).bench(|| {
        decode(divan::black_box(line), &LIMITS, &mut |result| {
            divan::black_box(result).unwrap();
        })
    });
}

/// What is no event is refused.
#[divan::bench]
fn refuse_line(bencher: Bencher) {
    let line = lines().first().unwrap().as_bytes();
    let cut = line.get(..line.len() / 2).unwrap();
    bencher.counter(BytesCount::of_slice(cut)).bench(|| {
        decode(divan::black_box(cut), &LIMITS, &mut |result| {
            divan::black_box(result).unwrap_err();
        })
    });
}
