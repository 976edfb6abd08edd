//! Measures the speed of the host: `make bench`. Each figure has a reference that is measured
//! in the same run on the same bytes. BENCHMARKS.md explains the figures.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a failed measurement should stop the program"
)]

mod bench;
mod built;
mod crossing;
mod deadlines;
mod end_to_end;
mod host;
mod instance;
mod latency;
mod lists;
mod load;
mod log;
mod memory;
mod native;
mod peers;
mod program;
mod read;
mod records;
mod report;
mod routing;
mod single;
mod swap;
mod tape;
mod timing;
#[path = "../../it/support/transport.rs"]
mod transport;

use std::path::PathBuf;

use bench::Bench;
use built::Built;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let json = arguments
        .iter()
        .position(|argument| argument == "--json")
        .and_then(|at| arguments.get(at + 1))
        .map(PathBuf::from);
    let built = Built::prepare();
    let mut bench = Bench::begin(built);
    let tape = read::measure(&mut bench);
    single::measure(&mut bench);
    let whole = end_to_end::measure(&mut bench, tape);
    peers::measure(&mut bench, whole);
    crossing::measure(&mut bench);
    deadlines::measure(&mut bench);
    routing::measure(&mut bench);
    lists::measure(&mut bench);
    latency::measure(&mut bench);
    swap::measure(&mut bench);
    load::measure(&mut bench);
    program::measure(&mut bench);
    if let Some(path) = json {
        std::fs::write(&path, bench.report.json()).expect("cannot write the figures");
    }
}
