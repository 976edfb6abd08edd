//! Comma-separated values for spreadsheets.

use crate::Finding;

/// The header line.
pub const HEADER: &str = "severity,score,type,title,status,count,first_seen,last_seen,cluster,user,\
                          impersonated,source_ips,user_agent,verb,resource,subresource,namespace,name,code,\
                          techniques,evidence,id";

pub(super) fn line(finding: &Finding) -> String {
    let evidence: Vec<String> = finding
        .evidence
        .iter()
        .map(|item| format!("{} = {}", item.field, item.value))
        .collect();
    let request = finding.request.as_ref();
    let cells = [
        finding.severity.label.as_str().to_owned(),
        format!("{:.1}", finding.severity.score),
        finding.finding_type.clone(),
        finding.title.clone(),
        finding.status.as_str().to_owned(),
        finding.count.to_string(),
        finding.first_seen.clone(),
        finding.last_seen.clone(),
        finding.cluster.clone(),
        finding.actor.username.clone(),
        finding.actor.impersonated.clone().unwrap_or_default(),
        finding.actor.source_ips.join(" "),
        finding.actor.user_agent.clone(),
        request
            .map(|request| request.verb.clone())
            .unwrap_or_default(),
        finding.resource.resource.clone(),
        finding.resource.subresource.clone(),
        finding.resource.namespace.clone(),
        finding.resource.name.clone(),
        request
            .and_then(|request| request.response_code)
            .map(|code| code.to_string())
            .unwrap_or_default(),
        finding.techniques.join(" "),
        evidence.join("; "),
        finding.id.clone(),
    ];
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    cells.join(",")
}

/// Quotes a cell (RFC 4180, section 2). Text that a spreadsheet could interpret as a formula is
/// prefixed with an apostrophe (OWASP, CSV Injection).
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '|', '%']);
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}
