use std::marker::PhantomData;

use crate::contract;
use crate::view::{AuditEvent, AuditField, Referenced};

/// The state of a finding without an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeedsEvent;

/// The state of a finding with an event, but without evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeedsEvidence;

/// The state of a finding that can be raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Complete;

/// A finding about one or more events.
///
/// It begins with its type, then needs the event that it is about, then the fields that matched;
/// only then is it [`Complete`] and can be raised. The host adds the actor, the resource, the time,
/// the techniques, and the remediation, and takes severity, title, and description from the type if
/// the finding does not set them.
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
#[must_use = "a finding has no effect until it is raised: `findings.raise(...)`"]
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

    /// Sets the title, one line that names the object and what happened to it.
    pub fn title(mut self, text: impl Into<String>) -> Self {
        self.finding.title = text.into();
        self
    }

    /// Sets the description: what happened and why it matters, in one or two sentences.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.finding.description = text.into();
        self
    }

    /// Sets the deduplication key, such as the name of a workload: the host counts findings with
    /// the same type and key as one. The default is the resource of the first event.
    pub fn dedup_key(mut self, key: impl Into<String>) -> Self {
        self.finding.dedup_key = key.into();
        self
    }

    /// Adds an attribute.
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
    /// Returns a finding of a type that the descriptor declares.
    pub fn new(finding_type: &str) -> Self {
        Self {
            finding: contract::Finding {
                finding_type: finding_type.to_owned(),
                ..contract::Finding::default()
            },
            state: PhantomData,
        }
    }

    /// Sets the event that the finding is about: the host reports its actor and resource.
    pub fn on(mut self, event: impl Referenced) -> Finding<NeedsEvidence> {
        self.add_event(&event);
        self.become_()
    }
}

/// The methods of a finding that has an event.
macro_rules! with_event {
    ($($state:ident)*) => {$(
        impl Finding<$state> {
            /// Adds a field that matched, as its source writes it (`requestObject.spec.hostPID`),
            /// with its value. Cites the event too.
            pub fn evidence(
                self,
                event: impl Referenced,
                field: impl Into<String>,
                value: impl ToString,
            ) -> Finding<Complete> {
                self.add_evidence(&event, field, value)
            }

            /// Adds one of the common fields, with its value.
            pub fn field(self, event: &AuditEvent<'_>, field: AuditField) -> Finding<Complete> {
                self.add_evidence(event, field.path(), field.value(*event))
            }

            /// Cites more events that justify the finding, such as those of a
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
    /// Adds all fields that matched, each with its value. Returns no finding if there are none.
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
    /// Converts the finding to the contract's type.
    pub fn into_contract(self) -> contract::Finding {
        self.finding
    }
}
