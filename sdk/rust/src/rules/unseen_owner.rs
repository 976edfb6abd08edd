//! Pods whose workload the audit log has not shown.

use std::fmt;

use super::severity::{LOW, SeverityRule};
use super::{namespace, package};
use crate::contract::Level;
use crate::view::ObjectFacts;
use crate::{AuditEvent, AuditSubscription, Descriptor, Finding, inventory};

/// The users of the controllers that create pods, and objects of which pods are made
/// (kubernetes/kubernetes, `cmd/kube-controller-manager/names/controller_names.go`). Without
/// `--use-service-account-credentials`, all are kube-controller-manager itself.
const CREATORS: [&str; 8] = [
    "system:kube-controller-manager",
    "system:serviceaccount:kube-system:cronjob-controller",
    "system:serviceaccount:kube-system:daemon-set-controller",
    "system:serviceaccount:kube-system:deployment-controller",
    "system:serviceaccount:kube-system:job-controller",
    "system:serviceaccount:kube-system:replicaset-controller",
    "system:serviceaccount:kube-system:replication-controller",
    "system:serviceaccount:kube-system:statefulset-controller",
];

/// The objects that these controllers create or send back, and those that only somebody else who
/// holds their credentials would create, in the plural.
const CREATED: [&str; 8] = [
    "pods",
    "replicasets",
    "replicationcontrollers",
    "jobs",
    "deployments",
    "cronjobs",
    "daemonsets",
    "statefulsets",
];

/// Namespaces of node agents, by the manifests of their projects, that do not end in `-system`.
const NODE_AGENTS: [&str; 16] = [
    "cilium",
    "datadog",
    "falco",
    "gpu-operator",
    "ingress-nginx",
    "istio-cni",
    "local-path-storage",
    "logging",
    "metallb",
    "monitoring",
    "node-feature-discovery",
    "openebs",
    "prometheus",
    "rook-ceph",
    "tigera-operator",
    "velero",
];

/// The origin of a pod that a controller created for a workload which the audit log has not shown.
///
/// Rules judge a workload where it is written, and not again where a controller creates its pods.
/// If the write is not in the log (the log begins later, the policy keeps workloads at the level
/// `Metadata`, another API server answered), the pod is the first thing to be judged. The inventory
/// decides, so that a pod is silent if the log has shown a write of its workload, also after a
/// restart. Reads do not count: no rule judges them.
///
/// Judge such objects once for each [`key`](Self::key). Queries [`crate::inventory`] for
/// `workloads`, which the descriptor must declare.
#[derive(Debug, Clone, Copy)]
pub struct UnseenOwner<'a> {
    event: AuditEvent<'a>,
    body: &'static str,
    index: Option<usize>,
    kind: &'a str,
    name: &'a str,
    uid: &'a str,
    is_packaged: bool,
}

impl<'a> UnseenOwner<'a> {
    /// The rule that [`Self::severity`] applies: node agents live in these namespaces, and packages
    /// bring their own.
    pub const COMPONENT: SeverityRule = SeverityRule::at_most(
        LOW,
        "a controller created the pod for a workload that the audit log does not contain, in a \
         namespace of cluster components, with the labels of a package, or for a DaemonSet in a \
         namespace whose name is that of node agents",
    );

    /// Adds the subscriptions to the requests that [`Self::from_event`] recognizes. Call it after
    /// [`Descriptor::except_control_plane`].
    #[must_use]
    pub fn subscribe(descriptor: Descriptor) -> Descriptor {
        let workloads = || {
            AuditSubscription::new()
                .api_groups(super::resources::WORKLOAD_API_GROUPS)
                .usernames(CREATORS)
                .outcomes(["success"])
                .needs_level(Level::Request)
        };
        // Controllers patch pods all day, to remove finalizers.
        let patched = CREATED.into_iter().filter(|resource| *resource != "pods");
        descriptor
            .audit(workloads().verbs(["create", "update"]).resources(CREATED))
            .audit(workloads().verbs(["patch"]).resources(patched))
    }

    /// Returns the unseen owner of an object that a controller of kube-controller-manager created,
    /// or none. An object without an owner is its own if a controller creates it, which no
    /// controller does by itself, or sends it back before the log has shown a write of it.
    #[must_use]
    pub fn from_event(event: AuditEvent<'a>) -> Option<Self> {
        let is_update = matches!(event.verb(), "update" | "patch");
        if !(is_update || event.verb() == "create")
            || event.impersonated_user().is_some()
            || !event.user().is_component()
            || !event.changed_something()
        {
            return None;
        }
        let own = event.object().filter(|object| {
            object.subresource().is_empty() && CREATED.contains(&object.resource())
        })?;
        if is_update && is_written(event, own.resource(), event.name()) {
            return None;
        }
        let owned = [
            (event.requested(), "requestObject"),
            (event.resulting(), "responseObject"),
        ]
        .into_iter()
        .find_map(|(object, body)| {
            let object = object?;
            let mut owners = object.owners().enumerate();
            let (index, owner) = owners.find(|(_, owner)| owner.controller())?;
            Some((object, body, index, owner))
        });
        if let Some((object, body, index, owner)) = owned {
            if plural(owner.kind()).is_some_and(|kind| is_written(event, kind, owner.name())) {
                return None;
            }
            return Some(Self {
                event,
                body,
                index: Some(index),
                kind: owner.kind(),
                name: owner.name(),
                uid: owner.uid(),
                is_packaged: is_packaged(object),
            });
        }
        let object = event.requested().or_else(|| event.resulting())?;
        Some(Self {
            event,
            body: "requestObject",
            index: None,
            kind: own.resource(),
            name: event.name(),
            uid: object.uid(),
            is_packaged: is_packaged(object),
        })
    }

    /// Returns a text that is the same for all pods of the owner: its UID, or its kind, namespace,
    /// and name if the log has no UID.
    #[must_use]
    pub fn key(&self) -> String {
        if self.uid.is_empty() {
            format!("{} {}/{}", self.kind, self.event.namespace(), self.name)
        } else {
            self.uid.to_owned()
        }
    }

    /// Returns the severity of a finding about the object: at most Low as [`Self::COMPONENT`] says.
    #[must_use]
    pub fn severity(&self, severity: f64) -> f64 {
        let namespace = self.event.namespace();
        if self.is_packaged
            || namespace::is_sensitive(namespace)
            || (self.kind == "DaemonSet" && is_of_node_agents(namespace))
        {
            Self::COMPONENT.apply(severity)
        } else {
            severity
        }
    }

    /// Adds the owner to a finding, as evidence and as the attribute `owner`.
    pub fn cite(&self, finding: Finding) -> Finding {
        let field = match self.index {
            Some(index) => format!("{}.metadata.ownerReferences[{index}]", self.body),
            None => format!("{}.metadata.name", self.body),
        };
        finding
            .evidence(self.event.reference(), field, self)
            .attribute("owner", self.to_string())
    }
}

/// Writes the kind and the name of the owner: `StatefulSet queue`.
impl fmt::Display for UnseenOwner<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.kind, self.name)
    }
}

/// Whether the log has shown a write of an object with its containers: a rule has judged it then. A
/// patch that names none, such as that of `kubectl rollout restart`, shows nothing to judge.
fn is_written(event: AuditEvent<'_>, resource: &str, name: &str) -> bool {
    let namespace = event.namespace();
    inventory::changed_by(event, resource, namespace, name).is_some()
        && inventory::pod_spec(event, resource, namespace, name)
            .is_some_and(|known| known.workload().containers().next().is_some())
}

/// Whether a namespace has a name that networks, storage, and other agents on nodes commonly have.
/// Their DaemonSets were mostly installed before the log began. A name lowers, and never silences.
fn is_of_node_agents(namespace: &str) -> bool {
    namespace.starts_with("kube-")
        || namespace.ends_with("-system")
        || NODE_AGENTS.contains(&namespace)
}

/// Anyone can write labels, so they lower a severity and never silence.
fn is_packaged(object: ObjectFacts<'_>) -> bool {
    package::mark(object).is_some()
}

fn plural(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "CronJob" => "cronjobs",
        "DaemonSet" => "daemonsets",
        "Deployment" => "deployments",
        "Job" => "jobs",
        "ReplicaSet" => "replicasets",
        "ReplicationController" => "replicationcontrollers",
        "StatefulSet" => "statefulsets",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{CREATED, CREATORS, plural};
    use crate::rules::resources::WORKLOADS;
    use crate::view::control_plane;

    #[test]
    fn creators_are_controllers() {
        let all: Vec<String> = control_plane().collect();
        for name in CREATORS {
            assert!(all.iter().any(|known| known == name), "{name}");
        }
    }

    #[test]
    fn created_objects_and_owners_are_workloads() {
        let owners = [
            "CronJob",
            "DaemonSet",
            "Deployment",
            "Job",
            "ReplicaSet",
            "ReplicationController",
            "StatefulSet",
        ]
        .map(|kind| plural(kind).unwrap());
        for resource in CREATED.into_iter().chain(owners) {
            assert!(WORKLOADS.contains(&resource), "{resource}");
        }
        assert_eq!(plural("Rollout"), None);
    }
}
