//! Findings in other products' formats, so that their consumers can read them.
//!
//! Pure functions of a finding. Each format is one JSON object without a newline, or one line of
//! CSV. All text in a finding is already printable; this module adds what a format requires
//! besides: lengths, HTML escapes, and protection against spreadsheet formulas.

mod asff;
mod csv;
mod guardduty;
mod json;
mod ocsf;
mod place;

use serde::{Deserialize, Serialize};

use crate::Finding;

pub use csv::HEADER as CSV_HEADER;
pub use place::Place;

/// An output format for findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Wardline's own format, described by the JSON Schema of `wardline schema`.
    #[default]
    Wardline,
    /// The format in which Amazon GuardDuty exports findings
    /// (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html>).
    GuardDuty,
    /// AWS Security Finding Format
    /// (<https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html>).
    Asff,
    /// OCSF Detection Finding, class 2004 (<https://schema.ocsf.io/1.5.0/classes/detection_finding>).
    Ocsf,
    /// Comma-separated values (RFC 4180) without formulas; the header is [`CSV_HEADER`].
    Csv,
}

/// Converts a finding from Wardline's own format to another.
///
/// # Errors
/// Returns an error if the line is not a finding.
pub fn convert(line: &[u8], form: Form, place: &Place) -> Result<String, serde_json::Error> {
    let finding: Finding = serde_json::from_slice(line)?;
    Ok(encode(&finding, form, place))
}

/// Encodes a finding as one line, without the newline.
#[must_use]
pub fn encode(finding: &Finding, form: Form, place: &Place) -> String {
    let value = match form {
        Form::Csv => return csv::line(finding),
        // A finding contains only texts and numbers, which always serialize.
        Form::Wardline => {
            return json::html_safe(&serde_json::to_string(finding).unwrap_or_default());
        }
        Form::GuardDuty => guardduty::finding(finding, place),
        Form::Asff => asff::finding(finding, place),
        Form::Ocsf => ocsf::finding(finding),
    };
    json::html_safe(&value.to_string())
}

#[cfg(test)]
mod tests;
