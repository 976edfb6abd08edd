//! `wardline intel`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use comfy_table::{CellAlignment, Table, presets};
use wardline_files::read_file;
use wardline_intel::{
    BadLine, Content, IntelConfig, ListConfig, ListEvent, ListLoader, ListStatus, Reader, load,
};
use wardline_text::chain_with_hint;

use super::arguments::IntelCommand;
use super::ask::ask;
use super::error::note;
use super::exit::Exit;
use super::output::say;
use crate::api::IntelReport;
use crate::config::Config;

/// Maximum number of bad lines that `check` shows per file.
const BAD_LINES: usize = 10;

pub fn intel(command: &IntelCommand) -> Result<Exit> {
    match command {
        IntelCommand::List(arguments) => {
            let body = ask(arguments, "/v1/intel")?;
            let report: IntelReport =
                serde_json::from_slice(&body).context("unexpected response from the host")?;
            if arguments.json {
                say(&serde_json::to_string_pretty(&report)?)?;
            } else {
                say(&table(&report.lists))?;
            }
            Ok(Exit::Done)
        }
        IntelCommand::Check {
            files,
            format,
            content,
            config,
        } => {
            let config = limits(config.as_deref())?;
            let reader = Reader {
                content: *content,
                format: *format,
                entry_limit: config.entry_limit,
            };
            check_all(files, &reader, &config)
        }
        IntelCommand::Test {
            lists,
            value,
            config,
        } => test(lists, value, limits(config.as_deref())?),
    }
}

fn limits(config: Option<&Path>) -> Result<IntelConfig> {
    Ok(match config {
        Some(path) => Config::load(path)?.intel,
        None => Config::defaults()?.intel,
    })
}

fn table(lists: &[ListStatus]) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header([
        "list",
        "kind",
        "format",
        "entries",
        "bad lines",
        "age",
        "state",
        "problem",
    ]);
    for list in lists {
        let of = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let in_force = list.in_force.as_ref();
        let state = match (in_force, list.is_stale()) {
            (None, _) => "not in force",
            (Some(_), true) => "stale",
            (Some(_), false) => "in force",
        };
        table.add_row([
            list.name.clone(),
            list.kind.clone(),
            of(in_force.map(|list| list.format.as_str().to_owned())),
            of(in_force.map(|list| list.entries.all().to_string())),
            of(in_force.map(|list| list.bad.to_string())),
            of(in_force.and_then(|list| list.age_seconds).map(age)),
            state.to_owned(),
            list.failure.clone().unwrap_or_default(),
        ]);
    }
    for index in [3, 4, 5] {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

/// Formats an age in the largest unit that gives at least 2.
fn age(seconds: u64) -> String {
    let units = [(86_400, "days"), (3_600, "hours"), (60, "minutes")];
    units
        .into_iter()
        .find(|(length, _)| seconds >= 2 * length)
        .map_or_else(
            || format!("{seconds} seconds"),
            |(length, unit)| format!("{} {unit}", seconds / length),
        )
}

fn check_all(files: &[PathBuf], reader: &Reader, config: &IntelConfig) -> Result<Exit> {
    let mut exit = Exit::Done;
    for file in files {
        let contents = read_file(file, config.file_limit);
        let loaded = contents
            .map_err(Into::into)
            .and_then(|contents| load("list", "threat", reader, &contents, now()));
        match loaded {
            Ok((_, report)) => {
                say(&format!(
                    "ok  {}: {}, {} ({} bad lines, {} skipped, {} networks with host bits set)",
                    file.display(),
                    report.format.as_str(),
                    report.counts,
                    report.bad,
                    report.skipped,
                    report.host_bits
                ))?;
                for BadLine { line, reason } in report.bad_lines.iter().take(BAD_LINES) {
                    say(&format!("    line {line}: {reason}"))?;
                }
                for entry in report.broad.iter().take(BAD_LINES) {
                    note(&format!(
                        "warning: {}: `{entry}` holds a large part of all addresses or domains",
                        file.display()
                    ));
                    note(
                        "hint: in trusted/ it hides every finding about a listed address; in threat/ it raises one for every request",
                    );
                }
            }
            Err(error) => {
                exit = Exit::Failed;
                note(&format!("{}: {}", file.display(), chain_with_hint(&error)));
            }
        }
    }
    Ok(exit)
}

fn test(path: &Path, value: &str, limits: IntelConfig) -> Result<Exit> {
    let is_directory = path.is_dir();
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let alone = ListConfig {
        name,
        kind: "list".into(),
        content: Content::Auto,
        format: None,
        path: path.to_owned(),
        stale_after: None,
        description: String::new(),
    };
    let mut loader = ListLoader::new(IntelConfig {
        directory: is_directory.then(|| path.to_owned()),
        lists: if is_directory {
            Vec::new()
        } else {
            vec![alone]
        },
        ..limits
    });
    let look = loader.look(now());
    let mut exit = Exit::Done;
    for event in &look.events {
        match event {
            ListEvent::Refused { path, error, .. } => {
                exit = Exit::Partial;
                note(&format!("{}: {}", path.display(), chain_with_hint(error)));
            }
            ListEvent::Unreadable(error) => bail!(error.clone()),
            _ => {}
        }
    }
    let intel = look.lists.unwrap_or_default();
    let found = intel.search(value);
    if found.is_empty() {
        say("not on any list")?;
    }
    for (list, entry) in &found {
        say(&format!("{} ({}): {entry}", list.name, list.kind))?;
    }
    if found.len() > 1 && found.iter().any(|(list, _)| list.is_trusted()) {
        say("the value is trusted: lookups ignore the other lists")?;
    }
    Ok(exit)
}

fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
