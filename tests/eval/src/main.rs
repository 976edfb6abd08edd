//! `make eval`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use wardline_eval::{Ledger, Program, judge_folder, judge_ordinary_day, table};

/// Evaluates the detectors on labelled attacks and ordinary days.
#[derive(Debug, Parser)]
struct Arguments {
    /// The folder of the corpus.
    #[arg(long, default_value = "tests/data/corpus")]
    corpus: PathBuf,
    /// The `wardline` binary.
    #[arg(long, default_value = "target/release/wardline")]
    program: PathBuf,
    /// A folder of detectors to evaluate instead of the built-in ones.
    #[arg(long)]
    detectors: Option<PathBuf>,
    /// Record the current findings as the ones that must be found.
    #[arg(long)]
    update: bool,
}

/// Folders of cases, each with the ordinary day that was recorded with the same audit policy.
const FOLDERS: [(&str, Option<&str>); 5] = [
    ("attacks", Some("benign.ndjson.zst")),
    ("attacks_metadata", Some("benign_metadata.ndjson.zst")),
    ("scenarios_attacks", None),
    ("scenarios_benign", None),
    ("evasions", None),
];

fn main() -> ExitCode {
    match evaluate(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            // If standard error is closed, the exit code is all that is left.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn evaluate(arguments: &Arguments) -> Result<ExitCode> {
    let program = Program::new(
        &arguments.program,
        arguments.detectors.as_deref(),
        &arguments.corpus,
    )?;
    let mut out = std::io::stdout().lock();
    let mut now = Ledger::default();
    for (folder, ordinary) in FOLDERS {
        let path = arguments.corpus.join(folder);
        let judged = judge_folder(&program, &path)?;
        let benign = ordinary
            .map(|log| judge_ordinary_day(&program, &arguments.corpus.join(log)))
            .transpose()?;
        writeln!(out, "{}", table(folder, &judged, benign.as_ref()))?;
        now.add(Ledger::of(folder, &judged));
    }
    let kept = arguments.corpus.join("found.json");
    if arguments.update {
        now.write(&kept)?;
        return Ok(ExitCode::SUCCESS);
    }
    let regressions = Ledger::read(&kept)?.regressions(&now);
    for regression in &regressions {
        writeln!(
            out,
            "REGRESSION {}: {} was found before",
            regression.case, regression.missing
        )?;
    }
    Ok(if regressions.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
