//! `wardline detections`.

use anyhow::{Result, bail};
use comfy_table::{Table, presets};
use wardline_finding::catalog::{Catalog, Detection, markdown};

use super::arguments::{CatalogFormat, DetectionsCommand, DetectorsArguments};
use super::describe::described;
use super::exit::Exit;
use super::output::say;
use crate::plugin::Pack;

pub fn detections(command: &DetectionsCommand, pack: &Pack) -> Result<Exit> {
    let text = match command {
        DetectionsCommand::List {
            detectors: from,
            format,
        } => {
            let catalog = catalog(from, pack)?;
            match format {
                CatalogFormat::Table => table(&catalog),
                CatalogFormat::Json => serde_json::to_string_pretty(catalog.detections())?,
                CatalogFormat::Markdown => markdown::index(&catalog),
            }
        }
        DetectionsCommand::Page {
            name,
            detectors: from,
        } => {
            let page = markdown::page(&catalog(from, pack)?, name);
            if page.is_empty() {
                bail!(
                    "no detector is named `{name}` (list all types with `wardline detections list`)"
                );
            }
            page
        }
        DetectionsCommand::Show {
            name,
            detectors: from,
            json,
        } => {
            let catalog = catalog(from, pack)?;
            let found = catalog.find(name);
            if found.is_empty() {
                let hint = match catalog.nearest(name) {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => "list all types with `wardline detections list`".to_owned(),
                };
                bail!("no detector reports the type `{name}` ({hint})");
            }
            if *json {
                serde_json::to_string_pretty(&found)?
            } else {
                found
                    .into_iter()
                    .map(shown)
                    .collect::<Vec<_>>()
                    .join("\n\n")
            }
        }
    };
    say(&text)?;
    Ok(Exit::Done)
}

/// Includes disabled detectors, because the catalog documents what they could report.
fn catalog(from: &DetectorsArguments, pack: &Pack) -> Result<Catalog> {
    let described = described(from, pack)?;
    let health = wardline_health::descriptor(env!("CARGO_PKG_VERSION"));
    // The host's own types are left out with the built-in detectors.
    let own = (!from.no_defaults).then_some(&health);
    Ok(Catalog::of(
        described
            .iter()
            .map(|one| one.descriptor.as_ref())
            .chain(own),
    ))
}

fn table(catalog: &Catalog) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_header(["type", "severity", "techniques", "detector"]);
    for detection in catalog.detections() {
        table.add_row([
            detection.finding_type.clone(),
            format!(
                "{} {:.1}",
                detection.severity.label, detection.severity.score
            ),
            detection.techniques.join(" "),
            detection.detector.clone(),
        ]);
    }
    table.trim_fmt()
}

/// Formats a type with its documentation.
fn shown(detection: &Detection) -> String {
    let mut lines = vec![
        detection.finding_type.clone(),
        format!("  {}", detection.title),
        String::new(),
    ];
    let mut paragraph = |name: &str, texts: &[String]| {
        let mut name = name;
        for text in texts.iter().filter(|text| !text.is_empty()) {
            lines.push(format!("{name:<16} {text}"));
            name = "";
        }
    };
    let one = |text: &str| [text.to_owned()];
    let mut severity = vec![format!(
        "{} {:.1}",
        detection.severity.label, detection.severity.score
    )];
    severity.extend(detection.severity_rules.iter().cloned());
    paragraph(
        "detector",
        &one(&format!("{} {}", detection.detector, detection.version)),
    );
    paragraph("severity", &severity);
    paragraph("tactics", &one(&detection.tactics.join(" ")));
    paragraph("techniques", &one(&detection.techniques.join(" ")));
    paragraph("description", &one(&detection.description));
    paragraph("deduplicated by", &one(&detection.aggregation_key));
    paragraph("remediation", &one(&detection.remediation));
    paragraph("false positives", &one(&detection.false_positives));
    paragraph("tuning", &detection.tuning);
    let settings: Vec<String> = detection
        .settings
        .iter()
        .map(|setting| format!("{}: {}", setting.name, setting.description))
        .collect();
    paragraph("settings", &settings);
    paragraph("references", &detection.references);
    lines.join("\n")
}
