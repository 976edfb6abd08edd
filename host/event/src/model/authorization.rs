//! Roles, bindings, reviews, tokens and certificates.

use super::Duration;

records! {
    /// A Role or a ClusterRole.
    pub struct RoleFacts {
        pub rules: Vec<RoleRule>,
        /// Labels, as `key=value`, of the roles that a ClusterRole is made of.
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
        /// `Role` or `ClusterRole`, and its name.
        #[cfg_attr(feature = "component", component(name = "role-kind"))]
        pub role_kind: String,
        #[cfg_attr(feature = "component", component(name = "role-name"))]
        pub role_name: String,
        pub subjects: Vec<Subject>,
    }

    pub struct Subject {
        /// `User`, `Group` or `ServiceAccount`.
        pub kind: String,
        pub namespace: String,
        pub name: String,
    }

    /// A SubjectAccessReview, LocalSubjectAccessReview, SelfSubjectAccessReview,
    /// SelfSubjectRulesReview, SelfSubjectReview or TokenReview.
    pub struct AccessReview {
        /// Whose rights were asked about; empty for the requester's own.
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
        /// The answer, where the log has it: allowed, or authenticated.
        pub allowed: Option<bool>,
    }

    /// A request for a token of a service account.
    pub struct TokenRequest {
        pub audiences: Vec<String>,
        pub expiration: Duration,
        #[cfg_attr(feature = "component", component(name = "bound-kind"))]
        pub bound_kind: String,
        #[cfg_attr(feature = "component", component(name = "bound-name"))]
        pub bound_name: String,
    }

    pub struct CertificateRequest {
        pub signer: String,
        pub usages: Vec<String>,
        pub expiration: Duration,
        /// Who asked, as the API server wrote it.
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
