//! Findings in the forms of others: so that what reads those takes Wardline's findings too.
//!
//! Pure functions of a finding. Each form is one JSON object without a newline, or one line of
//! CSV. All text was made fit to show before it got into a finding; what a form asks for
//! besides (lengths, HTML, formulas of spreadsheets) is done here.

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

/// A form of findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Wardline's own, of `finding.schema.json`.
    #[default]
    Wardline,
    /// A finding as Amazon GuardDuty exports it
    /// (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html>).
    GuardDuty,
    /// AWS Security Finding Format
    /// (<https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html>).
    Asff,
    /// OCSF Detection Finding, class 2004 (<https://schema.ocsf.io/1.5.0/classes/detection_finding>).
    Ocsf,
    /// Comma-separated values (RFC 4180), with no formula in them; a header is
    /// [`CSV_HEADER`].
    Csv,
}

/// A finding that was written in Wardline's own form, in this one.
///
/// # Errors
/// Where the line is no finding.
pub fn convert(line: &[u8], form: Form, place: &Place) -> Result<String, serde_json::Error> {
    let finding: Finding = serde_json::from_slice(line)?;
    Ok(encode(&finding, form, place))
}

/// One line, without the newline.
#[must_use]
pub fn encode(finding: &Finding, form: Form, place: &Place) -> String {
    let value = match form {
        Form::Csv => return csv::line(finding),
        // A finding holds texts and numbers, which JSON can always say.
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
