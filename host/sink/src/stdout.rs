//! Standard output.

use std::io::Write;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wardline_finding::export::Form;
use wardline_text::shown;

use super::{Sink, SinkError, lines};

/// Bytes of one part of a line for people.
const PART_BYTES: usize = 200;

/// How findings are written to standard output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StdoutFormat {
    /// As JSON, for programs.
    #[default]
    Json,
    /// As text, for people.
    Text,
    /// In GuardDuty's form.
    GuardDuty,
    /// In the AWS Security Finding Format.
    Asff,
    /// As OCSF Detection Findings.
    Ocsf,
    /// As comma-separated values.
    Csv,
}

impl StdoutFormat {
    /// The form that findings are given in.
    #[must_use]
    pub fn form(self) -> Form {
        match self {
            Self::Json | Self::Text => Form::Wardline,
            Self::GuardDuty => Form::GuardDuty,
            Self::Asff => Form::Asff,
            Self::Ocsf => Form::Ocsf,
            Self::Csv => Form::Csv,
        }
    }
}

/// Writes findings to standard output, one a line.
#[derive(Debug)]
pub struct Stdout {
    format: StdoutFormat,
}

impl Stdout {
    /// As JSON, or as text for people.
    #[must_use]
    pub fn new(format: StdoutFormat) -> Self {
        Self { format }
    }
}

impl Sink for Stdout {
    fn name(&self) -> &str {
        "stdout"
    }

    fn write(&mut self, findings: &[&[u8]]) -> Result<(), SinkError> {
        let text = match self.format {
            StdoutFormat::Text => findings
                .iter()
                .filter_map(|finding| serde_json::from_slice(finding).ok())
                .map(|finding| text(&finding))
                .collect::<String>()
                .into_bytes(),
            _ => lines(findings),
        };
        let mut out = std::io::stdout().lock();
        out.write_all(&text)
            .and_then(|()| out.flush())
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::BrokenPipe => SinkError::Closed,
                _ => SinkError::Stdout(error),
            })
    }
}

/// `TIME SEVERITY TYPE: TITLE (ACTOR; DETECTOR VERSION)`, and behind the title `[N times]`
/// of what happened more than once, and `[suppressed: RULE]`.
fn text(finding: &Value) -> String {
    let part = |pointer: &str| {
        let text = finding
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default();
        shown(text, PART_BYTES)
    };
    let mut marks = String::new();
    match finding.get("count").and_then(Value::as_u64) {
        Some(count) if count > 1 => marks.push_str(&format!(" [{count} times]")),
        _ => {}
    }
    if finding.get("status").and_then(Value::as_str) == Some("suppressed") {
        marks.push_str(&format!(" [suppressed: {}]", part("/suppression/rule")));
    }
    format!(
        "{} {:<8} {}: {}{marks} ({}; {} {})\n",
        part("/time").get(..19).unwrap_or_default(),
        part("/severity/label"),
        part("/type"),
        part("/title"),
        part("/actor/username"),
        part("/detector/name"),
        part("/detector/version"),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_line_for_people_is_one_line() {
        let mut finding = json!({
            "time": "2026-11-25T10:00:00.000001Z",
            "severity": {"label": "High", "score": 8.0},
            "type": "Policy:Kubernetes/AnonymousAccessGranted",
            "title": "a\nb\u{1b}[31m",
            "actor": {"username": "bob"},
            "detector": {"name": "anonymous-access", "version": "0.1.0"},
        });
        assert_eq!(
            super::text(&finding),
            "2026-11-25T10:00:00 High     Policy:Kubernetes/AnonymousAccessGranted: a\\nb\\u{1b}[31m (bob; anonymous-access 0.1.0)\n"
        );
        finding["count"] = json!(3);
        finding["status"] = json!("suppressed");
        finding["suppression"] = json!({"rule": "known"});
        let again = super::text(&finding);
        assert!(
            again.contains("[31m [3 times] [suppressed: known] (bob"),
            "{again}"
        );
    }
}
