//! One line of text for people.

use wardline_text::shown;

use crate::{Finding, Status};

/// Maximum length of one part of a line, in bytes.
const PART_BYTES: usize = 200;

/// Returns `TIME SEVERITY TYPE: TITLE (ACTOR; DETECTOR VERSION)`. The title is followed by `[N times]`
/// if the finding is repeated, and by `[suppressed: RULE]`.
pub(super) fn line(finding: &Finding) -> String {
    let part = |text: &str| shown(text, PART_BYTES);
    let mut marks = String::new();
    if finding.count > 1 {
        marks.push_str(&format!(" [{} times]", finding.count));
    }
    if finding.status == Status::Suppressed {
        let rule = finding
            .suppression
            .as_ref()
            .map(|suppression| part(&suppression.rule));
        marks.push_str(&format!(" [suppressed: {}]", rule.unwrap_or_default()));
    }
    format!(
        "{} {:<8} {}: {}{marks} ({}; {} {})",
        part(&finding.time).get(..19).unwrap_or_default(),
        finding.severity.label.as_str(),
        part(&finding.finding_type),
        part(&finding.title),
        part(&finding.actor.username),
        part(&finding.detector.name),
        part(&finding.detector.version),
    )
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::{Status, Suppression, example::full};

    #[test]
    fn line_for_people_is_one_line() {
        let mut finding = full();
        finding.time = "2026-11-25T10:00:00.000001Z".to_owned();
        finding.title = "a\nb\u{1b}[31m".to_owned();
        finding.actor.username = "bob".to_owned();
        finding.count = 1;
        finding.status = Status::Active;
        finding.suppression = None;
        let label = finding.severity.label.as_str();
        let detector = format!("{} {}", finding.detector.name, finding.detector.version);
        assert_eq!(
            line(&finding),
            format!(
                "2026-11-25T10:00:00 {label:<8} {}: a\\nb\\u{{1b}}[31m (bob; {detector})",
                finding.finding_type
            )
        );
        finding.count = 3;
        finding.status = Status::Suppressed;
        finding.suppression = Some(Suppression {
            rule: "known".to_owned(),
            owner: String::new(),
            reason: String::new(),
        });
        let again = line(&finding);
        assert!(
            again.contains("[31m [3 times] [suppressed: known] (bob"),
            "{again}"
        );
    }
}
