//! `wardline scan`.

use std::cell::Cell;
use std::io::{BufWriter, ErrorKind, IsTerminal, Write};
use std::path::Path;

use anyhow::{Result, bail};
use wardline_finding::export::{CloudAccount, Form, encode};
use wardline_finding::suppress::{RuleDirectory, RuleEvent, Rules};
use wardline_finding::{Finding, Status};
use wardline_text::{chain, chain_with_hint, shown};

use super::arguments::ScanArguments;
use super::describe::{config, origins};
use super::error::{note, report_error};
use super::exit::Exit;
use super::finding_table::finding_table;
use super::output::OutputError;
use super::progress::Progress;
use super::summary::{summary, warnings};
use crate::app;
use crate::plugin::Pack;

pub fn scan(arguments: &ScanArguments, pack: &Pack) -> Result<Exit> {
    let mut config = config(&arguments.detectors)?;
    if let Some(threads) = arguments.threads {
        config.threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads.min(1024),
        };
    }
    if let Some(cluster) = &arguments.cluster {
        config.cluster.clone_from(cluster);
    }
    wardline_telemetry::init("error", Some(false))?;
    let origins = origins(&arguments.detectors, &config, pack)?;
    let places = origins.describe();
    let form = arguments.format.unwrap_or_else(|| {
        if std::io::stdout().is_terminal() {
            Form::Text
        } else {
            Form::Jsonl
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
    let cloud_account = CloudAccount {
        account: arguments.account.clone(),
        region: arguments.region.clone(),
    };
    if let Some(header) = form.header() {
        writeln!(out, "{header}").map_err(OutputError::from)?;
    }
    let mut worst = None;
    let mut progress = Progress::new();
    let dead_letter = arguments
        .dead_letter
        .as_deref()
        .or(config.dead_letter.as_deref());
    let is_closed = Cell::new(false);
    let report = app::scan(
        &config,
        origins,
        &arguments.files,
        &app::ScanOptions {
            // Without a configuration, no directory is known to be writable by the host only.
            cache: arguments
                .detectors
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
            // Text is a table, whose columns depend on all findings.
            if form == Form::Text {
                kept.push(finding);
                return Ok(());
            }
            writeln!(out, "{}", encode(&finding, form, &cloud_account))
                .inspect_err(|error| is_closed.set(error.kind() == ErrorKind::BrokenPipe))
        },
    );
    if is_closed.get() {
        return Ok(Exit::Done);
    }
    let report = report?;
    if !kept.is_empty() {
        writeln!(out, "{}", finding_table(&kept)).map_err(OutputError::from)?;
    }
    out.flush().map_err(OutputError::from)?;
    for (file, failure) in &report.refused {
        note(&format!(
            "detector {} refused at step {}: {}",
            shown(file, 128),
            failure.step,
            failure.message
        ));
        if !failure.hint.is_empty() {
            note(&format!("hint: {}", failure.hint));
        }
    }
    for (file, reason) in &report.idle {
        note(&format!("detector {} is idle: {reason}", shown(file, 128)));
    }
    for text in &unusable {
        note(text);
    }
    for error in &report.unread {
        report_error(error);
    }
    if report.detectors == 0 {
        bail!("no detector is active: no usable detector in {places}");
    }
    note(summary(&report.ledger, report.time).trim_end());
    for text in warnings(&report.ledger, dead_letter.is_some()) {
        note(&text);
    }
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
            RuleEvent::Refused { error, .. } => Some(format!(
                "suppression rules refused: {}",
                chain_with_hint(&error)
            )),
            RuleEvent::Unreadable(error) => Some(format!("error: {}", chain(&error))),
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
        && report.ledger.all_rejected() == 0
        && !report.ledger.has_no_event()
        && report.ledger.not_judged == 0
        && report.ledger.signals_not_judged == 0;
    if complete { Exit::Done } else { Exit::Partial }
}
