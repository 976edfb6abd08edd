//! Judges recorded logs, once, from beginning to end.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{AppError, compose, observe};
use crate::config::Config;
use crate::finding::Finding;
use crate::pipeline::Ledger;
use crate::plugin::{LoaderEvent, StepFailure};
use crate::sink::DeadLetters;
use crate::source::{Limits, ScanSource, Source, SourceError};

/// Lines of a chunk hold at most this many bytes together.
pub(super) const CHUNK_BYTES: usize = 32 * 1024 * 1024;

/// Who watches a scan.
pub trait ScanProgress {
    /// How many bytes there are to read, if that is known.
    fn total(&mut self, bytes: Option<u64>);
    /// So many bytes have been read, and this was done with them.
    fn advance(&mut self, bytes: u64, ledger: &Ledger);
    /// The scan is over.
    fn finish(&mut self);
}

/// What a scan did.
#[derive(Debug)]
pub struct ScanReport {
    /// In numbers.
    pub ledger: Ledger,
    /// How long it took, from the first line on.
    pub time: Duration,
    /// Detectors that were refused, by file.
    pub refused: Vec<(String, StepFailure)>,
    /// Detectors that were at work.
    pub detectors: usize,
    /// Files that could not be read to their end.
    pub unread: Vec<SourceError>,
}

/// Judges files in order; `emit` gets each finding. Compiled detectors are kept in `cache`,
/// if given.
///
/// # Errors
/// Where the host cannot work, or with the error of `emit`. Files that cannot be
/// read are in the report.
pub fn scan(
    config: &Config,
    plugins: &Path,
    cache: Option<&Path>,
    files: &[PathBuf],
    dead_letter: Option<&Path>,
    progress: &mut dyn ScanProgress,
    emit: &mut dyn FnMut(Finding) -> std::io::Result<()>,
) -> Result<ScanReport, AppError> {
    let mut composition = compose(config, plugins, None, cache)?;
    let mut generation = None;
    let events = composition.loader.look(&mut |next| generation = Some(next));
    let refused = events
        .into_iter()
        .filter_map(|event| match event {
            LoaderEvent::Refused { file, error, .. } => Some((
                file,
                StepFailure {
                    step: error.step,
                    message: error.message,
                    hint: error.hint,
                },
            )),
            _ => None,
        })
        .collect();
    let generation = generation.unwrap_or_default();
    composition.pipeline.swap(&generation)?;
    let mut letters = dead_letter
        .map(|path| {
            DeadLetters::open(path, config.dead_letter_limit).map_err(|error| AppError::File {
                path: path.to_owned(),
                error,
            })
        })
        .transpose()?;
    let mut report = ScanReport {
        ledger: Ledger::default(),
        time: Duration::ZERO,
        refused,
        detectors: generation.detectors.len(),
        unread: Vec::new(),
    };
    for detector in &generation.detectors {
        // A detector that no event concerned is in the summary too.
        report
            .ledger
            .detectors
            .entry(detector.name().to_owned())
            .or_default();
    }
    progress.total(total(files));
    let limits = Limits {
        line: config.line_limit,
        document: config.document_limit,
    };
    let started = Instant::now();
    let mut before = 0;
    for file in files {
        let mut source = match ScanSource::open(file, limits) {
            Ok(source) => source,
            Err(error) => {
                report.unread.push(error);
                continue;
            }
        };
        loop {
            let chunk = match source.next(config.chunk, CHUNK_BYTES, Duration::ZERO) {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(error) => {
                    report.unread.push(error);
                    break;
                }
            };
            let processed = composition.pipeline.process(chunk.lines)?;
            report.ledger.add(&processed);
            observe::log(&processed);
            if let (Some(letters), Some(path)) = (&mut letters, dead_letter) {
                observe::keep(letters, &processed).map_err(|error| AppError::File {
                    path: path.to_owned(),
                    error,
                })?;
            }
            progress.advance(before + source.consumed(), &report.ledger);
            for finding in processed.findings {
                emit(finding).map_err(|error| AppError::File {
                    path: PathBuf::from("standard output"),
                    error,
                })?;
            }
        }
        before += source.consumed();
    }
    report.time = started.elapsed();
    progress.finish();
    Ok(report)
}

/// The size of all files, if all are files.
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
