//! `wardline scan`.

use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use wardline_finding::export::{CSV_HEADER, Form, Place, encode};
use wardline_finding::suppress::{RuleDirectory, RuleEvent, Rules};
use wardline_finding::{Finding, Status};

use super::arguments::{Format, ScanArguments};
use super::error::{note, report_error};
use super::exit::Exit;
use super::finding_table::finding_table;
use super::progress::Progress;
use super::summary::summary;
use crate::app;
use crate::config::Config;

pub fn scan(arguments: &ScanArguments) -> Result<Exit> {
    let mut config = match &arguments.config {
        Some(path) => Config::load(path)?,
        None => Config::defaults()?,
    };
    if let Some(threads) = arguments.threads {
        config.threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads.min(1024),
        };
    }
    wardline_telemetry::init("error", Some(false))?;
    let plugins = match (&arguments.plugins, &arguments.config) {
        (Some(plugins), _) => plugins.clone(),
        (None, Some(_)) => config.plugin_directory.clone(),
        (None, None) => bail!(
            "no plugin directory is given (specify `--plugins DIR`, or `--config FILE` with `plugins.directory`)"
        ),
    };
    let format = arguments.format.unwrap_or_else(|| {
        if std::io::stdout().is_terminal() {
            Format::Table
        } else {
            Format::Jsonl
        }
    });
    // Without a configuration, rules apply only if `--suppress` is given.
    let directory = arguments
        .suppress
        .as_deref()
        .or(config.suppression.directory.as_deref());
    let (rules, unusable) = directory.map(rules).unwrap_or_default();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut kept: Vec<Finding> = Vec::new();
    let form = match format {
        Format::Table => None,
        Format::Jsonl => Some(Form::Wardline),
        Format::GuardDuty => Some(Form::GuardDuty),
        Format::Asff => Some(Form::Asff),
        Format::Ocsf => Some(Form::Ocsf),
        Format::Csv => Some(Form::Csv),
    };
    let place = Place {
        account: arguments.account.clone(),
        region: arguments.region.clone(),
    };
    if form == Some(Form::Csv) {
        writeln!(out, "{CSV_HEADER}").context("cannot write to standard output")?;
    }
    let mut worst = None;
    let mut progress = Progress::new();
    let dead_letter = arguments
        .dead_letter
        .as_deref()
        .or(config.dead_letter.as_deref());
    let report = app::scan(
        &config,
        &plugins,
        &arguments.files,
        &app::ScanOptions {
            // Without a configuration, no directory is known to be writable by the host only.
            cache: arguments
                .config
                .as_ref()
                .map(|_| config.cache_directory.as_path()),
            dead_letter,
            rules,
            stream: arguments.stream,
        },
        &mut progress,
        &mut |finding| {
            if finding.status == Status::Suppressed {
                if !arguments.show_suppressed {
                    return Ok(());
                }
                // Suppressed findings do not count for `--fail-on`.
            } else {
                worst = worst.max(Some(finding.severity.label));
            }
            match form {
                None => {
                    kept.push(finding);
                    Ok(())
                }
                Some(form) => writeln!(out, "{}", encode(&finding, form, &place)),
            }
        },
    )?;
    if format == Format::Table && !kept.is_empty() {
        writeln!(out, "{}", finding_table(&kept)).context("cannot write the table")?;
    }
    out.flush().context("cannot write to standard output")?;
    for (file, failure) in &report.refused {
        note(&format!(
            "detector {file} refused at step {}: {}",
            failure.step, failure.message
        ));
        if !failure.hint.is_empty() {
            note(&format!("hint: {}", failure.hint));
        }
    }
    for text in &unusable {
        note(text);
    }
    for error in &report.unread {
        report_error(error);
    }
    if report.detectors == 0 {
        note(&format!(
            "warning: no detector is active: {} contains no usable NAME.wasm",
            plugins.display()
        ));
    }
    note(summary(&report.ledger, report.time).trim_end());
    Ok(match exit(&report, worst, arguments) {
        Exit::Done if !unusable.is_empty() => Exit::Partial,
        exit => exit,
    })
}

/// Reads the rules of a directory; returns them with messages about the faults in it.
fn rules(directory: &Path) -> (Rules, Vec<String>) {
    let mut directory = RuleDirectory::new(directory);
    let unusable = directory
        .look(jiff::Timestamp::now())
        .into_iter()
        .filter_map(|event| match event {
            RuleEvent::Refused { error, .. } => Some(format!("suppression rules refused: {error}")),
            RuleEvent::Unreadable(error) => Some(format!("error: {error}")),
            _ => None,
        })
        .collect();
    (directory.rules(), unusable)
}

fn exit(
    report: &app::ScanReport,
    worst: Option<wardline_finding::Label>,
    arguments: &ScanArguments,
) -> Exit {
    if arguments.fail_on.is_some_and(|least| worst >= Some(least)) {
        return Exit::Found;
    }
    let complete = report.refused.is_empty()
        && report.unread.is_empty()
        && report.detectors > 0
        && report.ledger.not_judged == 0;
    if complete { Exit::Done } else { Exit::Partial }
}
