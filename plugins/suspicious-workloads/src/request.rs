//! A request that created or changed a workload, with the facts that rules need.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Change;
use wardline_sdk::rules::severity::LOW;

use crate::container::{PlacedContainer, placed};
use crate::settings::Tuning;

/// The rule that [`WorkloadRequest::severity`] applies to objects that may have been like this before
/// the audit log began.
pub const MAY_BE_OLD: SeverityRule = SeverityRule::at_most(
    LOW,
    "a service account sent the whole object again, and the audit log does not contain its previous \
     state",
);

/// A request that created or changed a workload.
pub struct WorkloadRequest<'a> {
    pub event: AuditEvent<'a>,
    /// The change, or `None` if the log contains no bodies.
    pub change: Option<Change<'a>>,
    /// The containers, without those whose images the operator trusts.
    pub containers: Vec<PlacedContainer<'a>>,
    /// The resource in the plural, such as `cronjobs`.
    pub resource: &'a str,
}

impl<'a> WorkloadRequest<'a> {
    pub fn from_event(event: AuditEvent<'a>, tuning: &Tuning) -> Self {
        let change = Change::from_event(event);
        let mut containers = change
            .as_ref()
            .map(|change| placed(change.workload, &change.path))
            .unwrap_or_default();
        containers.retain(|one| !tuning.trusts_image(one.container.image()));
        Self {
            event,
            change,
            containers,
            resource: event
                .object()
                .map(|object| object.resource())
                .unwrap_or_default(),
        }
    }

    pub fn workload(&self) -> Option<Workload<'a>> {
        self.change.as_ref().map(|change| change.workload)
    }

    /// Returns the previous state, if the inventory knows it.
    pub fn before(&self) -> Option<Workload<'_>> {
        self.change.as_ref().and_then(Change::before)
    }

    /// Whether the request created the object, which server-side apply may do too.
    pub fn is_creation(&self) -> bool {
        let is_subresource = self
            .event
            .object()
            .is_some_and(|object| !object.subresource().is_empty());
        !is_subresource && (self.event.verb() == "create" || self.event.code() == Some(201))
    }

    /// Whether the user is not a person: a service account, or a component of a managed cluster
    /// such as GKE's `system:addon-manager`. `system:admin` is the administrator of k3s and
    /// OpenShift.
    pub fn is_automated(&self) -> bool {
        let user = self.event.user();
        user.is_service_account() || (user.is_system() && user.username() != "system:admin")
    }

    /// Whether the user may do everything already: a member of `system:masters`, or a user whom a
    /// binding of `cluster-admin` allowed this request.
    pub fn is_admin(&self) -> bool {
        let user = self.event.actor();
        user.is_master()
            || user.in_group("kubeadm:cluster-admins")
            || self
                .event
                .annotation("authorization.k8s.io/reason")
                .is_some_and(|reason| {
                    reason.contains("ClusterRoleBinding")
                        && reason.contains("of ClusterRole \"cluster-admin\"")
                })
    }

    /// Applies [`MAY_BE_OLD`] if the request may not have changed anything.
    pub fn severity(&self, severity: impl Into<f64>) -> f64 {
        let severity = severity.into();
        let may_be_old = self.change.as_ref().is_some_and(|change| change.may_be_old);
        match may_be_old {
            true => MAY_BE_OLD.apply(severity),
            false => severity,
        }
    }

    /// Returns `NAMESPACE/NAME (RESOURCE)` for titles.
    pub fn target(&self) -> String {
        format!(
            "{}/{} ({})",
            self.event.namespace(),
            self.event.name(),
            self.event.resource()
        )
    }

    /// Returns `was created by alice` or `was changed by alice` for titles.
    pub fn action(&self) -> String {
        let verb = match self.is_creation() {
            true => "created",
            false => "changed",
        };
        format!("was {verb} by {}", self.event.user().username())
    }

    /// Returns the deduplication key: the user and the object. Pods and Jobs of automation have
    /// new names each time, so all of a namespace have one key.
    pub fn key(&self) -> String {
        let (user, namespace) = (self.event.user().username(), self.event.namespace());
        match self.resource {
            "pods" | "jobs" if self.is_automated() => {
                format!("{user}/{namespace}/{}", self.resource)
            }
            _ => format!("{user}/{namespace}/{}/{}", self.resource, self.event.name()),
        }
    }

    /// Whether the request is one of many similar ones: automation creates pods and Jobs all day.
    pub fn is_repetitive(&self) -> bool {
        self.is_automated() && matches!(self.resource, "pods" | "jobs")
    }
}
