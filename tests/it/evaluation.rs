//! The default detectors keep finding the attacks in the labelled recordings.

use std::path::Path;

use wardline_eval::{Ledger, Program, judge_folder, judge_ordinary_day, table};

use crate::support::data;

fn program() -> Program {
    let binary = Path::new(env!("CARGO_BIN_EXE_wardline"));
    Program::new(binary, None, &data("corpus")).unwrap()
}

#[test]
fn known_findings_are_still_found() {
    let program = program();
    let kept = Ledger::read(&data("corpus/found.json")).unwrap();
    for folder in ["attacks", "attacks_metadata", "evasions"] {
        let judged = judge_folder(&program, &data("corpus").join(folder)).unwrap();
        let missing: Vec<_> = kept
            .regressions(&Ledger::of(folder, &judged))
            .into_iter()
            .filter(|regression| regression.case.starts_with(&format!("{folder}/")))
            .collect();
        assert_eq!(missing, [], "{}", table(folder, &judged, None));
    }
}

/// At most one finding above Low for every 50,000 events.
#[test]
fn ordinary_day_is_quiet() {
    for log in ["benign.ndjson.zst", "benign_metadata.ndjson.zst"] {
        let day = judge_ordinary_day(&program(), &data("corpus").join(log)).unwrap();
        assert!(day.events > 3000, "{log}: {}", day.events);
        assert!(
            day.above_low.len() * 50_000 <= day.events,
            "{log}: {:#?}",
            day.above_low
        );
    }
}
