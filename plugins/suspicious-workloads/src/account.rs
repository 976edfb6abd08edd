//! Workloads with a service account that may do more than who made them.
//!
//! Who may create pods in a namespace may use every service account of it
//! (<https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation>).

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::package;

use crate::request::Request;
use crate::settings::Tuning;

const ACCOUNT: &str = "PrivilegeEscalation:Kubernetes/PrivilegedServiceAccountPod";

/// Accounts of the controllers inside kube-controller-manager, with which no pod runs
/// (kubernetes/kubernetes, `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go`).
const CONTROLLERS: [&str; 27] = [
    "attachdetach-controller",
    "bootstrap-signer",
    "certificate-controller",
    "clusterrole-aggregation-controller",
    "cronjob-controller",
    "daemon-set-controller",
    "deployment-controller",
    "disruption-controller",
    "endpoint-controller",
    "endpointslice-controller",
    "ephemeral-volume-controller",
    "expand-controller",
    "generic-garbage-collector",
    "horizontal-pod-autoscaler",
    "job-controller",
    "namespace-controller",
    "node-controller",
    "persistent-volume-binder",
    "pod-garbage-collector",
    "replicaset-controller",
    "replication-controller",
    "resourcequota-controller",
    "root-ca-cert-publisher",
    "service-account-controller",
    "statefulset-controller",
    "token-cleaner",
    "ttl-controller",
];

/// Accounts that their makers' manifests give rights over all or most of the cluster: Argo CD,
/// Flux, Tiller, Velero, Rancher, Fleet, Crossplane, Kubernetes Dashboard's guide, OLM, Istio,
/// External Secrets, cert-manager, Tekton.
const STRONG: [(&str, &str); 19] = [
    ("argocd", "argocd-application-controller"),
    ("argocd", "argocd-server"),
    ("cattle-fleet-system", "fleet-agent"),
    ("cattle-system", "cattle"),
    ("cattle-system", "rancher"),
    ("cert-manager", "cert-manager"),
    ("crossplane-system", "crossplane"),
    ("external-secrets", "external-secrets"),
    ("flux-system", "helm-controller"),
    ("flux-system", "kustomize-controller"),
    ("istio-system", "istiod"),
    ("kube-system", "tiller"),
    ("kubernetes-dashboard", "admin-user"),
    ("olm", "olm-operator-serviceaccount"),
    (
        "openshift-gitops",
        "openshift-gitops-argocd-application-controller",
    ),
    ("operators", "olm-operator-serviceaccount"),
    ("tekton-pipelines", "tekton-pipelines-controller"),
    ("velero", "velero"),
    ("velero", "velero-server"),
];

/// Why an account is strong.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Strength {
    /// It is one of the control plane's own.
    ControlPlane,
    /// This binding gives it `cluster-admin`.
    Bound(String),
    /// It is known to be.
    Known,
}

pub fn judge(
    request: &Request<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let event = request.event;
    let Some(workload) = request.workload() else {
        return Ok(());
    };
    let (namespace, account) = (event.namespace(), workload.service_account());
    let was = request.before().map(|before| before.service_account());
    let is_own = event.actor().service_account() == Some((namespace, account));
    if account.is_empty() || was == Some(account) || is_own {
        return Ok(());
    }
    let Some(strength) = strength(event, namespace, account) else {
        return Ok(());
    };
    let Some(severity) = severity(request, &strength, account) else {
        return Ok(());
    };
    let member = format!("{namespace}/{account}");
    let is_small = severity < 3.5 || request.is_robot();
    if is_small && !tuning.is_news(event, ACCOUNT, &member)? {
        return Ok(());
    }
    let place = request.change.as_ref().map(|change| change.place.as_str());
    let field = format!("{}.serviceAccountName", place.unwrap_or_default());
    let finding = Finding::new(ACCOUNT)
        .on(event)
        .evidence(event, field, account)
        .field(&event, AuditField::Namespace)
        .severity(request.severity(severity))
        .dedup_key(format!("{}/{account}", request.key()))
        .title(format!(
            "{} {} with the service account {namespace}/{account}, {}",
            request.who_did(),
            request.target(),
            match &strength {
                Strength::ControlPlane => "which is a controller's",
                Strength::Bound(_) => "which is a cluster-admin",
                Strength::Known => "which is known to have far-reaching rights",
            }
        ));
    findings.raise(match strength {
        Strength::Bound(binding) => finding.attribute("binding", binding),
        Strength::ControlPlane | Strength::Known => finding,
    });
    Ok(())
}

fn strength(event: AuditEvent<'_>, namespace: &str, account: &str) -> Option<Strength> {
    if namespace == "kube-system" && CONTROLLERS.contains(&account) {
        return Some(Strength::ControlPlane);
    }
    let subject = format!("system:serviceaccount:{namespace}:{account}");
    let bindings = inventory::bindings(event, &subject);
    let admin = bindings.iter().find(|binding| {
        binding.kind() == "ClusterRoleBinding" && binding.role_name() == "cluster-admin"
    });
    if let Some(binding) = admin {
        return Some(Strength::Bound(binding.name().to_owned()));
    }
    STRONG
        .contains(&(namespace, account))
        .then_some(Strength::Known)
}

/// How unusual it is that this request uses the account; none if it is the account's own
/// program that is installed.
fn severity(request: &Request<'_>, strength: &Strength, account: &str) -> Option<f64> {
    if *strength == Strength::ControlPlane {
        return Some(7.0);
    }
    // Pods and Jobs by hand are no installation.
    let is_single = matches!(request.resource, "pods" | "jobs" | "cronjobs");
    let is_admin = request.is_admin();
    let is_cluster_robot = request
        .event
        .actor()
        .service_account()
        .is_some_and(|(namespace, _)| namespace == "kube-system");
    match (is_single, is_admin || is_cluster_robot, request.is_robot()) {
        (_, true, true) => None,
        (true, false, _) => Some(6.0),
        // Who may do everything gains nothing but a cover. Charts have Jobs of their own.
        (true, true, false) if request.resource == "pods" => Some(5.0),
        (true, true, false) => Some(3.0),
        (false, true, false) if request.is_creation() => None,
        (false, true, false) => Some(3.0),
        (false, false, _) if is_related(request.event.name(), account) => None,
        // A deployer that brings the program with its account.
        (false, false, true) if package::installer(request.event).is_some() => Some(3.0),
        (false, false, _) => Some(5.0),
    }
}

/// Whether a workload and its account have the same name, or a part of one: `argocd-server` and
/// `argocd-application-controller`.
fn is_related(workload: &str, account: &str) -> bool {
    let first = |name: &str| name.split('-').next().unwrap_or_default().to_owned();
    first(workload) == first(account) || workload.contains(account) || account.contains(workload)
}

pub fn finding_type() -> FindingType {
    FindingType::new(ACCOUNT, 6.0)
        .title("A workload runs with a service account of far-reaching rights")
        .description(
            "Who may create pods in a namespace may use every service account there, and has its rights \
             through the pod. This account is a cluster-admin, a controller's, or one that is known to \
             have rights over most of the cluster, and the workload is not its own program.",
        )
        .technique("T1078.004")
        .technique("T1610")
        .technique("T1528")
        .remediation(
            "Ask who made the workload whether this was intended. If not, delete it (its token ends with \
             it), revoke the credentials of who made it, and look in the audit log for what the service \
             account did since. Give strong accounts namespaces of their own, in which few may create pods.",
        )
        .false_positives(
            "Administrators who test with such an account; Jobs of charts. Robots of the cluster and \
             accounts that are cluster-admins themselves are left out.",
        )
        .severity_rule("7.0 if the account is one of kube-controller-manager's")
        .severity_rule("5.0 if who asks is a cluster-admin, or the workload is a Deployment or its like")
        .severity_rule("3.0 if a cluster-admin made a Job, or gave a workload another account")
        .severity_rule("3.0 if a service account deployed it with the labels of Helm, Argo CD, Flux, OLM or another package")
        .severity_rule("at most 3.0 if a service account sends the whole object, which may have been so before the log began")
        .tuning("Set `trusted-users`, or `trusted-namespaces` where this is usual.")
        .aggregated_by("actor, object and service account")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation")
        .reference("https://attack.mitre.org/techniques/T1078/004/")
}

#[cfg(test)]
mod tests {
    use super::is_related;

    #[test]
    fn programs_have_the_names_of_their_accounts() {
        assert!(is_related("argocd-server", "argocd-application-controller"));
        assert!(is_related("velero", "velero-server"));
        assert!(!is_related("tkn", "argocd-application-controller"));
        assert!(!is_related("web", "velero"));
    }
}
