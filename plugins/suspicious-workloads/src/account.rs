//! Workloads with a service account that has more permissions than the user who created them.
//!
//! A user who may create pods in a namespace can use every service account in it
//! (<https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation>).

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::UnseenOwner;
use wardline_sdk::rules::package;
use wardline_sdk::rules::severity::{LOW, MEDIUM};

use crate::request::{MAY_BE_OLD, WorkloadRequest};
use crate::settings::Tuning;

const ACCOUNT: &str = "PrivilegeEscalation:Kubernetes/PrivilegedServiceAccountPod";

const CONTROLLER: SeverityRule = SeverityRule::new(
    7.0,
    "the account belongs to a controller of kube-controller-manager",
);
const SINGLE: SeverityRule = SeverityRule::new(
    6.0,
    "a user who is not a cluster-admin created a pod, Job, or CronJob",
);
const POD_BY_ADMIN: SeverityRule = SeverityRule::new(MEDIUM, "a cluster-admin created a pod");
const UNRELATED: SeverityRule = SeverityRule::new(
    MEDIUM,
    "another user deployed a workload of any other kind whose name is not related to the account",
);
const BY_ADMIN: SeverityRule = SeverityRule::new(
    LOW,
    "a cluster-admin created a Job or CronJob, or gave an existing workload another account",
);
const RELATED: SeverityRule = SeverityRule::new(
    2.0,
    "another user deployed a workload of any other kind whose name is related to the account",
);
const PACKAGED: SeverityRule = SeverityRule::new(
    LOW,
    "a service account deployed the workload with the labels of Helm, Argo CD, Flux, OLM, or another \
     package",
);

/// Accounts of the controllers inside kube-controller-manager, which no pod uses
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

/// Accounts to which the manifests of their projects grant permissions over all or most of the
/// cluster: Argo CD, Flux, Tiller, Velero, Rancher, Fleet, Crossplane, Kubernetes Dashboard's
/// guide, OLM, Istio, External Secrets, cert-manager, Tekton.
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

/// The reason why an account is strong.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Strength {
    /// The account belongs to the control plane.
    ControlPlane,
    /// The binding of this name grants it `cluster-admin`.
    Bound(String),
    /// The account is in [`STRONG`].
    Known,
}

pub fn judge(
    request: &WorkloadRequest<'_>,
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
    let Some(rule) = rule(request, &strength, account) else {
        return Ok(());
    };
    let member = format!("{}/{account}", request.place());
    let is_once = rule.severity < 3.5 || request.is_automated();
    let severity = request.severity(rule);
    if is_once && !tuning.is_news(event, ACCOUNT, &member, severity)? {
        return Ok(());
    }
    let spec_path = request.change.as_ref().map(|change| change.path.as_str());
    let field = format!("{}.serviceAccountName", spec_path.unwrap_or_default());
    let finding = Finding::new(ACCOUNT)
        .on(event)
        .evidence(event, field, account)
        .field(&event, AuditField::Namespace)
        .severity(severity)
        .dedup_key(format!("{}/{account}", request.key()))
        .title(format!(
            "Workload {} with service account {account} ({}) {}",
            request.target(),
            match &strength {
                Strength::ControlPlane => "controller",
                Strength::Bound(_) => "cluster-admin",
                Strength::Known => "broad permissions",
            },
            request.action()
        ));
    let finding = request.cite(finding);
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

/// Rates the use of the account by this request. Returns `None` if the request installs the
/// account's own program.
fn rule(request: &WorkloadRequest<'_>, strength: &Strength, account: &str) -> Option<SeverityRule> {
    if *strength == Strength::ControlPlane {
        return Some(CONTROLLER);
    }
    // Single pods and Jobs are not an installation.
    let is_single = matches!(request.resource, "pods" | "jobs" | "cronjobs");
    let is_admin = request.is_admin();
    let is_cluster_account = request
        .event
        .actor()
        .service_account()
        .is_some_and(|(namespace, _)| namespace == "kube-system");
    match (
        is_single,
        is_admin || is_cluster_account,
        request.is_automated(),
    ) {
        (_, true, true) => None,
        (true, false, _) => Some(SINGLE),
        // A cluster-admin gains only a disguise. Charts have Jobs of their own.
        (true, true, false) if request.resource == "pods" => Some(POD_BY_ADMIN),
        (true, true, false) => Some(BY_ADMIN),
        (false, true, false) if request.is_creation() => None,
        (false, true, false) => Some(BY_ADMIN),
        // Anybody may choose the name.
        (false, false, _) if is_related(request.event.name(), account) => Some(RELATED),
        // A deployer installs the program together with its account.
        (false, false, true) if package::installer(request.event).is_some() => Some(PACKAGED),
        (false, false, _) => Some(UNRELATED),
    }
}

/// Whether the names of a workload and its account are related, such as `argocd-server` and
/// `argocd-application-controller`.
fn is_related(workload: &str, account: &str) -> bool {
    let first = |name: &str| name.split('-').next().unwrap_or_default().to_owned();
    first(workload) == first(account) || workload.contains(account) || account.contains(workload)
}

pub fn finding_type() -> FindingType {
    FindingType::new(ACCOUNT, SINGLE.severity)
        .title("A workload was given a highly privileged service account")
        .description(
            "A user who may create pods in a namespace can use every service account there, and \
             gains its permissions through the pod. This account is a cluster-admin, belongs to a \
             controller, or is known to have permissions over most of the cluster, and the \
             workload is not its own program.",
        )
        .technique("T1078.004")
        .technique("T1610")
        .technique("T1528")
        .remediation(
            "Ask the user who created the workload whether this was intended. If not, delete it \
             (its token becomes invalid), revoke the user's credentials, and search the audit log \
             for requests that the service account has made since. Give strong accounts \
             namespaces of their own, in which few users may create pods.",
        )
        .false_positives(
            "Administrators who test with such an account, and Jobs of charts. Service accounts \
             of kube-system, and of cluster-admins, are not reported.",
        )
        .severity_rules([
            CONTROLLER,
            SINGLE,
            POD_BY_ADMIN,
            UNRELATED,
            BY_ADMIN,
            PACKAGED,
            RELATED,
            MAY_BE_OLD,
            UnseenOwner::COMPONENT,
        ])
        .tuning(
            "Add users to `trusted-users`, or namespaces where this is usual to \
             `trusted-namespaces`.",
        )
        .aggregated_by("actor, object, and service account")
        .reference(
            "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation",
        )
        .reference("https://attack.mitre.org/techniques/T1078/004/")
}

#[cfg(test)]
mod tests {
    use super::is_related;

    #[test]
    fn workloads_are_related_to_accounts_by_name() {
        assert!(is_related("argocd-server", "argocd-application-controller"));
        assert!(is_related("velero", "velero-server"));
        assert!(!is_related("tkn", "argocd-application-controller"));
        assert!(!is_related("web", "velero"));
    }
}
