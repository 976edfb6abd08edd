//! `make eval`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use wardline_eval::{Benign, Judged, Ledger, Program, cases, judge, judge_benign, table};

/// Judges the detectors by labelled attacks and by ordinary days.
#[derive(Debug, Parser)]
struct Arguments {
    /// The folder of the corpus.
    #[arg(long, default_value = "tests/data/corpus")]
    corpus: PathBuf,
    /// The program.
    #[arg(long, default_value = "target/release/wardline")]
    program: PathBuf,
    /// The folder of the detectors.
    #[arg(long, default_value = "target/detectors")]
    detectors: PathBuf,
    /// Keep what is found now as what must be found.
    #[arg(long)]
    update: bool,
}

/// Folders of cases, and the ordinary day that was recorded with the same audit policy.
const FOLDERS: [(&str, &str); 2] = [
    ("attacks", "benign.ndjson.zst"),
    ("attacks_metadata", "benign_metadata.ndjson.zst"),
];

fn main() -> ExitCode {
    match evaluate(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            // Nobody can be told that standard error is closed.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn evaluate(arguments: &Arguments) -> Result<ExitCode> {
    let program = Program::new(&arguments.program, &arguments.detectors, &arguments.corpus)?;
    let mut out = std::io::stdout().lock();
    let mut now = Ledger::default();
    for (folder, ordinary) in FOLDERS {
        let path = arguments.corpus.join(folder);
        let judged: Vec<Judged> = cases(&path)?
            .into_iter()
            .map(|case| {
                let findings = program.scan(&path.join(&case.file))?;
                Ok(judge(case, &findings))
            })
            .collect::<Result<_>>()?;
        let benign = ordinary_day(&program, &arguments.corpus.join(ordinary))?;
        writeln!(out, "{}", table(folder, &judged, Some(&benign)))?;
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

fn ordinary_day(program: &Program, log: &Path) -> Result<Benign> {
    let file =
        std::fs::File::open(log).with_context(|| format!("cannot open {}", log.display()))?;
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut zstd::Decoder::new(file)?, &mut text)?;
    let events = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .count();
    let name = log
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok(judge_benign(&name, events, &program.scan(log)?))
}
