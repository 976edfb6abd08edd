//! Objects that were installed as part of a package.

use super::{Requester, agent};
use crate::{AuditEvent, view::ObjectFacts};

/// Keys of labels and annotations, each with the tool that writes it.
const MARKS: [(&str, &str); 13] = [
    // https://helm.sh/docs/chart_best_practices/labels/
    ("meta.helm.sh/release-name", "Helm"),
    ("helm.sh/chart", "Helm"),
    // https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/
    ("argocd.argoproj.io/tracking-id", "Argo CD"),
    ("argocd.argoproj.io/instance", "Argo CD"),
    // https://fluxcd.io/flux/components/
    ("kustomize.toolkit.fluxcd.io/name", "Flux"),
    ("helm.toolkit.fluxcd.io/name", "Flux"),
    // https://olm.operatorframework.io/
    ("olm.owner", "OLM"),
    ("olm.managed", "OLM"),
    ("addonmanager.kubernetes.io/mode", "the add-on manager"),
    ("clusterctl.cluster.x-k8s.io", "clusterctl"),
    // https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
    ("app.kubernetes.io/managed-by", "a package"),
    ("app.kubernetes.io/part-of", "a package"),
    ("app.kubernetes.io/instance", "a package"),
];

/// Prefixes of keys that a tool completes with a name.
const MARK_PREFIXES: [(&str, &str); 1] = [("operators.coreos.com/", "OLM")];

/// Returns the tool that installed the object of a request, according to the object, or none.
///
/// Only the request's own object counts. A person who edits a packaged object names no labels, and
/// a whole object that a person sends back (`kubectl replace`) contains the labels that it had. A
/// tool for scripted requests, such as curl, installs no packages.
///
/// Anyone can write labels: they may lower a severity, and must not silence a rule.
#[must_use]
pub fn installer(event: AuditEvent<'_>) -> Option<&'static str> {
    let is_sent_back =
        event.verb() == "update" && Requester::from_event(event) == Requester::Person;
    if is_sent_back || agent::script(event.user_agent()).is_some() {
        return None;
    }
    let requested = event.requested()?;
    mark(requested).or_else(|| (!requested.owners().is_empty()).then_some("its owner"))
}

/// Returns the tool that an object's labels or annotations name.
pub(super) fn mark(object: ObjectFacts<'_>) -> Option<&'static str> {
    object
        .labels()
        .chain(object.annotations())
        .find_map(|pair| {
            let key = pair.key();
            MARKS
                .iter()
                .find(|(mark, _)| *mark == key)
                .or_else(|| {
                    MARK_PREFIXES
                        .iter()
                        .find(|(prefix, _)| key.starts_with(prefix))
                })
                .map(|(_, tool)| *tool)
        })
}

#[cfg(test)]
mod tests {
    use super::installer;
    use crate::contract::{Attribute, AuditEvent, ObjectFacts, Owner, User};

    fn of(verb: &str, username: &str, object: ObjectFacts) -> Option<&'static str> {
        let event = AuditEvent {
            verb: verb.to_owned(),
            user: User {
                username: username.to_owned(),
                ..User::default()
            },
            requested: Some(object),
            ..AuditEvent::default()
        };
        installer(crate::AuditEvent::from(&event))
    }

    fn labelled(key: &str) -> ObjectFacts {
        ObjectFacts {
            labels: vec![Attribute {
                key: key.to_owned(),
                value: "x".to_owned(),
            }],
            ..ObjectFacts::default()
        }
    }

    #[test]
    fn recognizes_installers_by_their_marks() {
        for (key, expected) in [
            ("helm.sh/chart", Some("Helm")),
            ("argocd.argoproj.io/instance", Some("Argo CD")),
            ("operators.coreos.com/strimzi.kafka", Some("OLM")),
            ("app.kubernetes.io/managed-by", Some("a package")),
            // Written by hand too.
            ("app.kubernetes.io/name", None),
            ("app", None),
        ] {
            assert_eq!(of("create", "alice", labelled(key)), expected, "{key}");
        }
        let annotated = ObjectFacts {
            annotations: labelled("meta.helm.sh/release-name").labels,
            ..ObjectFacts::default()
        };
        assert_eq!(of("create", "alice", annotated), Some("Helm"));
        let owned = ObjectFacts {
            owners: vec![Owner::default()],
            ..ObjectFacts::default()
        };
        assert_eq!(of("create", "alice", owned), Some("its owner"));
    }

    #[test]
    fn person_who_sends_an_object_back_is_not_an_installer() {
        let object = labelled("helm.sh/chart");
        assert_eq!(of("update", "alice", object.clone()), None);
        let robot = "system:serviceaccount:flux:helm-controller";
        assert_eq!(of("update", robot, object), Some("Helm"));
    }

    #[test]
    fn scripted_request_is_not_an_installation() {
        for (agent, expected) in [
            ("curl/8.5.0", None),
            ("Wget/1.21", None),
            ("kubectl/v1.36.2", Some("Helm")),
            ("Helm/3.19", Some("Helm")),
        ] {
            let event = AuditEvent {
                verb: "create".to_owned(),
                user_agent: agent.to_owned(),
                requested: Some(labelled("helm.sh/chart")),
                ..AuditEvent::default()
            };
            assert_eq!(
                installer(crate::AuditEvent::from(&event)),
                expected,
                "{agent}"
            );
        }
    }
}
