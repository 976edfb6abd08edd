//! The common reference: simd-json parses each line to a tape.

use std::hint::black_box;

use simd_json::{Buffers, INPUT_PADDING, Tape, fill_tape, fill_tape_padded};

use crate::log::Log;
use crate::timing::{Time, timed};

/// Copies each line, which the parse requires, since simd-json writes into its input.
pub fn copy(log: &Log) -> Time {
    let mut parser = Parser::new();
    timed(|| {
        for bytes in log.lines() {
            parser.take(bytes);
            black_box(&parser.line);
        }
    })
}

/// Copies and parses each line.
pub fn parse(log: &Log) -> Time {
    let mut parser = Parser::new();
    timed(|| log.lines().for_each(|bytes| parser.parse(bytes)))
}

/// Copies and parses each line with padding, which spares simd-json an internal copy.
pub fn parse_padded(log: &Log) -> Time {
    let mut parser = Parser::new();
    timed(|| log.lines().for_each(|bytes| parser.parse_padded(bytes)))
}

/// simd-json with reusable buffers.
struct Parser {
    line: Vec<u8>,
    buffers: Buffers,
    tape: Option<Tape<'static>>,
}

impl Parser {
    fn new() -> Self {
        Self {
            line: Vec::new(),
            buffers: Buffers::default(),
            tape: Some(Tape::null()),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.line.clear();
        self.line.extend_from_slice(bytes);
    }

    fn parse(&mut self, bytes: &[u8]) {
        self.take(bytes);
        let mut tape = self.tape.take().unwrap_or_else(Tape::null).reset();
        fill_tape(&mut self.line, &mut self.buffers, &mut tape).expect("JSON");
        self.tape = Some(black_box(tape).reset());
    }

    fn parse_padded(&mut self, bytes: &[u8]) {
        self.take(bytes);
        self.line.resize(bytes.len() + INPUT_PADDING, 0);
        let mut tape = self.tape.take().unwrap_or_else(Tape::null).reset();
        let (line, buffers) = (&mut self.line, &mut self.buffers);
        fill_tape_padded(line, bytes.len(), buffers, &mut tape).expect("JSON");
        self.tape = Some(black_box(tape).reset());
    }
}
