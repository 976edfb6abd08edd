//! The needs of detectors.

use wardline_contract::{AuditSubscription, Descriptor};

use super::Level;

/// Requests that a detector needs, and the level. Lists have the meaning that they have in a
/// subscription: empty means all, and a trailing `*` is a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The name of the detector.
    pub detector: String,
    /// The source of the need, in words: `subscription 2`, or `inventory queries about pods`.
    pub what: String,
    /// The minimum level.
    pub level: Level,
    /// Verbs.
    pub verbs: Vec<String>,
    /// API groups.
    pub api_groups: Vec<String>,
    /// Resources, written as in subscriptions.
    pub resources: Vec<String>,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// Names of objects.
    pub names: Vec<String>,
    /// Paths.
    pub paths: Vec<String>,
    /// User names.
    pub usernames: Vec<String>,
    /// Groups of users.
    pub groups: Vec<String>,
    /// User names whose requests are not needed.
    pub except_usernames: Vec<String>,
}

impl Need {
    /// Returns whether requests of this user are not needed.
    pub(super) fn excepts(&self, username: &str) -> bool {
        self.except_usernames
            .iter()
            .any(|name| meets(name, username))
    }
}

/// Returns whether a text matches a condition of a subscription, exactly or as a prefix with a
/// trailing `*`.
pub(super) fn meets(wanted: &str, text: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(begin) => text.starts_with(begin),
        None => wanted == text,
    }
}

/// Returns the needs of these detectors, including those of the inventory that they query.
pub fn needs<'d>(descriptors: impl IntoIterator<Item = &'d Descriptor>) -> Vec<Need> {
    let mut needs = Vec::new();
    for descriptor in descriptors {
        for (index, subscription) in descriptor.audit.iter().enumerate() {
            needs.push(of_subscription(&descriptor.name, index, subscription));
        }
        for kind in &descriptor.remembers {
            needs.extend(of_inventory(&descriptor.name, kind).into_iter().flatten());
        }
    }
    needs
}

fn of_subscription(detector: &str, index: usize, subscription: &AuditSubscription) -> Need {
    let level = subscription
        .attributes
        .iter()
        .find(|attribute| attribute.key == "level")
        .map_or(Level::Metadata, |attribute| {
            match attribute.value.as_str() {
                "request" => Level::Request,
                "request-response" => Level::RequestResponse,
                _ => Level::Metadata,
            }
        });
    Need {
        detector: detector.to_owned(),
        what: format!("subscription {}", index + 1),
        level,
        verbs: subscription.verbs.clone(),
        api_groups: subscription.api_groups.clone(),
        resources: subscription.resources.clone(),
        namespaces: subscription.namespaces.clone(),
        names: subscription.names.clone(),
        paths: subscription.paths.clone(),
        usernames: subscription.usernames.clone(),
        groups: subscription.groups.clone(),
        except_usernames: subscription
            .attributes
            .iter()
            .filter(|attribute| attribute.key == "except-usernames")
            .map(|attribute| attribute.value.clone())
            .collect(),
    }
}

/// Returns what the inventory needs to learn about a kind of object (`host/inventory/src/observation`).
/// The result of a patch is only in the response.
fn of_inventory(detector: &str, kind: &str) -> Option<[Need; 2]> {
    let (api_groups, resources): (&[&str], &[&str]) = match kind {
        "pods" => (&[""], &["pods", "pods/ephemeralcontainers"]),
        "workloads" => (
            &["", "apps", "batch"],
            &[
                "podtemplates",
                "replicationcontrollers",
                "daemonsets",
                "deployments",
                "replicasets",
                "statefulsets",
                "cronjobs",
                "jobs",
            ],
        ),
        "service-accounts" => (&[""], &["serviceaccounts"]),
        "bindings" => (
            &["rbac.authorization.k8s.io"],
            &["rolebindings", "clusterrolebindings"],
        ),
        _ => return None,
    };
    let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
    let learn = Need {
        detector: detector.to_owned(),
        what: format!("inventory queries about {kind}"),
        level: Level::RequestResponse,
        verbs: texts(&["create", "update", "patch"]),
        api_groups: texts(api_groups),
        resources: texts(resources),
        namespaces: Vec::new(),
        names: Vec::new(),
        paths: Vec::new(),
        usernames: Vec::new(),
        groups: Vec::new(),
        except_usernames: Vec::new(),
    };
    let forget = Need {
        level: Level::Metadata,
        verbs: texts(&["delete", "deletecollection"]),
        ..learn.clone()
    };
    Some([learn, forget])
}
