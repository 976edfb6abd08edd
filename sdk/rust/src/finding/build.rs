use std::marker::PhantomData;

use crate::contract;
use crate::view::{AuditEvent, AuditField, Referenced};

/// A finding that lacks the event that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeedsEvent;

/// A finding that lacks a field that made the rule fire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeedsEvidence;

/// A finding that can be raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Complete;

/// A claim about one or more events.
///
/// Begins with its type, then says on which event it stands, then which fields
/// made the rule fire; before that it is not [`Complete`] and cannot be raised.
/// The host adds the actor, the resource, the time, the techniques and the
/// remediation, and takes severity, title and description from the type where the
/// finding says none.
///
/// ```
/// # use wardline_sdk::{AuditEvent, AuditField, Finding, Findings};
/// # const EXEC: &str = "Execution:Kubernetes/ExecInKubeSystemPod";
/// fn judge(event: AuditEvent<'_>, findings: &mut Findings) {
///     findings.raise(
///         Finding::new(EXEC)
///             .on(&event)
///             .field(&event, AuditField::Namespace)
///             .evidence(&event, "requestURI", event.request_uri())
///             .title(format!("{} ran a command in kube-system", event.actor().username()))
///             .dedup_key(event.name()),
///     );
/// }
/// # let _ = judge;
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a finding counts only when it is raised: `findings.raise(...)`"]
pub struct Finding<State = Complete> {
    finding: contract::Finding,
    state: PhantomData<State>,
}

impl<State> Finding<State> {
    fn become_<Next>(self) -> Finding<Next> {
        Finding {
            finding: self.finding,
            state: PhantomData,
        }
    }

    /// Sets a severity other than that of the finding type, from 1.0 to 10.0: a number or a
    /// [`SeverityRule`](crate::rules::severity::SeverityRule).
    pub fn severity(mut self, severity: impl Into<f64>) -> Self {
        self.finding.severity = Some(severity.into());
        self
    }

    /// One line for a person.
    pub fn title(mut self, text: impl Into<String>) -> Self {
        self.finding.title = text.into();
        self
    }

    /// What happened and why it matters, in a sentence or two.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.finding.description = text.into();
        self
    }

    /// What makes two findings of this type the same thing again, such as the name
    /// of a workload. Without, it is the resource of the first event.
    pub fn dedup_key(mut self, key: impl Into<String>) -> Self {
        self.finding.dedup_key = key.into();
        self
    }

    /// What else a reader may use.
    pub fn attribute(mut self, key: &str, value: impl ToString) -> Self {
        self.finding.attributes.push(contract::Attribute {
            key: key.to_owned(),
            value: value.to_string(),
        });
        self
    }

    fn add_event(&mut self, event: &impl Referenced) {
        let number = event.reference().number();
        if !self.finding.events.contains(&number) {
            self.finding.events.push(number);
        }
    }

    fn add_evidence(
        mut self,
        event: &impl Referenced,
        field: impl Into<String>,
        value: impl ToString,
    ) -> Finding<Complete> {
        self.add_event(event);
        self.finding.evidence.push(contract::Evidence {
            event: event.reference().number(),
            field: field.into(),
            value: value.to_string(),
        });
        self.become_()
    }
}

impl Finding<NeedsEvent> {
    /// A finding of a type that the descriptor declares.
    pub fn new(finding_type: &str) -> Self {
        Self {
            finding: contract::Finding {
                finding_type: finding_type.to_owned(),
                ..contract::Finding::default()
            },
            state: PhantomData,
        }
    }

    /// The event that the finding is about: the host names its actor and resource.
    pub fn on(mut self, event: impl Referenced) -> Finding<NeedsEvidence> {
        self.add_event(&event);
        self.become_()
    }
}

/// What can be said once the event is known.
macro_rules! with_event {
    ($($state:ident)*) => {$(
        impl Finding<$state> {
            /// A field that made the rule fire, as its source writes it
            /// (`requestObject.spec.hostPID`), with the value that it had. The event
            /// is cited too, if it is not yet.
            pub fn evidence(
                self,
                event: impl Referenced,
                field: impl Into<String>,
                value: impl ToString,
            ) -> Finding<Complete> {
                self.add_evidence(&event, field, value)
            }

            /// A field that made the rule fire, of those that are named often.
            pub fn field(self, event: &AuditEvent<'_>, field: AuditField) -> Finding<Complete> {
                self.add_evidence(event, field.path(), field.value(*event))
            }

            /// More events that justify the claim, such as those of a
            /// [`crate::state::Window`].
            pub fn events(mut self, events: impl IntoIterator<Item = impl Referenced>) -> Self {
                for event in events {
                    self.add_event(&event);
                }
                self
            }
        }
    )*};
}

with_event!(NeedsEvidence Complete);

impl Finding<NeedsEvidence> {
    /// All fields that made the rule fire, each with its value, or no finding at
    /// all if there is none.
    ///
    /// ```
    /// # use wardline_sdk::{AuditEvent, Finding, Findings};
    /// # const PRIVILEGED: &str = "PrivilegeEscalation:Kubernetes/PrivilegedContainer";
    /// fn judge(event: AuditEvent<'_>, findings: &mut Findings) {
    ///     let privileged = event
    ///         .workload()
    ///         .into_iter()
    ///         .flat_map(|workload| workload.privileged_containers())
    ///         .map(|container| {
    ///             let field = format!("containers[{}].securityContext.privileged", container.name());
    ///             (field, true)
    ///         });
    ///     findings.raise(Finding::new(PRIVILEGED).on(&event).evidence_if_any(&event, privileged));
    /// }
    /// # let _ = judge;
    /// ```
    #[must_use]
    pub fn evidence_if_any<F: Into<String>, V: ToString>(
        self,
        event: impl Referenced,
        fields: impl IntoIterator<Item = (F, V)>,
    ) -> Option<Finding<Complete>> {
        let mut fields = fields.into_iter();
        let (field, value) = fields.next()?;
        let first = self.add_evidence(&event, field, value);
        Some(fields.fold(first, |finding, (field, value)| {
            finding.add_evidence(&event, field, value)
        }))
    }
}

impl Finding<Complete> {
    /// The finding as the contract has it.
    pub fn into_contract(self) -> contract::Finding {
        self.finding
    }
}
