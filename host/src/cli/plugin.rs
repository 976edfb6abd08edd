//! `wardline plugin`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wardline_author::{Sources, build_all, fixtures, new};
use wardline_finding::Finding;

use super::arguments::PluginCommand;
use super::describe::offline;
use super::error::note;
use super::exit::Exit;
use super::output::say;
use crate::app::{ScanOptions, ScanProgress, scan};
use crate::config::Config;
use crate::pipeline::Totals;
use crate::plugin::check;

pub fn plugin(command: &PluginCommand, sources: &Sources) -> Result<Exit> {
    match command {
        PluginCommand::New { name, path, .. } => begin(name, path, sources),
        PluginCommand::Build { detectors, output } => build_detectors(detectors, output.as_deref()),
        PluginCommand::Test {
            detectors,
            update,
            wasm,
        } => test_all(detectors, *update, wasm.as_deref()),
        PluginCommand::Check { files, config } => check_all(files, config.as_deref()),
    }
}

fn begin(name: &str, parent: &Path, sources: &Sources) -> Result<Exit> {
    let directory = new(name, parent, sources)?;
    say(&format!(
        "created {}; next steps:\n  cd {}\n  wardline plugin build     # compile it\n  wardline plugin test      # run tests/*.ndjson in the sandbox\nthen copy target/detectors/{name}.wasm into a host's plugin directory",
        directory.display(),
        directory.display()
    ))?;
    Ok(Exit::Done)
}

fn build_detectors(detectors: &[PathBuf], output: Option<&Path>) -> Result<Exit> {
    for built in build_all(detectors, output)? {
        say(&format!(
            "{} ({} KiB, imports {})",
            built.file.display(),
            built.size.div_ceil(1024),
            built.imports.join(", ")
        ))?;
    }
    Ok(Exit::Done)
}

struct Silent;

impl ScanProgress for Silent {
    fn total(&mut self, _bytes: Option<u64>) {}
    fn advance(&mut self, _bytes: u64, _ledger: &Totals) {}
    fn finish(&mut self) {}
}

fn test_all(detectors: &[PathBuf], update: bool, wasm: Option<&Path>) -> Result<Exit> {
    if wasm.is_some() && detectors.len() > 1 {
        bail!("`--wasm` requires a single detector");
    }
    let files: Vec<PathBuf> = match wasm {
        Some(file) => vec![file.to_owned()],
        None => build_all(detectors, None)?
            .into_iter()
            .map(|built| built.file)
            .collect(),
    };
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for (directory, file) in detectors.iter().zip(files) {
        // A host with this detector alone, in a directory that nobody else can write to, because
        // compiled code is cached there.
        let place = tempfile::tempdir().with_context(|| {
            format!(
                "cannot create a temporary directory to test {}",
                directory.display()
            )
        })?;
        let alone = place.path().join("plugins");
        std::fs::create_dir(&alone)
            .with_context(|| format!("cannot create {}", alone.display()))?;
        let name = file
            .file_name()
            .context("the detector's file has no name")?;
        std::fs::copy(&file, alone.join(name))
            .with_context(|| format!("cannot copy {}", file.display()))?;
        let beside = file.with_extension("toml");
        if beside.exists() {
            std::fs::copy(&beside, alone.join(name).with_extension("toml"))?;
        }
        for fixture in fixtures(directory)? {
            let found = judge(place.path(), &fixture.log)?;
            let name = fixture.log.display();
            if update {
                fixture.update(&found)?;
                say(&format!("wrote  {name}: {} findings", found.len()))?;
                continue;
            }
            match fixture.compare(&found)? {
                None => {
                    passed += 1;
                    say(&format!("ok     {name}: {} findings", found.len()))?;
                }
                Some(difference) => {
                    failed += 1;
                    say(&format!("FAILED {name}\n{difference}"))?;
                }
            }
        }
    }
    if update {
        return Ok(Exit::Done);
    }
    say(&format!("{passed} passed, {failed} failed"))?;
    Ok(if failed == 0 { Exit::Done } else { Exit::Found })
}

fn judge(place: &Path, log: &Path) -> Result<Vec<Finding>> {
    let mut config = Config::defaults()?;
    config.threads = 1;
    let mut found = Vec::new();
    let report = scan(
        &config,
        place.join("plugins").as_path(),
        &[log.to_owned()],
        &ScanOptions {
            cache: Some(&place.join("cache")),
            // A detector's author needs to see every occurrence.
            stream: true,
            ..ScanOptions::default()
        },
        &mut Silent,
        &mut |finding| {
            found.push(finding);
            Ok(())
        },
    )?;
    if let Some((_, failure)) = report.refused.first() {
        bail!(
            "refused at step {}: {} ({})",
            failure.step,
            failure.message,
            failure.hint
        );
    }
    if let Some(error) = report.unread.into_iter().next() {
        return Err(error.into());
    }
    if report.ledger.all_rejected() > 0 {
        bail!(
            "{} contains events that cannot be decoded: {:?}",
            log.display(),
            report.ledger.rejected
        );
    }
    let not_judged = report.ledger.not_judged + report.ledger.signals_not_judged;
    if not_judged > 0 {
        let reasons: Vec<_> = report
            .ledger
            .detectors
            .values()
            .map(|counts| &counts.not_judged_by_reason)
            .collect();
        bail!(
            "{not_judged} events of {} were not judged: {reasons:?} (run `wardline scan` on it to see why)",
            log.display()
        );
    }
    Ok(found)
}

fn check_all(files: &[PathBuf], config: Option<&Path>) -> Result<Exit> {
    let config = match config {
        Some(path) => Config::load(path)?,
        None => Config::defaults()?,
    };
    let environment = offline(&config)?;
    let mut exit = Exit::Done;
    for file in files {
        match check(&environment, file) {
            Ok(checked) => say(&format!(
                "{}: {} {} is valid; imports {}; reports {}",
                file.display(),
                checked.running.name,
                checked.running.version,
                checked.running.imports.join(", "),
                checked
                    .running
                    .raises
                    .iter()
                    .map(|raised| raised.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            ))?,
            Err(error) => {
                exit = Exit::Failed;
                note(&format!(
                    "{}: refused at step {}: {}",
                    file.display(),
                    error.step,
                    error.message
                ));
                if !error.hint.is_empty() {
                    note(&format!("hint: {}", error.hint));
                }
            }
        }
    }
    Ok(exit)
}
