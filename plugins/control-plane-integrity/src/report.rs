//! What all findings here have in common.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::ObjectChange;

/// What is worth knowing, and is no alarm.
pub const LOW: f64 = 3.0;

/// How all rules here are made quieter.
pub const TUNING: &str = "Name those who administer the cluster's own parts in `trusted-users`.";

/// Says what is rated Low as a matter of course.
pub const ROUTINE: &str = "3.0 if the object carries the labels of Helm, Argo CD, Flux, OLM or another package, or has an owner; if the platform did it; if a robot sent the whole object again and the log has not told what it was";

/// A finding about a change, with who did what to which object.
pub fn report(
    change: &ObjectChange<'_>,
    kind: &str,
    severity: f64,
    title: impl Into<String>,
) -> Finding {
    let event = change.event;
    let finding = Finding::new(kind)
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

/// One part of an object that a request changed for the worse.
#[derive(Debug, Clone, PartialEq)]
pub struct Weakness {
    /// Where it stands in the event.
    pub field: String,
    pub value: String,
    /// For the title: "which ...".
    pub says: String,
    pub severity: f64,
}

impl Weakness {
    pub fn new(
        field: impl Into<String>,
        value: impl Into<String>,
        says: impl Into<String>,
        severity: f64,
    ) -> Self {
        Self {
            field: field.into(),
            value: value.into(),
            says: says.into(),
            severity,
        }
    }
}

/// One finding of all weaknesses, as severe as the worst; none if there is none.
pub fn weaknesses(
    change: &ObjectChange<'_>,
    kind: &str,
    what: &str,
    found: Vec<Weakness>,
    rate: impl Fn(f64) -> f64,
) -> Option<Finding> {
    let severity = found.iter().map(|one| one.severity).reduce(f64::max)?;
    let says: Vec<&str> = found.iter().map(|one| one.says.as_str()).collect();
    let event = change.event;
    let title = format!(
        "{} {} {what}: {}",
        event.user().username(),
        match event.verb() {
            "delete" | "deletecollection" => "deleted",
            _ if change.is_new => "made",
            _ => "changed",
        },
        says.join("; ")
    );
    let finding = report(change, kind, rate(severity), title);
    Some(found.into_iter().fold(finding, |finding, one| {
        finding.evidence(event, one.field, one.value)
    }))
}
