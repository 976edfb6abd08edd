use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{OpenFindings, Settings, Updates, Written};
use crate::{Finding, Label, Severity, Status, Suppression, example};

const MINUTE: u64 = 60;

fn settings() -> Settings {
    Settings {
        updates: Updates::Every(Duration::from_secs(15 * MINUTE)),
        retention: Some(Duration::from_secs(24 * 60 * MINUTE)),
        entries: 1000,
        bytes: 1 << 30,
    }
}

/// An occurrence: the thing it happened to, its time in seconds, its severity, and whether a
/// rule suppresses it.
#[derive(Debug, Clone, Copy)]
struct Happened {
    what: u8,
    at: u64,
    score: f64,
    is_suppressed: bool,
}

fn at(what: u8, at: u64) -> Happened {
    Happened {
        what,
        at,
        score: 5.0,
        is_suppressed: false,
    }
}

fn occurrence(number: usize, happened: Happened) -> Finding {
    let time = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(happened.at as i64 + 1);
    Finding {
        id: format!("thing-{}", happened.what),
        title: format!("occurrence {number}"),
        severity: Severity::new(happened.score),
        time: format!("{time:.6}"),
        event_ids: vec![format!("event-{number}")],
        ..example::occurrence()
    }
}

fn rule(is_there: bool) -> Option<Suppression> {
    is_there.then(|| Suppression {
        rule: "rule".into(),
        owner: "owner".into(),
        reason: "reason".into(),
    })
}

fn take(table: &mut OpenFindings, number: usize, happened: Happened, written: &mut Vec<Written>) {
    table.take(
        occurrence(number, happened),
        &mut |_| rule(happened.is_suppressed),
        written,
    );
}

/// Returns everything written for a sequence, and what the final flush adds.
fn run(settings: Settings, sequence: &[Happened]) -> (Vec<Written>, Vec<Written>) {
    let mut table = OpenFindings::new(settings);
    let mut written = Vec::new();
    for (number, happened) in sequence.iter().enumerate() {
        take(&mut table, number, *happened, &mut written);
    }
    let mut rest = Vec::new();
    table.flush(&mut rest);
    assert!(!table.is_waiting());
    (written, rest)
}

fn short(written: &[Written]) -> Vec<(&str, u64, &str)> {
    written
        .iter()
        .map(|one| {
            (
                one.finding.id.as_str(),
                one.finding.count,
                one.finding.status.as_str(),
            )
        })
        .collect()
}

#[test]
fn first_occurrence_is_written_at_once_and_others_at_the_interval() {
    let sequence: Vec<_> = (0..40).map(|minute| at(1, minute * MINUTE)).collect();
    let (written, rest) = run(settings(), &sequence);
    assert_eq!(
        short(&written),
        [
            ("thing-1", 1, "active"),
            // At 15 minutes the 15 earlier occurrences are written; that of this minute is
            // pending.
            ("thing-1", 15, "active"),
            ("thing-1", 30, "active"),
        ]
    );
    assert_eq!(short(&rest), [("thing-1", 40, "active")]);
    let last = &rest[0];
    assert!(last.is_update && !written[0].is_update);
    assert_eq!(last.finding.title, "occurrence 39");
    assert_eq!(last.finding.first_seen, "1970-01-01T00:00:01.000000Z");
    assert_eq!(last.finding.last_seen, "1970-01-01T00:39:01.000000Z");
    assert_eq!(last.finding.event_ids.len(), 40);
}

#[test]
fn occurrence_of_another_finding_ends_the_interval() {
    let (written, rest) = run(settings(), &[at(1, 0), at(1, 60), at(2, 3600)]);
    assert_eq!(
        short(&written),
        [
            ("thing-1", 1, "active"),
            ("thing-1", 2, "active"),
            ("thing-2", 1, "active")
        ]
    );
    assert_eq!(rest, []);
}

#[test]
fn higher_severity_is_written_at_once_and_stays() {
    let worse = |second, score| Happened {
        score,
        ..at(1, second)
    };
    let (written, rest) = run(
        settings(),
        &[worse(0, 5.0), worse(1, 8.5), worse(2, 8.9), worse(3, 2.0)],
    );
    let scores: Vec<f64> = written
        .iter()
        .chain(&rest)
        .map(|one| one.finding.severity.score)
        .collect();
    assert_eq!(scores, [5.0, 8.5, 8.9, 8.9]);
    assert_eq!(rest[0].finding.count, 4);
    assert_eq!(rest[0].finding.title, "occurrence 2");
}

#[test]
fn finding_is_new_after_its_retention() {
    let day = 24 * 60 * MINUTE;
    let (written, rest) = run(
        settings(),
        &[at(1, 0), at(1, 1), at(1, day + 1), at(1, 3 * day)],
    );
    assert_eq!(
        short(&written),
        [
            ("thing-1", 1, "active"),
            ("thing-1", 2, "active"),
            ("thing-1", 3, "active"),
            ("thing-1", 1, "active"),
        ]
    );
    assert_eq!(rest, []);
    assert!(!written[3].is_update);
}

#[test]
fn wrong_time_of_one_event_has_no_lasting_effect() {
    let far = 40 * 365 * 24 * 60 * MINUTE;
    let minutes: Vec<_> = (0..40).map(|minute| at(1, minute * MINUTE)).collect();
    let mut sequence = vec![at(2, far)];
    sequence.extend(&minutes);
    let (with, _) = run(settings(), &sequence);
    let (without, _) = run(settings(), &minutes);
    assert_eq!(short(&with)[1..], short(&without)[..]);
}

#[test]
fn suppressed_and_active_occurrences_do_not_hide_each_other() {
    let hidden = |second| Happened {
        is_suppressed: true,
        ..at(1, second)
    };
    let (written, rest) = run(
        settings(),
        &[
            at(1, 0),
            at(1, 1),
            hidden(2),
            hidden(3),
            at(1, 4),
            hidden(5),
        ],
    );
    assert_eq!(
        short(&written),
        [("thing-1", 1, "active"), ("thing-1", 3, "suppressed")]
    );
    assert_eq!(
        short(&rest),
        [("thing-1", 6, "active"), ("thing-1", 6, "suppressed")]
    );
    assert_eq!(rest[0].finding.title, "occurrence 4");
    assert_eq!(rest[0].finding.suppression, None);
    assert_eq!(rest[1].finding.title, "occurrence 5");
}

#[test]
fn finding_without_its_rule_is_written_with_the_next_occurrence() {
    let hidden = Happened {
        is_suppressed: true,
        ..at(1, 0)
    };
    let (written, _) = run(settings(), &[hidden, at(1, 1)]);
    assert_eq!(
        short(&written),
        [("thing-1", 1, "suppressed"), ("thing-1", 2, "active")]
    );
}

#[test]
fn flush_writes_one_of_each_in_the_order_of_first_occurrences() {
    let at_end = Settings {
        updates: Updates::AtEnd,
        retention: None,
        ..settings()
    };
    let hidden = |what, second| Happened {
        is_suppressed: true,
        ..at(what, second)
    };
    let (written, rest) = run(
        at_end,
        &[
            at(3, 0),
            hidden(2, 1),
            at(1, 2),
            hidden(3, 3),
            at(1, 4),
            hidden(2, 99_999),
        ],
    );
    assert_eq!(written, []);
    assert_eq!(
        short(&rest),
        [
            ("thing-3", 2, "active"),
            ("thing-2", 2, "suppressed"),
            ("thing-1", 2, "active"),
        ]
    );
}

#[test]
fn limits_evict_the_findings_that_occurred_longest_ago() {
    let two = Settings {
        entries: 2,
        ..settings()
    };
    let mut table = OpenFindings::new(two);
    let mut written = Vec::new();
    let sequence = [at(1, 0), at(1, 1), at(2, 2), at(1, 3), at(3, 4), at(2, 5)];
    for (number, happened) in sequence.into_iter().enumerate() {
        take(&mut table, number, happened, &mut written);
    }
    assert_eq!(
        short(&written),
        [
            ("thing-1", 1, "active"),
            ("thing-2", 1, "active"),
            ("thing-3", 1, "active"),
            ("thing-2", 1, "active"),
            // Evicted, with its pending occurrences.
            ("thing-1", 3, "active"),
        ]
    );
    let usage = table.usage();
    assert_eq!((usage.open, usage.evicted, usage.ended), (2, 2, 0));
    let few_bytes = Settings {
        bytes: 1,
        ..settings()
    };
    let (written, _) = run(few_bytes, &[at(1, 0), at(2, 1), at(1, 2)]);
    assert_eq!(written.len(), 3, "one finding is always kept");
}

#[test]
fn counts_events_without_a_time() {
    let mut table = OpenFindings::new(settings());
    let mut written = Vec::new();
    for number in 0..2 {
        let mut timeless = occurrence(number, at(1, 0));
        timeless.time = String::new();
        table.take(timeless, &mut |_| None, &mut written);
    }
    table.flush(&mut written);
    assert_eq!(short(&written)[1].1, 2);
    assert_eq!(written[1].finding.last_seen, "");
}

fn anything() -> impl Strategy<Value = Vec<Happened>> {
    let one = (0..6_u8, 0..5000_u64, 1..=10_u8, any::<bool>()).prop_map(
        |(what, step, score, is_suppressed)| Happened {
            what,
            at: step,
            score: f64::from(score),
            is_suppressed,
        },
    );
    prop::collection::vec(one, 0..60).prop_map(|mut sequence| {
        // Time mostly advances.
        let mut now = 0;
        for (number, happened) in sequence.iter_mut().enumerate() {
            now += happened.at;
            happened.at = if number % 7 == 3 { now / 2 } else { now };
        }
        sequence
    })
}

fn limits() -> impl Strategy<Value = Settings> {
    (1..8_usize, 0..3_u64, any::<bool>()).prop_map(|(entries, interval, ends)| Settings {
        updates: Updates::Every(Duration::from_secs(interval * 1000)),
        retention: ends.then(|| Duration::from_secs(10_000)),
        entries,
        bytes: 1 << 30,
    })
}

proptest! {
    /// A host that is killed after any occurrence and resumes from its saved state writes the
    /// same as one that is not.
    #[test]
    fn restart_at_any_moment_changes_nothing(
        sequence in anything(),
        settings in limits(),
        restarts in prop::collection::vec(any::<bool>(), 60),
    ) {
        let (expected, expected_rest) = run(settings, &sequence);
        let mut kept: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let (mut table, _) = OpenFindings::restore(settings, Vec::new());
        let mut written = Vec::new();
        for (number, happened) in sequence.iter().enumerate() {
            take(&mut table, number, *happened, &mut written);
            for (id, saved) in table.take_changes() {
                match saved {
                    Some(saved) => drop(kept.insert(id, saved)),
                    None => drop(kept.remove(&id)),
                }
            }
            if restarts[number] {
                // Occurrences after the last commit are lost and processed again.
                for lost in sequence.iter().skip(number + 1).take(3) {
                    take(&mut table, 999, *lost, &mut Vec::new());
                }
                let unreadable;
                (table, unreadable) = OpenFindings::restore(settings, kept.clone().into_iter().collect());
                prop_assert_eq!(unreadable, 0);
            }
        }
        let mut rest = Vec::new();
        table.flush(&mut rest);
        prop_assert_eq!(written, expected);
        prop_assert_eq!(rest, expected_rest);
    }

    /// An occurrence that is more severe than all before it is written at once, with its own
    /// severity and text, and no lesser one takes its place later. Settings decide nothing about it,
    /// nor do other findings, suppressed occurrences, or times that go back.
    #[test]
    fn nothing_hides_what_is_more_severe(sequence in anything(), settings in limits()) {
        let mut table = OpenFindings::new(settings);
        // By finding and run: the scores and texts that a reader of the active findings has seen.
        let mut told: BTreeMap<String, Severity> = BTreeMap::new();
        for (number, happened) in sequence.iter().enumerate() {
            let mut written = Vec::new();
            take(&mut table, number, *happened, &mut written);
            for one in &written {
                let finding = &one.finding;
                if finding.status == Status::Suppressed {
                    continue;
                }
                if !one.is_update {
                    told.remove(&finding.id);
                }
                if let Some(before) = told.insert(finding.id.clone(), finding.severity) {
                    prop_assert!(before.score <= finding.severity.score);
                }
                let shown: usize = finding.title["occurrence ".len()..].parse().unwrap();
                let shown = sequence[shown];
                let is_above_low = Severity::new(shown.score).label > Label::Low;
                prop_assert!(!shown.is_suppressed);
                let worst = sequence
                    .iter()
                    .take(number + 1)
                    .enumerate()
                    .filter(|(number, other)| {
                        let id = format!("event-{number}");
                        !other.is_suppressed && finding.event_ids.contains(&id)
                    })
                    .map(|(_, other)| other.score)
                    .fold(0.0, f64::max);
                prop_assert!(shown.score >= worst || !is_above_low && Label::of(worst) == Label::Low);
            }
            if happened.is_suppressed {
                continue;
            }
            let id = format!("thing-{}", happened.what);
            let known = told.get(&id).map_or(0.0, |told| told.score);
            prop_assert!(known >= happened.score, "{number}: {known} for {happened:?}");
        }
    }

    /// Entries of a version that saved the band of a finding, not its score, are read; the next
    /// occurrence is written.
    #[test]
    fn entries_of_earlier_versions_are_read(score in 1..=10_u8) {
        let mut table = OpenFindings::restore(settings(), Vec::new()).0;
        let once = Happened { score: f64::from(score), ..at(1, 0) };
        take(&mut table, 0, once, &mut Vec::new());
        take(&mut table, 1, once, &mut Vec::new());
        let saved = table.take_changes().pop().and_then(|(_, saved)| saved).unwrap();
        let mut saved: serde_json::Value = serde_json::from_slice(&saved).unwrap();
        let track = saved["active"].as_object_mut().unwrap();
        track.remove("score");
        track.remove("is_written");
        track["last"] = serde_json::json!({"at": track["last"]["at"], "label": "Low"});
        let bytes = serde_json::to_vec(&saved).unwrap();
        let (mut table, unreadable) =
            OpenFindings::restore(settings(), vec![("thing-1".into(), bytes)]);
        prop_assert_eq!(unreadable, 0);
        prop_assert!(table.is_waiting());
        let mut written = Vec::new();
        take(&mut table, 2, once, &mut written);
        prop_assert_eq!(short(&written), [("thing-1", 3, "active")]);
    }

    /// The last finding written for each run has counted all of its occurrences.
    #[test]
    fn counts_add_up(sequence in anything(), settings in limits()) {
        let (mut written, rest) = run(settings, &sequence);
        written.extend(rest);
        // A run of a finding is identified by its first event.
        let mut runs: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for one in &written {
            let finding = &one.finding;
            let run = (finding.id.as_str(), finding.event_ids[0].as_str());
            let before = runs.insert(run, finding.count).unwrap_or(0);
            prop_assert!(finding.count >= before);
        }
        prop_assert_eq!(runs.values().sum::<u64>(), sequence.len() as u64);
        for one in &written {
            let finding = &one.finding;
            prop_assert_eq!(finding.event_ids.len() as u64, finding.count.min(100));
            prop_assert_eq!(finding.suppression.is_some(), finding.status == Status::Suppressed);
            prop_assert!(finding.first_seen <= finding.last_seen);
        }
    }

    /// The table's own size estimate is the sum of its entries.
    #[test]
    fn size_is_the_sum_of_the_entries(sequence in anything(), settings in limits()) {
        let mut table = OpenFindings::new(settings);
        for (number, happened) in sequence.iter().enumerate() {
            take(&mut table, number, *happened, &mut Vec::new());
            let bytes: usize = table.entries.iter().map(|(_, open)| open.bytes()).sum();
            prop_assert_eq!(table.usage().bytes, bytes);
            prop_assert!(table.usage().open <= settings.entries.max(1));
            let newest = table.entries.iter().map(|(_, open)| open.newest);
            let oldest = table.entries.oldest().map(|(_, open)| open.newest);
            prop_assert_eq!(newest.min(), oldest);
        }
    }
}
