//! A request that made or changed a workload, with what rules ask of it.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Change;

use crate::container::{Placed, placed};
use crate::settings::Tuning;

/// Where the object may have been so before the log began.
const MAY_BE_OLD: f64 = 3.0;

/// The request.
pub struct Request<'a> {
    pub event: AuditEvent<'a>,
    /// What it changed; none where the log has no bodies.
    pub change: Option<Change<'a>>,
    /// Its containers, without those of images that the operator trusts.
    pub containers: Vec<Placed<'a>>,
    /// In the plural: `cronjobs`.
    pub resource: &'a str,
}

impl<'a> Request<'a> {
    pub fn of(event: AuditEvent<'a>, tuning: &Tuning) -> Self {
        let change = Change::of(event);
        let mut containers = change
            .as_ref()
            .map(|change| placed(change.workload, &change.place))
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

    /// What the pods were before, as far as the log has told.
    pub fn before(&self) -> Option<Workload<'_>> {
        self.change.as_ref().and_then(Change::before)
    }

    /// Whether the object is new: made by this request, also by an apply.
    pub fn is_creation(&self) -> bool {
        let is_subresource = self
            .event
            .object()
            .is_some_and(|object| !object.subresource().is_empty());
        !is_subresource && (self.event.verb() == "create" || self.event.code() == Some(201))
    }

    /// Whether no person asks: a service account, or a part of a managed cluster such as GKE's
    /// `system:addon-manager`. `system:admin` is whom k3s and OpenShift give administrators.
    pub fn is_robot(&self) -> bool {
        let user = self.event.user();
        user.service_account().is_some() || (user.is_system() && user.username() != "system:admin")
    }

    /// Whether who asks may do everything already: a member of `system:masters`, or somebody
    /// whom a binding of `cluster-admin` allowed this.
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

    /// The severity of what this request brought, less if it may not have.
    pub fn severity(&self, severity: f64) -> f64 {
        let may_be_old = self.change.as_ref().is_some_and(|change| change.may_be_old);
        match may_be_old {
            true => severity.min(MAY_BE_OLD),
            false => severity,
        }
    }

    /// `NAMESPACE/NAME (RESOURCE)`, for titles.
    pub fn target(&self) -> String {
        format!(
            "{}/{} ({})",
            self.event.namespace(),
            self.event.name(),
            self.event.resource()
        )
    }

    /// `alice created`, for titles.
    pub fn who_did(&self) -> String {
        let what = match self.is_creation() {
            true => "created",
            false => "changed",
        };
        format!("{} {what}", self.event.user().username())
    }

    /// The account and the object: what makes findings the same. Pods and Jobs of robots have
    /// names of their own each time; those of one namespace are the same.
    pub fn key(&self) -> String {
        let (user, namespace) = (self.event.user().username(), self.event.namespace());
        match self.resource {
            "pods" | "jobs" if self.is_robot() => format!("{user}/{namespace}/{}", self.resource),
            _ => format!("{user}/{namespace}/{}/{}", self.resource, self.event.name()),
        }
    }

    /// Whether robots have to be remembered: they make pods and Jobs all day.
    pub fn repeats(&self) -> bool {
        self.is_robot() && matches!(self.resource, "pods" | "jobs")
    }
}
