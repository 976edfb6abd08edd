//! The list of output formats.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use super::csv;

/// An output format for findings, in the configuration of sinks and on the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Wardline's own format, described by the JSON Schema of `wardline schema`.
    #[default]
    Jsonl,
    /// Text for people.
    Text,
    /// The format in which Amazon GuardDuty exports findings
    /// (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html>).
    GuardDuty,
    /// AWS Security Finding Format
    /// (<https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html>).
    Asff,
    /// OCSF Detection Finding, class 2004 (<https://schema.ocsf.io/1.5.0/classes/detection_finding>).
    Ocsf,
    /// Comma-separated values (RFC 4180) without formulas, with the header [`Form::header`].
    Csv,
}

impl Form {
    /// All formats.
    pub const ALL: [Self; 6] = [
        Self::Jsonl,
        Self::Text,
        Self::GuardDuty,
        Self::Asff,
        Self::Ocsf,
        Self::Csv,
    ];

    /// Returns the format with a name or alias.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|form| form.as_str() == name || form.aliases().contains(&name))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Text => "text",
            Self::GuardDuty => "guardduty",
            Self::Asff => "asff",
            Self::Ocsf => "ocsf",
            Self::Csv => "csv",
        }
    }

    /// Returns further names.
    #[must_use]
    pub fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Jsonl => &["json", "wardline"],
            Self::Text => &["table"],
            _ => &[],
        }
    }

    /// Returns a description for help texts.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Jsonl => "One JSON object per line",
            Self::Text => "Text for people",
            Self::GuardDuty => "One Amazon GuardDuty finding per line",
            Self::Asff => "One finding in the AWS Security Finding Format per line",
            Self::Ocsf => "One OCSF Detection Finding (class 2004) per line",
            Self::Csv => "Comma-separated values, without formulas",
        }
    }

    /// Returns the line that an empty file begins with, without the newline.
    #[must_use]
    pub fn header(self) -> Option<&'static str> {
        match self {
            Self::Csv => Some(csv::HEADER),
            _ => None,
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Form {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const NAMES: [&str; 6] = ["jsonl", "text", "guardduty", "asff", "ocsf", "csv"];
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).ok_or_else(|| de::Error::unknown_variant(&name, &NAMES))
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn each_name_and_alias_means_one_format() {
        for form in Form::ALL {
            for name in form.aliases().iter().chain([&form.as_str()]) {
                assert_eq!(Form::parse(name), Some(form));
                let value = serde_json::Value::from(*name);
                assert_eq!(serde_json::from_value::<Form>(value).unwrap(), form);
            }
            assert_eq!(serde_json::to_value(form).unwrap(), form.as_str());
        }
        let error = serde_json::from_value::<Form>("xml".into()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown variant `xml`, expected one of `jsonl`, `text`, `guardduty`, `asff`, `ocsf`, `csv`"
        );
    }
}
