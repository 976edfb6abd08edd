//! Objects that software brings along when it is installed.

use super::Requester;
use crate::{AuditEvent, view::ObjectFacts};

/// Labels and annotations, each with the tool that writes it.
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

/// Beginnings of labels and annotations that a tool writes with a name behind.
const MARK_PREFIXES: [(&str, &str); 1] = [("operators.coreos.com/", "OLM")];

/// The tool that the object of a request says it is installed by, or none.
///
/// Of a change only what the request itself carries counts: who edits a packaged object by
/// hand names no labels, and a whole object that a person sends back (`kubectl replace`)
/// carries those that it had.
///
/// Everybody can write labels: this may lower a severity, and must not silence a rule.
#[must_use]
pub fn installer(event: AuditEvent<'_>) -> Option<&'static str> {
    if event.verb() == "update" && Requester::of(event) == Requester::Person {
        return None;
    }
    let requested = event.requested()?;
    mark(requested).or_else(|| (!requested.owners().is_empty()).then_some("its owner"))
}

fn mark(object: ObjectFacts<'_>) -> Option<&'static str> {
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
