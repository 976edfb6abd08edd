//! Findings in the output formats of sinks and `wardline scan`: Wardline's own, other products', and
//! text for people.
//!
//! Pure functions of a finding, except that a format whose times are required has the present time if
//! the events have none. Each format is one JSON object without a newline, one line of CSV,
//! or one line of text. All text in a finding is already printable; this module adds what a format
//! requires besides: lengths, HTML escapes, and protection against spreadsheet formulas.

mod asff;
mod cloud_account;
mod csv;
mod form;
mod guardduty;
mod json;
mod ocsf;
mod text;

use crate::Finding;

pub use cloud_account::CloudAccount;
pub use form::Form;

/// Encodes a finding as one line, without the newline.
#[must_use]
pub fn encode(finding: &Finding, form: Form, cloud_account: &CloudAccount) -> String {
    let dated = with_times(finding, form);
    let finding = dated.as_ref().unwrap_or(finding);
    let value = match form {
        Form::Csv => return csv::line(finding),
        Form::Text => return text::line(finding),
        // A finding contains only texts and numbers, which always serialize.
        Form::Jsonl => {
            return json::html_safe(&serde_json::to_string(finding).unwrap_or_default());
        }
        Form::GuardDuty => guardduty::finding(finding, cloud_account),
        Form::Asff => asff::finding(finding, cloud_account),
        Form::Ocsf => ocsf::finding(finding),
    };
    json::html_safe(&value.to_string())
}

/// Returns the finding with the present time if its events have none and the format requires one.
fn with_times(finding: &Finding, form: Form) -> Option<Finding> {
    let is_required = matches!(form, Form::GuardDuty | Form::Asff | Form::Ocsf);
    (is_required && finding.first_seen.is_empty()).then(|| {
        let now = format!("{:.6}", jiff::Timestamp::now());
        Finding {
            first_seen: now.clone(),
            last_seen: now,
            ..finding.clone()
        }
    })
}

#[cfg(test)]
mod tests;
