//! Roles, bindings, reviews, tokens, certificates, and service accounts.

use super::List;

views! {
    /// A Role or a ClusterRole.
    RoleFacts {
        /// The rules.
        rules: list(RoleRule),
        /// Labels, as `key=value`, of the roles that a ClusterRole aggregates.
        aggregates: texts,
    }

    /// `rbac.authorization.k8s.io/v1` `PolicyRule`.
    RoleRule {
        /// The verbs.
        verbs: texts,
        /// The API groups.
        api_groups: texts,
        /// The resources, in the plural.
        resources: texts,
        /// The names that the rule is restricted to; none means all.
        resource_names: texts,
        /// The paths of non-resource requests.
        paths: texts,
    }

    /// A RoleBinding or a ClusterRoleBinding.
    BindingFacts {
        /// The kind.
        kind: text,
        /// Its namespace.
        namespace: text,
        /// Its name.
        name: text,
        /// `Role` or `ClusterRole`.
        role_kind: text,
        /// The name of the role.
        role_name: text,
        /// The subjects that get the role.
        subjects: list(Subject),
    }

    /// One subject of a binding.
    Subject {
        /// `User`, `Group`, or `ServiceAccount`.
        kind: text,
        /// Its namespace.
        namespace: text,
        /// Its name.
        name: text,
    }

    /// A SubjectAccessReview, LocalSubjectAccessReview, SelfSubjectAccessReview,
    /// SelfSubjectRulesReview, SelfSubjectReview, or TokenReview.
    AccessReview {
        /// The user whose rights are reviewed; empty for the requester's own.
        username: text,
        /// The groups.
        groups: texts,
        /// Its namespace.
        namespace: text,
        /// The verb.
        verb: text,
        /// The API group; empty for the core group.
        api_group: text,
        /// The resource, in the plural.
        resource: text,
        /// The subresource, such as `exec`; empty for none.
        subresource: text,
        /// Its name.
        name: text,
        /// The path.
        path: text,
        /// The answer (allowed, or authenticated), if the log has it.
        allowed: maybe(bool),
    }

    /// A request for a service account token.
    TokenRequest {
        /// The audiences of the token.
        audiences: texts,
        /// The requested lifetime.
        expiration: length,
        /// The kind of the object that it is bound to.
        bound_kind: text,
        /// The name of that object.
        bound_name: text,
    }

    /// A CertificateSigningRequest.
    CertificateRequest {
        /// The name of the signer.
        signer: text,
        /// The requested key usages.
        usages: texts,
        /// The requested lifetime.
        expiration: length,
        /// The requester, as recorded by the API server.
        username: text,
        /// The groups.
        groups: texts,
        /// The subject of the PKCS#10 request.
        common_name: text,
        /// The organizations: the groups of a client certificate.
        organizations: texts,
        /// The DNS names.
        dns_names: texts,
        /// `Approved`, `Denied`, `Failed`.
        conditions: texts,
        /// Whether a certificate was issued.
        issued: value(bool),
    }

    /// A ServiceAccount.
    ServiceAccountFacts {
        /// Its namespace.
        namespace: text,
        /// Its name.
        name: text,
        /// Names of its secrets.
        secrets: texts,
        /// Names of its image pull secrets.
        image_pull_secrets: texts,
        /// Whether its token is mounted, if set.
        automount_token: maybe(bool),
    }
}
