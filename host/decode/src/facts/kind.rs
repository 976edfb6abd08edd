//! The shape of an object's facts, by its group and kind or by the resource that it was
//! sent to.

use wardline_event::model::ObjectReference;

/// The way in which the facts of an object are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Pod,
    /// An object with a pod template under `spec.template`.
    Template,
    CronJob,
    PodTemplate,
    Role,
    RoleBinding,
    AccessReview,
    TokenReview,
    TokenRequest,
    CertificateRequest,
    Webhooks,
    AdmissionPolicy,
    Service,
    Ingress,
    NetworkPolicy,
    ServiceAccount,
    Secret,
    ConfigMap,
    Node,
    Scale,
    Endpoints,
    EndpointSlice,
    ApiService,
    CustomResourceDefinition,
    Lease,
    PersistentVolume,
    PersistentVolumeClaim,
    PodBinding,
    Eviction,
    DeleteOptions,
    Other,
}

/// The group of an `apiVersion`; empty for `v1`.
pub(super) fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Returns the shape by group and kind, since other groups reuse kinds (a Knative
/// `Service`).
pub(super) fn shape(group: &str, kind: &str) -> Shape {
    match (group, kind) {
        // The API server writes the group of its internal version, and clients write any.
        (_, "DeleteOptions") => Shape::DeleteOptions,
        ("", "Pod") => Shape::Pod,
        ("", "PodTemplate") => Shape::PodTemplate,
        ("", "ReplicationController")
        | ("apps" | "extensions", "Deployment" | "DaemonSet" | "ReplicaSet")
        | ("apps", "StatefulSet")
        | ("batch", "Job") => Shape::Template,
        ("batch", "CronJob") => Shape::CronJob,
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => Shape::Role,
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => Shape::RoleBinding,
        (
            "authorization.k8s.io",
            "SubjectAccessReview"
            | "LocalSubjectAccessReview"
            | "SelfSubjectAccessReview"
            | "SelfSubjectRulesReview",
        ) => Shape::AccessReview,
        ("authentication.k8s.io", "TokenReview" | "SelfSubjectReview") => Shape::TokenReview,
        ("authentication.k8s.io", "TokenRequest") => Shape::TokenRequest,
        ("certificates.k8s.io", "CertificateSigningRequest") => Shape::CertificateRequest,
        (
            "admissionregistration.k8s.io",
            "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration",
        ) => Shape::Webhooks,
        (
            "admissionregistration.k8s.io",
            "ValidatingAdmissionPolicy"
            | "MutatingAdmissionPolicy"
            | "ValidatingAdmissionPolicyBinding"
            | "MutatingAdmissionPolicyBinding",
        ) => Shape::AdmissionPolicy,
        ("", "Service") => Shape::Service,
        ("networking.k8s.io" | "extensions", "Ingress") => Shape::Ingress,
        ("networking.k8s.io" | "extensions", "NetworkPolicy") => Shape::NetworkPolicy,
        ("", "ServiceAccount") => Shape::ServiceAccount,
        ("", "Secret") => Shape::Secret,
        ("", "ConfigMap") => Shape::ConfigMap,
        ("", "Node") => Shape::Node,
        ("autoscaling" | "apps" | "extensions", "Scale") => Shape::Scale,
        ("", "Endpoints") => Shape::Endpoints,
        ("discovery.k8s.io", "EndpointSlice") => Shape::EndpointSlice,
        ("apiregistration.k8s.io", "APIService") => Shape::ApiService,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => Shape::CustomResourceDefinition,
        ("coordination.k8s.io", "Lease") => Shape::Lease,
        ("", "PersistentVolume") => Shape::PersistentVolume,
        ("", "PersistentVolumeClaim") => Shape::PersistentVolumeClaim,
        ("", "Binding") => Shape::PodBinding,
        ("policy", "Eviction") => Shape::Eviction,
        _ => Shape::Other,
    }
}

/// Returns `apiVersion` and kind of the body that a resource accepts, for bodies that do
/// not name them. Both are empty for resources whose objects have no facts.
pub(super) fn of_resource(object: &ObjectReference, deletes: bool) -> (String, &'static str) {
    if deletes {
        return ("meta.k8s.io/v1".into(), "DeleteOptions");
    }
    match object.subresource.as_str() {
        "scale" => return ("autoscaling/v1".into(), "Scale"),
        "eviction" => return ("policy/v1".into(), "Eviction"),
        "binding" => return ("v1".into(), "Binding"),
        "token" => return ("authentication.k8s.io/v1".into(), "TokenRequest"),
        // Other subresources take no object with facts.
        "" | "status" | "ephemeralcontainers" | "approval" | "finalize" | "resize" => {}
        _ => return (String::new(), ""),
    }
    let kind = kind_of_resource(&object.resource);
    if shape(&object.api_group, kind) == Shape::Other {
        return (String::new(), "");
    }
    let version = match object.api_group.as_str() {
        "" => object.api_version.clone(),
        group => format!("{group}/{}", object.api_version),
    };
    (version, kind)
}

fn kind_of_resource(resource: &str) -> &'static str {
    match resource {
        "pods" => "Pod",
        "podtemplates" => "PodTemplate",
        "replicationcontrollers" => "ReplicationController",
        "deployments" => "Deployment",
        "daemonsets" => "DaemonSet",
        "replicasets" => "ReplicaSet",
        "statefulsets" => "StatefulSet",
        "jobs" => "Job",
        "cronjobs" => "CronJob",
        "roles" => "Role",
        "clusterroles" => "ClusterRole",
        "rolebindings" => "RoleBinding",
        "clusterrolebindings" => "ClusterRoleBinding",
        "subjectaccessreviews" => "SubjectAccessReview",
        "localsubjectaccessreviews" => "LocalSubjectAccessReview",
        "selfsubjectaccessreviews" => "SelfSubjectAccessReview",
        "selfsubjectrulesreviews" => "SelfSubjectRulesReview",
        "selfsubjectreviews" => "SelfSubjectReview",
        "tokenreviews" => "TokenReview",
        "certificatesigningrequests" => "CertificateSigningRequest",
        "mutatingwebhookconfigurations" => "MutatingWebhookConfiguration",
        "validatingwebhookconfigurations" => "ValidatingWebhookConfiguration",
        "validatingadmissionpolicies" => "ValidatingAdmissionPolicy",
        "validatingadmissionpolicybindings" => "ValidatingAdmissionPolicyBinding",
        "mutatingadmissionpolicies" => "MutatingAdmissionPolicy",
        "mutatingadmissionpolicybindings" => "MutatingAdmissionPolicyBinding",
        "services" => "Service",
        "ingresses" => "Ingress",
        "networkpolicies" => "NetworkPolicy",
        "serviceaccounts" => "ServiceAccount",
        "secrets" => "Secret",
        "configmaps" => "ConfigMap",
        "nodes" => "Node",
        "endpoints" => "Endpoints",
        "endpointslices" => "EndpointSlice",
        "apiservices" => "APIService",
        "customresourcedefinitions" => "CustomResourceDefinition",
        "leases" => "Lease",
        "persistentvolumes" => "PersistentVolume",
        "persistentvolumeclaims" => "PersistentVolumeClaim",
        "bindings" => "Binding",
        _ => "",
    }
}
