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
            "wardline {}, {}, detector generation {}\n{}{} events read, {}\n{}\n{}",
            report.version,
            condition(&report),
            report.generation,
            lists(report.lists),
            report.ledger.events,
            left_out(&report.ledger),
            counts(&report.ledger).trim_end(),
            surroundings(&report)
        )
    };
    say(&text)?;
    Ok(Exit::Done)
}

/// Maximum length of a line about a source, a sink, or the store, in bytes.
const MAX_LINE: usize = 2048;

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

fn condition(report: &StatusReport) -> &'static str {
    match (report.ready, report.problems.is_empty()) {
        (true, _) => "running",
        (false, true) => "starting",
        (false, false) => "not ready",
    }
}

/// Returns what is wrong, and the sources, sinks, and store, one per line.
fn surroundings(report: &StatusReport) -> String {
    let mut lines: Vec<String> = Vec::new();
    let say = |lines: &mut Vec<String>, what: &str, texts: &[String]| {
        lines.extend(texts.iter().map(|text| format!("{what}: {}", plain(text))));
    };
    say(&mut lines, "problem", &report.problems);
    say(&mut lines, "warning", &report.warnings);
    for source in &report.sources {
        let mut line = format!("source {}: {}", source.name, source.location);
        line.push_str(match &source.problem {
            Some(_) => ", not read",
            None => ", read",
        });
        if let Some(queue) = &source.queue {
            line.push_str(&format!(
                ", {} bodies waiting, queue {} of {} bytes",
                queue.waiting, queue.bytes, queue.limit
            ));
        }
        lines.push(plain(&line));
        lines.extend(source.note.iter().map(|note| format!("  {}", plain(note))));
    }
    for sink in &report.sinks {
        let mut line = format!("sink {}: {} findings waiting", sink.name, sink.waiting);
        if sink.waiting > 0 {
            line.push_str(&format!(" for up to {} s", sink.oldest_seconds));
        }
        if let Some(failure) = &sink.failure {
            line.push_str(&format!(
                ", failing since {}: {}",
                failure.since, failure.error
            ));
        }
        lines.push(plain(&line));
    }
    if let Some(kept_as) = &report.store.replaced {
        lines.push(plain(&format!(
            "store: a damaged one was put aside as {}: {}",
            kept_as.display(),
            report.store.damage.as_deref().unwrap_or_default()
        )));
    }
    lines.join("\n")
}

fn plain(text: &str) -> String {
    wardline_text::shown(text, MAX_LINE)
}
