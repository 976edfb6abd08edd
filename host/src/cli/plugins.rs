//! `wardline plugins`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use comfy_table::{Table, presets};
use wardline_text::shown;

use super::arguments::PluginsCommand;
use super::ask::ask;
use super::exit::Exit;
use super::output::say;
use crate::api::{PluginList, PluginReport};
use crate::plugin::{FileState, FileStatus, Origin, Pack};

pub fn plugins(command: &PluginsCommand, pack: &Pack) -> Result<Exit> {
    let (arguments, path) = match command {
        PluginsCommand::Export { directory } => return export(directory, pack),
        PluginsCommand::List(arguments) => (arguments, "/v1/plugins".to_owned()),
        PluginsCommand::Show { name, api } => {
            let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if name.is_empty() || !name.chars().all(safe) {
                bail!("`{name}` is not a valid name for a detector");
            }
            (api, format!("/v1/plugins/{name}"))
        }
    };
    let body = ask(arguments, &path)?;
    let text = if arguments.json {
        let value: serde_json::Value = serde_json::from_slice(&body)?;
        serde_json::to_string_pretty(&value)?
    } else if matches!(command, PluginsCommand::List(_)) {
        list(&serde_json::from_slice(&body).context("unexpected response from the host")?)
    } else {
        show(&serde_json::from_slice(&body).context("unexpected response from the host")?)
    };
    say(&text)?;
    Ok(Exit::Done)
}

/// Writes each detector as the loader would read it. A host may watch the directory, so the
/// settings come first, and a program is renamed when it is complete.
fn export(directory: &Path, pack: &Pack) -> Result<Exit> {
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    for detector in pack.detectors() {
        let file = directory.join(detector.name).with_extension("wasm");
        let unwritable = || format!("cannot write {}", file.display());
        let component = detector
            .component()
            .with_context(|| format!("cannot unpack the detector {}", detector.name))?;
        let settings = file.with_extension("toml");
        if let Some(text) = detector.settings
            && !settings.exists()
        {
            std::fs::write(&settings, text)
                .with_context(|| format!("cannot write {}", settings.display()))?;
        }
        let part = file.with_extension("wasm.part");
        std::fs::write(&part, component).with_context(unwritable)?;
        std::fs::rename(&part, &file).with_context(unwritable)?;
    }
    say(&format!(
        "wrote {} detectors to {}",
        pack.detectors().len(),
        directory.display()
    ))?;
    Ok(Exit::Done)
}

fn short(digest: Option<&String>) -> &str {
    digest.and_then(|digest| digest.get(..12)).unwrap_or("-")
}

/// Maximum length of a file's name in a table, in bytes.
const NAME_BYTES: usize = 128;

/// Returns the name of a file, or of a built-in detector.
fn file(status: &FileStatus) -> String {
    // Whoever can write to the directory chooses the name.
    let name = shown(&status.file, NAME_BYTES);
    match status.origin {
        Origin::File => format!("{name}.wasm"),
        Origin::BuiltIn => name,
    }
}

fn list(list: &PluginList) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header([
        "file", "origin", "state", "detector", "version", "newest", "running", "events",
        "findings", "problem",
    ]);
    for plugin in &list.plugins {
        let running = plugin.status.running.as_ref();
        let counts = plugin.counts.clone().unwrap_or_default();
        table.add_row([
            file(&plugin.status),
            plugin.status.origin.as_str().to_owned(),
            plugin.status.state_text(),
            running.map_or("-".into(), |running| running.name.clone()),
            running.map_or("-".into(), |running| running.version.clone()),
            short(plugin.status.digest_on_disk.as_ref()).to_owned(),
            short(running.map(|running| &running.digest)).to_owned(),
            counts.judged.to_string(),
            counts.findings.to_string(),
            plugin
                .status
                .failure
                .as_ref()
                .map(|failure| format!("{}: {}", failure.step, failure.message))
                .unwrap_or_default(),
        ]);
    }
    format!("generation {}\n{table}", list.generation)
}

fn show(plugin: &PluginReport) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut line = |name: &str, value: String| lines.push((name.to_owned(), value));
    let status = &plugin.status;
    line("file", file(status));
    line("origin", status.origin.as_str().to_owned());
    line("state", status.state_text());
    if let (Some(note), false) = (&status.note, status.state == FileState::Idle) {
        line("note", note.clone());
    }
    line(
        "newest digest",
        status.digest_on_disk.clone().unwrap_or_else(|| "-".into()),
    );
    if let Some(running) = &status.running {
        line("digest running", running.digest.clone());
        line("detector", format!("{} {}", running.name, running.version));
        line("description", running.description.clone());
        line("since", running.since.clone());
        line(
            "compiled in",
            format!("{} ms", running.compile_milliseconds),
        );
        for subscription in &running.subscribes {
            line("subscribes to", subscription.clone());
        }
        for raised in &running.raises {
            line(
                "may report",
                format!(
                    "{} ({:.1}) {}; deduplicated by {}",
                    raised.name,
                    raised.severity,
                    raised.techniques.join(" "),
                    raised.aggregation_key
                ),
            );
        }
        line("imports", running.imports.join(", "));
        line("granted", running.grants.join(", "));
        for setting in &running.settings {
            line("setting", setting.clone());
        }
        for limit in &running.limits {
            line("limit", format!("{} = {}", limit.name, limit.value));
        }
    }
    if let Some(counts) = &plugin.counts {
        line(
            "events",
            format!(
                "{} ({} judged, {} not judged)",
                counts.events, counts.judged, counts.not_judged
            ),
        );
        for (reason, count) in &counts.not_judged_by_reason {
            line("not judged", format!("{reason} {count}"));
        }
        for (outcome, count) in &counts.calls {
            line("calls", format!("{outcome} {count}"));
        }
        line("findings", counts.findings.to_string());
        for (reason, count) in &counts.findings_refused {
            line("findings refused", format!("{reason} {count}"));
        }
        line("time", format!("{:.1} ms", counts.seconds * 1000.0));
        line("restarts", counts.restarts.to_string());
    }
    if let Some(health) = &plugin.health {
        line("breaker", health.breaker.clone());
        line(
            "state kept",
            format!(
                "{} entries, {} bytes, {} evicted",
                health.state_entries, health.state_bytes, health.state_evictions
            ),
        );
        if let Some((outcome, message)) = &health.last_failure {
            line("last failure", format!("{outcome}: {message}"));
        }
    }
    if let Some(failure) = &status.failure {
        line("failed step", failure.step.as_str().to_owned());
        line("error", failure.message.clone());
        line("hint", failure.hint.clone());
    }
    lines
        .into_iter()
        .map(|(name, value)| format!("{name:<16} {value}\n"))
        .collect()
}
