//! Reports results to metrics, the log, and the dead-letter file.

mod rules;

use wardline_contract::LogLevel;
use wardline_detect::{LogLine, NotJudged, Skip, Tally};
use wardline_finding::lifecycle::Written;
use wardline_intel::{ListEvent, ListStatus};
use wardline_sink::{DeadLetter, DeadLetters};
use wardline_telemetry::{DetectorNumbers, ListNumbers, Metrics};

use crate::pipeline::{Processed, Rejection};
use crate::plugin::LoaderEvent;

pub(super) use rules::{rules, suppression};

/// Maximum size in bytes of an event that is kept because it was not judged.
const KEPT_BYTES: usize = 64 * 1024;

/// Counts the results of a chunk.
pub(super) fn count(metrics: &Metrics, processed: &Processed) {
    for rejection in &processed.rejected {
        metrics.rejected(rejection.reason.as_str());
    }
    for skipped in &processed.not_judged {
        metrics.not_judged(skipped.detector.name(), skipped.skip.as_str());
    }
    for finding in &processed.findings {
        metrics.finding(finding.severity.label.as_str());
    }
    for (name, tally) in &processed.tallies {
        metrics.detector(name, &numbers(tally));
    }
}

fn numbers(tally: &Tally) -> DetectorNumbers<'_> {
    DetectorNumbers {
        outcomes: tally
            .outcomes
            .iter()
            .map(|(outcome, count)| (outcome.as_str(), *count))
            .collect(),
        call_times: &tally.call_times,
        judged: tally.judged,
        findings: tally.findings,
        findings_refused: tally
            .findings_refused
            .iter()
            .map(|(reason, count)| (reason.as_str(), *count))
            .collect(),
        log_lines: tally.log_lines,
        log_lines_dropped: tally.log_lines_dropped,
        restarts: tally.restarts,
    }
}

/// Logs the messages of detectors, and each failure once per chunk.
pub fn log(processed: &Processed) {
    for (name, tally) in &processed.tallies {
        for line in &tally.logs {
            detector_line(name, line);
        }
        if tally.log_lines_dropped > 0 {
            tracing::warn!(detector = %name, dropped = tally.log_lines_dropped, "the detector exceeded its limit of log lines");
        }
        for (reason, count) in &tally.findings_refused {
            let first = tally.refusals.get(reason).map_or("", String::as_str);
            tracing::warn!(detector = %name, %reason, count, "findings of the detector were refused; first reason: {first}");
        }
    }
    let mut said: Vec<(&str, String)> = Vec::new();
    for skipped in &processed.not_judged {
        let (name, text) = (skipped.detector.name(), detail(&skipped.skip));
        if !said.iter().any(|known| known.0 == name && known.1 == text) {
            tracing::warn!(detector = name, reason = skipped.skip.as_str(), event_id = %wardline_text::shown(&skipped.record.event_id, 128), "an event was not judged: {text}");
            said.push((name, text));
        }
    }
    if let Some(first) = processed.rejected.first() {
        tracing::warn!(
            count = processed.rejected.len(),
            source = %first.origin.source,
            line = first.origin.line,
            reason = first.reason.as_str(),
            "events were rejected; first reason: {}",
            first.detail
        );
    }
}

fn detector_line(name: &str, line: &LogLine) {
    let text = line.text.as_str();
    match line.level {
        LogLevel::Trace => tracing::trace!(detector = name, "{text}"),
        LogLevel::Debug => tracing::debug!(detector = name, "{text}"),
        LogLevel::Info => tracing::info!(detector = name, "{text}"),
        LogLevel::Warn => tracing::warn!(detector = name, "{text}"),
        LogLevel::Error => tracing::error!(detector = name, "{text}"),
    }
}

/// Returns the reason why an event was not judged.
pub(super) fn detail(skip: &Skip) -> String {
    match skip {
        Skip::Failed(failure) | Skip::Unavailable(failure) => failure.message.clone(),
        Skip::Breaker => "the detector's circuit breaker is open".into(),
        Skip::Quarantined => "the detector is quarantined until it is replaced".into(),
    }
}

/// Writes events that were rejected or not judged to the dead-letter file.
///
/// # Errors
/// Returns an error if the file cannot be written.
pub fn keep(letters: &mut DeadLetters, processed: &Processed) -> std::io::Result<()> {
    for rejection in &processed.rejected {
        letters.write(&rejected(
            rejection,
            &String::from_utf8_lossy(&rejection.bytes),
        ))?;
    }
    for skipped in &processed.not_judged {
        letters.write(&unjudged(skipped, &detail(&skipped.skip)))?;
    }
    Ok(())
}

fn rejected<'a>(rejection: &'a Rejection, text: &'a str) -> DeadLetter<'a> {
    DeadLetter {
        reason: rejection.reason.as_str(),
        detail: &rejection.detail,
        detector: None,
        source: &rejection.origin.source,
        line: rejection.origin.line,
        event: text,
    }
}

fn unjudged<'a>(skipped: &'a NotJudged, detail: &'a str) -> DeadLetter<'a> {
    let raw = skipped.record.raw_text();
    let end = (0..=KEPT_BYTES.min(raw.len()))
        .rev()
        .find(|at| raw.is_char_boundary(*at))
        .unwrap_or_default();
    DeadLetter {
        reason: skipped.skip.as_str(),
        detail,
        detector: Some(skipped.detector.name()),
        source: &skipped.record.origin.source,
        line: skipped.record.origin.line,
        event: raw.get(..end).unwrap_or_default(),
    }
}

/// Reports an event of the detector loader.
pub(super) fn loader(metrics: &Metrics, event: &LoaderEvent) {
    match event {
        LoaderEvent::Loaded {
            file,
            name,
            version,
            digest,
            replaced,
            compile_milliseconds,
        } => {
            metrics.loaded();
            tracing::info!(%file, detector = %name, %version, %digest, replaced, compile_milliseconds, "detector loaded");
        }
        LoaderEvent::Refused {
            file,
            error,
            older_at_work,
        } => {
            metrics.refused(error.step.as_str());
            tracing::error!(%file, step = %error.step, hint = %error.hint, older_at_work, "detector refused: {}", error.message);
        }
        LoaderEvent::Removed { file } => {
            metrics.removed();
            tracing::info!(%file, "detector removed");
        }
        LoaderEvent::Unreached {
            file,
            is_idle: true,
            reason,
        } => tracing::warn!(%file, "detector is idle: {reason}"),
        LoaderEvent::Unreached { file, reason, .. } => {
            tracing::info!(%file, "some subscriptions of the detector cannot match: {reason}");
        }
        LoaderEvent::Reached { file } => {
            tracing::info!(%file, "all subscriptions of the detector can match");
        }
        LoaderEvent::Disabled { file } => tracing::info!(%file, "detector disabled"),
        LoaderEvent::Unreadable(error) => tracing::error!("{error}"),
        LoaderEvent::Readable => tracing::info!("the plugin directory is readable again"),
    }
}

/// Reports events of the list loader, and updates the metrics of the lists.
pub(super) fn lists(metrics: &Metrics, events: &[ListEvent], lists: &[ListStatus]) {
    for event in events {
        match event {
            ListEvent::Loaded { .. } => metrics.list_loaded(),
            ListEvent::Refused { .. } | ListEvent::Unreadable(_) => metrics.list_refused(),
            ListEvent::Removed { .. } | ListEvent::Stale { .. } | ListEvent::Readable => {}
        }
        list(event);
    }
    let numbers = lists.iter().map(|list| {
        let in_force = list.in_force.as_ref();
        ListNumbers {
            list: &list.name,
            kind: &list.kind,
            entries: in_force.map_or(0, |list| list.entries.all()),
            bad: in_force.map_or(0, |list| list.bad),
            age: in_force.and_then(|list| list.age_seconds),
            stale: list.is_stale(),
            broken: list.failure.is_some(),
        }
    });
    metrics.lists(numbers);
}

/// Logs a change of an intel list; such a change could be an attempt to blind detectors.
pub(super) fn list(event: &ListEvent) {
    match event {
        ListEvent::Loaded {
            name,
            kind,
            replaced,
            change,
            report,
        } => {
            tracing::info!(list = %name, %kind, format = report.format.as_str(), replaced, added = change.added, removed = change.removed, skipped = report.skipped, digest = %report.digest, "intel list loaded: {}", change.counts);
            if report.bad > 0 {
                let lines: Vec<u64> = report
                    .bad_lines
                    .iter()
                    .map(|bad| bad.line)
                    .take(10)
                    .collect();
                let first = report
                    .bad_lines
                    .first()
                    .map_or("", |bad| bad.reason.as_str());
                tracing::warn!(list = %name, count = report.bad, ?lines, "invalid lines of the intel list were skipped; first reason: {first}");
            }
            if report.host_bits > 0 {
                tracing::warn!(list = %name, count = report.host_bits, "networks of the intel list have host bits set, which are ignored");
            }
            if change.removed > change.counts.all() {
                tracing::warn!(list = %name, removed = change.removed, left = change.counts.all(), "the intel list lost most of its entries; check whether that is intended");
            }
        }
        ListEvent::Refused {
            name,
            path,
            error,
            older_in_force,
        } => {
            tracing::error!(list = %name, file = %path.display(), older_in_force, "intel list refused: {error}");
        }
        ListEvent::Removed { name, entries } => {
            tracing::warn!(list = %name, removed = entries, "intel list removed");
        }
        ListEvent::Stale { name, age, limit } => {
            let (age, limit) = (days(*age), days(*limit));
            tracing::warn!(list = %name, "the intel list is stale: its file is {age:.1} days old; the limit is {limit:.1} days (`stale-after`)");
        }
        ListEvent::Unreadable(error) => tracing::error!("{error}"),
        ListEvent::Readable => tracing::info!("the directory of intel lists is readable again"),
    }
}

fn days(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() / 86_400.0
}
/// Counts written findings.
pub(super) fn written(metrics: &Metrics, written: &[Written]) {
    for one in written {
        let kind = if one.is_update { "update" } else { "new" };
        metrics.finding_written(one.finding.status.as_str(), kind);
    }
}
