//! RBAC permissions that are granted, widened, used right after a grant, or denied.
//!
//! The danger of a role is judged by its rules ([`rights`]) and remembered, so that a later
//! binding to the role is rated accordingly, and a role that is sent again is not reported.
//! Permissions of packages with their own service accounts are rated Low. Packages are recognized
//! by labels that any user can write, so they lower a severity but never suppress a finding.
//!
//! `anonymous-access` reports grants to anonymous users.

mod bare;
mod binding;
mod content;
mod denied;
mod follow;
mod grant;
mod memory;
mod report;
mod rights;
mod role;
mod system;
#[cfg(test)]
mod tests;
mod types;

use std::collections::BTreeSet;
use std::time::Duration;

use denied::Denials;
use follow::Follow;
use memory::KnownRoles;
use report::Report;
use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::time::{MINUTE, days};
use wardline_sdk::rules::{Installs, ObjectChange, Requester, TrustedUsers, namespace};

const RBAC: &str = "rbac.authorization.k8s.io";
const RESOURCES: [&str; 4] = [
    "roles",
    "clusterroles",
    "rolebindings",
    "clusterrolebindings",
];

/// The most namespaces of which an installation grants permissions to accounts.
const MAX_NAMESPACES: usize = 16;

/// The detector.
pub struct RbacEscalation {
    roles: KnownRoles,
    denials: Denials,
    follow: Follow,
    installs: Installs,
    remember: Duration,
    trusted_users: TrustedUsers,
}

impl Detector for RbacEscalation {
    fn describe() -> Descriptor {
        let changes = AuditSubscription::new()
            .verbs(["create", "update", "patch", "delete"])
            .api_groups([RBAC])
            .resources(RESOURCES)
            .outcomes(["success"])
            .needs_level(Level::RequestResponse);
        let denied = AuditSubscription::new()
            .verbs(["create", "update", "patch"])
            .api_groups([RBAC])
            .resources(RESOURCES)
            .outcomes(["denied"]);
        let commands = AuditSubscription::new()
            .verbs(["get", "create"])
            .resources(["pods/exec", "pods/attach", "nodes/proxy"])
            .outcomes(["success"]);
        let reads = AuditSubscription::new()
            .verbs(["get", "list", "watch"])
            .api_groups([""])
            .resources(["secrets"])
            .outcomes(["success"]);
        let creations = AuditSubscription::new()
            .verbs(["create"])
            .api_groups(["", "apps", "batch"])
            .resources([
                "pods",
                "serviceaccounts/token",
                "deployments",
                "daemonsets",
                "statefulsets",
                "jobs",
                "cronjobs",
            ])
            .outcomes(["success"])
            .except_control_plane();
        let namespaces = AuditSubscription::new()
            .verbs(["create", "patch"])
            .api_groups([""])
            .resources(["namespaces"])
            .outcomes(["success"]);
        let descriptor = Descriptor::new("rbac-escalation", env!("CARGO_PKG_VERSION"))
            .description(
                "Detects RBAC permissions that are granted, widened, used right after a grant, or \
                 denied.",
            )
            .audit(changes)
            .audit(denied)
            .audit(commands)
            .audit(reads)
            .audit(creations)
            .audit(namespaces)
            .remembers(["bindings"])
            // One user may create a role that another one widens.
            .ordered_by_cluster()
            .setting(
                "remember",
                "Period for which the permissions of roles are remembered, as well as the service \
                 accounts that write RBAC objects or create namespaces.",
                days(90),
            )
            .trusted_users()
            .setting(
                "denials",
                "Number of different denied changes of one user that are reported as a burst.",
                3,
            )
            .setting(
                "denials-window",
                "Period over which denied changes are counted.",
                MINUTE * 10,
            )
            .setting(
                "use-window",
                "Period after a grant in which sensitive requests of the same user are reported.",
                MINUTE * 5,
            )
            .setting(
                "install-window",
                "Period after a person created a namespace in which grants to its service \
                 accounts are treated as part of an installation.",
                MINUTE * 30,
            );
        types::all()
            .into_iter()
            .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        let limit = settings.integer("denials")?;
        Ok(Self {
            roles: KnownRoles::new(settings.duration("remember")?),
            denials: Denials {
                limit: u32::try_from(limit)
                    .ok()
                    .filter(|limit| (2..=1000).contains(limit))
                    .ok_or_else(|| format!("`denials` is {limit}; it must be from 2 to 1000"))?,
                window: settings.duration("denials-window")?,
            },
            follow: Follow::new(settings.duration("use-window")?),
            installs: Installs::new(
                settings.duration("install-window")?,
                settings.duration("remember")?,
            ),
            remember: settings.duration("remember")?,
            trusted_users: TrustedUsers::from_settings(settings)?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        if event.dry_run() {
            return Ok(());
        }
        if event.resource_is("namespaces", "") {
            return Ok(self.installs.observe(event)?);
        }
        let is_rbac = event
            .object()
            .is_some_and(|object| object.api_group() == RBAC);
        match (is_rbac, event.succeeded()) {
            (false, true) => self.follow.judge(event, self.installs, findings),
            (true, true) => self.changed(event, findings),
            (true, false) if !self.is_trusted(event) => self.denials.judge(event, findings),
            (_, false) => Ok(()),
        }
    }
}

impl RbacEscalation {
    fn changed(&self, event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
        let changed = ObjectChange::from_event(event);
        if changed.requester == Requester::ControlPlane || self.is_trusted(event) {
            return self.learn(event);
        }
        let mut reports = self.reports(&changed)?;
        match system::judge(&changed, self.remember)? {
            Some(report) => reports.push(report),
            None => reports.extend(self.unseen_role(&changed)?),
        }
        if reports.is_empty() {
            reports.extend(self.by_service_account(&changed)?);
        }
        let is_alarm = reports.iter().any(|report| report.severity >= 4.0);
        for report in reports {
            findings.raise(report.finding);
        }
        if is_alarm && event.verb() != "delete" {
            self.follow.remember(event)?;
        }
        Ok(())
    }

    fn reports(&self, changed: &ObjectChange<'_>) -> Result<Vec<Report>, DetectError> {
        let event = changed.event;
        if event.resource().ends_with("bindings") {
            if event.verb() == "delete" {
                return Ok(Vec::new());
            }
            return Ok(match binding::Grant::from_change(changed, &self.roles)? {
                Some(grant) => {
                    let is_installed = self.is_installed(event, &grant)?;
                    grant::judge(changed, &grant, is_installed)
                }
                None => self.unseen(changed)?.into_iter().collect(),
            });
        }
        if event.verb() == "delete" {
            self.roles.forget(event)?;
            return Ok(Vec::new());
        }
        let report = role::judge(changed, &self.roles, self.installs)?;
        Ok(match report {
            // A role grants nothing without bindings, and those are rated by its permissions.
            Some(report) if changed.is_new && self.installs.is_named_after_own(event)? => {
                vec![report.with_rule(types::INSTALLED_ROLE)]
            }
            report => report.into_iter().collect(),
        })
    }

    /// Whether all subjects are service accounts of namespaces that the user created.
    fn is_installed(
        &self,
        event: AuditEvent<'_>,
        grant: &binding::Grant<'_>,
    ) -> Result<bool, DetectError> {
        let mut namespaces = BTreeSet::new();
        for (_, subject) in &grant.subjects {
            namespaces.insert(subject.namespace());
            // A package is installed in a few namespaces, and each takes a call of the host.
            if subject.kind() != "ServiceAccount" || namespaces.len() > MAX_NAMESPACES {
                return Ok(false);
            }
        }
        for namespace in namespaces {
            if namespace::is_kubernetes(namespace) || !self.installs.is_own(event, namespace)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn learn(&self, event: AuditEvent<'_>) -> Result<(), DetectError> {
        system::learn(event, self.remember)?;
        match (event.resource().ends_with("bindings"), event.verb()) {
            (true, _) => Ok(()),
            (false, "delete") => self.roles.forget(event),
            (false, _) => role::learn(event, &self.roles),
        }
    }

    fn is_trusted(&self, event: AuditEvent<'_>) -> bool {
        self.trusted_users.trusts(event)
    }
}

wardline_sdk::detector!(RbacEscalation);
