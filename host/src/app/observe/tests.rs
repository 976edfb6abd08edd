use std::collections::BTreeMap;
use std::time::Duration;

use wardline_decode::Reject;
use wardline_detect::{Outcome, Skip, Tally};
use wardline_event::Origin;
use wardline_finding::suppress::{Matches, RuleSet};
use wardline_finding::{Label, Status};
use wardline_intel::ListStatus;

use super::Telemetry;
use crate::pipeline::{Processed, Rejection};
use crate::plugin::{LoadError, LoaderEvent, Step};

/// Returns the name, type, help text, and labels of each metric, sorted by name.
fn descriptions(text: &str) -> String {
    let mut metrics: BTreeMap<&str, (&str, &str, &str)> = BTreeMap::new();
    let mut name = "";
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (found, help) = help.split_once(' ').unwrap();
            name = found;
            metrics.entry(name).or_default().1 = help;
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            metrics.get_mut(name).unwrap().0 = kind.split_once(' ').unwrap().1;
        } else if let Some((_, labels)) = line.split_once('{') {
            metrics.get_mut(name).unwrap().2 = labels.split_once('}').unwrap().0;
        }
    }
    metrics
        .into_iter()
        .map(|(name, (kind, help, labels))| {
            let labels: Vec<&str> = labels
                .split(',')
                .filter_map(|label| Some(label.split_once('=')?.0))
                .filter(|label| *label != "le")
                .collect();
            format!("{name} {kind} [{}]\n    {help}\n", labels.join(", "))
        })
        .collect()
}

/// Reports an event of every kind, so that every metric has a value.
fn report_everything(telemetry: &Telemetry) {
    let second = Duration::from_secs(1);
    telemetry.source.read("audit", 1, 1);
    let webhook = telemetry.webhooks.source("webhook");
    webhook.answered(200);
    let mut processed = Processed::default();
    processed.rejected.push(Rejection {
        reason: Reject::Malformed,
        detail: "no JSON".into(),
        bytes: Box::default(),
        origin: Origin {
            source: "audit".into(),
            line: 1,
        },
    });
    let mut tally = Tally::default();
    tally.call(Outcome::Ok, second);
    tally.judged = 7;
    tally.refuse("undeclared", "the type is not declared");
    processed.tallies.insert("secrets".into(), tally);
    telemetry.judged(&processed, second);
    telemetry
        .detector
        .not_judged(std::iter::once(("secrets", &Skip::Breaker, "id")));
    telemetry.detector.state("secrets", &Default::default());
    telemetry.finding.raised(Label::Low);
    telemetry.finding.written(Status::Active, false);
    telemetry.plugin.changed(&LoaderEvent::Refused {
        file: "secrets".into(),
        error: LoadError {
            step: Step::Read,
            message: "no file".into(),
            hint: String::new(),
        },
        older_at_work: false,
    });
    telemetry.plugin.files(&[]);
    telemetry.intel.lists(&[list("addresses")]);
    telemetry.suppression.suppressed("maintenance", 1);
    let rules = RuleSet::default();
    telemetry.suppression.rules(&rules, &Matches::default());
    telemetry.sinks.sink("stdout").dead_letter("refused");
}

fn list(name: &str) -> ListStatus {
    ListStatus {
        name: name.into(),
        kind: "threat".into(),
        path: String::new(),
        description: String::new(),
        in_force: None,
        failure: None,
    }
}

#[test]
fn metrics_keep_their_names_types_labels_and_help() {
    let telemetry = Telemetry::default();
    report_everything(&telemetry);
    insta::assert_snapshot!(descriptions(&telemetry.metrics().encode()));
}

#[test]
fn values_are_shown_under_their_labels() {
    let telemetry = Telemetry::default();
    report_everything(&telemetry);
    let text = telemetry.metrics().encode();
    for line in [
        "wardline_events_rejected_total{reason=\"malformed\"} 1",
        "wardline_detector_calls_total{detector=\"secrets\",outcome=\"ok\"} 1",
        "wardline_detector_events_judged_total{detector=\"secrets\"} 7",
        "wardline_detector_events_not_judged_total{detector=\"secrets\",reason=\"breaker\"} 1",
        "wardline_plugin_load_failures_total{step=\"read\"} 1",
        "wardline_plugins{state=\"quarantined\"} 0",
        "wardline_webhook_requests_total{source=\"webhook\",code=\"200\"} 1",
    ] {
        assert!(text.contains(line), "{line}\nin\n{text}");
    }
}

#[test]
fn removed_lists_are_no_longer_shown() {
    let telemetry = Telemetry::default();
    telemetry.intel.lists(&[list("one"), list("two")]);
    telemetry.intel.lists(&[list("two")]);
    let text = telemetry.metrics().encode();
    assert!(
        text.contains("wardline_intel_entries{list=\"two\",kind=\"threat\"} 0"),
        "{text}"
    );
    assert!(!text.contains("\"one\""), "{text}");
}
