//! The log, the detectors, and the table that all measurements share.

use std::path::Path;

use crate::built::Built;
use crate::host::{Chunk, Host, chunks, config};
use crate::log::Log;
use crate::report::{Report, Row};
use crate::timing::{LONG_RUNS, RUNS, Time};

pub struct Bench {
    pub log: Log,
    /// The log in the form that the host's source delivers.
    pub chunks: Vec<Chunk>,
    pub built: Built,
    pub report: Report,
}

impl Bench {
    /// Reads the log and starts the table.
    pub fn begin(built: Built) -> Self {
        let log = Log::read();
        let chunks = chunks(&log, config(1).chunk);
        let about = about(&built, &log, &chunks);
        Self {
            log,
            chunks,
            built,
            report: Report::begin(about),
        }
    }

    /// A folder for the files of measurements.
    pub fn folder(&self) -> &Path {
        self.built.folder()
    }

    /// A new host with the default detectors that has processed no event.
    pub fn host(&self, threads: usize) -> Host {
        Host::start(&self.built.default, &self.built.cache, threads)
    }

    /// A row with the time for the whole log.
    pub fn row(&self, name: &str, time: Time) -> Row {
        let bytes = self.log.text().len() as f64;
        let rate = bytes / time.wall.as_secs_f64() / 1e6;
        Row::each(name, time, self.log.events()).note(format!("{rate:.0} MB/s"))
    }

    /// Such a row with another time for the whole log as its reference.
    pub fn beside(&self, name: &str, time: Time, other: (&str, Time)) -> Row {
        self.row(name, time)
            .against_each(other.0, other.1, self.log.events())
    }
}

/// Describes the log and the machine. Compiles the detectors on the way.
fn about(built: &Built, log: &Log, chunks: &[Chunk]) -> String {
    let done = Host::start(&built.default, &built.cache, 1).judge_all(chunks);
    let events = log.events();
    assert_eq!(done.wanted + done.unwanted, events, "events were lost");
    assert!(log.is_given || done.findings > 0, "nothing was found");
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{events} events of {} bytes on average, of which {:.1} % are wanted; {} findings\n\
         {cores} cores, {processor}\n\
         the best of {RUNS} runs, or of {LONG_RUNS} of what takes seconds",
        log.text().len() as u64 / events.max(1),
        done.wanted as f64 * 100.0 / events as f64,
        done.findings,
    )
}
