//! Judges recorded logs once.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use wardline_finding::Finding;
use wardline_finding::lifecycle::Written;
use wardline_finding::suppress::Rules;
use wardline_intel::ListEvent;
use wardline_sink::DeadLetters;
use wardline_source::{ByTime, Limits, SourceError};

use super::blind::ObjectNeeds;
use super::findings::Findings;
use super::health::ScanWatch;
use super::observe::Telemetry;
use super::{AppError, compose, write_dead_letters};
use crate::config::Config;
use crate::pipeline::{CHUNKS_IN_FLIGHT, Pipeline, Totals};
use crate::plugin::{LoadError, LoaderEvent, Origins};

/// Maximum size of a chunk's lines, in bytes.
pub(super) const CHUNK_BYTES: usize = 32 * 1024 * 1024;

/// Receives the progress of a scan.
pub trait ScanProgress {
    /// Called once with the number of bytes to read, if known.
    fn total(&mut self, bytes: Option<u64>);
    /// Called with the number of bytes read so far and the totals.
    fn advance(&mut self, bytes: u64, ledger: &Totals);
    /// Called at the end of the scan.
    fn finish(&mut self);
}

/// The result of a scan.
#[derive(Debug)]
pub struct ScanReport {
    /// The totals.
    pub ledger: Totals,
    /// Duration from the first line.
    pub time: Duration,
    /// Refused detectors, by file.
    pub refused: Vec<(String, LoadError)>,
    /// Detectors that no event can reach, by file, with the reason.
    pub idle: Vec<(String, String)>,
    /// Number of detectors in force that events can reach.
    pub detectors: usize,
    /// Files that could not be read completely.
    pub unread: Vec<SourceError>,
}

/// Options of a scan.
#[derive(Clone, Default)]
pub struct ScanOptions<'o> {
    /// The directory for compiled detectors.
    pub cache: Option<&'o Path>,
    /// The file for events that are rejected or not judged.
    pub dead_letter: Option<&'o Path>,
    /// The suppression rules.
    pub rules: Rules,
    /// Emits every occurrence immediately instead of each finding at the end.
    pub stream: bool,
}

/// Judges files in the order of the times of their events. `emit` receives each finding once, suppressed ones included, in the order
/// of their first events. If the number of open findings exceeds `findings.open-limit`, those with
/// the oldest last occurrence are emitted early and may be emitted again.
///
/// # Errors
/// Returns [`AppError::File`] if `emit` or the dead-letter file fails, [`AppError::List`] or
/// [`AppError::Lists`] if an intel list is unusable, and another [`AppError`] if the host cannot
/// start. Unreadable files are listed in the report. Without a detector in force, nothing is read.
pub fn scan(
    config: &Config,
    plugins: impl Into<Origins>,
    files: &[PathBuf],
    options: &ScanOptions<'_>,
    progress: &mut dyn ScanProgress,
    emit: &mut dyn FnMut(Finding) -> std::io::Result<()>,
) -> Result<ScanReport, AppError> {
    let telemetry = Telemetry::default();
    let mut composition = compose(config, plugins, None, options.cache)?;
    for event in composition.list_events {
        match event {
            // A scan ends before an operator could correct the list.
            ListEvent::Refused {
                name, path, error, ..
            } => return Err(AppError::List { name, path, error }),
            ListEvent::Unreadable(error) => return Err(error.into()),
            event => telemetry.intel.changed(&event),
        }
    }
    let mut generation = None;
    let events = composition.loader.look(&mut |next| generation = Some(next));
    let (mut refused, mut idle) = (Vec::new(), Vec::new());
    for event in events {
        match event {
            LoaderEvent::Refused { file, error, .. } => refused.push((file, error)),
            LoaderEvent::Unreached {
                file,
                is_idle: true,
                reason,
            } => idle.push((file, reason)),
            _ => {}
        }
    }
    let generation = generation.unwrap_or_default();
    composition.pipeline.swap(&generation)?;
    let mut letters = options
        .dead_letter
        .map(|path| {
            DeadLetters::open(path, config.dead_letter_limit).map_err(|error| AppError::File {
                path: path.to_owned(),
                error,
            })
        })
        .transpose()?;
    let mut report = ScanReport {
        ledger: Totals::default(),
        time: Duration::ZERO,
        refused,
        detectors: generation.detectors.len().saturating_sub(idle.len()),
        idle,
        unread: Vec::new(),
    };
    for detector in &generation.detectors {
        // Detectors that received no events are included in the summary.
        report
            .ledger
            .detectors
            .entry(detector.name().to_owned())
            .or_default();
    }
    if generation.detectors.is_empty() {
        return Ok(report);
    }
    progress.total(total(files));
    let limits = Limits {
        line: config.line_limit,
        document: config.document_limit,
    };
    let started = Instant::now();
    let mut judging = Judging {
        telemetry,
        pipeline: composition.pipeline,
        report: &mut report,
        findings: Findings::at_end(config, options.rules.clone()),
        stream: options.stream,
        watch: ScanWatch::new(),
        letters: letters.as_mut().zip(options.dead_letter),
        progress,
        emit,
    };
    let mut source = ByTime::open(files, limits, &config.cluster);
    while let Some(chunk) = source.next(config.chunk, CHUNK_BYTES) {
        judging.pipeline.submit(chunk.lines)?;
        judging.receive(CHUNKS_IN_FLIGHT - 1, source.consumed())?;
    }
    judging.receive(0, source.consumed())?;
    judging.report.unread = source.take_unread();
    let mut rest = judging.findings.flush();
    let own = judging.watch.findings();
    if config.health.enabled {
        rest.extend(judging.findings.pass(own));
    }
    judging.emit(rest)?;
    let descriptors = generation.detectors.iter();
    let needs = ObjectNeeds::of(descriptors.map(|detector| detector.descriptor.as_ref()));
    report.ledger.blind = needs.unmet(&report.ledger.coverage);
    report.time = started.elapsed();
    progress.finish();
    Ok(report)
}

/// The state of a scan while chunks are judged.
struct Judging<'s> {
    telemetry: Telemetry,
    pipeline: Pipeline,
    report: &'s mut ScanReport,
    findings: Findings,
    stream: bool,
    watch: ScanWatch,
    letters: Option<(&'s mut DeadLetters, &'s Path)>,
    progress: &'s mut dyn ScanProgress,
    emit: &'s mut dyn FnMut(Finding) -> std::io::Result<()>,
}

impl Judging<'_> {
    /// Receives chunks until at most `rest` are in flight; `bytes` is the number of bytes read.
    fn receive(&mut self, rest: usize, bytes: u64) -> Result<(), AppError> {
        while self.pipeline.in_flight() > rest {
            let processed = self.pipeline.receive()?.unwrap_or_default();
            self.report.ledger.add(&processed);
            self.telemetry.judged(&processed, Duration::ZERO);
            self.watch.judged(&processed);
            if let Some((letters, path)) = &mut self.letters {
                write_dead_letters(letters, &processed).map_err(|error| AppError::File {
                    path: path.to_owned(),
                    error,
                })?;
            }
            self.progress.advance(bytes, &self.report.ledger);
            let written = if self.stream {
                self.findings.pass(processed.findings)
            } else {
                self.findings.take(processed.findings)
            };
            self.emit(written)?;
        }
        Ok(())
    }

    fn emit(&mut self, written: Vec<Written>) -> Result<(), AppError> {
        self.report.ledger.written = self.findings.counts();
        for one in written {
            (self.emit)(one.finding).map_err(|error| AppError::File {
                path: PathBuf::from("standard output"),
                error,
            })?;
        }
        Ok(())
    }
}

/// Returns the total size, or `None` if a path is not a regular file.
fn total(files: &[PathBuf]) -> Option<u64> {
    files
        .iter()
        .map(|file| {
            std::fs::metadata(file)
                .ok()
                .filter(std::fs::Metadata::is_file)
        })
        .map(|metadata| metadata.map(|metadata| metadata.len()))
        .sum()
}
