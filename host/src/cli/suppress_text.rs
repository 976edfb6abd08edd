//! Suppression rules as text.

use comfy_table::{CellAlignment, Table, presets};
use wardline_finding::suppress::{Preview, RulePreview, Shown, SuppressionReport};

/// Formats a preview of rules.
pub fn preview_text(preview: &Preview) -> String {
    let mut text = format!(
        "{} of {} findings would be hidden\n",
        preview.hidden, preview.findings
    );
    for rule in &preview.rules {
        text.push_str(&rule_text(rule, preview.findings));
    }
    text
}

fn rule_text(rule: &RulePreview, findings: u64) -> String {
    let mut text = format!(
        "\n{} ({}): {} of {findings} findings{}\n",
        rule.rule,
        rule.state.as_str(),
        rule.hidden,
        by_severity(rule)
    );
    for warning in &rule.warnings {
        text.push_str(&format!("  warning: {warning}\n"));
    }
    if rule.types.is_empty() {
        return text;
    }
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_header(["type", "hidden", "kept"]);
    for (name, types) in &rule.types {
        table.add_row([
            name.clone(),
            types.hidden.to_string(),
            types.kept.to_string(),
        ]);
    }
    for index in [1, 2] {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    text.push_str(&format!("{}\n", trimmed(&table)));
    text.push_str(&examples("hidden:", &rule.first));
    text.push_str(&examples("kept, of the same types:", &rule.not_hidden));
    text
}

fn by_severity(rule: &RulePreview) -> String {
    if rule.severities.is_empty() {
        return String::new();
    }
    let parts: Vec<String> = rule
        .severities
        .iter()
        .map(|(label, count)| format!("{count} {label}"))
        .collect();
    format!(" ({})", parts.join(", "))
}

fn examples(title: &str, shown: &[Shown]) -> String {
    if shown.is_empty() {
        return String::new();
    }
    let mut text = format!("  {title}\n");
    for one in shown {
        let time = one.time.get(..19).unwrap_or(&one.time);
        text.push_str(&format!("    {time} {} ({})\n", one.title, one.actor));
    }
    text
}

/// Formats all rules of a host.
pub fn list_text(report: &SuppressionReport) -> String {
    let mut text = String::new();
    if let Some(failure) = &report.failure {
        text.push_str(&format!(
            "error: {failure} (the rules below stay in force)\n"
        ));
    }
    for file in &report.files {
        if let Some(failure) = &file.failure {
            text.push_str(&format!("error: {failure}\n"));
        }
    }
    if report.rules.is_empty() {
        text.push_str("no rules\n");
        return text;
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header([
        "rule",
        "file",
        "state",
        "owner",
        "expires",
        "matches",
        "last match",
        "reason",
    ]);
    for rule in &report.rules {
        let or_dash = |text: &str| {
            if text.is_empty() {
                "-".to_owned()
            } else {
                text.to_owned()
            }
        };
        table.add_row([
            rule.name.clone(),
            rule.file.clone(),
            rule.state.as_str().to_owned(),
            rule.owner.clone(),
            rule.expires.clone().unwrap_or_else(|| "never".into()),
            rule.matches.count.to_string(),
            or_dash(rule.matches.last.get(..19).unwrap_or_default()),
            rule.reason.clone(),
        ]);
    }
    text.push_str(&trimmed(&table));
    text.push('\n');
    text
}

/// Removes the padding of the last column.
fn trimmed(table: &Table) -> String {
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}
