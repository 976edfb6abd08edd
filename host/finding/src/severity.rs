//! The severity of a finding.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A severity band, with GuardDuty's boundaries
/// (docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Label {
    /// Below 4.
    Low,
    /// From 4, below 7.
    Medium,
    /// From 7, below 9.
    High,
    /// From 9 on.
    Critical,
}

impl Label {
    /// All bands in ascending order.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Returns the band of a score.
    #[must_use]
    pub fn of(score: f64) -> Self {
        match score {
            score if score >= 9.0 => Self::Critical,
            score if score >= 7.0 => Self::High,
            score if score >= 4.0 => Self::Medium,
            _ => Self::Low,
        }
    }

    /// Returns the name used in findings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Label {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|label| label.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("`{text}` is not a severity (low, medium, high, or critical)"))
    }
}

/// A score and its band.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Severity {
    /// The band.
    pub label: Label,
    /// The score, from 1.0 to 10.0.
    pub score: f64,
}

impl Severity {
    /// Creates a severity with the band of the score.
    #[must_use]
    pub fn new(score: f64) -> Self {
        Self {
            label: Label::of(score),
            score,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Label;

    #[test]
    fn bands_start_at_their_documented_scores() {
        let labels: Vec<Label> = [1.0, 3.9, 4.0, 6.9, 7.0, 8.9, 9.0, 10.0]
            .into_iter()
            .map(Label::of)
            .collect();
        use Label::{Critical, High, Low, Medium};
        assert_eq!(
            labels,
            [Low, Low, Medium, Medium, High, High, Critical, Critical]
        );
        assert_eq!("hIgh".parse(), Ok(High));
        assert!("severe".parse::<Label>().is_err());
    }
}
