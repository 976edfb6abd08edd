//! A request that created or changed a workload, with the facts that rules need.

use std::collections::BTreeMap;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::LOW;
use wardline_sdk::rules::{Change, Requester, UnseenOwner};
use wardline_sdk::view::Container;

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
    /// The workload that the log lacks, if a controller created this object for one.
    pub unseen: Option<UnseenOwner<'a>>,
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
            unseen: UnseenOwner::from_event(event),
        }
    }

    pub fn workload(&self) -> Option<Workload<'a>> {
        self.change.as_ref().map(|change| change.workload)
    }

    /// Returns the previous state, if the inventory knows it.
    pub fn before(&self) -> Option<Workload<'_>> {
        self.change.as_ref().and_then(Change::before)
    }

    /// Returns the containers of the previous state by name; none if the inventory does not know it.
    pub fn containers_before(&self) -> BTreeMap<&str, Container<'_>> {
        self.before()
            .map(|before| before.containers_by_name())
            .unwrap_or_default()
    }

    /// Whether the request created the object, which server-side apply may do too.
    pub fn is_creation(&self) -> bool {
        let is_subresource = self
            .event
            .object()
            .is_some_and(|object| !object.subresource().is_empty());
        !is_subresource && (self.event.verb() == "create" || self.event.code() == Some(201))
    }

    /// Whether a program made the request: a service account in its own program, or a component of
    /// a managed cluster such as GKE's `system:addon-manager`.
    pub fn is_automated(&self) -> bool {
        Requester::from_event(self.event) != Requester::Person
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

    /// Applies [`MAY_BE_OLD`] if the request may not have changed anything, and
    /// [`UnseenOwner::COMPONENT`].
    pub fn severity(&self, severity: impl Into<f64>) -> f64 {
        let severity = severity.into();
        let may_be_old = self.change.as_ref().is_some_and(|change| change.may_be_old);
        match (may_be_old, &self.unseen) {
            (true, _) => MAY_BE_OLD.apply(severity),
            (false, Some(owner)) => owner.severity(severity),
            (false, None) => severity,
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
        let user = self.event.user().username();
        match &self.unseen {
            Some(owner) => format!("was {verb} for {owner} by {user}"),
            None => format!("was {verb} by {user}"),
        }
    }

    /// Returns the deduplication key: the user and the object. Pods and Jobs of automation have
    /// new names each time, so all of a namespace have one key.
    pub fn key(&self) -> String {
        let (user, namespace) = (self.event.user().username(), self.event.namespace());
        if let Some(owner) = &self.unseen {
            return owner.key();
        }
        match self.resource {
            "pods" | "jobs" if self.is_automated() => {
                format!("{user}/{namespace}/{}", self.resource)
            }
            _ => format!("{user}/{namespace}/{}/{}", self.resource, self.event.name()),
        }
    }

    /// Returns where repetitions of the request are told once: in its namespace, or for its unseen
    /// owner.
    pub fn place(&self) -> String {
        match &self.unseen {
            Some(owner) => owner.key(),
            None => self.event.namespace().to_owned(),
        }
    }

    /// Names the unseen owner in a finding.
    pub fn cite(&self, finding: Finding) -> Finding {
        match &self.unseen {
            Some(owner) => owner.cite(finding),
            None => finding,
        }
    }

    /// Whether the request is one of many similar ones: automation creates pods and Jobs all day.
    pub fn is_repetitive(&self) -> bool {
        self.unseen.is_some() || (self.is_automated() && matches!(self.resource, "pods" | "jobs"))
    }
}
