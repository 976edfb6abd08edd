//! Roles, bindings, reviews, tokens, and certificates.

use super::Duration;

records! {
    /// A Role or a ClusterRole.
    pub struct RoleFacts {
        pub rules: Vec<RoleRule>,
        /// Labels, as `key=value`, of the roles that a ClusterRole aggregates.
        pub aggregates: Vec<String>,
    }

    /// `rbac.authorization.k8s.io/v1` `PolicyRule`.
    pub struct RoleRule {
        pub verbs: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "api-groups"))]
        pub api_groups: Vec<String>,
        pub resources: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "resource-names"))]
        pub resource_names: Vec<String>,
        pub paths: Vec<String>,
    }

    /// A RoleBinding or a ClusterRoleBinding.
    pub struct BindingFacts {
        pub kind: String,
        pub namespace: String,
        pub name: String,
        /// `Role` or `ClusterRole`.
        #[cfg_attr(feature = "component", component(name = "role-kind"))]
        pub role_kind: String,
        #[cfg_attr(feature = "component", component(name = "role-name"))]
        pub role_name: String,
        pub subjects: Vec<Subject>,
    }

    /// One subject of a binding.
    pub struct Subject {
        /// `User`, `Group`, or `ServiceAccount`.
        pub kind: String,
        pub namespace: String,
        pub name: String,
    }

    /// A SubjectAccessReview, LocalSubjectAccessReview, SelfSubjectAccessReview,
    /// SelfSubjectRulesReview, SelfSubjectReview, or TokenReview.
    pub struct AccessReview {
        /// The user whose rights are reviewed; empty for the requester's own.
        pub username: String,
        pub groups: Vec<String>,
        pub namespace: String,
        pub verb: String,
        #[cfg_attr(feature = "component", component(name = "api-group"))]
        pub api_group: String,
        pub resource: String,
        pub subresource: String,
        pub name: String,
        pub path: String,
        /// The answer (allowed, or authenticated), if the log has it.
        pub allowed: Option<bool>,
    }

    /// A request for a service account token.
    pub struct TokenRequest {
        pub audiences: Vec<String>,
        pub expiration: Duration,
        #[cfg_attr(feature = "component", component(name = "bound-kind"))]
        pub bound_kind: String,
        #[cfg_attr(feature = "component", component(name = "bound-name"))]
        pub bound_name: String,
    }

    /// A CertificateSigningRequest, with the PKCS#10 request that it contains.
    pub struct CertificateRequest {
        pub signer: String,
        pub usages: Vec<String>,
        pub expiration: Duration,
        /// The requester, as recorded by the API server.
        pub username: String,
        pub groups: Vec<String>,
        /// The subject of the PKCS#10 request.
        #[cfg_attr(feature = "component", component(name = "common-name"))]
        pub common_name: String,
        pub organizations: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "dns-names"))]
        pub dns_names: Vec<String>,
        /// `Approved`, `Denied`, `Failed`.
        pub conditions: Vec<String>,
        /// Whether a certificate was issued.
        pub issued: bool,
    }

    /// A ServiceAccount.
    pub struct ServiceAccountFacts {
        pub namespace: String,
        pub name: String,
        pub secrets: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "image-pull-secrets"))]
        pub image_pull_secrets: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "automount-token"))]
        pub automount_token: Option<bool>,
    }
}
