//! The summary of a scan, on standard error.

use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use wardline_decode::Reject;
use wardline_text::shown;

use crate::pipeline::Totals;

/// Formats the summary; `time` is the duration of the scan.
pub fn summary(ledger: &Totals, time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let rate = if seconds > 0.0 {
        ledger.events as f64 / seconds
    } else {
        0.0
    };
    format!(
        "{} events read in {seconds:.2} s ({rate:.0} events/s), {}\n{}",
        ledger.events,
        left_out(ledger),
        counts(ledger)
    )
}

/// The longest text about the first rejected record, in bytes.
const FIRST_BYTES: usize = 400;

/// Returns warnings with hints if input was rejected, or if there was no audit event in it.
/// `is_kept` tells whether rejected input is written to a dead-letter file.
pub fn warnings(ledger: &Totals, is_kept: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let rejected = ledger.all_rejected();
    if rejected > 0 {
        lines.push(format!(
            "warning: {rejected} {} rejected{}",
            if rejected == 1 {
                "record was"
            } else {
                "records were"
            },
            by(&ledger.rejected)
        ));
        if let Some(first) = &ledger.first_rejected {
            lines.push(format!("the first is {}", shown(first, FIRST_BYTES)));
        }
        // The first of the most frequent reasons.
        let most = Reject::ALL
            .into_iter()
            .rev()
            .max_by_key(|reason| ledger.rejected.get(reason.as_str()).copied());
        lines.extend(most.map(|reason| format!("hint: {}", reason.hint())));
        if !is_kept {
            lines.push(
                "hint: `--dead-letter FILE` keeps the rejected records, each with its fault"
                    .to_owned(),
            );
        }
    }
    if ledger.has_no_event() {
        lines.push(match ledger.skipped {
            0 => "warning: no audit event was found".to_owned(),
            1 => "warning: no audit event was found; 1 record belongs to another log".to_owned(),
            skipped => {
                format!("warning: no audit event was found; {skipped} records belong to other logs")
            }
        });
        lines.push(
            "hint: export the log streams `kube-apiserver-audit-*` (EKS), the audit logs of `k8s.io` (GKE), or the category `kube-audit` (AKS)"
                .to_owned(),
        );
    }
    lines
}

/// Formats the number of events that were not passed to detectors.
pub fn left_out(ledger: &Totals) -> String {
    format!(
        "{} not subscribed to, {} duplicates dropped",
        ledger.unwanted, ledger.duplicates
    )
}

/// Formats the number of events by outcome, and the work of each detector.
pub fn counts(ledger: &Totals) -> String {
    let mut text = format!(
        "{} rejected{}\n{} judged, {} not judged\n{}\n",
        ledger.all_rejected(),
        by(&ledger.rejected),
        ledger.judged(),
        ledger.not_judged,
        findings(ledger)
    );
    if ledger.signals > 0 {
        text.push_str(&format!(
            "{} findings passed to other detectors, {} not judged\n",
            ledger.signals, ledger.signals_not_judged
        ));
    }
    if ledger.salvaged > 0 {
        text.push_str(&format!(
            "{} events lack a part and were judged without it\n",
            ledger.salvaged
        ));
    }
    if ledger.skipped > 0 {
        text.push_str(&format!(
            "{} records of other logs skipped\n",
            ledger.skipped
        ));
    }
    for (detector, resources) in &ledger.blind {
        text.push_str(&format!(
            "{detector} is blind: the log has no objects of {}\n",
            resources.join(", ")
        ));
    }
    if !ledger.blind.is_empty() {
        text.push_str(
            "hint: raise the level of these resources in the audit policy (`wardline audit-policy`)\n",
        );
    }
    if !ledger.detectors.is_empty() {
        text.push_str(&detectors(ledger));
        text.push('\n');
    }
    text
}

/// Formats the number of findings, occurrences, and suppressed findings.
fn findings(ledger: &Totals) -> String {
    let counts = &ledger.written;
    let mut text = format!(
        "{} findings from {} occurrences",
        counts.new_findings, ledger.findings
    );
    if counts.updates > 0 {
        text.push_str(&format!(", {} updates", counts.updates));
    }
    if counts.suppressed_occurrences > 0 {
        text.push_str(&format!(
            "; {} more findings suppressed, {} of the occurrences",
            counts.suppressed_findings, counts.suppressed_occurrences
        ));
    }
    text
}

fn by(reasons: &std::collections::BTreeMap<String, u64>) -> String {
    if reasons.is_empty() {
        return String::new();
    }
    let parts: Vec<String> = reasons
        .iter()
        .map(|(reason, count)| format!("{reason} {count}"))
        .collect();
    format!(" ({})", parts.join(", "))
}

fn detectors(ledger: &Totals) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header([
        "detector",
        "calls",
        "events",
        "not judged",
        "findings",
        "time",
    ]);
    for (name, counts) in &ledger.detectors {
        table.add_row([
            name.clone(),
            counts.all_calls().to_string(),
            counts.events.to_string(),
            format!("{}{}", counts.not_judged, by(&counts.not_judged_by_reason)),
            counts.findings.to_string(),
            format!("{:.1} ms", counts.seconds * 1000.0),
        ]);
    }
    for index in [1, 2, 4, 5] {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}
