//! `wardline suppress`.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use jiff::Timestamp;
use wardline_finding::suppress::{SuppressionReport, preview, read_rule_file};

use super::arguments::{ApiArguments, PreviewFormat, SuppressCommand};
use super::ask::ask;
use super::error::{note, report_error};
use super::exit::Exit;
use super::output::say;
use super::suppress_text::{list_text, preview_text};

pub fn suppress(command: &SuppressCommand) -> Result<Exit> {
    match command {
        SuppressCommand::Check { files } => check(files),
        SuppressCommand::Preview {
            rule,
            against,
            format,
            examples,
        } => show(rule, against, *format, *examples),
        SuppressCommand::List(arguments) => list(arguments),
    }
}

fn check(files: &[PathBuf]) -> Result<Exit> {
    let now = Timestamp::now();
    let mut exit = Exit::Done;
    for file in files {
        let rules = match read_rule_file(file) {
            Ok(rules) => rules,
            Err(error) => {
                exit = Exit::Failed;
                report_error(&error);
                continue;
            }
        };
        if rules.is_empty() {
            note(&format!(
                "{}: warning: the file contains no rules",
                file.display()
            ));
        }
        for rule in rules {
            say(&format!(
                "{}: {} is valid; {}, owner {}",
                file.display(),
                rule.name,
                rule.state(now).as_str(),
                rule.owner
            ))?;
            for warning in rule.warnings(now) {
                note(&format!(
                    "{}: {}: warning: {warning}",
                    file.display(),
                    rule.name
                ));
            }
        }
    }
    Ok(exit)
}

fn show(rule: &Path, against: &Path, format: PreviewFormat, examples: usize) -> Result<Exit> {
    let rules = read_rule_file(rule)?;
    let mut findings: Box<dyn BufRead> = if against == Path::new("-") {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        let file = File::open(against)
            .with_context(|| format!("cannot read the findings in {}", against.display()))?;
        Box::new(BufReader::new(file))
    };
    let preview = preview(&rules, &mut findings, examples, Timestamp::now())
        .with_context(|| format!("cannot read the findings in {}", against.display()))?;
    say(&match format {
        PreviewFormat::Json => serde_json::to_string_pretty(&preview)?,
        PreviewFormat::Table => preview_text(&preview),
    })?;
    if preview.malformed > 0 {
        note(&format!(
            "warning: {} lines of {} are not findings",
            preview.malformed,
            against.display()
        ));
    }
    Ok(if preview.findings == 0 && preview.malformed > 0 {
        Exit::Failed
    } else {
        Exit::Done
    })
}

fn list(arguments: &ApiArguments) -> Result<Exit> {
    let body = ask(arguments, "/v1/suppression")?;
    let report: SuppressionReport =
        serde_json::from_slice(&body).context("unexpected response from the host")?;
    say(&if arguments.json {
        serde_json::to_string_pretty(&report)?
    } else {
        list_text(&report)
    })?;
    Ok(Exit::Done)
}
