//! `wardline status`.

use anyhow::{Context, Result};

use super::arguments::ApiArguments;
use super::ask::ask;
use super::exit::Exit;
use super::output::say;
use super::summary::{counts, left_out};
use crate::api::{ListNumbers, StatusReport};

pub fn status(arguments: &ApiArguments) -> Result<Exit> {
    let body = ask(arguments, "/v1/status")?;
    let report: StatusReport =
        serde_json::from_slice(&body).context("unexpected response from the host")?;
    let text = if arguments.json {
        serde_json::to_string_pretty(&report)?
    } else {
        format!(
            "wardline {}, {}, detector generation {}\n{}{} events read, {}\n{}",
            report.version,
            if report.ready { "running" } else { "starting" },
            report.generation,
            lists(report.lists),
            report.ledger.events,
            left_out(&report.ledger),
            counts(&report.ledger)
        )
    };
    say(&text)?;
    Ok(Exit::Done)
}

/// Returns a line if there are intel lists, or if there should be.
fn lists(numbers: ListNumbers) -> String {
    if numbers == ListNumbers::default() {
        return String::new();
    }
    format!(
        "{} intel lists in force, {} broken, {} stale\n",
        numbers.in_force, numbers.broken, numbers.stale
    )
}
