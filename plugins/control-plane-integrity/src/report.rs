//! Parts that the findings of all rules share.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::ObjectChange;
use wardline_sdk::rules::severity::LOW;

/// The tuning advice of all types.
pub const TUNING: &str = "Add the users who administer the control plane to `trusted-users`.";

/// The rule for objects whose content the audit log does not have.
pub const UNSEEN: SeverityRule =
    SeverityRule::new(LOW, "the log does not have the content (level Metadata)");

/// Returns a title that names the object, what happened to it, and the user.
pub fn title(change: &ObjectChange<'_>, object: &str) -> String {
    let action = match change.event.verb() {
        "delete" | "deletecollection" => "deleted",
        _ if change.is_new => "created",
        _ => "changed",
    };
    let user = change.event.user().username();
    format!("{object} was {action} by {user}")
}

/// Returns a finding about a change, which cites the user, the verb, and the object.
pub fn report(
    change: &ObjectChange<'_>,
    finding_type: &str,
    severity: impl Into<f64>,
    title: impl Into<String>,
) -> Finding {
    let event = change.event;
    let finding = Finding::new(finding_type)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::Name)
        .title(title)
        .severity(severity)
        .dedup_key(format!(
            "{}|{}|{}/{}",
            event.user().username(),
            event.resource(),
            event.namespace(),
            event.name()
        ));
    match change.installer {
        Some(tool) => finding.attribute("installed-by", tool),
        None => finding,
    }
}

/// A part of an object that a request changed for the worse.
#[derive(Debug, Clone, PartialEq)]
pub struct Weakness {
    /// The path of the field in the event.
    pub field: String,
    pub value: String,
    /// A short clause for the title.
    pub summary: String,
    pub severity: f64,
}

impl Weakness {
    pub fn new(
        field: impl Into<String>,
        value: impl Into<String>,
        summary: impl Into<String>,
        severity: impl Into<f64>,
    ) -> Self {
        Self {
            field: field.into(),
            value: value.into(),
            summary: summary.into(),
            severity: severity.into(),
        }
    }
}

/// Returns one finding for all weaknesses, titled and rated by the worst, or none without any.
pub fn weaknesses(
    change: &ObjectChange<'_>,
    finding_type: &str,
    object: &str,
    found: Vec<Weakness>,
    rate: impl Fn(f64) -> f64,
) -> Option<Finding> {
    let worst = found
        .iter()
        .reduce(|worst, one| match one.severity > worst.severity {
            true => one,
            false => worst,
        })?;
    let more = match found.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let title = format!("{}: {}{more}", title(change, object), worst.summary);
    let finding = report(change, finding_type, rate(worst.severity), title);
    let event = change.event;
    Some(found.into_iter().fold(finding, |finding, one| {
        finding.evidence(event, one.field, one.value)
    }))
}
