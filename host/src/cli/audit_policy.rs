//! `wardline audit-policy`.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use wardline_policy::{Blindness, Check, Policy, check, needs, render, smallest};

use super::arguments::AuditPolicyArguments;
use super::describe::described;
use super::exit::Exit;
use super::output::say;
use crate::plugin::Pack;

/// Maximum size of a policy, in bytes; real ones have a few pages.
const FILE_BYTES: u64 = 4 * 1024 * 1024;
/// Maximum number of request kinds in one line.
const NAMED: usize = 6;

pub fn audit_policy(arguments: &AuditPolicyArguments, pack: &Pack) -> Result<Exit> {
    let mut described = described(&arguments.detectors, pack)?;
    described.retain(|one| one.is_enabled);
    let needs = needs(described.iter().map(|one| one.descriptor.as_ref()));
    let mut exit = Exit::Done;
    let text = match &arguments.check {
        None => {
            let names: Vec<&str> = described
                .iter()
                .map(|one| one.descriptor.name.as_str())
                .collect();
            let comment = format!(
                "The smallest audit policy for these Wardline detectors: {}.\n\
                 Every request is recorded at the highest level that any of them needs.",
                names.join(", ")
            );
            render(&smallest(&needs), &comment)
        }
        Some(path) => {
            let checked = check(&read(path)?, &needs);
            if checked.blind.iter().any(|blind| blind.for_everybody) {
                exit = Exit::Found;
            }
            if arguments.json {
                serde_json::to_string_pretty(&checked)?
            } else {
                report(&checked, described.len())
            }
        }
    };
    say(&text)?;
    Ok(exit)
}

#[expect(
    clippy::disallowed_methods,
    reason = "read once, within a limit; it may be a pipe"
)]
fn read(path: &Path) -> Result<Policy> {
    let size = std::fs::metadata(path)
        .with_context(|| format!("cannot read {}", path.display()))?
        .len();
    if size > FILE_BYTES {
        return Err(anyhow!(
            "{} has {size} bytes; the limit for an audit policy is {FILE_BYTES}",
            path.display()
        ));
    }
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Policy::parse(&text)
        .with_context(|| format!("cannot parse the audit policy {}", path.display()))
}

fn report(checked: &Check, detectors: usize) -> String {
    let mut text = String::new();
    let (blind, partly): (Vec<&Blindness>, Vec<&Blindness>) =
        checked.blind.iter().partition(|blind| blind.for_everybody);
    for (group, note) in [
        (&blind, ""),
        (&partly, " (only for users that the rule names)"),
    ] {
        for blind in group {
            text.push_str(&line(blind, note));
        }
    }
    for exposure in &checked.exposes {
        text.push_str(&format!(
            "warning: rule {} records {} at level {}, which writes their secrets to the log\n",
            exposure.rule, exposure.resource, exposure.recorded
        ));
    }
    let mut names: Vec<&str> = blind.iter().map(|blind| blind.detector.as_str()).collect();
    names.dedup();
    text.push_str(&format!(
        "{} of {detectors} detectors lack data that they need{}\n",
        names.len(),
        if names.is_empty() {
            String::new()
        } else {
            format!(": {}", names.join(", "))
        }
    ));
    text
}

fn line(blind: &Blindness, note: &str) -> String {
    let rule = match blind.rule {
        Some(number) => format!("rule {number} records"),
        None => "no rule matches, which means".to_owned(),
    };
    let named: Vec<&str> = blind
        .requests
        .iter()
        .take(NAMED)
        .map(String::as_str)
        .collect();
    let more = blind.requests.len().saturating_sub(named.len());
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    format!(
        "{}, {}: needs {}, {rule} {}: {}{note}\n    {}{more}\n",
        blind.detector,
        blind.what,
        blind.needs,
        blind.recorded,
        blind.because,
        named.join(", "),
    )
}
