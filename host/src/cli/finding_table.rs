//! Findings as a table.

use comfy_table::{ContentArrangement, Table, presets};
use wardline_finding::Finding;

/// Formats findings as a table, the most severe first, in event order within each severity band.
pub fn finding_table(findings: &[Finding]) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header([
            "severity", "count", "time", "finding", "actor", "resource", "evidence",
        ]);
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity.label));
    for finding in sorted {
        let evidence: Vec<String> = finding
            .evidence
            .iter()
            .map(|item| format!("{} = {}", item.field, cut(&item.value, 120)))
            .collect();
        table.add_row([
            severity(finding),
            finding.count.to_string(),
            finding.time.get(..19).unwrap_or(&finding.time).to_owned(),
            format!("{}\n{}", finding.finding_type, finding.title),
            actor(finding),
            resource(finding),
            evidence.join("\n"),
        ]);
    }
    table.to_string()
}

fn severity(finding: &Finding) -> String {
    let severity = format!("{} {:.1}", finding.severity.label, finding.severity.score);
    match &finding.suppression {
        None => severity,
        Some(suppression) => format!("{severity}\nsuppressed: {}", suppression.rule),
    }
}

fn actor(finding: &Finding) -> String {
    let mut text = match (finding.actor.username.as_str(), &finding.process) {
        ("", Some(process)) => process.executable.clone(),
        ("", None) => "(unauthenticated)".to_owned(),
        (username, _) => username.to_owned(),
    };
    if let Some(other) = &finding.actor.impersonated {
        text.push_str(&format!(" as {other}"));
    }
    if !finding.actor.source_ips.is_empty() {
        text.push_str(&format!("\n{}", finding.actor.source_ips.join(", ")));
    }
    text
}

fn resource(finding: &Finding) -> String {
    let resource = &finding.resource;
    if resource.resource.is_empty() {
        return match &finding.request {
            Some(request) => format!("{} {}", request.verb, cut(&request.uri, 60)),
            None => finding.node.clone().unwrap_or_default(),
        };
    }
    let mut text = match &finding.request {
        Some(request) => format!("{} {}", request.verb, resource.resource),
        None => resource.resource.clone(),
    };
    if !resource.subresource.is_empty() {
        text.push_str(&format!("/{}", resource.subresource));
    }
    let name: Vec<&str> = [resource.namespace.as_str(), resource.name.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    if !name.is_empty() {
        text.push_str(&format!("\n{}", name.join("/")));
    }
    text
}

fn cut(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(characters).collect();
    short.push('…');
    short
}
