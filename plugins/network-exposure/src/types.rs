//! The types of findings.

mod exposure;
mod traffic;

use wardline_sdk::FindingType;

use crate::software::Kind;

/// The Kubernetes Dashboard is exposed.
pub const DASHBOARD: &str = "Policy:Kubernetes/ExposedDashboard";
/// Kubeflow's dashboard is exposed.
pub const KUBEFLOW: &str = "Policy:Kubernetes/KubeflowDashboardExposed";
/// Another console, or a service, is exposed.
pub const SERVICE_EXPOSED: &str = "Policy:Kubernetes/ServiceExposed";
/// A service answers for addresses that are not its own.
pub const EXTERNAL_IPS: &str = "Policy:Kubernetes/ExternalIPs";
/// An ingress has no TLS.
pub const INGRESS_WITHOUT_TLS: &str = "Policy:Kubernetes/IngressWithoutTLS";
/// An ingress brings configuration of its own.
pub const INGRESS_SNIPPET: &str = "Execution:Kubernetes/IngressSnippet";
/// What keeps annotations from being code was switched off.
pub const HARDENING_DISABLED: &str = "DefenseEvasion:Kubernetes/IngressHardeningDisabled";
/// An ingress claims the host of another namespace.
pub const HOST_TAKEOVER: &str = "Persistence:Kubernetes/IngressHostTakeover";
/// Addresses behind a service were written by hand.
pub const ENDPOINTS_HIJACKED: &str = "LateralMovement:Kubernetes/EndpointsHijacked";
/// A service was pointed elsewhere.
pub const SELECTOR_CHANGED: &str = "LateralMovement:Kubernetes/EndpointsHijacked.ServiceTarget";

const GUARDDUTY: &str =
    "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html";

/// All of them.
pub fn all() -> impl Iterator<Item = FindingType> {
    exposure::all().into_iter().chain(traffic::all())
}

/// The type for software of a kind that is exposed.
pub fn of(kind: Kind) -> &'static str {
    match kind {
        Kind::Dashboard => DASHBOARD,
        Kind::Kubeflow => KUBEFLOW,
        Kind::Control | Kind::Console | Kind::Reading => SERVICE_EXPOSED,
    }
}
