//! Facts that the decoder extracted from an object, by the object's kind.

use wardline_event::model::FactsView;

use super::{
    AccessReview, AdmissionPolicy, ApiServiceFacts, BindingFacts, CertificateRequest,
    ConfigMapFacts, CustomResourceDefinition, DeleteOptions, EndpointsFacts, IngressFacts,
    LeaseFacts, List, NetworkPolicy, NodeFacts, PersistentVolume, RoleFacts, SecretFacts,
    ServiceAccountFacts, ServiceFacts, TokenRequest, View, Webhook, Workload,
};

/// The facts of an object, by its kind.
///
/// Later versions of the SDK may add variants.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Facts<'a> {
    /// A kind that this version does not know; [`crate::raw`] has the object.
    None,
    /// A pod, or an object that creates pods.
    Workload(Workload<'a>),
    /// A Role or a ClusterRole.
    Role(RoleFacts<'a>),
    /// A RoleBinding or a ClusterRoleBinding.
    Binding(BindingFacts<'a>),
    /// An access review or a token review.
    AccessReview(AccessReview<'a>),
    /// A request for a service account token.
    TokenRequest(TokenRequest<'a>),
    /// A CertificateSigningRequest.
    CertificateRequest(CertificateRequest<'a>),
    /// The webhooks of a webhook configuration.
    Webhooks(List<'a, Webhook<'a>>),
    /// An admission policy or a binding of one.
    AdmissionPolicy(AdmissionPolicy<'a>),
    /// A Service.
    Service(ServiceFacts<'a>),
    /// An Ingress.
    Ingress(IngressFacts<'a>),
    /// A NetworkPolicy.
    NetworkPolicy(NetworkPolicy<'a>),
    /// A ServiceAccount.
    ServiceAccount(ServiceAccountFacts<'a>),
    /// A Secret.
    Secret(SecretFacts<'a>),
    /// A ConfigMap.
    ConfigMap(ConfigMapFacts<'a>),
    /// A Node.
    Node(NodeFacts<'a>),
    /// The requested replicas of a Scale.
    Scale(i64),
    /// An Endpoints object or an EndpointSlice.
    Endpoints(EndpointsFacts<'a>),
    /// An APIService.
    ApiService(ApiServiceFacts<'a>),
    /// A CustomResourceDefinition.
    CustomResourceDefinition(CustomResourceDefinition<'a>),
    /// A Lease.
    Lease(LeaseFacts<'a>),
    /// A PersistentVolume or a PersistentVolumeClaim.
    PersistentVolume(PersistentVolume<'a>),
    /// The node to which a Binding assigns a pod.
    PodBinding(&'a str),
    /// The options of a deletion or an eviction.
    DeleteOptions(DeleteOptions<'a>),
}

impl<'a> Facts<'a> {
    pub(crate) fn of(read: FactsView<'a>) -> Self {
        match read {
            FactsView::None => Self::None,
            FactsView::Workload(facts) => Self::Workload(View::of(facts)),
            FactsView::Role(facts) => Self::Role(View::of(facts)),
            FactsView::Binding(facts) => Self::Binding(View::of(facts)),
            FactsView::AccessReview(facts) => Self::AccessReview(View::of(facts)),
            FactsView::TokenRequest(facts) => Self::TokenRequest(View::of(facts)),
            FactsView::CertificateRequest(facts) => Self::CertificateRequest(View::of(facts)),
            FactsView::Webhooks(facts) => Self::Webhooks(List::of(facts)),
            FactsView::AdmissionPolicy(facts) => Self::AdmissionPolicy(View::of(facts)),
            FactsView::Service(facts) => Self::Service(View::of(facts)),
            FactsView::Ingress(facts) => Self::Ingress(View::of(facts)),
            FactsView::NetworkPolicy(facts) => Self::NetworkPolicy(View::of(facts)),
            FactsView::ServiceAccount(facts) => Self::ServiceAccount(View::of(facts)),
            FactsView::Secret(facts) => Self::Secret(View::of(facts)),
            FactsView::ConfigMap(facts) => Self::ConfigMap(View::of(facts)),
            FactsView::Node(facts) => Self::Node(View::of(facts)),
            FactsView::Scale(replicas) => Self::Scale(replicas),
            FactsView::Endpoints(facts) => Self::Endpoints(View::of(facts)),
            FactsView::ApiService(facts) => Self::ApiService(View::of(facts)),
            FactsView::CustomResourceDefinition(facts) => {
                Self::CustomResourceDefinition(View::of(facts))
            }
            FactsView::Lease(facts) => Self::Lease(View::of(facts)),
            FactsView::PersistentVolume(facts) => Self::PersistentVolume(View::of(facts)),
            FactsView::PodBinding(node) => Self::PodBinding(node.as_str()),
            FactsView::DeleteOptions(facts) => Self::DeleteOptions(View::of(facts)),
        }
    }
}
