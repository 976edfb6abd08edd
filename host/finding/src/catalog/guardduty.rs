//! Amazon GuardDuty's finding types for EKS audit logs
//! (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html>,
//! September 2026).

/// The five tactics of the four families that judge the caller.
const TACTICS: [&str; 5] = [
    "CredentialAccess",
    "DefenseEvasion",
    "Discovery",
    "Impact",
    "Persistence",
];

/// The mechanisms of those families.
const MECHANISMS: [&str; 4] = [
    "MaliciousIPCaller",
    "MaliciousIPCaller.Custom",
    "SuccessfulAnonymousAccess",
    "TorIPCaller",
];

/// Types with a fixed condition.
const FIXED: [&str; 5] = [
    "Execution:Kubernetes/ExecInKubeSystemPod",
    "Policy:Kubernetes/AdminAccessToDefaultServiceAccount",
    "Policy:Kubernetes/AnonymousAccessGranted",
    "Policy:Kubernetes/ExposedDashboard",
    "Policy:Kubernetes/KubeflowDashboardExposed",
];

/// Types that GuardDuty retired on 29 May 2026.
const RETIRED: [&str; 2] = [
    "Persistence:Kubernetes/ContainerWithSensitiveMount",
    "PrivilegeEscalation:Kubernetes/PrivilegedContainer",
];

/// GuardDuty's anomaly types, and the types of Wardline that report the same activity by fixed
/// conditions.
pub const ANOMALIES: [(&str, &[&str]); 8] = [
    (
        "CredentialAccess:Kubernetes/AnomalousBehavior.SecretsAccessed",
        &[
            "CredentialAccess:Kubernetes/SecretEnumeration",
            "CredentialAccess:Kubernetes/ClusterWideSecretList",
            "CredentialAccess:Kubernetes/HighValueSecretRead",
            "CredentialAccess:Kubernetes/SecretAccessDenied",
            "CredentialAccess:Kubernetes/SecretFromOtherNamespace",
            "CredentialAccess:Kubernetes/SecretReadByPerson",
            "CredentialAccess:Kubernetes/SecretReadByScript",
        ],
    ),
    (
        "Discovery:Kubernetes/AnomalousBehavior.PermissionChecked",
        &["Discovery:Kubernetes/PermissionProbe"],
    ),
    (
        "Execution:Kubernetes/AnomalousBehavior.ExecInPod",
        &[
            "Execution:Kubernetes/ExecInPod",
            "Execution:Kubernetes/ExecInKubeSystemPod",
            "Execution:Kubernetes/SuspiciousExecCommand",
            "Execution:Kubernetes/ExecByServiceAccount",
            "Execution:Kubernetes/EphemeralContainer",
            "Exfiltration:Kubernetes/KubectlCp",
            "PrivilegeEscalation:Kubernetes/ExecInPrivilegedPod",
        ],
    ),
    (
        "Execution:Kubernetes/AnomalousBehavior.WorkloadDeployed",
        &[
            "Execution:Kubernetes/SuspiciousWorkloadCommand",
            "Execution:Kubernetes/ImageSwapped",
            "Impact:Kubernetes/CryptoMiner",
            "Persistence:Kubernetes/CronJob",
            "Persistence:Kubernetes/SidecarInjected",
            "PrivilegeEscalation:Kubernetes/PrivilegedServiceAccountPod",
        ],
    ),
    (
        "Persistence:Kubernetes/AnomalousBehavior.WorkloadDeployed!ContainerWithSensitiveMount",
        &["Persistence:Kubernetes/ContainerWithSensitiveMount"],
    ),
    (
        "PrivilegeEscalation:Kubernetes/AnomalousBehavior.RoleBindingCreated",
        &[
            "PrivilegeEscalation:Kubernetes/AdminRoleBinding",
            "PrivilegeEscalation:Kubernetes/SelfGrant",
            "Policy:Kubernetes/AdminAccessToDefaultServiceAccount",
        ],
    ),
    (
        "PrivilegeEscalation:Kubernetes/AnomalousBehavior.RoleCreated",
        &[
            "PrivilegeEscalation:Kubernetes/DangerousRole",
            "PrivilegeEscalation:Kubernetes/RoleWidened",
            "PrivilegeEscalation:Kubernetes/AggregatedRole",
        ],
    ),
    (
        "PrivilegeEscalation:Kubernetes/AnomalousBehavior.WorkloadDeployed!PrivilegedContainer",
        &["PrivilegeEscalation:Kubernetes/PrivilegedContainer"],
    ),
];

/// The 27 types with a fixed condition: 25 active and 2 retired ones.
#[must_use]
pub fn by_condition() -> Vec<String> {
    let mut types: Vec<String> = TACTICS
        .iter()
        .flat_map(|tactic| {
            MECHANISMS
                .iter()
                .map(move |mechanism| format!("{tactic}:Kubernetes/{mechanism}"))
        })
        .chain(FIXED.iter().chain(&RETIRED).map(|&name| name.to_owned()))
        .collect();
    types.sort();
    types
}

#[cfg(test)]
mod tests {
    use super::{ANOMALIES, by_condition};

    #[test]
    fn count_matches_the_documentation() {
        let types = by_condition();
        assert_eq!(types.len() - 2 + ANOMALIES.len(), 33);
        assert!(types.contains(&"Impact:Kubernetes/TorIPCaller".to_owned()));
    }
}
