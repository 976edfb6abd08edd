//! The finding types.

pub mod exposure;
pub mod traffic;

use wardline_sdk::FindingType;

use crate::software::SoftwareKind;

/// The Kubernetes Dashboard was exposed.
pub const DASHBOARD: &str = "Policy:Kubernetes/ExposedDashboard";
/// The Kubeflow dashboard was exposed.
pub const KUBEFLOW: &str = "Policy:Kubernetes/KubeflowDashboardExposed";
/// Another console, or a service, was exposed.
pub const SERVICE_EXPOSED: &str = "Policy:Kubernetes/ServiceExposed";
/// External addresses were assigned to a service.
pub const EXTERNAL_IPS: &str = "Policy:Kubernetes/ExternalIPs";
/// An ingress without TLS was published.
pub const INGRESS_WITHOUT_TLS: &str = "Policy:Kubernetes/IngressWithoutTLS";
/// An ingress injected configuration into its controller.
pub const INGRESS_SNIPPET: &str = "Execution:Kubernetes/IngressSnippet";
/// Code was allowed in ingress annotations.
pub const HARDENING_DISABLED: &str = "DefenseEvasion:Kubernetes/IngressHardeningDisabled";
/// An ingress claimed the host of another namespace.
pub const HOST_TAKEOVER: &str = "Persistence:Kubernetes/IngressHostTakeover";
/// The endpoints of a service were written outside their controller.
pub const ENDPOINTS_HIJACKED: &str = "LateralMovement:Kubernetes/EndpointsHijacked";
/// A service was redirected.
pub const SELECTOR_CHANGED: &str = "LateralMovement:Kubernetes/EndpointsHijacked.ServiceTarget";

const GUARDDUTY: &str =
    "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html";

/// Returns all finding types of this detector.
pub fn all() -> impl Iterator<Item = FindingType> {
    exposure::all().into_iter().chain(traffic::all())
}

/// Returns the type for exposed software of a kind.
pub fn exposed(kind: SoftwareKind) -> &'static str {
    match kind {
        SoftwareKind::Dashboard => DASHBOARD,
        SoftwareKind::Kubeflow => KUBEFLOW,
        SoftwareKind::Control | SoftwareKind::Console | SoftwareKind::ReadOnly => SERVICE_EXPOSED,
    }
}
